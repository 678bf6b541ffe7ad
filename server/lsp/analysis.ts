/** What is known about one version of a text at once: its tree, its names, and what is wrong with it. Nothing is explored. */

import type { ScenarioItem } from '../language/ast';
import type { Diagnostic } from '../language/diagnostic';
import type { Source } from '../language/elaborate/source';
import { surroundingsOf } from '../language/kernelLibrary';
import { type Names, resolveNames } from '../language/names';
import { usedFiles } from '../language/used';

export interface Analysis {
  readonly uri: string;
  readonly version: number;
  /** Another number for each analysis: a text may stay while what it uses changes. */
  readonly revision: number;
  readonly source: Source;
  /** Files that it uses, nearest first. */
  readonly used: readonly Source[];
  readonly names: Names;
  /** Of syntax and names, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Finds the source of a path that counts from a file; undefined: there is none, or it has not been read yet. */
export type OpenUsed = (from: string, path: string) => Source | undefined;

export function analyse(
  source: Source,
  { version, revision }: Pick<Analysis, 'version' | 'revision'>,
  open: OpenUsed,
): Analysis {
  // `usedFiles` hands back the sources that `open` made.
  const files = usedFiles(source, open);
  const used = files.sources as readonly Source[];
  const names = resolveNames(source, surroundingsOf(source, used));
  const diagnostics = [...source.parsed.diagnostics, ...files.diagnostics, ...names.diagnostics];
  return {
    uri: source.uri,
    version,
    revision,
    source,
    used,
    names,
    diagnostics: diagnostics.sort((a, b) => a.span.start - b.span.start),
  };
}

export function scenariosOf(analysis: Analysis): readonly ScenarioItem[] {
  return analysis.source.parsed.file.items.filter((item): item is ScenarioItem => item.kind === 'scenario');
}
