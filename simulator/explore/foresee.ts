/**
 * What can be told of a program's footprints without running it: instructions whose address is a constant, or a register
 * that nothing writes. It saves passes; what it does not see is learned by running.
 */

import { type Compiled, destinationOf } from '../machine/code';
import { type Machine, NOT_DIRECT } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { noteReach } from '../steps/tlbi';
import { currentPhysical, wordsOf } from '../steps/walk';

export function foresee(m: Machine): void {
  m.reset();
  m.cpus.forEach((cpu, t) => {
    const constant = constantOperands(m, t);
    cpu.code.forEach((c, ip) => {
      const { kind } = c.instruction;
      if (kind !== 'access' && kind !== 'wait' && kind !== 'translate') return;
      const base = constant(c, 0);
      const offset = constant(c, 1);
      if (base === undefined || offset === undefined) return;
      noteAccess(m, t, ip, c, m.values.sum(base, offset));
    });
  });
  m.cpus.forEach((cpu, t) => {
    const constant = constantOperands(m, t);
    cpu.code.forEach((c, ip) => {
      if (c.instruction.kind !== 'tlbi') return;
      const first = constant(c, 0);
      const last = constant(c, 1);
      if (first !== undefined && last !== undefined) noteReach(m, t, ip, c.instruction, first, last);
    });
  });
}

/** The value of an operand that cannot change, or undefined. */
function constantOperands(m: Machine, t: number): (c: Compiled, operand: number) => ValueId | undefined {
  const cpu = m.cpus[t];
  const written = new Set(cpu?.code.map((c) => destinationOf(c.instruction)));
  return (c, operand) => {
    const code = c.operands[operand];
    if (code === undefined || code >= 0) return code;
    const register = -code - 1;
    return written.has(register) ? undefined : m.values.of(cpu?.program.initial.get(register) ?? 0n);
  };
}

function noteAccess(m: Machine, t: number, ip: number, c: Compiled, address: ValueId): void {
  const footprint = m.footprint(t, ip);
  let physical = m.direct(address);
  if (physical === NOT_DIRECT) {
    m.notePage(m.entries.page(address));
    for (const word of wordsOf(m, address)) {
      m.learned.touch(footprint.walks, word);
      if (m.hardwareUpdates) m.learned.observe(word);
    }
    physical = currentPhysical(m, address);
    if (physical < 0) return;
  }
  if (c.instruction.kind === 'translate') return;
  if (c.reads) {
    m.learned.touch(footprint.reads, physical);
    m.learned.observe(physical);
  }
  if (c.writes) {
    m.learned.touch(footprint.writes, physical);
    m.learned.write(physical);
  }
}
