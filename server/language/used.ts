/** The files that a file brings in with `use`, directly and indirectly. */

import type { UseItem } from './ast';
import type { Diagnostic } from './diagnostic';
import { limits } from './limits';
import type { Source } from './names/symbol';
import { shown } from './suggest';

export interface UsedFiles {
  /** Each once, nearest first; never the file itself. */
  readonly sources: readonly Source[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Follows `use` from a file. `open` gives the source of a path that counts from a file, or undefined where there is
 * none; it must give the same `uri` for the same file, so that circles come to an end. `first`: files that are used as if
 * the file said so before everything else.
 */
export function usedFiles(
  main: Source,
  open: (from: string, path: string) => Source | undefined,
  first: readonly Source[] = [],
): UsedFiles {
  const seen = new Set([main.uri, ...first.map((one) => one.uri)]);
  const sources: Source[] = [...first];
  const diagnostics: Diagnostic[] = [];
  const queue: Source[] = [...first, main];
  for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
    for (const item of from.parsed.file.items) {
      if (item.kind !== 'use' || item.path.value === '') continue;
      const source = open(from.uri, item.path.value);
      const problem =
        source === undefined ? 'cannot be read' : sources.length >= limits.usedFiles ? tooMany : undefined;
      if (problem !== undefined && from === main) diagnostics.push(unusable(item, problem));
      if (source === undefined || problem !== undefined || seen.has(source.uri)) continue;
      seen.add(source.uri);
      sources.push(source);
      queue.push(source);
    }
  }
  return { sources, diagnostics };
}

const tooMany = `is left out: at most ${limits.usedFiles} files are used together`;

function unusable(item: UseItem, problem: string): Diagnostic {
  const message = `The file ${shown(item.path.value)} ${problem}; its path counts from this file.`;
  return { code: 'HVO048', severity: 'error', span: item.path.span, message };
}
