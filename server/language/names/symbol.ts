/** What names are resolved to. */

import type { CpuRange, FunctionItem, LockKindWord, Span } from '../ast';
import type { ParsedFile } from '../parse';

/** A text that takes part: the user's file, one that it uses, or one of the standard library. */
export interface Source {
  readonly uri: string;
  readonly parsed: ParsedFile;
}

export type SymbolKind =
  | 'hugepage'
  | 'page'
  | 'lock'
  | 'var'
  | 'const'
  | 'fn'
  | 'scenario'
  | 'interrupt'
  | 'parameter'
  | 'local'
  | 'register';

/** Something that a text gives a name to. One object each, so that equal means the same. */
export interface DeclaredSymbol {
  readonly kind: SymbolKind;
  readonly name: string;
  readonly uri: string;
  /** The name where it is declared; for a register where it is first assigned. */
  readonly span: Span;
  /** The whole declaration. */
  readonly extent: Span;
  /** Where in its file the name means this. */
  readonly known: Span;
  readonly lockKind?: LockKindWord;
  readonly fn?: FunctionItem;
  /** Of a register: the CPUs of its block. */
  readonly cpus?: CpuRange;
  /** Declared in a scenario, not at the top of the file. */
  readonly ofScenario: boolean;
}

/** Names that the language brings, by the table that documents them. */
export type BuiltinTable =
  | 'primitive'
  | 'function'
  | 'final'
  | 'constant'
  | 'memory'
  | 'kernelLock'
  | 'kernelInterrupt'
  | 'hugePageMember'
  | 'pageMember'
  | 'field'
  | 'switch'
  | 'barrier'
  | 'tlbi'
  | 'systemRegister'
  | 'outcome';

export type Target =
  | { readonly kind: 'symbol'; readonly symbol: DeclaredSymbol }
  | { readonly kind: 'builtin'; readonly table: BuiltinTable; readonly name: string };

/** A name in the text and what it means. */
export interface Occurrence {
  readonly span: Span;
  readonly target: Target;
  readonly role: 'declaration' | 'read' | 'write' | 'call';
}

export const registerName = /^r([12]?[0-9]|30)$/;
