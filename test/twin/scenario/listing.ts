/** A program as text for a person: what memory holds at first, and each CPU's instructions. */

import type { Instruction, Operand, Program } from '../../../simulator/machine/program';

export function listing(program: Program, words: readonly bigint[]): string {
  const lines = words.map((w) => `[${hex(w)}] = ${hex(program.initialWord(w))}`);
  const ets = program.switches.enhancedTranslationSynchronisation;
  lines.push(`root table ${hex(program.translation.root)}${ets === 0 ? '' : `, FEAT_ETS${ets}`}`);
  for (const cpu of program.cpus) {
    const entries = cpu.faults.kind === 'handler' ? ` at ${cpu.faults.entries.join(', ')}` : '';
    lines.push(`${cpu.name}: faults are ${cpu.faults.kind}${entries}`);
    for (const { name, delivery, entries: at } of cpu.interrupts)
      lines.push(`  ${name}: ${delivery} at ${at.join(', ')}`);
    if (cpu.hardwareAccessFlag)
      lines.push(`  hardware manages ${cpu.hardwareDirtyState ? 'access flag and dirty state' : 'the access flag'}`);
    cpu.code.forEach((i, at) => {
      lines.push(`  ${at}: ${instruction(i)}`);
    });
  }
  return lines.join('\n');
}

function instruction(i: Instruction): string {
  switch (i.kind) {
    case 'access': {
      const name = i.access === 'atomic' ? `atomic ${i.operation}` : i.access;
      const order = `${i.acquire === 'full' ? ' acquire' : i.acquire === undefined ? '' : ' acquirePC'}${i.release ? ' release' : ''}`;
      const parts = [
        `${name}${i.exclusive ? ' exclusive' : ''}${order}${i.noReturn ? ' without result' : ''} [${operand(i.base)} + ${operand(i.offset)}]`,
        ...(i.destination === undefined ? [] : [`-> r${i.destination}`]),
        ...(i.status === undefined ? [] : [`status r${i.status}`]),
        ...(i.value === undefined ? [] : [`<- ${operand(i.value)}`]),
        ...(i.compare === undefined ? [] : [`if ${operand(i.compare)}`]),
      ];
      return parts.join(' ');
    }
    case 'translate':
      return `at s1e1${i.write ? 'w' : 'r'} ${operand(i.address)} -> r${i.destination}`;
    case 'dmb':
    case 'dsb':
      return `${i.kind} ${i.type} ${i.domain}`;
    case 'tlbi': {
      const range = i.lastOperand === undefined ? '' : ` to ${operand(i.lastOperand)}`;
      const what = i.operand === undefined ? '' : ` page ${operand(i.operand)}${range}`;
      const level = i.level === undefined ? '' : ` level ${i.level}`;
      return `tlbi ${i.scope}${i.leafOnly ? ' leaf' : ''}${level}${i.innerShareable ? ' inner shareable' : ''}${what}`;
    }
    case 'arithmetic':
      return `r${i.destination} = ${i.operation} ${i.sources.map(operand).join(', ')}`;
    case 'branch':
      return `if ${operand(i.condition)} ${i.whenZero ? '==' : '!='} 0 go to ${i.target}`;
    case 'wait':
      return `wait${i.acquire ? ' acquire' : ''} until [${operand(i.address)}] ${i.comparison} ${operand(i.value)}`;
    case 'lock':
    case 'unlock': {
      const taken = i.kind === 'lock' && i.taken !== undefined ? ` if free -> r${i.taken}` : '';
      return `${i.kind} ${i.lock}${i.mode === 'shared' ? ' shared' : ''}${taken}`;
    }
    case 'rcu':
      return `rcu ${i.operation}`;
    case 'mask':
      return `mask${i.irq === undefined ? '' : ` irq ${i.irq}`}${i.nmi === undefined ? '' : ` nmi ${i.nmi}`}`;
    case 'allocate':
      return `allocate -> r${i.destination}`;
    case 'free':
      return `free ${operand(i.address)}`;
    case 'systemRegister':
      return i.read === undefined ? `${i.name} = ${i.write ? operand(i.write) : ''}` : `r${i.read} = ${i.name}`;
    default:
      return i.kind;
  }
}

function operand(o: Operand): string {
  return o.kind === 'register' ? `r${o.register}` : hex(o.value);
}

function hex(value: bigint): string {
  return value < 10n ? `${value}` : `0x${value.toString(16)}`;
}
