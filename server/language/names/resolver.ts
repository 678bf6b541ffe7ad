/** The state of one resolution: scopes, what was found, what is to be said. */

import type { CpuRange, Expression, FunctionItem, Span } from '../ast';
import { builtinFunctionByName, constantByName, finalFunctionByName } from '../builtins';
import type { Diagnostic, Fix, Related, Severity } from '../diagnostic';
import { limits } from '../limits';
import { primitiveByName } from '../primitives';
import { nearest, nearestOrLonger } from '../suggest';
import type { BuiltinTable, DeclaredSymbol, Occurrence, Source, Target } from './symbol';

interface Extra {
  readonly severity?: Severity;
  readonly expected?: readonly string[];
  readonly fix?: Fix;
  readonly related?: readonly Related[];
  readonly unnecessary?: boolean;
}

/** Names of one block; `outer` is the block around it. */
export interface Scope {
  readonly names: Map<string, DeclaredSymbol>;
  readonly outer: Scope | undefined;
  /** Where the block ends: locals are known to there. */
  readonly end: number;
}

/** Where the text in hand stands. */
export interface Place {
  readonly scope: Scope | undefined;
  /** `fn`: no registers. `code`: of a CPU or handler. `value`: of a declaration. `expectation`: final values. */
  readonly of: 'fn' | 'code' | 'value' | 'expectation';
  readonly cpus?: CpuRange;
  readonly loops: number;
  readonly switches: number;
}

export class Resolver {
  readonly occurrences: Occurrence[] = [];
  readonly diagnostics: Diagnostic[] = [];
  /** Locals, parameters and registers. */
  readonly inner: DeclaredSymbol[] = [];
  /** What the item in hand uses. */
  used = new Set<DeclaredSymbol>();
  /** For each function of the file the functions that it calls, with the first place of each. */
  readonly calls = new Map<FunctionItem, Map<string, Span>>();
  /** Of the function in hand. */
  private callsHere: Map<string, Span> | undefined;
  /** Registers of the scenario in hand. */
  registers: DeclaredSymbol[] = [];
  /** Items by name, nearest first: of the scenario in hand, of the file, of used files, of the library. */
  private layers: readonly ReadonlyMap<string, DeclaredSymbol>[] = [];

  constructor(
    readonly source: Source,
    private readonly fileLayers: readonly ReadonlyMap<string, DeclaredSymbol>[],
    /** What scenarios declare; functions at the top of the file may count on them. */
    private readonly anyScenario: ReadonlyMap<string, DeclaredSymbol>,
    private readonly resolveExpression: (r: Resolver, place: Place, expression: Expression) => void,
  ) {
    this.leaveScenario();
  }

  /** Resolves the names in an expression; given from outside, as expressions hold arguments and these hold expressions. */
  expression(place: Place, node: Expression): void {
    this.resolveExpression(this, place, node);
  }

  /** `around`: the layers of the file with the library of the scenario's kernel. */
  enterScenario(
    members: ReadonlyMap<string, DeclaredSymbol>,
    around: readonly ReadonlyMap<string, DeclaredSymbol>[],
  ): void {
    this.layers = [members, ...around];
    this.registers = [];
  }

  leaveScenario(): void {
    const [file, ...rest] = this.fileLayers;
    this.layers = [...(file === undefined ? [] : [file]), ...rest, this.anyScenario];
    this.registers = [];
  }

  /** The item that a name means here. */
  item(name: string): DeclaredSymbol | undefined {
    for (const layer of this.layers) {
      const symbol = layer.get(name);
      if (symbol !== undefined) return symbol;
    }
    return undefined;
  }

  fn(name: string): DeclaredSymbol | undefined {
    for (const layer of this.layers) {
      const symbol = layer.get(name);
      if (symbol?.kind === 'fn') return symbol;
    }
    return undefined;
  }

  local(scope: Scope | undefined, name: string): DeclaredSymbol | undefined {
    for (let at = scope; at !== undefined; at = at.outer) {
      const symbol = at.names.get(name);
      if (symbol !== undefined) return symbol;
    }
    return undefined;
  }

  /** Every name that means something here, for suggestions. */
  *visible(place: Place): Iterable<string> {
    for (let at = place.scope; at !== undefined; at = at.outer) yield* at.names.keys();
    for (const layer of this.layers) yield* layer.keys();
    for (const register of this.registers) yield register.name;
    yield* constantByName.keys();
  }

  *callable(place: Place): Iterable<string> {
    if (place.of === 'expectation') yield* finalFunctionByName.keys();
    for (const layer of this.layers) for (const [name, symbol] of layer) if (symbol.kind === 'fn') yield name;
    yield* builtinFunctionByName.keys();
    yield* primitiveByName.keys();
  }

  /** Functions that can be what `on fault` names. */
  *hooks(): Iterable<string> {
    for (const layer of this.layers)
      for (const [name, { kind, fn }] of layer) if (kind === 'fn' && fn?.parameters.length === 2) yield name;
  }

  /** Notes what a name in the text means. */
  note(span: Span, target: Target, role: Occurrence['role']): void {
    this.occurrences.push({ span, target, role });
    if (target.kind !== 'symbol' || role === 'declaration') return;
    // A local that is only assigned is of no use; anything else that is named is.
    if (role !== 'write' || target.symbol.kind !== 'local') this.used.add(target.symbol);
  }

  /** Resolves a function; what it calls belongs to it. */
  inFunction(fn: FunctionItem, run: () => void): void {
    this.callsHere = new Map();
    this.calls.set(fn, this.callsHere);
    run();
    this.callsHere = undefined;
  }

  noteSymbol(span: Span, symbol: DeclaredSymbol, role: Occurrence['role']): void {
    if (role === 'call' && this.callsHere?.has(symbol.name) === false) this.callsHere.set(symbol.name, span);
    this.note(span, { kind: 'symbol', symbol }, role);
  }

  noteBuiltin(span: Span, table: BuiltinTable, name: string, role: Occurrence['role'] = 'read'): void {
    this.note(span, { kind: 'builtin', table, name }, role);
  }

  /** Beyond the bound nothing more is said, and no suggestions are looked for. */
  dropped = 0;

  private get isFull(): boolean {
    return this.diagnostics.length >= limits.diagnostics;
  }

  nearest(word: string, known: Iterable<string>): string | undefined {
    return this.isFull ? undefined : nearest(word, known);
  }

  nearestOrLonger(word: string, known: readonly string[]): string | undefined {
    return this.isFull ? undefined : nearestOrLonger(word, known);
  }

  say(code: string, span: Span, message: string, extra: Extra = {}): void {
    if (this.isFull) {
      this.dropped++;
      return;
    }
    const { severity = 'error', ...rest } = extra;
    this.diagnostics.push({ code, severity, span, message, ...rest });
  }

  /** As `say`, with a fix that puts another word there. */
  sayReplace(code: string, span: Span, message: string, word: string | undefined, expected?: readonly string[]): void {
    const fix = word === undefined ? {} : { fix: { title: `Change to \`${word}\``, edits: [{ span, text: word }] } };
    this.say(code, span, message, { ...fix, ...(expected === undefined ? {} : { expected }) });
  }
}
