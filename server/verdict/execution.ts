/** An execution as lines of columns: what each CPU does, in the order in which it takes effect. */

import type { Wait } from '../../simulator/explore/deadlock';
import { printSchedule } from '../../simulator/explore/schedule';
import type { Snapshot } from '../../simulator/explore/snapshot';
import type { Happening, Trace } from '../../simulator/explore/trace';
import type { Event } from '../../simulator/machine/events';
import { faultInfo } from '../../simulator/machine/linuxFaultInfo';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { addressName, descriptorName } from './addressNames';
import { kernelLog } from './kernelLog';
import { placeOfSite } from './places';
import type { Execution, ExecutionEnd, ExecutionStep } from './report';
import { stepText, valueText } from './stepText';
import { changesBetween } from './tableChanges';
import { wordOfEvent } from './vocabulary';

/** What the trace itself does not say about how it ends. */
export interface Ending {
  readonly end?: 'deadlock' | 'livelock';
  /** CPUs that wait, and for what. */
  readonly waits?: readonly Wait[];
}

/** A line while it is made. */
interface Line {
  readonly column: number;
  readonly text: string;
  readonly depth: number;
  readonly site?: number;
  readonly happening?: Happening;
  readonly notes: string[];
  readonly changes: string[];
  matters: boolean;
}

export function executionOf(scenario: ElaboratedScenario, trace: Trace, ending: Ending = {}): Execution {
  const maker = new LineMaker(scenario);
  maker.step(trace.happened, trace.initial, trace.initial);
  let before = trace.initial;
  for (const step of trace.steps) {
    if (step.cpu < 0) maker.hardware();
    maker.step(step.happened, before, step.after);
    before = step.after;
  }
  for (const wait of ending.waits ?? []) maker.wait(wait);
  maker.keepEarlyWalks();
  return {
    schedule: printSchedule(trace.steps.map((step) => step.choice)),
    cpus: scenario.world.cpuNumbers.map((number) => `CPU${number}`),
    steps: maker.lines.map((line) => stepOf(scenario, line)),
    end: ending.end ?? endOf(trace, before),
    log: kernelLog(scenario, trace),
  };
}

function stepOf(
  scenario: ElaboratedScenario,
  { column, text, depth, site, notes, changes, matters }: Line,
): ExecutionStep {
  const info = site === undefined ? undefined : scenario.sites[site];
  return {
    column,
    text,
    depth,
    ...(info === undefined ? {} : { place: placeOfSite(info) }),
    notes,
    changes,
    matters: matters || notes.length > 0,
  };
}

function endOf(trace: Trace, last: Snapshot): ExecutionEnd {
  const events = [...trace.events, ...trace.steps.flatMap((step) => step.events)];
  if (events.some((event) => event.outcome === 'panic')) return 'panic';
  if (last.cpus.some((cpu) => cpu.status === 'dead')) {
    if (last.cpus.every((cpu) => cpu.status === 'dead') && last.cpus.length > 1) return 'panic';
    return 'oops';
  }
  return last.cpus.every((cpu) => cpu.status === 'finished') ? 'done' : 'cut';
}

class LineMaker {
  readonly lines: Line[] = [];
  private readonly depth: number[];
  /** TLBIs that took effect, so that their end is no line again. */
  private readonly invalidated = new Set<string>();

  constructor(private readonly scenario: ElaboratedScenario) {
    this.depth = scenario.world.cpuNumbers.map(() => 0);
  }

  /** What one choice brought about, and what changed by it. */
  step(happened: readonly Happening[], before: Snapshot, after: Snapshot): void {
    const first = this.lines.length;
    const changing = new Set([...after.words, ...after.descriptors].map((word) => word.physicalAddress));
    for (const happening of happened) this.happening(happening, changing);
    for (const change of changesBetween(this.scenario.world, before, after)) {
      const own = this.lines.slice(first);
      const line =
        own.findLast((one) => isWrite(one.happening) && one.happening?.word === change.word) ??
        own.findLast((one) => one.matters) ??
        this.lines.at(-1);
      line?.changes.push(...change.lines);
    }
  }

  hardware(): void {
    this.lines.push({
      column: -1,
      text: 'the hardware sets the access flag',
      depth: 0,
      notes: [],
      changes: [],
      matters: true,
    });
  }

  /** A CPU that waits for ever, at the end. */
  wait({ cpu, at, lock }: Wait): void {
    const instruction = this.scenario.program.cpus[cpu]?.code[at];
    if (instruction === undefined) return;
    const text = stepText(this.scenario, instruction);
    this.add(cpu, text, true, { what: 'fetch', cpu, at, instruction });
    if (lock === undefined) this.note('waits for ever');
  }

  private happening(h: Happening, changing: ReadonlySet<bigint>): void {
    const { instruction } = h;
    switch (h.what) {
      case 'fetch':
        if (h.lasts === false && instruction !== undefined) this.executed(h);
        return;
      case 'end':
        if (instruction === undefined) return;
        if (instruction.kind === 'dsb' || instruction.kind === 'dmb' || instruction.kind === 'isb')
          this.add(h.cpu, stepText(this.scenario, instruction), instruction.kind !== 'isb', h);
        if (instruction.kind === 'tlbi' && !this.invalidated.delete(keyOf(h)))
          this.add(h.cpu, stepText(this.scenario, instruction), false, h);
        if (instruction.kind === 'rcu') this.add(h.cpu, stepText(this.scenario, instruction), true, h);
        return;
      case 'tlbi':
        this.invalidated.add(keyOf(h));
        this.statement(h, true);
        return;
      case 'acquire':
      case 'release':
        this.statement(h, true);
        return;
      case 'translate':
        if (h.word === undefined) return;
        this.statement(h, h.stale === true);
        if (h.stale === true) this.note('by a translation that is no longer in memory');
        return;
      case 'read': {
        const shared = h.word !== undefined && changing.has(h.word);
        this.statement(h, shared || this.isOfUser(h));
        if (h.value !== undefined && shared) this.lines.at(-1)?.notes.push(`reads ${this.valueOf(h)}`);
        return;
      }
      case 'write':
      case 'update':
        this.statement(h, (h.word !== undefined && changing.has(h.word)) || this.isOfUser(h));
        return;
      case 'exception':
        this.statement(h, true);
        this.add(h.cpu, `<Data abort: ${faultName(this.scenario, h.value ?? 0n)}>`, true, h);
        this.depthUp(h.cpu);
        return;
      case 'interrupt':
        this.add(h.cpu, `<Interrupt ${h.name ?? ''}>`.replace(' >', '>'), true, h);
        this.depthUp(h.cpu);
        return;
      case 'return':
        this.depth[h.cpu] = Math.max(0, (this.depth[h.cpu] as number) - 1);
        return;
      case 'event':
        if (h.event !== undefined) this.event(h.event);
        return;
    }
  }

  private depthUp(cpu: number): void {
    this.depth[cpu] = (this.depth[cpu] as number) + 1;
  }

  private executed(h: Happening): void {
    switch (h.instruction?.kind) {
      case 'dsb':
      case 'mask':
      case 'allocate':
      case 'free':
      case 'sendInterrupt':
        this.statement(h, true);
        return;
      case 'rcu':
        this.statement(h, true);
        return;
      case 'dmb':
      case 'isb':
        this.statement(h, false);
        return;
      default:
        return;
    }
  }

  private statement(h: Happening, matters: boolean): void {
    if (h.instruction !== undefined) this.add(h.cpu, stepText(this.scenario, h.instruction), matters, h);
  }

  /** What stands in a file of the user is always worth a line. */
  private isOfUser({ instruction }: Happening): boolean {
    return instruction !== undefined && this.scenario.sites[instruction.site]?.source.origin === 'user';
  }

  private add(column: number, text: string, matters: boolean, happening: Happening): void {
    const { instruction } = happening;
    this.lines.push({
      column,
      text,
      depth: this.depth[column] ?? 0,
      ...(instruction === undefined ? {} : { site: instruction.site }),
      happening,
      notes: [],
      changes: [],
      matters,
    });
  }

  private note(text: string): void {
    this.lines.at(-1)?.notes.push(text);
  }

  private event(event: Event): void {
    if (event.kind === 'access') {
      if (event.outcome === 'ok' || event.outcome === 'supervisor-call') return;
      if (event.outcome.endsWith('-fault')) return;
    }
    const text = `*** ${eventText(this.scenario, event)} ***`;
    // An outcome belongs to the line of the access that it is about, where that is the CPU's newest one.
    const line = this.lines.findLast((one) => one.column === event.cpu && one.site === event.site);
    if (line !== undefined && event.kind === 'finding') line.notes.push(text);
    else
      this.lines.push({
        column: event.cpu,
        text,
        depth: this.depth[event.cpu] ?? 0,
        site: event.site,
        notes: [],
        changes: [],
        matters: true,
      });
  }

  private valueOf(h: Happening): string {
    const entry = h.word === undefined ? undefined : this.entryAt(h.word);
    return entry === undefined || h.value === undefined
      ? valueText(h.value ?? 0n)
      : `${valueText(h.value)} (${descriptorName(this.scenario.world, entry.level, h.value)})`;
  }

  private entryAt(word: bigint): { readonly level: number } | undefined {
    const { tables } = this.scenario.world.environment;
    const table = tables.tables.find((one) => one.at === (word & ~0xfffn));
    return table === undefined ? undefined : { level: table.level };
  }

  /** A translation is only worth a line when somebody else did something between it and its use. */
  keepEarlyWalks(): void {
    this.lines.forEach((line, i) => {
      const h = line.happening;
      if (h?.what !== 'translate' || line.matters) return;
      const rest = this.lines.slice(i + 1);
      const use = rest.findIndex(
        (other) =>
          other.happening !== undefined && keyOf(other.happening) === keyOf(h) && other.happening.what !== 'translate',
      );
      const between = use < 0 ? rest : rest.slice(0, use);
      if (between.some((other) => other.matters && other.column !== line.column)) {
        line.matters = true;
        line.notes.push('translated here, used later');
      }
    });
  }
}

function isWrite(h: Happening | undefined): boolean {
  return h?.what === 'write' || h?.what === 'update';
}

function keyOf(h: Happening): string {
  return `${h.cpu} ${h.at}`;
}

/** `level 3 translation fault`. */
export function faultName({ world }: ElaboratedScenario, esr: bigint): string {
  return faultInfo(Number(esr & 0x3fn), world.environment.configuration.kernel).name;
}

/** An event in the words of the vocabulary, with what it is about. */
export function eventText(scenario: ElaboratedScenario, event: Event): string {
  const { world } = scenario;
  const word = wordOfEvent(event);
  const where = event.address === undefined ? '' : ` at ${addressName(world, event.address)}`;
  if (event.esr !== undefined && event.esr !== 0n) return `${word}: ${faultName(scenario, event.esr)}${where}`;
  if (event.outcome === 'bbm' && event.level !== undefined && event.newValue !== undefined)
    return `bbm: CPU${world.cpuNumbers[event.otherCpu ?? 0]} may still use ${descriptorName(world, event.level, event.oldValue ?? 0n)}`;
  return `${word}${where}`;
}
