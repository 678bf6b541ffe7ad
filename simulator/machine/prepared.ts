/** A program made ready to run, once for all the passes of an exploration. */

import { type CompiledCpu, compileCpu } from './code';
import { Entries } from './entries';
import type { MachineOptions } from './machine';
import { type Rules, rulesWithout } from './modelRules';
import type { Program, Register } from './program';
import { type Reductions, reductionsWithout } from './reductions';
import { type ValueId, Values } from './values';

export interface Prepared {
  readonly program: Program;
  readonly values: Values;
  readonly entries: Entries;
  readonly cpus: readonly CompiledCpu[];
  /** For each CPU the first one with the same code. */
  readonly classes: readonly number[];
  /** Pages whose first contents nobody has written: those of the pool, unless they are allocated with zeroes. */
  readonly unfilled: ReadonlySet<ValueId>;
  readonly rules: Rules;
  readonly reduces: Reductions;
}

export function prepare(program: Program, { reductions, without }: MachineOptions): Prepared {
  const values = new Values();
  return {
    program,
    rules: rulesWithout(without),
    reduces: reductionsWithout(reductions, without),
    values,
    entries: new Entries(program.translation, values),
    cpus: program.cpus.map((cpu, t) => compileCpu(cpu, values, observedRegisters(program, t))),
    classes: classesOf(program),
    unfilled: new Set(unfilledPages(program).map((page) => values.of(page))),
  };
}

function unfilledPages(program: Program): readonly bigint[] {
  const allocations = program.cpus.flatMap(({ code }) => code.filter((one) => one.kind === 'allocate'));
  return [
    ...program.freePages,
    ...allocations.flatMap(({ page, zeroes }) => (page === undefined || zeroes ? [] : [page])),
  ];
}

/** CPUs whose code is the same but for its places in the source. */
function classesOf(program: Program): number[] {
  const lengths = program.cpus.map((cpu) => cpu.code.length);
  const keys = program.cpus.map((cpu, t) =>
    // Codes of a length that no other has are written down by nobody.
    lengths.indexOf(cpu.code.length) === lengths.lastIndexOf(cpu.code.length)
      ? `CPU ${t}`
      : JSON.stringify(
          [cpu.code, cpu.faults, cpu.interrupts, cpu.unprivileged, cpu.hardwareAccessFlag, cpu.hardwareDirtyState],
          (key, v) => (key === 'site' ? undefined : typeof v === 'bigint' ? v.toString(16) : v),
        ),
  );
  return keys.map((key) => keys.indexOf(key));
}

function observedRegisters(program: Program, t: number): ReadonlySet<Register> {
  const registers = new Set<Register>();
  for (const o of program.observe) if (o.kind === 'register' && o.cpu === t) registers.add(o.register);
  return registers;
}
