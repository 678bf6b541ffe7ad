/** A litmus test as a program of the machine: addresses, initial memory, code, and what is observed. */

import type { CpuProgram, Observable, Program } from '../../simulator/machine/program';
import type { SiteInfo } from './codeBuilder';
import { type ConstantContext, constantValue, pageOf, physicalAddress } from './constants';
import { type AttributeSets, encodeDescriptor, MAX_ATTRIBUTE_SETS } from './descriptor';
import { storedTo } from './fillIn';
import { lowerThread, type Thread } from './lowerThread';
import { modifiedCode } from './modifiedCode';
import { faultPattern, type ObserveContext, type Observed, observedIn } from './observe';
import { ordinaryDescriptor } from './parseConstant';
import { readSettings, type SettingDefaults, type Settings } from './settings';
import type { FaultAtom, FaultTarget, Initial, LitmusProblem, LitmusTest } from './test';
import { type LitmusNote, tlbiNotes } from './tlbiOperands';
import { eachAtom, elementSizes, mentioned } from './variables';
import { initialMemory, MAX_VARIABLES, type Page, placePages, translation } from './world';

/** How often a loop's back edge is followed, as herd7 does by default. */
const UNROLL = 2;
/** Observed faults are bits of one word of a state record. */
export const MAX_OBSERVED_FAULTS = 31;

export interface LoweredTest {
  readonly program: Program;
  /** What each of `program.observe` is in the test's terms. */
  readonly observed: readonly Observed[];
  readonly sites: readonly SiteInfo[];
  readonly constants: ConstantContext;
  /** What a reader of the test should look at; no verdict depends on it. */
  readonly notes: readonly LitmusNote[];
}

export type LowerResult =
  | { readonly kind: 'lowered'; readonly lowered: LoweredTest }
  | { readonly kind: 'problem'; readonly problem: LitmusProblem };

/** Lowers a test; what it needs and the machine does not have comes back as a problem. */
export function lowerTest(test: LitmusTest, defaults: SettingDefaults): LowerResult {
  const settings = readSettings(test, defaults);
  if ('message' in settings) return { kind: 'problem', problem: settings };
  const { variables, attributeSets } = mentioned(test);
  const modified = modifiedCode(test);
  const bound = boundExceeded([...variables, ...modified.pages], attributeSets);
  if (bound !== undefined) return unsupported(bound);
  const sizes = elementSizes(test);
  const sites: SiteInfo[] = [];
  const pages = placePages([...variables, ...modified.pages]);
  const threads: Thread[] = [];
  for (const main of test.columns.filter((c) => !c.handler)) {
    const thread = lowerThread(test, main, settings, { sized: sizes.size > 0, modified, pages }, sites);
    if ('message' in thread) return { kind: 'problem', problem: thread };
    threads.push(thread);
  }
  const readsPar = threads.some((t) => t.instructions.some((i) => i.mnemonic === 'MRS' && /PAR_EL1$/i.test(i.text)));
  const labels = threads.map((t) => t.builder.labels);
  const constants: ConstantContext = { pages, sizes, attributeSets, labels, readsPar };
  const memory = new Map<bigint, bigint>();
  const originals = new Map(threads.flatMap((thread) => [...thread.originals]));
  for (const page of pages.values()) {
    const { frame } = pages.get(originals.get(page.name) ?? page.name) as Page;
    memory.set(page.entryFrame, encodeDescriptor(ordinaryDescriptor, frame, attributeSets));
  }
  for (const item of test.initial) {
    const refused = setInitial(item, constants, threads, memory);
    if (refused !== undefined) return { kind: 'problem', problem: refused };
  }
  const context = observeContext(test, pages, sites, threads);
  const observed = observedIn(test, context);
  const label = unknownLabel(test, sites);
  if (label !== undefined) return { kind: 'problem', problem: { kind: 'syntax', message: label, ...test.finalPlace } };
  const absent = observed.find((o) => (o.kind === 'register' || o.kind === 'fault') && threads[o.thread] === undefined);
  if (absent !== undefined) {
    const message = `expected a thread below P${threads.length} in the condition`;
    return { kind: 'problem', problem: { kind: 'syntax', message, ...test.finalPlace } };
  }
  if (observed.filter((o) => o.kind === 'fault').length > MAX_OBSERVED_FAULTS) {
    return unsupported(`more than ${MAX_OBSERVED_FAULTS} faults that the condition may be about`);
  }
  const observe = observed.map((o) => observableOf(o, context, constants, threads));
  const program: Program = {
    switches: {
      conflictsHappen: false,
      bbm: 0,
      enhancedTranslationSynchronisation: settings.ets,
      exceptionEntrySynchronises: settings.entrySynchronises,
      exceptionReturnSynchronises: settings.returnSynchronises,
      unroll: UNROLL,
    },
    translation,
    cpus: threads.map((thread) => cpuOf(thread, settings)),
    locks: [],
    initialWord: initialMemory(memory),
    freePages: [],
    descriptors: [...pages.values()].map((page) => ({
      physicalAddress: page.entryFrame,
      level: 3,
      base: page.address,
    })),
    pageBytes: 4096n,
    observe,
  };
  const notes = tlbiNotes(threads, test.initial, constants, settings);
  return { kind: 'lowered', lowered: { program, observed, sites, constants, notes } };
}

function unsupported(message: string): LowerResult {
  return { kind: 'problem', problem: { kind: 'unsupported', message, line: 1, column: 1 } };
}

/** A fault at a label that is not there would silently never happen. */
function unknownLabel(test: LitmusTest, sites: readonly SiteInfo[]): string | undefined {
  let unknown: string | undefined;
  const fault = ({ thread, label }: FaultAtom): void => {
    if (label === undefined || sites.some((s) => s.thread === thread && s.labels.includes(label))) return;
    unknown ??= `expected an instruction with the label \`${label}\` in P${thread}, as the condition asks for a fault there`;
  };
  for (const shown of test.locations) if (shown.kind === 'fault') fault(shown.fault);
  eachAtom(test.condition, { location: () => undefined, fault });
  return unknown;
}

function boundExceeded(variables: readonly string[], attributeSets: AttributeSets): string | undefined {
  if (variables.length > MAX_VARIABLES) return `more than ${MAX_VARIABLES} variables`;
  return attributeSets.length > MAX_ATTRIBUTE_SETS ? `more than ${MAX_ATTRIBUTE_SETS} sets of attributes` : undefined;
}

function cpuOf(thread: Thread, settings: Settings): CpuProgram {
  const { builder, number } = thread;
  return {
    name: `P${number}`,
    code: builder.code,
    registers: builder.registers,
    initial: thread.initial,
    faults: thread.faults,
    interrupts: [],
    unprivileged: settings.unprivileged(number),
    hardwareAccessFlag: settings.accessFlag(number),
    hardwareDirtyState: settings.dirtyState(number),
  };
}

function setInitial(
  item: Initial,
  context: ConstantContext,
  threads: readonly Thread[],
  memory: Map<bigint, bigint>,
): LitmusProblem | undefined {
  const { location, line, column } = item;
  let own = location.kind === 'entry' ? location.name : undefined;
  const thread = location.kind === 'register' ? threads[location.thread] : undefined;
  if (location.kind === 'register') {
    if (thread === undefined)
      return { kind: 'syntax', message: `expected a thread below P${threads.length}`, line, column };
    const [value] = item.values;
    if (value?.kind === 'descriptor' && value.descriptor.output === undefined) {
      const target = storedTo(location.register, thread.instructions, thread.definitions, thread.constants);
      // Nobody looks at the output address of an invalid entry.
      if (target.kind === 'several' && value.descriptor.valid === 1) {
        return {
          kind: 'unsupported',
          message: 'a descriptor without `oa` that may be stored to several entries',
          line,
          column,
        };
      }
      if (target.kind === 'entry') own = target.name;
    }
  }
  for (const [index, constant] of item.values.entries()) {
    const value = constantValue(constant, context, own);
    if (value === undefined) return { kind: 'syntax', message: 'expected a label that exists', line, column };
    if (location.kind === 'register') thread?.initial.set(thread.builder.register(location.register), value);
    else if (location.kind === 'entry') memory.set(pageOf(location.name, context).entryFrame, value);
    else memory.set(physicalAddress(location.name, index, context), value);
  }
  return undefined;
}

function observeContext(
  test: LitmusTest,
  pages: ReadonlyMap<string, Page>,
  sites: readonly SiteInfo[],
  threads: readonly Thread[],
): ObserveContext {
  const everything = [...pages.keys()].flatMap((name): FaultTarget[] => [
    { kind: 'variable', name },
    { kind: 'entry', name },
  ]);
  const targetsOf: ObserveContext['targetsOf'] = (site) => {
    const info = sites[site] as SiteInfo;
    const thread = threads[info.thread] as Thread;
    const last = info.instruction.operands.at(-1);
    const base = last?.kind === 'memory' ? last.address.base.number : 31;
    const value = thread.definitions.has(base) ? undefined : thread.constants.get(base);
    if (value?.kind === 'address') return [{ kind: 'variable', name: value.name }];
    if (value?.kind === 'entryAddress') return [{ kind: 'entry', name: value.name }];
    return everything;
  };
  const counts = new Map<string, number>();
  for (const { location, elements } of test.initial) {
    if (location.kind === 'variable') counts.set(location.name, elements);
  }
  return { pages, sites, targetsOf, elements: (name) => counts.get(name) ?? 1 };
}

function observableOf(
  observed: Observed,
  context: ObserveContext,
  constants: ConstantContext,
  threads: readonly Thread[],
): Observable {
  switch (observed.kind) {
    case 'register': {
      const thread = threads[observed.thread] as Thread;
      return { kind: 'register', cpu: observed.thread, register: thread.builder.register(observed.register) };
    }
    case 'variable': {
      const bytes = constants.sizes.size === 0 ? 8 : ((constants.sizes.get(observed.name) ?? 4) as 1 | 2 | 4 | 8);
      return { kind: 'word', physicalAddress: physicalAddress(observed.name, observed.index, constants), bytes };
    }
    case 'entry':
      return { kind: 'word', physicalAddress: pageOf(observed.name, constants).entryFrame, bytes: 8 };
    case 'fault':
      return faultPattern(observed, context);
  }
}
