/** Renaming of what a file declares. */

import { builtinFunctionByName, constantByName } from '../language/builtins';
import type { Edit } from '../language/diagnostic';
import { isReservedWord } from '../language/keywords';
import type { Names } from '../language/names';
import { wordFor } from '../language/names/locals';
import { type DeclaredSymbol, registerName } from '../language/names/symbol';
import { primitiveByName } from '../language/primitives';
import { occurrenceAt, referencesOf } from './occurrences';
import { visibleSymbols } from './visible';

export interface FileEdits {
  readonly uri: string;
  readonly edits: readonly Edit[];
}

/** A rename that can be done, or a sentence that says why it cannot. */
export type Rename =
  | { readonly kind: 'edits'; readonly files: readonly FileEdits[] }
  | { readonly kind: 'problem'; readonly message: string };

export type RenamePlace =
  | { readonly kind: 'place'; readonly span: { readonly start: number; readonly end: number }; readonly name: string }
  | { readonly kind: 'problem'; readonly message: string };

/** What would be renamed at a position. */
export function renamePlaceAt(names: Names, offset: number): RenamePlace {
  const occurrence = occurrenceAt(names, offset);
  if (occurrence === undefined) return { kind: 'problem', message: 'There is no name here.' };
  if (occurrence.target.kind === 'builtin') {
    return { kind: 'problem', message: `\`${occurrence.target.name}\` is a name of the language.` };
  }
  const { symbol } = occurrence.target;
  const problem = whyNot(names, symbol);
  if (problem !== undefined) return { kind: 'problem', message: problem };
  return { kind: 'place', span: occurrence.span, name: symbol.name };
}

function whyNot(names: Names, symbol: DeclaredSymbol): string | undefined {
  const { library } = names.surroundings;
  if (library.some((file) => file.uri === symbol.uri)) return `\`${symbol.name}\` belongs to the standard library.`;
  if (symbol.kind === 'scenario') return 'The title of a scenario is a text: edit it where it stands.';
  const replaced =
    symbol.kind === 'fn' &&
    library.some(({ parsed }) =>
      parsed.file.items.some((item) => item.kind === 'fn' && item.name.name === symbol.name),
    );
  if (replaced)
    return `\`${symbol.name}\` replaces the library's function of this name; with another name it would not.`;
  return undefined;
}

/** `files`: every file in which the name may stand, this one included. */
export function renameAt(names: Names, offset: number, name: string, files: readonly Names[]): Rename {
  const place = renamePlaceAt(names, offset);
  if (place.kind === 'problem') return place;
  const target = occurrenceAt(names, offset)?.target;
  if (target?.kind !== 'symbol') return { kind: 'problem', message: 'There is no name here.' };
  const problem = whyNotName(names, target.symbol, name);
  if (problem !== undefined) return { kind: 'problem', message: problem };
  const all = files.some((file) => file.source.uri === names.source.uri) ? files : [names, ...files];
  const edits = all.map((file) => ({
    uri: file.source.uri,
    edits: referencesOf(target.symbol, [file], true).map(({ span }) => ({ span, text: name })),
  }));
  return { kind: 'edits', files: edits.filter((file) => file.edits.length > 0) };
}

function whyNotName(names: Names, symbol: DeclaredSymbol, name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return `\`${name}\` is no name: letters, digits and \`_\`, no digit first.`;
  if (isReservedWord(name)) return `\`${name}\` is a word of the language.`;
  if (symbol.kind === 'register') return registerName.test(name) ? undefined : 'A register is r0 to r30.';
  if (registerName.test(name)) return `\`${name}\` is a register.`;
  if (primitiveByName.has(name) || builtinFunctionByName.has(name) || constantByName.has(name)) {
    return `\`${name}\` is a name of the language.`;
  }
  const places = [symbol.span.start, ...referencesOf(symbol, [names], true).map(({ span }) => span.start)];
  for (const place of places) {
    const other = visibleSymbols(names, place).find((candidate) => candidate.name === name);
    if (other !== undefined && other !== symbol) return `There is a ${wordFor(other.kind)} \`${name}\` already.`;
  }
  return undefined;
}
