/** A CPU's operations as the instructions that both machines execute. */

import type { AccessInstruction, CodeIndex, Instruction, Operand } from '../../../simulator/machine/program';
import { ACCESS_FLAG, cellAddress, DIRECT, descriptor, FLAGS, FRAMES, pageAddress, READ_ONLY, TABLES } from './memory';
import type { Op, Target } from './scenario';

const value = (v: bigint): Operand => ({ kind: 'value', value: v });
const register = (r: number): Operand => ({ kind: 'register', register: r });

/** The code of one CPU, operation by operation. */
export class Code {
  readonly instructions: Instruction[] = [];
  registers = 0;
  readonly loaded: number[] = [];
  /** Sites of supervisor calls. */
  readonly calls: number[] = [];
  /** Sites that give pages back. */
  readonly frees: number[] = [];
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
    this.instructions.push({
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
    this.instructions.push({
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
    this.instructions.push({ kind: 'access', site: this.site(), base: value(at), offset, bytes: 8, ...rest });
  }

  /** The branch's place in the code and how many operations it leaps over. */
  private readonly branches: { readonly at: number; left: number }[] = [];

  /** Where the code of each operation begins. */
  private readonly begun: number[] = [];

  add(op: Op): void {
    this.begun.push(this.instructions.length);
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
      this.instructions[b.at] = {
        ...(this.instructions[b.at] as Extract<Instruction, { kind: 'branch' }>),
        target: this.instructions.length,
      };
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
          ...(op.exclusive ? { exclusive: true } : {}),
        });
        return;
      }
      case 'storeExclusive':
        this.access(this.address(op.at), value(0n), {
          access: 'store',
          value: value(this.stored()),
          exclusive: true,
          status: this.result(),
          ...(op.release ? { release: true } : {}),
        });
        return;
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
      case 'modify':
        this.access(DIRECT + cellAddress(op.cell), value(0n), {
          access: 'atomic',
          operation: op.how === 'clear' ? 'swap' : 'set',
          value: value({ clear: 0n, accessFlag: ACCESS_FLAG, readOnly: READ_ONLY }[op.how]),
          destination: this.result(),
        });
        return;
      case 'dmb':
      case 'dsb':
        this.instructions.push({
          kind: op.op,
          site,
          type: op.type,
          domain: op.local ? 'nonShareable' : 'innerShareable',
        });
        return;
      case 'isb':
        this.instructions.push({ kind: 'isb', site });
        return;
      case 'tlbi':
        this.instructions.push({
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
        this.instructions.push({
          kind: 'translate',
          site,
          address: value(pageAddress(op.page, this.apart)),
          write: op.write,
          destination: this.result(),
        });
        return;
      case 'branch':
        if (this.last === undefined) return;
        this.branches.push({ at: this.instructions.length, left: op.over });
        this.instructions.push({
          kind: 'branch',
          site,
          condition: register(this.last),
          whenZero: op.whenZero,
          target: 0,
        });
        return;
      case 'lock':
      case 'unlock':
        this.instructions.push({ kind: op.op, site, lock: op.lock, mode: op.shared ? 'shared' : 'exclusive' });
        return;
      case 'trylock':
        this.instructions.push({
          kind: 'lock',
          site,
          lock: op.lock,
          mode: op.shared ? 'shared' : 'exclusive',
          taken: this.result(),
        });
        return;
      case 'mask':
      case 'unmask':
        this.instructions.push({ kind: 'mask', site, [op.what]: op.op });
        return;
      case 'preempt':
        this.instructions.push({ kind: 'mask', site, preemption: op.change });
        return;
      case 'rcu':
        this.instructions.push({ kind: 'rcu', site, operation: op.operation });
        return;
      case 'svc':
        this.calls.push(site);
        this.instructions.push({ kind: 'svc', site });
        // A handler that steps over what it was entered for steps over this.
        this.instructions.push({
          kind: 'arithmetic',
          site: this.site(),
          operation: 'move',
          destination: this.fresh(),
          sources: [value(0n)],
        });
        return;
      case 'send':
        this.instructions.push({ kind: 'sendInterrupt', site, cpu: op.to, interrupt: 0 });
        return;
      case 'retry':
        if (this.last === undefined) return;
        this.instructions.push({
          kind: 'branch',
          site,
          condition: register(this.last),
          whenZero: false,
          target: this.begun[Math.max(0, this.begun.length - 1 - op.over)] ?? 0,
        });
        return;
      case 'free': {
        const page = 'table' in op.page ? TABLES[op.page.table] : FRAMES[op.page.frame];
        this.frees.push(site);
        this.instructions.push({ kind: 'free', site, address: value(page) });
        return;
      }
      case 'allocate': {
        const page = this.result();
        this.instructions.push({ kind: 'allocate', site, destination: page });
        this.access(DIRECT, register(page), { access: 'store', value: value(this.stored()) });
        return;
      }
      case 'wait':
        this.instructions.push({
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

  /** A fault handler: it reads the syndrome, then steps over the access, mends everything, or waits for a lock; and returns. */
  faultHandler(how: 'handler-skips' | 'handler-mends' | 'handler-waits'): CodeIndex {
    const entry = this.instructions.length;
    const esr = this.fresh();
    this.loaded.push(esr);
    this.instructions.push({ kind: 'systemRegister', site: this.site(), name: 'esr', read: esr });
    this.instructions.push({ kind: 'mask', site: this.site(), irq: 'inherit', nmi: 'inherit' });
    // Without the barrier the access may be tried again, and fault again, any number of times before anything older is over.
    switch (how) {
      case 'handler-mends':
        for (const op of mending) this.add(op);
        this.add({ op: 'dsb', type: 'full' });
        break;
      case 'handler-waits':
        this.add({ op: 'lock', lock: 0 });
        this.add({ op: 'unlock', lock: 0 });
        this.add({ op: 'dsb', type: 'full' });
        break;
      case 'handler-skips':
        this.returnBehind();
        break;
    }
    this.instructions.push({ kind: 'eret', site: this.site() });
    return entry;
  }

  private returnBehind(): void {
    const elr = this.fresh();
    const next = this.fresh();
    this.instructions.push({ kind: 'systemRegister', site: this.site(), name: 'elr', read: elr });
    this.instructions.push({
      kind: 'arithmetic',
      site: this.site(),
      operation: 'add',
      destination: next,
      sources: [register(elr), value(1n)],
    });
    this.instructions.push({ kind: 'systemRegister', site: this.site(), name: 'elr', write: register(next) });
  }

  interruptHandler(ops: readonly Op[]): CodeIndex {
    const entry = this.instructions.length;
    this.last = undefined;
    for (const op of ops) this.add(op);
    this.landed(true);
    this.instructions.push({ kind: 'eret', site: this.site() });
    return entry;
  }
}

/** Page 0 and page 1 go to frame 1, by table 0. */
const mending: readonly Op[] = [
  { op: 'set', cell: { pud: true }, to: { kind: 'upperTable', table: 0 } },
  { op: 'set', cell: { pmd: true }, to: { kind: 'table', table: 0 } },
  { op: 'set', cell: { table: 0, page: 0 }, to: { kind: 'page', frame: 1 } },
  { op: 'set', cell: { table: 0, page: 1 }, to: { kind: 'page', frame: 1 } },
];
