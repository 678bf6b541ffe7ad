/**
 * Small generated scenarios as plain data: a few CPUs, a page or two below one level 2 entry, and the few kinds of step that
 * the two machines are compared on. `buildProgram` makes them what both machines execute.
 */

import type {
  AccessInstruction,
  CodeIndex,
  CpuProgram,
  FaultMode,
  Instruction,
  Observable,
  Operand,
  Program,
} from '../../../simulator/machine/program';

/** Where an access goes: a page (by number) and a word of it, or a word that is not translated. */
export type Target = { readonly page: 0 | 1; readonly word: 0 | 1 } | { readonly flag: 0 | 1 };

/**
 * A descriptor that changes: the level 1 entry above everything, the level 2 entry above page 0 (and page 1, when they are
 * not apart), or the level 3 entry of a page in one of two tables.
 */
export type Cell = { readonly pud: true } | { readonly pmd: true } | { readonly table: 0 | 1; readonly page: 0 | 1 };

/** What is written to a cell. `frame`: 0 and 1 are pages, 2 the page of the block that belongs there. */
export type Content =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'page'; readonly frame: 0 | 1 | 2; readonly readOnly?: true; readonly old?: true }
  | { readonly kind: 'table'; readonly table: 0 | 1 }
  | { readonly kind: 'upperTable'; readonly table: 0 | 1 }
  | { readonly kind: 'block' };

export type Dependency = 'address' | 'data';

export type Op =
  | {
      readonly op: 'load';
      readonly at: Target;
      readonly acquire?: 'full' | 'processorConsistent';
      readonly depends?: true;
    }
  | { readonly op: 'store'; readonly at: Target; readonly release?: true; readonly depends?: Dependency }
  | {
      readonly op: 'atomic';
      readonly at: Target;
      readonly operation: 'add' | 'swap' | 'compareAndSwap';
      readonly acquire?: true;
      readonly release?: true;
      readonly noReturn?: true;
    }
  | { readonly op: 'set'; readonly cell: Cell; readonly to: Content; readonly release?: true; readonly depends?: true }
  | { readonly op: 'get'; readonly cell: Cell }
  | { readonly op: 'dmb' | 'dsb'; readonly type: 'full' | 'load' | 'store'; readonly local?: true }
  | { readonly op: 'isb' }
  | {
      readonly op: 'tlbi';
      readonly scope: 'all' | 'address' | 'range';
      readonly page: 0 | 1;
      readonly leafOnly?: true;
      readonly local?: true;
      readonly level?: 2 | 3;
    }
  | { readonly op: 'translate'; readonly page: 0 | 1; readonly write: boolean }
  /** Skips the next `over` operations when the last value read is not 0 (or is 0). */
  | { readonly op: 'branch'; readonly over: 1 | 2; readonly whenZero: boolean }
  | { readonly op: 'lock' | 'unlock'; readonly lock: 0 | 1 }
  | { readonly op: 'wait'; readonly flag: 0 | 1; readonly acquire?: true };

export interface ScenarioCpu {
  readonly ops: readonly Op[];
  /** `skip`, `fatal` as in herd7; the handlers read the syndrome and then step over the access, or mend the page first. */
  readonly faults: 'fatal' | 'skip' | 'handler-skips' | 'handler-mends';
}

export interface Scenario {
  readonly ets: 0 | 2 | 3;
  /** Levels of the walk. */
  readonly levels: 2 | 3;
  /** The pages are below two level 2 entries; that of page 1 does not change. */
  readonly apart: boolean;
  /** What the level 2 entry holds at first. */
  readonly pmd: 'table' | 'block' | 'invalid';
  /** What the level 3 entries of table 0 hold at first; those of table 1 are invalid. */
  readonly pages: readonly [Content, Content];
  readonly cpus: readonly ScenarioCpu[];
}

const TOP = 0x5000n;
/** Level 2 tables. The second one has table 1 below. */
const UPPER = [0x1000n, 0x6000n] as const;
const TABLES = [0x2000n, 0x3000n] as const;
const BLOCK = 0x40_0000n;
const FRAMES = [0x1_0000n, 0x1_1000n] as const;
const FLAGS = [0x2_0000n, 0x2_0008n] as const;
const PAGES = [0x20_0000n, 0x20_1000n] as const;
/** How much farther page 1 is away when the pages are apart: at the next level 2 entry. */
const APART = 0x20_0000n;
/** Physical memory as the program reaches it without translation. */
const DIRECT = 1n << 40n;

const VALID = 1n;
const TABLE_OR_PAGE = 2n;
const READ_ONLY = 1n << 7n;
const ACCESS_FLAG = 1n << 10n;

export function cellAddress(cell: Cell): bigint {
  if ('pud' in cell) return TOP;
  return 'pmd' in cell ? UPPER[0] + 8n : TABLES[cell.table] + 8n * BigInt(cell.page);
}

function descriptor(content: Content, page: 0 | 1): bigint {
  switch (content.kind) {
    case 'invalid':
      return 0n;
    case 'table':
      return TABLES[content.table] | TABLE_OR_PAGE | VALID;
    case 'upperTable':
      return UPPER[content.table] | TABLE_OR_PAGE | VALID;
    case 'block':
      return BLOCK | ACCESS_FLAG | VALID;
    case 'page': {
      const output = content.frame === 2 ? BLOCK + 0x1000n * BigInt(page) : FRAMES[content.frame];
      return output | VALID | TABLE_OR_PAGE | (content.readOnly ? READ_ONLY : 0n) | (content.old ? 0n : ACCESS_FLAG);
    }
  }
}

const value = (v: bigint): Operand => ({ kind: 'value', value: v });
const register = (r: number): Operand => ({ kind: 'register', register: r });

function pageAddress(page: 0 | 1, apart: boolean): bigint {
  return PAGES[page] + (apart && page === 1 ? APART : 0n);
}

/** Values that the words of the frames have at first: which frame a load has seen shows in its result. */
function initialData(physical: bigint): bigint {
  const frame = FRAMES.indexOf((physical & ~0xfffn) as (typeof FRAMES)[number]);
  if (frame >= 0) return BigInt(frame + 1);
  return physical >= BLOCK && physical < BLOCK + 0x20_0000n ? 3n : 0n;
}

class Builder {
  readonly code: Instruction[] = [];
  registers = 0;
  readonly loaded: number[] = [];
  private last: number | undefined;

  constructor(
    private readonly site: () => number,
    private readonly stored: () => bigint,
    private readonly apart: boolean,
  ) {}

  private address(target: Target): bigint {
    if ('flag' in target) return DIRECT + FLAGS[target.flag];
    return pageAddress(target.page, this.apart) + 8n * BigInt(target.word);
  }

  fresh(): number {
    return this.registers++;
  }

  /** A zero that depends on the last value read. */
  private dependentZero(): Operand {
    if (this.last === undefined) return value(0n);
    const zero = this.fresh();
    this.code.push({
      kind: 'arithmetic',
      site: this.site(),
      operation: 'exclusiveOr',
      destination: zero,
      sources: [register(this.last), register(this.last)],
    });
    return register(zero);
  }

  private result(): number {
    const r = this.fresh();
    this.last = r;
    this.loaded.push(r);
    return r;
  }

  private dependentValue(v: bigint): Operand {
    const zero = this.dependentZero();
    if (zero.kind === 'value') return value(v);
    const sum = this.fresh();
    this.code.push({
      kind: 'arithmetic',
      site: this.site(),
      operation: 'add',
      destination: sum,
      sources: [zero, value(v)],
    });
    return register(sum);
  }

  private access(
    at: bigint,
    offset: Operand,
    rest: Omit<AccessInstruction, 'kind' | 'site' | 'base' | 'offset' | 'bytes'>,
  ) {
    this.code.push({ kind: 'access', site: this.site(), base: value(at), offset, bytes: 8, ...rest });
  }

  /** The branch's place in the code and how many operations it leaps over. */
  private readonly branches: { readonly at: number; left: number }[] = [];

  add(op: Op): void {
    this.emit(op);
    if (op.op !== 'branch') this.passed();
  }

  private passed(): void {
    for (const b of this.branches) b.left--;
    this.landed(false);
  }

  /** Branches whose operations are over get their target. */
  landed(all: boolean): void {
    for (let n = this.branches.length - 1; n >= 0; n--) {
      const b = this.branches[n] as { at: number; left: number };
      if (b.left > 0 && !all) continue;
      this.code[b.at] = { ...(this.code[b.at] as Extract<Instruction, { kind: 'branch' }>), target: this.code.length };
      this.branches.splice(n, 1);
    }
  }

  private emit(op: Op): void {
    const site = this.site();
    switch (op.op) {
      case 'load': {
        const offset = op.depends ? this.dependentZero() : value(0n);
        this.access(this.address(op.at), offset, {
          access: 'load',
          destination: this.result(),
          ...(op.acquire === undefined ? {} : { acquire: op.acquire }),
        });
        return;
      }
      case 'store': {
        const offset = op.depends === 'address' ? this.dependentZero() : value(0n);
        const stored = op.depends === 'data' ? this.dependentValue(this.stored()) : value(this.stored());
        this.access(this.address(op.at), offset, {
          access: 'store',
          value: stored,
          ...(op.release ? { release: true } : {}),
        });
        return;
      }
      case 'atomic':
        this.access(this.address(op.at), value(0n), {
          access: 'atomic',
          operation: op.operation,
          value: value(this.stored()),
          ...(op.operation === 'compareAndSwap' ? { compare: value('flag' in op.at ? 0n : 1n) } : {}),
          ...(op.acquire ? { acquire: 'full' } : {}),
          ...(op.release ? { release: true } : {}),
          ...(op.noReturn ? { noReturn: true } : { destination: this.result() }),
        });
        return;
      case 'set': {
        const content = descriptor(op.to, 'page' in op.cell ? op.cell.page : 0);
        this.access(DIRECT + cellAddress(op.cell), value(0n), {
          access: 'store',
          value: op.depends ? this.dependentValue(content) : value(content),
          ...(op.release ? { release: true } : {}),
        });
        return;
      }
      case 'get':
        this.access(DIRECT + cellAddress(op.cell), value(0n), { access: 'load', destination: this.result() });
        return;
      case 'dmb':
      case 'dsb':
        this.code.push({ kind: op.op, site, type: op.type, domain: op.local ? 'nonShareable' : 'innerShareable' });
        return;
      case 'isb':
        this.code.push({ kind: 'isb', site });
        return;
      case 'tlbi':
        this.code.push({
          kind: 'tlbi',
          site,
          scope: op.scope,
          innerShareable: op.local !== true,
          leafOnly: op.leafOnly === true,
          ...(op.level === undefined ? {} : { level: op.level }),
          ...(op.scope === 'all' ? {} : { operand: value(pageAddress(op.page, this.apart) >> 12n) }),
          ...(op.scope === 'range' ? { lastOperand: value(pageAddress(1, this.apart) >> 12n) } : {}),
        });
        return;
      case 'translate':
        this.code.push({
          kind: 'translate',
          site,
          address: value(pageAddress(op.page, this.apart)),
          write: op.write,
          destination: this.result(),
        });
        return;
      case 'branch':
        if (this.last === undefined) return;
        this.branches.push({ at: this.code.length, left: op.over });
        this.code.push({ kind: 'branch', site, condition: register(this.last), whenZero: op.whenZero, target: 0 });
        return;
      case 'lock':
      case 'unlock':
        this.code.push({ kind: op.op, site, lock: op.lock, mode: 'exclusive' });
        return;
      case 'wait':
        this.code.push({
          kind: 'wait',
          site,
          address: value(DIRECT + FLAGS[op.flag]),
          bytes: 8,
          comparison: 'notEqual',
          value: value(0n),
          ...(op.acquire ? { acquire: true } : {}),
        });
        return;
    }
  }

  /** A fault handler: it reads the syndrome, mends page 0 or steps over the access, and returns. */
  handler(mends: boolean): CodeIndex {
    const entry = this.code.length;
    const esr = this.fresh();
    this.loaded.push(esr);
    this.code.push({ kind: 'systemRegister', site: this.site(), name: 'esr', read: esr });
    if (mends) {
      this.access(DIRECT + cellAddress({ pud: true }), value(0n), {
        access: 'store',
        value: value(descriptor({ kind: 'upperTable', table: 0 }, 0)),
      });
      this.access(DIRECT + cellAddress({ pmd: true }), value(0n), {
        access: 'store',
        value: value(descriptor({ kind: 'table', table: 0 }, 0)),
      });
      for (const page of [0, 1] as const)
        this.access(DIRECT + cellAddress({ table: 0, page }), value(0n), {
          access: 'store',
          value: value(descriptor({ kind: 'page', frame: 1 }, page)),
        });
      // Without it the access may be tried again, and fault again, any number of times before anything older is over.
      this.code.push({ kind: 'dsb', site: this.site(), type: 'full', domain: 'innerShareable' });
    } else {
      const elr = this.fresh();
      const next = this.fresh();
      this.code.push({ kind: 'systemRegister', site: this.site(), name: 'elr', read: elr });
      this.code.push({
        kind: 'arithmetic',
        site: this.site(),
        operation: 'add',
        destination: next,
        sources: [register(elr), value(1n)],
      });
      this.code.push({ kind: 'systemRegister', site: this.site(), name: 'elr', write: register(next) });
    }
    this.code.push({ kind: 'eret', site: this.site() });
    return entry;
  }
}

/** The program of a scenario, observing every value read, every word that is stored to, and every fault. */
export function buildProgram(scenario: Scenario): Program {
  let sites = 0;
  let stores = 9n;
  const observe: Observable[] = [];
  const cpus = scenario.cpus.map((cpu, t): CpuProgram => {
    const b = new Builder(
      () => sites++,
      () => ++stores,
      scenario.apart,
    );
    for (const op of cpu.ops) b.add(op);
    b.landed(true);
    b.code.push({ kind: 'end', site: sites++ });
    let faults: FaultMode = { kind: 'skip' };
    if (cpu.faults === 'fatal') faults = { kind: 'fatal' };
    else if (cpu.faults !== 'skip') faults = { kind: 'handler', entries: [b.handler(cpu.faults === 'handler-mends')] };
    for (const r of b.loaded) observe.push({ kind: 'register', cpu: t, register: r });
    for (const i of b.code) {
      if (i.kind !== 'access' || i.base.kind !== 'value' || i.base.value >= DIRECT) continue;
      for (const outcome of ['translation-fault', 'access-flag-fault', 'permission-fault'])
        observe.push({ kind: 'event', outcome, cpu: t, sites: [i.site] });
    }
    return {
      name: `P${t}`,
      code: b.code,
      registers: b.registers,
      initial: new Map(),
      faults,
      interrupts: [],
      hardwareAccessFlag: false,
      hardwareDirtyState: false,
    };
  });
  const words = initialWords(scenario);
  for (const physicalAddress of storedWords(cpus)) observe.push({ kind: 'word', physicalAddress, bytes: 8 });
  return {
    switches: {
      bbm: 0,
      enhancedTranslationSynchronisation: scenario.ets,
      exceptionEntrySynchronises: true,
      exceptionReturnSynchronises: true,
      conflictsHappen: false,
    },
    translation: {
      granule: '4K',
      virtualAddressBits: scenario.levels === 3 ? 39 : 30,
      root: scenario.levels === 3 ? TOP : UPPER[0],
      direct: [{ virtualBase: DIRECT, physicalBase: 0n, bytes: 1n << 32n }],
    },
    cpus,
    locks: [
      { name: 'a', kind: 'rawSpin' },
      { name: 'b', kind: 'rawSpin' },
    ],
    initialWord: (physical) => words.get(physical) ?? initialData(physical),
    freePages: [],
    pageBytes: 4096n,
    observe,
  };
}

/** The descriptors of a scenario, by physical address. */
export function wordsOf(scenario: Scenario): readonly bigint[] {
  return [...initialWords(scenario).keys()];
}

function initialWords(scenario: Scenario): ReadonlyMap<bigint, bigint> {
  const pmd: Content = scenario.pmd === 'table' ? { kind: 'table', table: 0 } : { kind: scenario.pmd };
  return new Map<bigint, bigint>([
    [cellAddress({ pud: true }), descriptor({ kind: 'upperTable', table: 0 }, 0)],
    [cellAddress({ pmd: true }), descriptor(pmd, 0)],
    [UPPER[0] + 16n, descriptor({ kind: 'table', table: 0 }, 0)],
    [UPPER[1] + 8n, descriptor({ kind: 'table', table: 1 }, 0)],
    [UPPER[1] + 16n, descriptor({ kind: 'table', table: 1 }, 0)],
    [cellAddress({ table: 0, page: 0 }), descriptor(scenario.pages[0], 0)],
    [cellAddress({ table: 0, page: 1 }), descriptor(scenario.pages[1], 1)],
    [cellAddress({ table: 1, page: 0 }), 0n],
    [cellAddress({ table: 1, page: 1 }), 0n],
  ]);
}

/** Words that some store of the program may reach: those that are not translated, and those of the frames. */
function storedWords(cpus: readonly CpuProgram[]): bigint[] {
  const words = new Set<bigint>();
  for (const cpu of cpus)
    for (const i of cpu.code) {
      if (i.kind !== 'access' || i.access === 'load' || i.base.kind !== 'value') continue;
      const at = i.base.value;
      if (at >= DIRECT) words.add(at - DIRECT);
      else for (const frame of [...FRAMES, BLOCK + (at & 0x1000n)]) words.add(frame + (at & 0xfffn));
    }
  return [...words].sort((a, b) => (a < b ? -1 : 1));
}
