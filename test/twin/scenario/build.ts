/** The program of a scenario, observing every value read, every word that is stored to, every fault and every page given back. */

import type {
  CpuProgram,
  FaultMode,
  Instruction,
  Interrupt,
  Observable,
  Program,
} from '../../../simulator/machine/program';
import { Code } from './code';
import { BLOCK, cellAddress, DIRECT, descriptor, FRAMES, FRESH, initialData, TABLES, TOP, UPPER } from './memory';
import type { Content, Scenario, ScenarioCpu } from './scenario';

export function buildProgram(scenario: Scenario): Program {
  let sites = 0;
  let stores = 9n;
  const observe: Observable[] = [];
  const cpus = scenario.cpus.map((cpu, t): CpuProgram => {
    const code = new Code(
      () => sites++,
      () => ++stores,
      scenario.apart,
    );
    for (const op of cpu.ops) code.add(op);
    code.landed(true);
    code.instructions.push({ kind: 'end', site: sites++ });
    const interrupts = interruptsOf(cpu, code);
    const faults = faultsOf(cpu, code);
    for (const r of code.loaded) observe.push({ kind: 'register', cpu: t, register: r });
    for (const site of code.calls) observe.push({ kind: 'event', outcome: 'supervisor-call', cpu: t, sites: [site] });
    for (const site of code.frees)
      for (const outcome of ['double-free', 'freed-page-reachable'])
        observe.push({ kind: 'event', outcome, cpu: t, sites: [site] });
    // A handler's syndrome tells its faults.
    if (faults.kind !== 'handler')
      for (const i of code.instructions.filter(walks))
        for (const outcome of ['translation-fault', 'access-flag-fault', 'permission-fault'])
          observe.push({ kind: 'event', outcome, cpu: t, sites: [i.site] });
    return {
      name: `P${t}`,
      code: code.instructions,
      registers: code.registers,
      initial: new Map(),
      faults,
      interrupts,
      unprivileged: cpu.unprivileged === true,
      hardwareAccessFlag: cpu.hardware !== undefined,
      hardwareDirtyState: cpu.hardware === 'dirtyState',
    };
  });
  const words = initialWords(scenario);
  for (const physicalAddress of storedWords(cpus)) observe.push({ kind: 'word', physicalAddress, bytes: 8 });
  return {
    switches: {
      bbm: 0,
      enhancedTranslationSynchronisation: scenario.ets,
      exceptionEntrySynchronises: true,
      exceptionReturnSynchronises: true,
      conflictsHappen: false,
      ...(JSON.stringify(scenario.cpus).includes('"retry"') ? { unroll: 1 } : {}),
    },
    translation: {
      granule: '4K',
      virtualAddressBits: scenario.levels === 3 ? 39 : 30,
      root: scenario.levels === 3 ? TOP : UPPER[0],
      direct: [{ virtualBase: DIRECT, physicalBase: 0n, bytes: 1n << 32n }],
    },
    cpus,
    locks: [
      { name: 'a', kind: 'rawSpin' },
      { name: 'b', kind: 'rawSpin' },
    ],
    initialWord: (physical) => words.get(physical) ?? initialData(physical),
    freePages: scenario.freshPage ? [FRESH] : [],
    pageBytes: 4096n,
    observe,
  };
}

/** An access of a translated page. */
function walks(i: Instruction): boolean {
  return i.kind === 'access' && i.base.kind === 'value' && i.base.value < DIRECT;
}

/** A handler has a copy for each depth: a fault may interrupt the handler of an interrupt, and the reverse. */
function interruptsOf({ interrupt, faults }: ScenarioCpu, code: Code): Interrupt[] {
  if (interrupt === undefined) return [];
  const depths = faults.startsWith('handler') ? 2 : 1;
  const entries = Array.from({ length: depths }, () => code.interruptHandler(interrupt.ops));
  return [{ name: 'interrupt', entries, delivery: interrupt.delivery, times: interrupt.isSent ? 0 : 1 }];
}

function faultsOf({ faults, interrupt }: ScenarioCpu, code: Code): FaultMode {
  if (faults === 'fatal' || faults === 'skip') return { kind: faults };
  const depths = interrupt === undefined ? 1 : 3;
  return { kind: 'handler', entries: Array.from({ length: depths }, () => code.faultHandler(faults)) };
}

/** The descriptors of a scenario, by physical address. */
export function wordsOf(scenario: Scenario): readonly bigint[] {
  return [...initialWords(scenario).keys()];
}

function initialWords(scenario: Scenario): ReadonlyMap<bigint, bigint> {
  const pmd: Content = scenario.pmd === 'table' ? { kind: 'table', table: 0 } : { kind: scenario.pmd };
  return new Map<bigint, bigint>([
    [cellAddress({ pud: true }), descriptor({ kind: 'upperTable', table: 0 }, 0)],
    [cellAddress({ pmd: true }), descriptor(pmd, 0)],
    [UPPER[0] + 16n, descriptor({ kind: 'table', table: 0 }, 0)],
    [UPPER[1] + 8n, descriptor({ kind: 'table', table: 1 }, 0)],
    [UPPER[1] + 16n, descriptor({ kind: 'table', table: 1 }, 0)],
    [cellAddress({ table: 0, page: 0 }), descriptor(scenario.pages[0], 0)],
    [cellAddress({ table: 0, page: 1 }), descriptor(scenario.pages[1], 1)],
    [cellAddress({ table: 1, page: 0 }), 0n],
    [cellAddress({ table: 1, page: 1 }), 0n],
  ]);
}

/** Words that some store of the program, or the hardware, may reach. */
function storedWords(cpus: readonly CpuProgram[]): bigint[] {
  const words = new Set<bigint>();
  const add = (...more: readonly bigint[]): void => {
    for (const word of more) words.add(word);
  };
  for (const cpu of cpus) {
    if (cpu.hardwareAccessFlag) for (const table of TABLES) add(table, table + 8n);
    for (const i of cpu.code) {
      if (i.kind !== 'access' || i.access === 'load' || i.base.kind !== 'value') continue;
      const at = i.base.value;
      if (at === DIRECT) add(...FRAMES, ...TABLES, FRESH);
      else if (at > DIRECT) add(at - DIRECT);
      else for (const frame of [...FRAMES, BLOCK + (at & 0x1000n)]) add(frame + (at & 0xfffn));
    }
  }
  return [...words].sort((a, b) => (a < b ? -1 : 1));
}
