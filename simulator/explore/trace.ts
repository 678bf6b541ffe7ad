/** One execution, step by step: what each choice was, what it told, and the state after it. */

import type { Event } from '../machine/events';
import type { Note } from '../machine/journal';
import type { Machine } from '../machine/machine';
import type { CodeIndex, Instruction, Site } from '../machine/program';
import { type Choices, EFFECT } from '../steps/choices';
import { settle } from '../steps/closure';
import { offerAll, take } from '../steps/next';
import { type Snapshot, snapshot } from './snapshot';

/** What a step was. `decide`: a guess, a choice of the scenario, an interrupt taken or not. */
export type Effect =
  | 'walk'
  | 'hardware-update'
  | 'read'
  | 'write'
  | 'exclusive-fail'
  | 'tlbi'
  | 'acquire'
  | 'queue'
  | 'rcu'
  | 'guess'
  | 'decide'
  | 'interrupt'
  | 'no-interrupt'
  | 'spontaneous-access-flag'
  | 'settle';

/** A note of the journal with what it is about. Those of instructions that a fault undid are left out. */
export interface Happening {
  readonly what: Note['what'];
  readonly cpu: number;
  readonly at: CodeIndex;
  /** The instruction at `at`; absent behind the end of the code. */
  readonly instruction?: Instruction;
  readonly lasts?: boolean;
  /** A physical address, absent for a translation that faulted; FAR of an exception. */
  readonly word?: bigint;
  readonly value?: bigint;
  readonly stale?: boolean;
  /** Of an interrupt: its name. */
  readonly name?: string;
  readonly event?: Event;
}

export interface TraceStep {
  /** -1: the hardware by itself. */
  readonly cpu: number;
  readonly effect: Effect;
  /** The instruction whose effect it is; absent for an interrupt at the end of the code. */
  readonly instruction?: Instruction;
  readonly site?: Site;
  /** A walk's result: physical address, or the fault. */
  readonly walk?: { readonly physicalAddress: bigint } | { readonly fault: number; readonly level: number };
  /** Ordinal of the choice, and how many there were. */
  readonly choice: number;
  readonly choices: number;
  readonly events: readonly Event[];
  /** What the step did, and what followed from it without a choice, in order. */
  readonly happened: readonly Happening[];
  readonly after: Snapshot;
}

export interface Trace {
  readonly initial: Snapshot;
  /** Told before the first choice. */
  readonly events: readonly Event[];
  /** What happened before the first choice. */
  readonly happened: readonly Happening[];
  readonly steps: readonly TraceStep[];
  /** The path named a choice that does not exist there: it belongs to another program or other options. */
  readonly brokenAt?: number;
}

const names: Readonly<Record<number, Effect>> = {
  [EFFECT.WALK]: 'walk',
  [EFFECT.UPDATE]: 'hardware-update',
  [EFFECT.READ]: 'read',
  [EFFECT.WRITE]: 'write',
  [EFFECT.EXCLUSIVE_FAIL]: 'exclusive-fail',
  [EFFECT.INVALIDATE]: 'tlbi',
  [EFFECT.INVALIDATE_OTHERS]: 'tlbi',
  [EFFECT.ACQUIRE]: 'acquire',
  [EFFECT.QUEUE]: 'queue',
  [EFFECT.GUESS]: 'guess',
  [EFFECT.FETCH]: 'decide',
  [EFFECT.SPONTANEOUS]: 'spontaneous-access-flag',
  [EFFECT.SETTLE]: 'settle',
  [EFFECT.BEGIN]: 'decide',
};

/** Replays a path on a machine whose layout is the exploration's. */
export function replay(m: Machine, choices: Choices, path: readonly number[]): Trace {
  const notes: Note[] = [];
  m.journal = notes;
  const trace = replayNoted(m, choices, path, notes);
  m.journal = undefined;
  return withoutSquashed(trace);
}

function replayNoted(m: Machine, choices: Choices, path: readonly number[], notes: Note[]): Trace {
  m.reset();
  m.dropped = false;
  m.events.clear();
  settle(m);
  const initial = snapshot(m);
  const start = { initial, events: [...m.events.told], happened: taken(m, notes) };
  const steps: TraceStep[] = [];
  for (const [index, choice] of path.entries()) {
    offerAll(m, choices);
    if (choice >= choices.count) return { ...start, steps, brokenAt: index };
    const cpu = choices.cpu[choice] as number;
    const k = choices.slot[choice] as number;
    const effect = choices.effect[choice] as number;
    const payload = choices.payload[choice] as number;
    const instruction = instructionOf(m, cpu, k);
    const result = effect === EFFECT.WALK ? choices.walks[payload] : undefined;
    const count = choices.count;
    take(m, choices, choice);
    if (m.dropped) return { ...start, steps, brokenAt: index };
    steps.push({
      cpu,
      effect: effect === EFFECT.INTERRUPT ? (payload < 0 ? 'no-interrupt' : 'interrupt') : (names[effect] as Effect),
      ...(instruction === undefined ? {} : { instruction, site: instruction.site }),
      ...(result === undefined
        ? {}
        : {
            walk:
              result.physical >= 0
                ? { physicalAddress: m.values.get(result.physical) }
                : { fault: result.fault, level: result.level },
          }),
      choice,
      choices: count,
      events: [...m.events.told],
      happened: taken(m, notes),
      after: snapshot(m),
    });
  }
  return { ...start, steps };
}

/** Empties the journal. */
function taken(m: Machine, notes: Note[]): Happening[] {
  const happened = notes.map((note): Happening => {
    const { what, cpu, at, lasts, word, value, stale } = note;
    const code = m.cpus[cpu]?.code;
    const instruction = at < 0 ? undefined : code?.[at]?.instruction;
    return {
      what,
      cpu,
      at,
      ...(instruction === undefined ? {} : { instruction }),
      ...(lasts === undefined ? {} : { lasts }),
      ...(word === undefined || word < 0 ? {} : { word: m.values.get(word) }),
      ...(stale === undefined ? {} : { stale }),
      ...valueNoted(m, what, cpu, value),
    };
  });
  notes.length = 0;
  return happened;
}

function valueNoted(m: Machine, what: Note['what'], cpu: number, value: number | undefined): Partial<Happening> {
  if (value === undefined) return {};
  if (what === 'event') {
    const event = m.events.told[value];
    return event === undefined ? {} : { event };
  }
  if (what === 'interrupt') return { name: m.cpus[cpu]?.program.interrupts[value]?.name ?? '' };
  return { value: m.values.get(value) };
}

/** Leaves out what a CPU did of instructions behind one that faulted: it never happened. */
function withoutSquashed(trace: Trace): Trace {
  const ofCpu = new Map<number, Happening[]>();
  const squashed = new Set<Happening>();
  for (const h of [...trace.happened, ...trace.steps.flatMap((step) => step.happened)]) {
    const earlier = ofCpu.get(h.cpu) ?? [];
    ofCpu.set(h.cpu, earlier);
    earlier.push(h);
    if (h.what !== 'exception') continue;
    const fetched = earlier.findLastIndex((other) => other.what === 'fetch' && other.at === h.at);
    const younger = earlier.slice(fetched + 1, -1);
    const undone = new Set(younger.filter((other) => other.what === 'fetch').map((other) => other.at));
    for (const other of younger) if (undone.has(other.at)) squashed.add(other);
  }
  const kept = (happened: readonly Happening[]) => happened.filter((h) => !squashed.has(h));
  return {
    ...trace,
    happened: kept(trace.happened),
    steps: trace.steps.map((step) => ({ ...step, happened: kept(step.happened) })),
  };
}

function instructionOf(m: Machine, cpu: number, k: number): Instruction | undefined {
  if (cpu < 0) return undefined;
  const ip = k < 0 ? (m.w[m.base(cpu)] as number) : (m.w[m.slot(cpu, k)] as number);
  return m.cpus[cpu]?.code[ip]?.instruction;
}
