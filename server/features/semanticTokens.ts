/** What each name is, for colours that the grammar cannot know. */

import type { Span } from '../language/ast';
import type { Names } from '../language/names';
import type { BuiltinTable, DeclaredSymbol } from '../language/names/symbol';

export const semanticTokenTypes = [
  'function',
  'parameter',
  'variable',
  'class',
  'property',
  'method',
  'enumMember',
  'event',
  'macro',
] as const;

export const semanticTokenModifiers = ['declaration', 'readonly', 'modification', 'defaultLibrary'] as const;

export interface SemanticToken {
  readonly span: Span;
  readonly type: (typeof semanticTokenTypes)[number];
  readonly modifiers: readonly (typeof semanticTokenModifiers)[number][];
}

type Type = SemanticToken['type'];

const ofSymbol: Readonly<Record<DeclaredSymbol['kind'], Type | undefined>> = {
  hugepage: 'class',
  page: 'class',
  lock: 'variable',
  var: 'variable',
  const: 'variable',
  fn: 'function',
  scenario: undefined,
  interrupt: 'event',
  parameter: 'parameter',
  local: 'variable',
  register: 'variable',
};

const ofBuiltin: Readonly<Record<BuiltinTable, Type>> = {
  primitive: 'macro',
  function: 'macro',
  final: 'macro',
  constant: 'enumMember',
  memory: 'class',
  kernelLock: 'property',
  kernelInterrupt: 'event',
  hugePageMember: 'method',
  pageMember: 'property',
  field: 'property',
  switch: 'property',
  barrier: 'enumMember',
  tlbi: 'enumMember',
  systemRegister: 'enumMember',
  outcome: 'enumMember',
};

const readonlyKinds: ReadonlySet<DeclaredSymbol['kind']> = new Set(['const', 'hugepage', 'page', 'lock']);

/** In order of place, not overlapping. */
export function semanticTokens(names: Names): readonly SemanticToken[] {
  const tokens: SemanticToken[] = [];
  let end = 0;
  for (const { span, target, role } of names.occurrences) {
    if (span.start < end) continue;
    const type = target.kind === 'symbol' ? ofSymbol[target.symbol.kind] : ofBuiltin[target.table];
    if (type === undefined) continue;
    const modifiers: SemanticToken['modifiers'][number][] = [];
    if (role === 'declaration') modifiers.push('declaration');
    if (role === 'write') modifiers.push('modification');
    if (target.kind === 'builtin' || isOfLibrary(names, target.symbol)) modifiers.push('defaultLibrary');
    if (target.kind === 'symbol' && readonlyKinds.has(target.symbol.kind)) modifiers.push('readonly');
    tokens.push({ span, type, modifiers });
    end = span.end;
  }
  return tokens;
}

const isOfLibrary = (names: Names, symbol: DeclaredSymbol): boolean =>
  names.surroundings.library.some((file) => file.uri === symbol.uri);
