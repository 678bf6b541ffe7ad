/** A program in words: what each CPU executes, one instruction a line, with the text that it comes from. */

import type { CpuProgram, Instruction, Lock, Operand, Register } from '../../../simulator/machine/program';
import type { ElaboratedScenario } from './scenario';
import type { SiteInfo } from './sites';

/** The listing of a scenario: its CPUs one behind the other, handlers behind each program. */
export function listScenario(scenario: ElaboratedScenario): string {
  const { program, sites } = scenario;
  return program.cpus.map((cpu, i) => listCpu(cpu, program.locks, sites, scenario.registers[i] ?? [])).join('\n');
}

/** The listing of one CPU. `names`: the user's name of each register that has one. */
export function listCpu(
  cpu: CpuProgram,
  locks: readonly Lock[],
  sites: readonly SiteInfo[],
  names: readonly string[],
): string {
  const marks = new Map<number, string[]>();
  const mark = (entries: readonly number[], text: string) => {
    for (const [depth, at] of entries.entries()) marks.set(at, [...(marks.get(at) ?? []), `${text}, depth ${depth}`]);
  };
  if (cpu.faults.kind === 'handler') mark(cpu.faults.entries, 'fault');
  for (const interrupt of cpu.interrupts) mark(interrupt.entries, `${interrupt.delivery} ${interrupt.name}`);
  const width = String(cpu.code.length).length;
  const lines = cpu.code.flatMap((instruction, at) => {
    const words = describeInstruction(instruction, locks, names);
    const place = sites[instruction.site];
    const text = `  ${String(at).padStart(width)}  ${words}`;
    const heading = (marks.get(at) ?? []).map((one) => `${one}:`);
    return [...heading, place === undefined ? text : `${text.padEnd(72)}; ${placeText(place)}`];
  });
  return [`${cpu.name}: ${cpu.code.length} instructions, ${cpu.registers} registers`, ...lines].join('\n');
}

/** The functions that led to a place, and its text. */
function placeText(place: SiteInfo): string {
  const callees = place.stack.map((call) => call.callee);
  return `${callees.join(' > ')}${callees.length > 0 ? ': ' : ''}${place.text}`;
}

/** One instruction in words. */
export function describeInstruction(
  instruction: Instruction,
  locks: readonly Lock[],
  names: readonly string[] = [],
): string {
  const register = (index: Register): string => names[index] ?? `x${index}`;
  const operand = (one: Operand | undefined): string => {
    if (one === undefined) return '?';
    return one.kind === 'register' ? register(one.register) : number(one.value);
  };
  const lockName = (lock: number): string => locks[lock]?.name ?? `lock ${lock}`;
  switch (instruction.kind) {
    case 'access':
      return describeAccess(instruction, register, operand);
    case 'translate':
      return `${register(instruction.destination)} = translate ${operand(instruction.address)} for ${instruction.write ? 'writing' : 'reading'}`;
    case 'dmb':
    case 'dsb':
      return `${instruction.kind} ${instruction.domain} ${instruction.type}`;
    case 'isb':
      return 'isb';
    case 'tlbi': {
      const where = instruction.innerShareable ? 'on all CPUs' : 'on this CPU';
      const what = instruction.leafOnly ? 'last-level entries' : 'entries';
      const level = instruction.level === undefined ? '' : `, level ${instruction.level}`;
      if (instruction.scope === 'all') return `tlbi all ${what} ${where}`;
      if (instruction.scope === 'address')
        return `tlbi ${what} of page ${operand(instruction.operand)} ${where}${level}`;
      return `tlbi ${what} of pages ${operand(instruction.operand)} to ${operand(instruction.lastOperand)} ${where}${level}`;
    }
    case 'arithmetic':
      return `${register(instruction.destination)} = ${instruction.operation} ${instruction.sources.map(operand).join(', ')}`;
    case 'branch':
      return `if ${operand(instruction.condition)} is ${instruction.whenZero ? '' : 'not '}0 go to ${instruction.target}`;
    case 'jump':
      return `go to ${instruction.target}${instruction.drains ? ' when all is done' : instruction.afterBranches ? ' when decided' : ''}`;
    case 'choose':
      return `go to any of ${instruction.targets.join(', ')}`;
    case 'end':
      return 'end';
    case 'svc':
      return 'supervisor call';
    case 'eret':
      return instruction.toFixup ? 'return from the exception, to the fix-up' : 'return from the exception';
    case 'systemRegister':
      return instruction.read === undefined
        ? `${instruction.name} = ${operand(instruction.write)}`
        : `${register(instruction.read)} = ${instruction.name}`;
    case 'cpuNumber':
      return `${register(instruction.destination)} = number of this CPU`;
    case 'mask': {
      const parts = [
        instruction.irq === undefined ? undefined : `irq ${instruction.irq}`,
        instruction.nmi === undefined ? undefined : `nmi ${instruction.nmi}`,
        instruction.preemption === undefined ? undefined : `preemption ${instruction.preemption}`,
        instruction.from === undefined ? undefined : `from ${operand(instruction.from)}`,
      ].filter((part) => part !== undefined);
      return `${instruction.save === undefined ? '' : `${register(instruction.save)} = `}mask ${parts.join(', ')}`;
    }
    case 'lock':
      return instruction.taken === undefined
        ? `lock ${lockName(instruction.lock)}${instruction.mode === 'shared' ? ' shared' : ''}`
        : `${register(instruction.taken)} = trylock ${lockName(instruction.lock)}`;
    case 'unlock':
      return `unlock ${lockName(instruction.lock)}`;
    case 'assertHeld':
      return `assert that ${lockName(instruction.lock)} is held`;
    case 'wait':
      return `wait until [${operand(instruction.address)}] ${instruction.comparison === 'equal' ? '==' : '!='} ${operand(instruction.value)}${instruction.acquire ? ', acquire' : ''}`;
    case 'allocate':
      return instruction.page === undefined
        ? `${register(instruction.destination)} = any free page`
        : `take page ${number(instruction.page)}`;
    case 'free':
      return `free page ${operand(instruction.address)}`;
    case 'rcu':
      return `rcu ${instruction.operation}`;
    case 'sendInterrupt':
      return `send interrupt ${instruction.interrupt} to ${instruction.cpu === undefined ? 'all others' : `CPU index ${instruction.cpu}`}`;
    case 'report': {
      const ends = instruction.panic ? ', panic' : instruction.fatal ? ', the task dies' : '';
      const unless = instruction.unless === undefined ? '' : ` unless ${operand(instruction.unless)}`;
      return `report ${instruction.outcome}${unless}${ends}`;
    }
  }
}

function describeAccess(
  access: Instruction & { readonly kind: 'access' },
  register: (index: Register) => string,
  operand: (one: Operand | undefined) => string,
): string {
  const { offset } = access;
  const plus = offset.kind === 'value' && offset.value === 0n ? '' : ` + ${operand(offset)}`;
  const place = `[${operand(access.base)}${plus}]${access.bytes === 8 ? '' : `, ${access.bytes} bytes`}`;
  const order = [
    access.acquire === undefined ? undefined : access.acquire === 'full' ? 'acquire' : 'acquire-pc',
    access.release ? 'release' : undefined,
    access.exclusive ? 'exclusive' : undefined,
    access.noReturn ? 'without a result' : undefined,
    access.fixup === undefined ? undefined : `fix-up ${access.fixup}`,
  ].filter((part) => part !== undefined);
  const suffix = order.length === 0 ? '' : ` (${order.join(', ')})`;
  const result = access.destination === undefined ? '' : `${register(access.destination)} = `;
  const status = access.status === undefined ? '' : `${register(access.status)} = `;
  switch (access.access) {
    case 'load':
      return `${result}load ${place}${suffix}`;
    case 'store':
      return `${status}store ${place} = ${operand(access.value)}${suffix}`;
    case 'atomic': {
      const compare = access.compare === undefined ? '' : ` when it is ${operand(access.compare)}`;
      return `${result}${access.operation} ${place}, ${operand(access.value)}${compare}${suffix}`;
    }
  }
}

function number(value: bigint): string {
  return value < 4096n ? `${value}` : `0x${value.toString(16)}`;
}
