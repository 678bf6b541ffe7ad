/**
 * One execution of a program, in program order, to count what it costs. Every instruction takes effect before the next
 * one begins, stores are seen at once and no TLB holds anything: one of the executions that an exploration covers. A CPU
 * goes on until it waits; then the next one that can goes on. Interrupts come only when they are sent.
 */

import { assert } from '../machine/assert';
import { keepsOld } from '../machine/atomics';
import { dataAbortSyndrome, FAULT, failedTranslation } from '../machine/faults';
import type { Level } from '../machine/granule';
import type {
  AccessInstruction,
  AllocateInstruction,
  CpuProgram,
  Instruction,
  LockInstruction,
  MaskInstruction,
  Observable,
  Operand,
  Program,
  SystemRegisterInstruction,
} from '../machine/program';
import { calculate } from '../machine/values';
import { type LiveEntries, liveEntries, type Windows } from './liveEntries';
import { RunMemory, type Translated } from './memory';

export interface RunOptions {
  /** Instructions of all CPUs together; a longer execution is cut. */
  readonly maxInstructions: number;
}

/** What one execution of a program did. */
export interface RunResult {
  /** `waits`: no CPU can go on; `instructions`: it was cut at the bound. */
  readonly end: 'done' | 'oops' | 'panic' | 'waits' | 'instructions';
  /** Words that the program reported, such as `fixed-up` or `oops-paging`, in order; the first few. */
  readonly reported: readonly string[];
  readonly instructions: number;
  /** Broadcast TLBIs, and those of one CPU alone. */
  readonly tlbis: number;
  readonly localTlbis: number;
  readonly dsbs: number;
  readonly isbs: number;
  /** Interrupts that other CPUs took. */
  readonly interrupts: number;
  /** Locks that were taken. */
  readonly locks: number;
  readonly allocated: number;
  readonly freed: number;
  readonly windows: Readonly<Windows>;
  /** Instructions that some CPU executed in one go while another one waited in an interrupt, at most. */
  readonly longestStop: number;
}

interface Nest {
  readonly returnTo: number;
  elr: number;
  readonly esr: bigint;
  readonly far: bigint;
  readonly masks: Masks;
}

interface Masks {
  readonly irq: boolean;
  readonly nmi: boolean;
}

const REPORTED = 16;
const unmasked: Masks = { irq: false, nmi: false };

class Cpu {
  pc = 0;
  registers: bigint[];
  masks: Masks = unmasked;
  pending = new Set<number>();
  nests: Nest[] = [];
  status: 'running' | 'waiting' | 'finished' | 'dead' = 'running';
  executed = 0;
  /** The physical address of a load-exclusive that no store-exclusive, exception or store of another CPU has ended. */
  monitored: bigint | undefined;

  constructor(
    readonly number: number,
    readonly program: CpuProgram,
  ) {
    this.registers = Array.from({ length: program.registers }, (_, r) => program.initial.get(r) ?? 0n);
    this.masks = { irq: program.irqsMasked === true, nmi: false };
  }
}

export class Run {
  private readonly cpus: readonly Cpu[];
  private readonly memory: RunMemory;
  private readonly live: LiveEntries;
  /** The CPUs that hold a lock; for reading the same one may do so several times. */
  private readonly owners = new Map<number, readonly number[]>();
  private readonly free: bigint[];
  private readonly reported: string[] = [];
  private current: Cpu;
  private panicked = false;
  private counts = { tlbis: 0, localTlbis: 0, dsbs: 0, isbs: 0, interrupts: 0, locks: 0, allocated: 0, freed: 0 };
  private instructions = 0;
  private stop = 0;
  private longestStop = 0;

  constructor(
    readonly program: Program,
    readonly options: RunOptions,
  ) {
    this.cpus = program.cpus.map((cpu, i) => new Cpu(i, cpu));
    this.current = this.cpus[0] as Cpu;
    this.memory = new RunMemory(program, (word, before, after) =>
      this.live.stored(this.memory, word, before, after, this.current.executed),
    );
    this.live = liveEntries(this.memory);
    this.free = [...program.freePages].reverse();
  }

  /** Executes up to `budget` more instructions; true when the execution is over. */
  advance(budget: number): boolean {
    const until = Math.min(this.options.maxInstructions, this.instructions + budget);
    while (this.instructions < until) {
      const cpu = this.next();
      if (cpu === undefined) return true;
      this.current = cpu;
      while (this.instructions < until && this.canGo(cpu)) this.step(cpu);
    }
    return this.instructions >= this.options.maxInstructions || this.next() === undefined;
  }

  result(): RunResult {
    return {
      end: this.end(),
      reported: this.reported,
      instructions: this.instructions,
      ...this.counts,
      windows: this.live.windows,
      longestStop: Math.max(this.longestStop, this.stop),
    };
  }

  /** Values in the order of `program.observe`, as exploring finds them: of events, whether such a word was reported. */
  observed(): readonly (bigint | undefined)[] {
    return this.program.observe.map((o) => this.observedValue(o));
  }

  private observedValue(o: Observable): bigint | undefined {
    switch (o.kind) {
      case 'register':
        return this.cpus[o.cpu]?.registers[o.register];
      case 'word':
        return this.memory.read(o.physicalAddress, o.bytes);
      case 'translatedWord': {
        const at = this.memory.translate(o.virtualAddress, looking);
        return at.kind === 'address' ? this.memory.read(at.physical, o.bytes) : undefined;
      }
      case 'event':
        return this.reported.includes(o.outcome) ? 1n : 0n;
    }
  }

  private end(): RunResult['end'] {
    if (this.panicked) return 'panic';
    if (this.cpus.some((cpu) => cpu.status === 'dead')) return 'oops';
    if (this.next() !== undefined) return 'instructions';
    return this.cpus.every((cpu) => cpu.status === 'finished') ? 'done' : 'waits';
  }

  /** A CPU that can go on: the one that did, else the next one behind it. */
  private next(): Cpu | undefined {
    const n = this.cpus.length;
    for (let i = 0; i < n; i++) {
      const cpu = this.cpus[(this.current.number + i) % n] as Cpu;
      if (this.canGo(cpu)) return cpu;
    }
    return undefined;
  }

  private canGo(cpu: Cpu): boolean {
    if (this.panicked || cpu.status === 'dead') return false;
    if (this.deliverable(cpu) >= 0) return true;
    if (cpu.status === 'finished') return false;
    const instruction = cpu.program.code[cpu.pc];
    return instruction === undefined || !this.waits(cpu, instruction);
  }

  /** Whether an instruction has to wait for another CPU. */
  private waits(cpu: Cpu, i: Instruction): boolean {
    if (i.kind === 'lock') return i.taken === undefined && !this.isFree(i);
    if (i.kind !== 'wait') return false;
    const at = this.memory.translate(this.value(cpu, i.address), reading(cpu));
    if (at.kind === 'fault') return false;
    const equal = this.memory.read(at.physical, i.bytes) === this.value(cpu, i.value);
    return equal !== (i.comparison === 'equal');
  }

  private deliverable(cpu: Cpu): number {
    for (const i of cpu.pending) {
      const { delivery } = cpu.program.interrupts[i] ?? { delivery: 'irq' };
      if (delivery === 'nmi' ? !cpu.masks.nmi : !cpu.masks.irq && (delivery === 'irq' || cpu.nests.length === 0))
        return i;
    }
    return -1;
  }

  private step(cpu: Cpu): void {
    const interrupt = this.deliverable(cpu);
    if (interrupt >= 0) {
      const { entries, delivery } = cpu.program.interrupts[interrupt] as CpuProgram['interrupts'][number];
      cpu.pending.delete(interrupt);
      this.counts.interrupts++;
      cpu.status = 'running';
      this.enter(cpu, entries, cpu.pc, 0n, 0n, { irq: true, nmi: cpu.masks.nmi || delivery === 'nmi' });
      return;
    }
    const instruction = cpu.program.code[cpu.pc];
    if (instruction === undefined) {
      cpu.status = 'finished';
      return;
    }
    this.instructions++;
    cpu.executed++;
    this.stop = this.someoneStopped(cpu) ? this.stop + 1 : 0;
    this.longestStop = Math.max(this.longestStop, this.stop);
    this.execute(cpu, instruction);
  }

  /** Another CPU is in an interrupt and cannot go on. */
  private someoneStopped(cpu: Cpu): boolean {
    for (const other of this.cpus) {
      if (other === cpu || other.nests.length === 0) continue;
      if (other.nests.some((nest) => nest.esr === 0n) && !this.canGo(other)) return true;
    }
    return false;
  }

  private enter(cpu: Cpu, entries: readonly number[], returnTo: number, esr: bigint, far: bigint, masks: Masks): void {
    const entry = entries[cpu.nests.length];
    if (entry === undefined) {
      this.report('oops-other');
      cpu.status = 'dead';
      return;
    }
    cpu.nests.push({ returnTo, elr: returnTo, esr, far, masks: cpu.masks });
    cpu.monitored = undefined;
    cpu.masks = masks;
    cpu.pc = entry;
  }

  private value(cpu: Cpu, operand: Operand | undefined): bigint {
    if (operand === undefined) return 0n;
    return operand.kind === 'value' ? operand.value : (cpu.registers[operand.register] as bigint);
  }

  private set(cpu: Cpu, register: number | undefined, value: bigint): void {
    if (register !== undefined) cpu.registers[register] = value;
  }

  private execute(cpu: Cpu, i: Instruction): void {
    const { counts } = this;
    let next = cpu.pc + 1;
    switch (i.kind) {
      case 'access':
        if (!this.access(cpu, i)) return;
        break;
      case 'translate': {
        const access = { ...reading(cpu), write: i.write };
        this.set(cpu, i.destination, parOf(this.memory.translate(this.value(cpu, i.address), access)));
        break;
      }
      case 'dsb':
        counts.dsbs++;
        break;
      case 'isb':
        counts.isbs++;
        break;
      case 'tlbi':
        if (i.innerShareable) counts.tlbis++;
        else counts.localTlbis++;
        break;
      case 'arithmetic':
        this.set(cpu, i.destination, this.arithmetic(cpu, i));
        break;
      case 'branch':
        if ((this.value(cpu, i.condition) === 0n) === i.whenZero) next = i.target;
        break;
      case 'jump':
        next = i.target;
        break;
      case 'choose':
        next = i.targets[0] ?? next;
        break;
      case 'end':
        cpu.status = 'finished';
        return;
      case 'eret':
        this.leave(cpu, i.toFixup === true);
        return;
      case 'systemRegister':
        this.systemRegister(cpu, i);
        break;
      case 'cpuNumber':
        this.set(cpu, i.destination, BigInt(cpu.number));
        break;
      case 'mask':
        this.mask(cpu, i);
        break;
      case 'lock':
        this.lock(cpu, i);
        break;
      case 'unlock':
        this.release(cpu, i.lock);
        break;
      case 'allocate':
        this.allocate(cpu, i);
        break;
      case 'free':
        counts.freed++;
        this.free.push(this.value(cpu, i.address));
        break;
      case 'sendInterrupt':
        for (const other of this.cpus)
          if (i.cpu === undefined ? other !== cpu : other.number === i.cpu) other.pending.add(i.interrupt);
        break;
      case 'report':
        if (i.unless !== undefined && this.value(cpu, i.unless) !== 0n) break;
        this.report(i.outcome);
        if (i.panic === true) this.panicked = true;
        if (i.fatal === true) cpu.status = 'dead';
        if (i.panic === true || i.fatal === true) return;
        break;
      case 'svc':
        this.report('supervisor-call');
        cpu.status = 'dead';
        return;
      case 'dmb':
      case 'wait':
      case 'assertHeld':
      case 'rcu':
        break;
    }
    cpu.pc = next;
  }

  private report(word: string): void {
    if (this.reported.length < REPORTED) this.reported.push(word);
  }

  private arithmetic(cpu: Cpu, i: Extract<Instruction, { kind: 'arithmetic' }>): bigint {
    const a = this.value(cpu, i.sources[0]);
    const b = this.value(cpu, i.sources[1]);
    switch (i.operation) {
      case 'move':
        return a;
      case 'select':
        return this.value(cpu, i.sources[2]) !== 0n ? a : b;
      case 'equal':
        return a === b ? 1n : 0n;
      case 'notEqual':
        return a === b ? 0n : 1n;
      default:
        return BigInt.asUintN(64, calculate(i.operation, a, b));
    }
  }

  /** False when it faulted: the handler comes next. */
  private access(cpu: Cpu, i: AccessInstruction): boolean {
    const va = BigInt.asUintN(64, this.value(cpu, i.base) + this.value(cpu, i.offset));
    const write = i.access !== 'load';
    const at = this.memory.translate(va, { ...reading(cpu), write });
    if (at.kind === 'fault') {
      // An atomic's fault is one of a read where a read has it too (Arm ARM, ESR_ELx.WnR).
      this.fault(cpu, va, at.fault, at.level, write && (i.access === 'store' || at.fault === 'permission'));
      return false;
    }
    const { physical } = at;
    const value = this.value(cpu, i.value);
    if (i.access === 'load') {
      this.set(cpu, i.destination, this.memory.read(physical, i.bytes));
      if (i.exclusive === true) cpu.monitored = physical;
    } else if (i.access === 'store') {
      const fails = i.exclusive === true && cpu.monitored !== physical;
      if (i.exclusive === true) cpu.monitored = undefined;
      if (!fails) this.store(cpu, physical, value, i.bytes);
      this.set(cpu, i.status, fails ? 1n : 0n);
    } else {
      const before = this.memory.read(physical, i.bytes);
      const after = updated(i, before, BigInt.asUintN(i.bytes * 8, value), this.value(cpu, i.compare));
      if (after !== undefined) this.store(cpu, physical, after, i.bytes);
      this.set(cpu, i.destination, before);
    }
    return true;
  }

  private store(cpu: Cpu, physical: bigint, value: bigint, bytes: number): void {
    this.memory.write(physical, BigInt.asUintN(bytes * 8, value), bytes);
    for (const other of this.cpus) if (other !== cpu && other.monitored === physical) other.monitored = undefined;
  }

  private fault(cpu: Cpu, va: bigint, kind: FaultKind, level: Level, write: boolean): void {
    const esr = dataAbortSyndrome(faultNumber[kind], level, write, isUnprivileged(cpu));
    const { faults } = cpu.program;
    if (faults.kind === 'handler') {
      this.enter(cpu, faults.entries, cpu.pc, esr, va, { irq: true, nmi: true });
      return;
    }
    this.report('oops-other');
    cpu.status = 'dead';
  }

  private leave(cpu: Cpu, toFixup: boolean): void {
    const nest = cpu.nests.pop();
    if (nest === undefined) {
      cpu.status = 'finished';
      return;
    }
    const instruction = cpu.program.code[nest.elr];
    const fixup = instruction?.kind === 'access' ? instruction.fixup : undefined;
    cpu.monitored = undefined;
    cpu.pc = toFixup && fixup !== undefined ? fixup : nest.elr;
    cpu.masks = nest.masks;
  }

  private systemRegister(cpu: Cpu, i: SystemRegisterInstruction): void {
    const nest = cpu.nests.at(-1);
    if (nest === undefined) return;
    if (i.write !== undefined) {
      if (i.name === 'elr') nest.elr = Number(this.value(cpu, i.write));
      return;
    }
    const instruction = cpu.program.code[nest.elr];
    const hasFixup = instruction?.kind === 'access' && instruction.fixup !== undefined;
    const values = {
      esr: nest.esr,
      far: nest.far,
      elr: BigInt(nest.elr),
      fixup: hasFixup ? 1n : 0n,
      irqsMasked: nest.masks.irq ? 1n : 0n,
    };
    this.set(cpu, i.read, values[i.name]);
  }

  private mask(cpu: Cpu, i: MaskInstruction): void {
    const outer = cpu.nests.at(-1)?.masks ?? unmasked;
    const { irq, nmi } = cpu.masks;
    const from = i.from !== undefined && this.value(cpu, i.from) !== 0n;
    const changed = (how: MaskInstruction['irq'], now: boolean, inherited: boolean): boolean => {
      switch (how) {
        case undefined:
          return now;
        case 'mask':
          return true;
        case 'unmask':
          return false;
        case 'inherit':
          return inherited;
        case 'restore':
          return from;
      }
    };
    cpu.masks = { irq: changed(i.irq, irq, outer.irq), nmi: changed(i.nmi, nmi, outer.nmi) };
    this.set(cpu, i.save, irq ? 1n : 0n);
  }

  private isFree({ lock, mode }: LockInstruction): boolean {
    const held = this.owners.get(lock);
    if (held === undefined || held.length === 0) return true;
    return mode === 'shared' && this.sharedLocks.has(lock);
  }

  /** Locks that are held shared now. */
  private readonly sharedLocks = new Set<number>();

  private lock(cpu: Cpu, i: LockInstruction): void {
    const free = this.isFree(i);
    if (i.taken !== undefined) this.set(cpu, i.taken, free ? 1n : 0n);
    if (!free) return;
    this.counts.locks++;
    this.owners.set(i.lock, [...(this.owners.get(i.lock) ?? []), cpu.number]);
    if (i.mode === 'shared') this.sharedLocks.add(i.lock);
    else this.sharedLocks.delete(i.lock);
  }

  private release(cpu: Cpu, lock: number): void {
    const held = [...(this.owners.get(lock) ?? [])];
    const at = held.indexOf(cpu.number);
    if (at >= 0) held.splice(at, 1);
    this.owners.set(lock, held);
  }

  private allocate(cpu: Cpu, { destination, page }: AllocateInstruction): void {
    const found = page ?? this.free.pop();
    if (found === undefined) {
      this.report('no free page');
      cpu.status = 'dead';
      return;
    }
    this.counts.allocated++;
    this.set(cpu, destination, found);
  }
}

type FaultKind = Extract<Translated, { kind: 'fault' }>['fault'];

const faultNumber = {
  translation: FAULT.TRANSLATION,
  accessFlag: FAULT.ACCESS_FLAG,
  permission: FAULT.PERMISSION,
} as const satisfies Readonly<Record<FaultKind, number>>;

/** A walk that changes nothing and minds no access flag. */
const looking = { write: false, unprivileged: false, setsAccessFlag: false, setsDirtyState: false };

/** Whether a CPU is at EL0: handlers are not. */
function isUnprivileged({ program, nests }: Cpu): boolean {
  return program.unprivileged === true && nests.length === 0;
}

function reading(cpu: Cpu) {
  const { program } = cpu;
  const setsDirtyState = program.hardwareDirtyState;
  return {
    write: false,
    unprivileged: isUnprivileged(cpu),
    setsAccessFlag: program.hardwareAccessFlag || setsDirtyState,
    setsDirtyState,
  };
}

function parOf(at: Translated): bigint {
  return at.kind === 'address' ? at.physical & ~0xfffn : failedTranslation(faultNumber[at.fault], at.level);
}

/** What an atomic leaves in memory; undefined: a compare-and-swap that did not find its value. */
function updated(i: AccessInstruction, before: bigint, value: bigint, compare: bigint): bigint | undefined {
  assert(i.operation !== undefined, 'every atomic has an operation');
  switch (i.operation) {
    case 'swap':
      return value;
    case 'compareAndSwap':
      return before === BigInt.asUintN(i.bytes * 8, compare) ? value : undefined;
    case 'add':
      return before + value;
    case 'set':
      return before | value;
    case 'clear':
      return before & ~value;
    case 'exclusiveOr':
      return before ^ value;
    default:
      return keepsOld(i.operation, before, value, i.bytes) ? before : value;
  }
}
