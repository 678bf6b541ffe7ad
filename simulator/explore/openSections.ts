/**
 * What a program leaves open when its code is over: interrupts masked, preemption off, a read-side section of RCU. A program
 * that nowhere closes what it opens stands for a part of something larger; one that closes it somewhere has to, on every way.
 */

import { reachable } from '../machine/code';
import { CPU } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { CpuProgram, Instruction } from '../machine/program';
import { isPreemptionOff, MASK } from '../steps/exception';
import { holds } from '../steps/holding';

export const sectionKinds = ['interrupts', 'preemption', 'rcu'] as const;
export type SectionKind = (typeof sectionKinds)[number];

export interface OpenSection {
  readonly cpu: number;
  readonly section: SectionKind;
  readonly state: number;
}

export class OpenSections {
  private readonly open = new Map<string, OpenSection>();

  clear(): void {
    this.open.clear();
  }

  /** A final state, which the cursor is over. */
  note(m: Machine, state: number): void {
    for (let cpu = 0; cpu < m.layout.cpus; cpu++) {
      const masks = m.w[m.base(cpu) + CPU.MASKS] as number;
      if (masks === 0 || m.program.locks.some((_, lock) => holds(m, cpu, lock))) continue;
      for (const section of sectionKinds) {
        const key = `${cpu} ${section}`;
        if (this.open.has(key) || !isOpen(masks, section) || !closes(m, cpu, section)) continue;
        this.open.set(key, { cpu, section, state });
      }
    }
  }

  found(): readonly OpenSection[] {
    return [...this.open.values()];
  }
}

function isOpen(masks: number, section: SectionKind): boolean {
  if (section === 'interrupts') return (masks & MASK.IRQ) !== 0;
  return section === 'preemption' ? isPreemptionOff(masks) : masks >= MASK.READ;
}

/** Whether the code of a CPU somewhere closes what it has opened. */
function closes(m: Machine, cpu: number, section: SectionKind): boolean {
  const program = m.program.cpus[cpu];
  if (section === 'interrupts' && program?.irqsMasked === true) return false;
  return program !== undefined && mayClose(program, section);
}

/** Whether a program, its handlers left out, ends such a section somewhere. */
export function mayClose(program: CpuProgram, section: SectionKind): boolean {
  return [...reachable(program)].some((ip) => {
    const i = program.code[ip];
    return i !== undefined && closesSection(i, section);
  });
}

/** Whether an instruction ends such a section. A lock counts for itself. */
function closesSection(i: Instruction, section: SectionKind): boolean {
  if (section === 'rcu') return i.kind === 'rcu' && i.operation === 'readUnlock';
  if (i.kind !== 'mask') return false;
  return section === 'preemption' ? i.preemption === -1 : i.irq === 'unmask' || i.irq === 'restore';
}

/** Whether it begins one. */
export function opensSection(i: Instruction, section: SectionKind): boolean {
  if (section === 'rcu') return i.kind === 'rcu' && i.operation === 'readLock';
  if (i.kind !== 'mask') return false;
  return section === 'preemption' ? i.preemption === 1 : i.irq === 'mask';
}
