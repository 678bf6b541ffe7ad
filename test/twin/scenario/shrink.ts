/** Makes a scenario that shows something smaller, as long as it still shows it. */

import type { Op, Scenario, ScenarioCpu } from './scenario';

/** A smallest scenario on the way of simplifications for which `shows` holds; it holds for the given one. */
export function shrink(scenario: Scenario, shows: (smaller: Scenario) => boolean): Scenario {
  let smallest = scenario;
  for (let changed = true; changed; ) {
    changed = false;
    for (const candidate of simplifications(smallest)) {
      if (!shows(candidate)) continue;
      smallest = candidate;
      changed = true;
      break;
    }
  }
  return smallest;
}

function* simplifications(s: Scenario): Generator<Scenario> {
  if (s.cpus.length > 1) for (let t = 0; t < s.cpus.length; t++) yield { ...s, cpus: s.cpus.filter((_, u) => u !== t) };
  for (const [t, cpu] of s.cpus.entries()) {
    const withOps = (ops: readonly Op[]): Scenario => ({
      ...s,
      cpus: s.cpus.map((c, u) => (u === t ? { ...c, ops } : c)),
    });
    for (let n = 0; n < cpu.ops.length; n++) yield withOps(cpu.ops.filter((_, m) => m !== n));
    for (const [n, op] of cpu.ops.entries())
      for (const simpler of simplerOps(op)) yield withOps(cpu.ops.map((o, m) => (m === n ? simpler : o)));
    if (cpu.interrupt !== undefined || cpu.hardware !== undefined) {
      const { interrupt, hardware, ...bare } = cpu;
      const withCpu = (changed: ScenarioCpu): Scenario => ({
        ...s,
        cpus: s.cpus.map((c, u) => (u === t ? changed : c)),
      });
      if (interrupt !== undefined) {
        yield withCpu({ ...bare, ...(hardware === undefined ? {} : { hardware }) });
        for (let n = 0; n < interrupt.ops.length; n++)
          yield withCpu({ ...cpu, interrupt: { ...interrupt, ops: interrupt.ops.filter((_, m) => m !== n) } });
      }
      if (hardware !== undefined) yield withCpu({ ...bare, ...(interrupt === undefined ? {} : { interrupt }) });
    }
    const simplestFaults = 'fatal';
    if (cpu.faults !== simplestFaults)
      yield { ...s, cpus: s.cpus.map((c, u) => (u === t ? { ...c, faults: simplestFaults } : c)) };
  }
  if (s.ets !== 0) yield { ...s, ets: 0 };
  if (s.apart) yield { ...s, apart: false };
  if (s.levels === 3 && !JSON.stringify(s.cpus).includes('"pud"')) yield { ...s, levels: 2 };
  if (s.freshPage) {
    const { freshPage: _, ...without } = s;
    yield without;
  }
  if (s.pmd !== 'table') yield { ...s, pmd: 'table' };
  const plain = { kind: 'page', frame: 0 } as const;
  for (const n of [0, 1] as const)
    if (JSON.stringify(s.pages[n]) !== JSON.stringify(plain))
      yield { ...s, pages: n === 0 ? [plain, s.pages[1]] : [s.pages[0], plain] };
}

const attributes = [
  'acquire',
  'release',
  'depends',
  'noReturn',
  'local',
  'leafOnly',
  'level',
  'exclusive',
  'shared',
] as const;

/** The same operation without one of its attributes. */
function simplerOps(op: Op): Op[] {
  const simpler: Op[] = [];
  for (const attribute of attributes) {
    if (!(attribute in op)) continue;
    const copy: Record<string, unknown> = { ...op };
    delete copy[attribute];
    simpler.push(copy as unknown as Op);
  }
  return simpler;
}
