/**
 * Which CPUs may change places: those with the same program that nothing speaks of by number, and that start with the same
 * registers, or with values of their own in some of them.
 */

import type { Prepared } from '../machine/prepared';
import type { CpuProgram, Program } from '../machine/program';

/** Groups of CPUs that may change places; none when the program or what is observed tells them apart. */
export function interchangeable(prepared: Prepared): number[][] {
  const { groups } = prepared.values.own;
  const owners = new Set(groups.flat());
  return [
    ...groups.map((group) => [...group]),
    ...alike(prepared, sameStart).filter((group) => !owners.has(group[0] as number)),
  ];
}

const sameStart = ({ initial }: CpuProgram) => [...initial].map(([r, v]) => `${r}=${v}`).join();

/** Gives CPUs that are equal but for what they start with these values for their own. */
export function giveOwnValues(prepared: Prepared): void {
  const { values, program, reduces } = prepared;
  if (!reduces.ownValues) return;
  for (const group of alike(prepared, ({ initial }) => [...initial.keys()].join())) {
    const cpus = group.map((t) => program.cpus[t] as CpuProgram);
    // Where some start with the same, these are a group, and the others are told apart.
    if (new Set(cpus.map(sameStart)).size < cpus.length) continue;
    values.own.groups = [...values.own.groups, group];
    for (const register of (cpus[0] as CpuProgram).initial.keys()) {
      const starts = cpus.map(({ initial }) => initial.get(register) as bigint);
      if (starts.some((start) => start !== starts[0])) values.family(group, starts);
    }
  }
}

/** CPUs with equal programs and equal starts, as `start` tells them, in groups of two and more. */
function alike({ program, classes }: Prepared, start: (cpu: CpuProgram) => string): number[][] {
  const named = namedCpus(program);
  const groups = new Map<string, number[]>();
  program.cpus.forEach((cpu, t) => {
    if (named.has(t)) return;
    const key = `${classes[t]}|${start(cpu)}|${cpu.irqsMasked ?? false}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [t]);
    else group.push(t);
  });
  return [...groups.values()].filter((g) => g.length > 1);
}

/** CPUs that an instruction or an observable speaks of by number. */
function namedCpus(program: Program): ReadonlySet<number> {
  const all = new Set(program.cpus.keys());
  const named = new Set<number>();
  for (const cpu of program.cpus)
    for (const i of cpu.code) {
      if (i.kind === 'cpuNumber') return all;
      if (i.kind === 'sendInterrupt' && i.cpu !== undefined) named.add(i.cpu);
    }
  for (const o of program.observe) {
    if (o.kind === 'register') named.add(o.cpu);
    if (o.kind === 'event') {
      if (o.cpu !== undefined) named.add(o.cpu);
      else return all;
    }
  }
  return named;
}
