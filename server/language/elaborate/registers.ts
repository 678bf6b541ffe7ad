/**
 * Registers of a CPU: virtual registers get as few real ones as their lifetimes allow, because a state record holds
 * each of them for the CPU and for every instruction in flight. Copies that are not needed disappear.
 */

import { assert } from '../../../simulator/machine/assert';
import { destinationOf, operandsOf, successorsOf } from '../../../simulator/machine/code';
import type { CodeIndex, Instruction, Operand, Register } from '../../../simulator/machine/program';
import type { VirtualRegister } from './value';

export interface Allocation {
  readonly code: readonly Instruction[];
  readonly entries: readonly CodeIndex[];
  /** Number of real registers, those of the user included. */
  readonly registers: number;
}

/**
 * One part of a CPU's code, from `from` on: its program, or the handlers of one nesting depth. Registers of different
 * parts are never shared, for an exception comes in the middle of anything.
 */
export interface CodePart {
  readonly from: CodeIndex;
}

/**
 * `pinned`: the user's registers, which are real registers 0, 1, … in this order, keep their value to the end and are
 * shared by all parts. `parts` are in the order of the code.
 */
export function allocateRegisters(
  code: readonly Instruction[],
  entries: readonly CodeIndex[],
  parts: readonly CodePart[],
  pinned: readonly VirtualRegister[],
): Allocation {
  const direct = intoPinned(code, entries, new Set(pinned));
  const real = new Map<VirtualRegister, Register>();
  pinned.forEach((register, i) => {
    real.set(register, i);
  });
  let registers = pinned.length;
  parts.forEach((part, i) => {
    const to = parts[i + 1]?.from ?? direct.length;
    registers = allocatePart(direct, part.from, to, real, registers);
  });
  const renamed = direct.map((instruction) =>
    withRegisters(instruction, (register) => {
      const found = real.get(register);
      assert(found !== undefined, 'every register of the code is allocated');
      return found;
    }),
  );
  return { ...withoutSelfMoves(renamed, entries), registers };
}

/** What is only copied to a register of the user goes there at once: `v = load; r0 = v` is one instruction. */
function intoPinned(
  code: readonly Instruction[],
  entries: readonly CodeIndex[],
  pinned: ReadonlySet<VirtualRegister>,
): readonly Instruction[] {
  const uses = new Map<VirtualRegister, number>();
  const targets = new Set<CodeIndex>(entries);
  code.forEach((instruction, at) => {
    for (const operand of operandsOf(instruction)) {
      if (operand.kind === 'register') uses.set(operand.register, (uses.get(operand.register) ?? 0) + 1);
    }
    for (const next of followers(instruction, at)) if (next !== at + 1) targets.add(next);
  });
  const result = [...code];
  for (let at = 1; at < code.length; at++) {
    const move = code[at] as Instruction;
    const source = copied(move);
    const destination = destinationOf(move);
    if (source === undefined || destination === undefined || !pinned.has(destination) || targets.has(at)) continue;
    const producer = result[at - 1] as Instruction;
    if (destinationOf(producer) !== source || uses.get(source) !== 1 || pinned.has(source)) continue;
    result[at - 1] = withRegisters(producer, (register) => (register === source ? destination : register));
    result[at] = {
      ...(move as typeof move & { kind: 'arithmetic' }),
      sources: [{ kind: 'register', register: destination }],
    };
  }
  return result;
}

/** Colours the registers of one part, from the first real register that is free for it; gives the next free one. */
function allocatePart(
  code: readonly Instruction[],
  from: CodeIndex,
  to: CodeIndex,
  real: Map<VirtualRegister, Register>,
  first: Register,
): Register {
  const conflicts = new Map<VirtualRegister, Set<VirtualRegister>>();
  const known = (register: VirtualRegister): Set<VirtualRegister> => {
    let others = conflicts.get(register);
    if (others === undefined) {
      others = new Set();
      conflicts.set(register, others);
    }
    return others;
  };
  const moves: { readonly to: VirtualRegister; readonly from: VirtualRegister }[] = [];
  const counts = (register: VirtualRegister) => !real.has(register);
  for (let at = from; at < to; at++) {
    for (const operand of operandsOf(code[at] as Instruction)) {
      if (operand.kind === 'register' && counts(operand.register)) known(operand.register);
    }
  }
  eachLiveAfter(code, from, to, counts, (instruction, live) => {
    const destination = destinationOf(instruction);
    if (destination === undefined || !counts(destination)) return;
    const source = copied(instruction);
    if (source !== undefined && counts(source)) moves.push({ to: destination, from: source });
    for (const other of live) {
      if (other === destination || other === source) continue;
      known(destination).add(other);
      known(other).add(destination);
    }
    known(destination);
  });
  const wishes = new Map<VirtualRegister, VirtualRegister[]>();
  const wish = (register: VirtualRegister, other: VirtualRegister): void => {
    const others = wishes.get(register);
    if (others === undefined) wishes.set(register, [other]);
    else others.push(other);
  };
  for (const move of moves) {
    wish(move.to, move.from);
    wish(move.from, move.to);
  }
  let next = first;
  for (const [register, others] of conflicts) {
    const taken = new Set<Register>();
    for (const other of others) {
      const used = real.get(other);
      if (used !== undefined) taken.add(used);
    }
    const wished = (wishes.get(register) ?? [])
      .map((other) => real.get(other))
      .find((candidate) => candidate !== undefined && candidate >= first && !taken.has(candidate));
    let choice = wished ?? first;
    while (taken.has(choice)) choice++;
    real.set(register, choice);
    next = Math.max(next, choice + 1);
  }
  return next;
}

/** Visits each instruction with the registers that are read behind it before they are written again. */
function eachLiveAfter(
  code: readonly Instruction[],
  from: CodeIndex,
  to: CodeIndex,
  counts: (register: VirtualRegister) => boolean,
  visit: (instruction: Instruction, live: ReadonlySet<VirtualRegister>) => void,
): void {
  const leaders = leadersOf(code, from, to);
  const numberOf = new Map(leaders.map((leader, i) => [leader, i]));
  const blocks = leaders.map((first, i): LiveBlock => {
    const last = (leaders[i + 1] ?? to) - 1;
    const block = { first, last, next: [] as number[], reads: new Set<number>(), writes: new Set<number>() };
    for (const next of followers(code[last] as Instruction, last)) {
      const number = numberOf.get(next);
      if (number !== undefined) block.next.push(number);
    }
    for (let at = first; at <= last; at++) {
      const instruction = code[at] as Instruction;
      for (const operand of operandsOf(instruction)) {
        if (operand.kind !== 'register' || !counts(operand.register) || block.writes.has(operand.register)) continue;
        block.reads.add(operand.register);
      }
      const destination = destinationOf(instruction);
      if (destination !== undefined) block.writes.add(destination);
    }
    return block;
  });
  // What is read in a block or behind it, before it is written.
  const into = blocks.map(({ reads }) => new Set(reads));
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = blocks.length - 1; i >= 0; i--) {
      const { next, writes } = blocks[i] as LiveBlock;
      const live = into[i] as Set<VirtualRegister>;
      const { size } = live;
      for (const one of next)
        for (const register of into[one] as Set<VirtualRegister>) if (!writes.has(register)) live.add(register);
      if (live.size > size) changed = true;
    }
  }
  for (const { first, last, next } of blocks) {
    const live = new Set<VirtualRegister>();
    for (const one of next) for (const register of into[one] as Set<VirtualRegister>) live.add(register);
    for (let at = last; at >= first; at--) {
      const instruction = code[at] as Instruction;
      visit(instruction, live);
      const destination = destinationOf(instruction);
      if (destination !== undefined) live.delete(destination);
      for (const operand of operandsOf(instruction)) {
        if (operand.kind === 'register' && counts(operand.register)) live.add(operand.register);
      }
    }
  }
}

/** A straight piece of code, with the registers that it reads before it writes them, and those that it writes. */
interface LiveBlock {
  readonly first: CodeIndex;
  readonly last: CodeIndex;
  readonly next: readonly number[];
  readonly reads: ReadonlySet<VirtualRegister>;
  readonly writes: ReadonlySet<VirtualRegister>;
}

/** Where straight pieces of code begin: at the first instruction, at targets, and behind what may go elsewhere. */
function leadersOf(code: readonly Instruction[], from: CodeIndex, to: CodeIndex): readonly CodeIndex[] {
  const leaders = new Set<CodeIndex>([from]);
  for (let at = from; at < to; at++) {
    const next = followers(code[at] as Instruction, at);
    if (next.length === 1 && next[0] === at + 1) continue;
    for (const one of [...next, at + 1]) if (one >= from && one < to) leaders.add(one);
  }
  return [...leaders].sort((a, b) => a - b);
}

function followers(instruction: Instruction, at: CodeIndex): readonly CodeIndex[] {
  const next = successorsOf(instruction, at);
  return instruction.kind === 'access' && instruction.fixup !== undefined ? [...next, instruction.fixup] : next;
}

/** The register that a plain copy copies. */
function copied(instruction: Instruction): VirtualRegister | undefined {
  if (instruction.kind !== 'arithmetic' || instruction.operation !== 'move') return undefined;
  const [source] = instruction.sources;
  return source?.kind === 'register' ? source.register : undefined;
}

/** Moves of a register to itself are what is left of copies that got one register for both sides. */
function withoutSelfMoves(
  code: readonly Instruction[],
  entries: readonly CodeIndex[],
): { readonly code: readonly Instruction[]; readonly entries: readonly CodeIndex[] } {
  const slim = code.map((instruction) =>
    copied(instruction) !== undefined && copied(instruction) === destinationOf(instruction) ? undefined : instruction,
  );
  return compact(slim, entries);
}

/** Closes the gaps that instructions leave. */
function compact(
  code: readonly (Instruction | undefined)[],
  entries: readonly CodeIndex[],
): { readonly code: readonly Instruction[]; readonly entries: readonly CodeIndex[] } {
  const moved: CodeIndex[] = [];
  let next = 0;
  for (const instruction of code) {
    moved.push(next);
    if (instruction !== undefined) next++;
  }
  moved.push(next);
  const to = (index: CodeIndex): CodeIndex => moved[index] as CodeIndex;
  return {
    code: code.flatMap((instruction) => (instruction === undefined ? [] : [withTargets(instruction, to)])),
    entries: entries.map(to),
  };
}

function withTargets(instruction: Instruction, to: (index: CodeIndex) => CodeIndex): Instruction {
  switch (instruction.kind) {
    case 'branch':
    case 'jump':
      return { ...instruction, target: to(instruction.target) };
    case 'choose':
      return { ...instruction, targets: instruction.targets.map(to) };
    case 'access':
      return instruction.fixup === undefined ? instruction : { ...instruction, fixup: to(instruction.fixup) };
    default:
      return instruction;
  }
}

/** An instruction with other registers. */
function withRegisters(instruction: Instruction, real: (register: VirtualRegister) => Register): Instruction {
  const operand = (one: Operand): Operand =>
    one.kind === 'value' ? one : { kind: 'register', register: real(one.register) };
  const some = (one: Operand | undefined): Operand | undefined => one && operand(one);
  switch (instruction.kind) {
    case 'access':
      return defined({
        ...instruction,
        base: operand(instruction.base),
        offset: operand(instruction.offset),
        destination: instruction.destination === undefined ? undefined : real(instruction.destination),
        status: instruction.status === undefined ? undefined : real(instruction.status),
        value: some(instruction.value),
        compare: some(instruction.compare),
        overwrites: instruction.overwrites && {
          ...instruction.overwrites,
          held: operand(instruction.overwrites.held),
        },
      }) as Instruction;
    case 'translate':
      return { ...instruction, address: operand(instruction.address), destination: real(instruction.destination) };
    case 'tlbi':
      return defined({
        ...instruction,
        operand: some(instruction.operand),
        lastOperand: some(instruction.lastOperand),
      }) as Instruction;
    case 'arithmetic':
      return {
        ...instruction,
        destination: real(instruction.destination),
        sources: instruction.sources.map(operand),
      };
    case 'branch':
      return { ...instruction, condition: operand(instruction.condition) };
    case 'systemRegister':
      return defined({
        ...instruction,
        read: instruction.read === undefined ? undefined : real(instruction.read),
        write: some(instruction.write),
      }) as Instruction;
    case 'cpuNumber':
    case 'allocate':
      return { ...instruction, destination: real(instruction.destination) };
    case 'mask':
      return defined({
        ...instruction,
        save: instruction.save === undefined ? undefined : real(instruction.save),
        from: some(instruction.from),
      }) as Instruction;
    case 'lock':
      return instruction.taken === undefined ? instruction : { ...instruction, taken: real(instruction.taken) };
    case 'wait':
      return { ...instruction, address: operand(instruction.address), value: operand(instruction.value) };
    case 'free':
      return { ...instruction, address: operand(instruction.address) };
    case 'report':
      return instruction.unless === undefined ? instruction : { ...instruction, unless: operand(instruction.unless) };
    case 'dmb':
    case 'dsb':
    case 'isb':
    case 'jump':
    case 'choose':
    case 'end':
    case 'svc':
    case 'eret':
    case 'unlock':
    case 'assertHeld':
    case 'rcu':
    case 'sendInterrupt':
      return instruction;
  }
}

/** Without the fields that are undefined. */
function defined(fields: Readonly<Record<string, unknown>>): unknown {
  const kept: Record<string, unknown> = {};
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name];
  return kept;
}
