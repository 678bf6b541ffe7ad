/** An execution as lines of columns: what each CPU does, in the order in which it takes effect. */

import type { Wait } from '../../simulator/explore/deadlock';
import { printSchedule } from '../../simulator/explore/schedule';
import type { Snapshot } from '../../simulator/explore/snapshot';
import type { Trace } from '../../simulator/explore/trace';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { kernelLog } from './kernelLog';
import { type Line, LineMaker } from './lineMaker';
import { placeOfSite } from './places';
import type { Execution, ExecutionEnd, ExecutionStep } from './report';
import { shownStatement } from './stepText';
import { isUnsafe, wordOfEvent } from './vocabulary';

/** What the trace itself does not say about how it ends. */
export interface Ending {
  readonly end?: 'deadlock' | 'livelock';
  /** CPUs that wait, and for what. */
  readonly waits?: readonly Wait[];
}

export function executionOf(scenario: ElaboratedScenario, trace: Trace, ending: Ending = {}): Execution {
  const maker = new LineMaker(scenario, trace);
  maker.step(trace.happened, trace.initial, trace.initial);
  let before = trace.initial;
  for (const step of trace.steps) {
    if (step.cpu < 0) maker.hardware();
    maker.step(step.happened, before, step.after);
    before = step.after;
  }
  for (const wait of ending.waits ?? []) maker.wait(wait);
  maker.finish();
  const end = ending.end ?? endOf(trace, before);
  return {
    schedule: printSchedule(trace.steps.map((step) => step.choice)),
    cpus: scenario.world.cpuNumbers.map((number) => `CPU${number}`),
    steps: maker.lines.map((line) => stepOf(scenario, line)),
    end,
    ...kernelLog(scenario, trace),
  };
}

/** Whether an execution ends badly, or something happens in it that fails a scenario which does not expect it. */
export function failsIn(trace: Trace, { end }: Pick<Execution, 'end'>): boolean {
  if (end !== 'done' && end !== 'endless' && end !== 'cut') return true;
  const events = [...trace.events, ...trace.steps.flatMap((step) => step.events)];
  return events.some((event) => isUnsafe(wordOfEvent(event)));
}

function stepOf(scenario: ElaboratedScenario, line: Line): ExecutionStep {
  const { column, text, depth, site, notes, changes, matters } = line;
  const info = site === undefined ? undefined : scenario.sites[site];
  const inFunction = info === undefined ? undefined : shownStatement(info).inFunction;
  return {
    column,
    text,
    depth,
    ...(info === undefined ? {} : { place: placeOfSite(info) }),
    ...(inFunction === undefined ? {} : { inFunction }),
    notes,
    changes,
    matters: matters || notes.length > 0,
  };
}

function endOf(trace: Trace, last: Snapshot): ExecutionEnd {
  const events = [...trace.events, ...trace.steps.flatMap((step) => step.events)];
  if (events.some((event) => event.outcome === 'panic')) return 'panic';
  if (last.cpus.some((cpu) => cpu.status === 'dead')) return 'oops';
  if (!last.cpus.every((cpu) => cpu.status === 'finished' || cpu.status === 'again')) return 'cut';
  return last.cpus.every((cpu) => cpu.status === 'finished') ? 'done' : 'endless';
}
