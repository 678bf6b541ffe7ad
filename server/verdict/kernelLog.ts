/** What the kernel would have printed in an execution, line by line, and what its reader should know. */

import type { Snapshot } from '../../simulator/explore/snapshot';
import type { Trace } from '../../simulator/explore/trace';
import type { Event } from '../../simulator/machine/events';
import { type DumpedEntry, oopsLines, readDump, spuriousWarning } from '../../simulator/machine/oops';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { formatOf, shapeOf } from './addressNames';
import { functionOf, placeOfSite, shortPlace } from './places';

export interface KernelLog {
  readonly log: readonly string[];
  readonly remarks: readonly string[];
}

export function kernelLog(scenario: ElaboratedScenario, trace: Trace): KernelLog {
  const log: string[] = [];
  const remarks: string[] = [];
  /** The states so far, the last one last. */
  const states = [trace.initial];
  let oopses = 0;
  const tell = (events: readonly Event[], after: Snapshot) => {
    const before = states.at(-1) ?? after;
    states.push(after);
    for (const event of events) {
      if (isOops(event)) oopses++;
      log.push(...(event.outcome === 'panic' ? panicLines(events) : linesOf(scenario, event, before, after, oopses)));
      if (isOops(event)) remarks.push(...lateDump(scenario, event, states));
    }
  };
  tell(trace.events, trace.initial);
  for (const step of trace.steps) tell(step.events, step.after);
  return { log, remarks };
}

/** The dump is read when the oops is printed: an entry that was invalid may be valid again by then. */
function lateDump(scenario: ElaboratedScenario, event: Event, states: readonly Snapshot[]): readonly string[] {
  const { esr, address } = event;
  if (esr === undefined || address === undefined || !isTranslationFault(esr)) return [];
  const last = dumped(scenario, address, states.at(-1) as Snapshot).at(-1);
  if (last === undefined || !isValid(last.raw)) return [];
  const then = states
    .map((state) => dumped(scenario, address, state).at(-1))
    .findLast((entry) => entry !== undefined && !isValid(entry.raw));
  if (then === undefined) return [];
  const cpu = `CPU${scenario.world.cpuNumbers[event.cpu] ?? event.cpu}`;
  return [
    `at the fault of ${cpu} the entry of level ${then.level} was ${digits(then.raw)}; the kernel reads the tables when it prints, and by then it is ${digits(last.raw)}`,
  ];
}

const isTranslationFault = (esr: bigint): boolean => (esr & 0x3cn) === 0x04n;
const isValid = (entry: bigint): boolean => (entry & 1n) === 1n;
const digits = (value: bigint): string => value.toString(16).padStart(16, '0');

function isOops({ outcome }: Event): boolean {
  return outcome.startsWith('oops');
}

function linesOf(
  scenario: ElaboratedScenario,
  event: Event,
  before: Snapshot,
  after: Snapshot,
  count: number,
): readonly string[] {
  const cpu = scenario.world.cpuNumbers[event.cpu] ?? event.cpu;
  if (isOops(event))
    return event.esr === undefined || event.esr === 0n ? [] : oops(scenario, event, before, after, count);
  switch (event.outcome) {
    case 'spurious-warn':
      return event.address === undefined ? [] : [spuriousWarning(event.address)];
    case 'WARN':
      return [`WARNING: CPU: ${cpu} at ${whereIs(scenario, event.site)}`];
    case 'BUG':
      return [`kernel BUG at ${whereIs(scenario, event.site)}!`];
    default:
      return [];
  }
}

/** Why it panics: a death below an interrupt is told in the same step; the report of an oops says so itself. */
function panicLines(told: readonly Event[]): readonly string[] {
  if (told.some(isOops)) return [];
  const isBug = told.some((event) => event.outcome === 'BUG');
  const why = isBug ? 'Oops - BUG: Fatal exception in interrupt' : 'kernel: panic_on_warn set ...';
  return [`Kernel panic - not syncing: ${why}`];
}

/** The report of an unhandled fault, with the entries as they are when it is printed. */
function oops(
  scenario: ElaboratedScenario,
  event: Event,
  before: Snapshot,
  after: Snapshot,
  count: number,
): readonly string[] {
  const { world, program } = scenario;
  const shape = shapeOf(world);
  const { configuration } = world.environment;
  const far = event.address ?? 0n;
  const entries = dumped(scenario, far, after);
  return oopsLines({
    esr: event.esr ?? 0n,
    far,
    release: configuration.kernel,
    shape,
    root: program.translation.root,
    entries,
    count,
    preemption: configuration.preempt_rt ? 'PREEMPT_RT' : '',
    cpu: world.cpuNumbers[event.cpu] ?? event.cpu,
    pc: whereIs(scenario, event.origin ?? event.site),
    // An interrupt has no syndrome; it lies below the fault that is being handled.
    inInterrupt: before.cpus[event.cpu]?.exceptions.some((one) => one.esr === 0n) ?? false,
    panicOnOops: false,
  });
}

/** The entries that translate an address in a state. */
function dumped({ world, program }: ElaboratedScenario, address: bigint, state: Snapshot): readonly DumpedEntry[] {
  const words = new Map(state.descriptors.map((entry) => [entry.physicalAddress, entry.value]));
  return readDump(
    shapeOf(world),
    formatOf(world),
    program.translation.root,
    address,
    (pa) => words.get(pa) ?? program.initialWord(pa),
  );
}

/** `put_page (scenario.hvo:18)`, as far as there are functions. */
function whereIs({ sites }: ElaboratedScenario, site: number): string {
  const info = sites[site];
  if (info === undefined) return 'an unknown place';
  const name = functionOf(info);
  const place = shortPlace(placeOfSite(info));
  return name === undefined ? place : `${name} (${place})`;
}
