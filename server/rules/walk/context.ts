/** The codes of a program that run by themselves: each CPU's own, its interrupt handlers, its fault path. */

import type { CodeIndex, CpuProgram, Interrupt, Program } from '../../../simulator/machine/program';

export interface CodeContext {
  /** Index of the CPU in the program. */
  readonly cpu: number;
  readonly kind: 'program' | 'irq' | 'nmi' | 'stopper' | 'fault';
  /** `cpu 0`, `irq tick on cpu 0`, `fault path of cpu 0`. */
  readonly name: string;
  readonly entry: CodeIndex;
  readonly code: CpuProgram;
  readonly interrupt?: Interrupt;
}

/** Of the copies of a handler for each nesting depth the first stands for all. */
export function contextsOf(program: Program): readonly CodeContext[] {
  return program.cpus.flatMap((code, cpu): CodeContext[] => {
    const contexts: CodeContext[] = [{ cpu, kind: 'program', name: code.name, entry: 0, code }];
    for (const interrupt of code.interrupts) {
      const [entry] = interrupt.entries;
      if (entry === undefined) continue;
      const name = `${interrupt.delivery} ${interrupt.name} on ${code.name}`;
      contexts.push({ cpu, kind: interrupt.delivery, name, entry, code, interrupt });
    }
    if (code.faults.kind === 'handler') {
      const [entry] = code.faults.entries;
      if (entry !== undefined) contexts.push({ cpu, kind: 'fault', name: `fault path of ${code.name}`, entry, code });
    }
    return contexts;
  });
}
