/** What the kernel would have printed in an execution, line by line. */

import type { Snapshot } from '../../simulator/explore/snapshot';
import type { Trace } from '../../simulator/explore/trace';
import type { Event } from '../../simulator/machine/events';
import { oopsLines, readDump, spuriousWarning } from '../../simulator/machine/oops';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { formatOf, shapeOf } from './addressNames';
import { functionOf, placeOfSite, shortPlace } from './places';

export function kernelLog(scenario: ElaboratedScenario, trace: Trace): readonly string[] {
  const lines: string[] = [];
  let before = trace.initial;
  let oopses = 0;
  const tell = (events: readonly Event[], after: Snapshot) => {
    for (const event of events) {
      if (isOops(event)) oopses++;
      lines.push(...(event.outcome === 'panic' ? panicLines(events) : linesOf(scenario, event, before, after, oopses)));
    }
    before = after;
  };
  tell(trace.events, trace.initial);
  for (const step of trace.steps) tell(step.events, step.after);
  return lines;
}

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
  const words = new Map(after.descriptors.map((entry) => [entry.physicalAddress, entry.value]));
  const entries = readDump(
    shape,
    formatOf(world),
    program.translation.root,
    far,
    (pa) => words.get(pa) ?? program.initialWord(pa),
  );
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

/** `put_page (scenario.hvo:18)`, as far as there are functions. */
function whereIs({ sites }: ElaboratedScenario, site: number): string {
  const info = sites[site];
  if (info === undefined) return 'an unknown place';
  const name = functionOf(info);
  const place = shortPlace(placeOfSite(info));
  return name === undefined ? place : `${name} (${place})`;
}
