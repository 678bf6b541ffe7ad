/** Computations whose result nobody reads are left out, and so are the destinations of loads that nobody reads. */

import { destinationOf, operandsOf } from '../../../simulator/machine/code';
import type { Instruction, Operand } from '../../../simulator/machine/program';
import { type Block, reachable, type Straight } from './codeGraph';
import type { VirtualRegister } from './value';

/** `kept`: registers whose value counts at the end. Changes the blocks in place. */
export function removeDeadCode(entries: readonly Block[], kept: ReadonlySet<VirtualRegister>): void {
  const blocks = reachable(entries);
  const used = usedRegisters(blocks, kept);
  for (const block of blocks) {
    const { instructions } = block;
    let kept = 0;
    for (const instruction of instructions) {
      if (instruction.kind === 'arithmetic' && !used.has(instruction.destination)) continue;
      instructions[kept++] = withoutUnread(instruction, used);
    }
    instructions.length = kept;
  }
}

function withoutUnread(instruction: Straight, used: ReadonlySet<VirtualRegister>): Straight {
  if (instruction.kind !== 'access' || instruction.destination === undefined) return instruction;
  if (used.has(instruction.destination)) return instruction;
  const { destination: _unread, ...rest } = instruction;
  return rest;
}

function usedRegisters(blocks: readonly Block[], kept: ReadonlySet<VirtualRegister>): ReadonlySet<VirtualRegister> {
  const used = new Set<VirtualRegister>();
  const producers = new Map<VirtualRegister, Instruction[]>();
  const needed: Instruction[] = [];
  const need = (operands: readonly Operand[]): void => {
    for (const operand of operands) {
      if (operand.kind !== 'register' || used.has(operand.register)) continue;
      used.add(operand.register);
      needed.push(...(producers.get(operand.register) ?? []));
    }
  };
  for (const { instructions } of blocks) {
    for (const instruction of instructions) {
      const destination = destinationOf(instruction);
      if (destination === undefined || instruction.kind !== 'arithmetic') continue;
      const others = producers.get(destination);
      if (others === undefined) producers.set(destination, [instruction]);
      else others.push(instruction);
    }
  }
  for (const { instructions, end } of blocks) {
    for (const instruction of instructions) {
      if (instruction.kind !== 'arithmetic' || kept.has(instruction.destination)) need(operandsOf(instruction));
    }
    if (end?.kind === 'branch') need([end.condition]);
    if (end?.kind === 'nofault') need(operandsOf(end.access));
  }
  for (let instruction = needed.pop(); instruction !== undefined; instruction = needed.pop()) {
    need(operandsOf(instruction));
  }
  for (const register of kept) used.add(register);
  return used;
}
