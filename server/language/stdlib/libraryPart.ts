/** Pieces of the kernel's text in the standard library, for who wants to read them. */

import type { KernelRelease } from '../../../simulator/machine/kernelRelease';
import type { Item } from '../ast';
import type { Source } from '../elaborate/source';
import { lineAt } from '../lines';
import { libraryEditions, libraryFile } from './library';

export interface LibraryPart {
  /** `hvo-library:/v6.7/pgtable.hvo:12`, with the line of the first character. */
  readonly address: string;
  /** The kernels that have this text. */
  readonly kernels: readonly KernelRelease[];
  readonly text: string;
}

/** The declarations of a name, each text once; of the nearest kernels first, as the library lists them. */
export function libraryDeclarations(name: string): readonly LibraryPart[] {
  const parts = new Map<string, LibraryPart & { kernels: KernelRelease[] }>();
  for (const { releases, source } of libraryEditions()) {
    for (const item of source.parsed.file.items) {
      if (!('name' in item) || item.name.name !== name) continue;
      const part = partOf(source, item, releases);
      const known = parts.get(part.text);
      if (known === undefined) parts.set(part.text, { ...part, kernels: [...part.kernels] });
      else known.kernels.push(...part.kernels);
    }
  }
  return [...parts.values()];
}

/** What stands at `hvo-library:/v6.7/pgtable.hvo`, or around line 12 of it at `hvo-library:/v6.7/pgtable.hvo:12:5`. */
export function libraryPart(address: string): LibraryPart | undefined {
  const [, uri = '', line] = /^(.*?\.hvo)(?::(\d+)(?::\d+)?)?$/.exec(address) ?? [];
  const source = libraryFile(uri);
  if (source === undefined) return undefined;
  const wanted = line === undefined ? undefined : Number(line) - 1;
  const { file, lines, text } = source.parsed;
  const item = file.items.find(
    ({ span }) => wanted !== undefined && lineAt(lines, span.start) <= wanted && wanted <= lineAt(lines, span.end),
  );
  return item === undefined ? { address: uri, kernels: [], text: text.trimEnd() } : partOf(source, item, []);
}

/** A declaration with the comment above it. */
function partOf({ uri, parsed }: Source, { span }: Item, kernels: readonly KernelRelease[]): LibraryPart {
  const { lines, text } = parsed;
  let first = lineAt(lines, span.start);
  while (first > 0 && text.slice(lines[first - 1], lines[first]).startsWith('//')) first--;
  return { address: `${uri}:${first + 1}`, kernels, text: text.slice(lines[first], span.end).trimEnd() };
}

/** Names that the library declares. */
export function libraryNames(): readonly string[] {
  return libraryEditions().flatMap(({ source }) =>
    source.parsed.file.items.flatMap((item) => ('name' in item ? [item.name.name] : [])),
  );
}
