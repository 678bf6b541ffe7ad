/** What the rules of the model are tried on: the project's litmus tests, and a file of small scenarios. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lowerTest } from '../../server/litmus/lower';
import { parseLitmus } from '../../server/litmus/parse';
import { judge } from '../../server/litmus/verdict';
import { openFile, sourceOf } from '../../server/verdict/fileCheck';
import { defaultOptions, Exploration, type ExploreOptions, type Result } from '../../simulator/explore/explore';
import { eventKey } from '../../simulator/machine/events';
import type { Program } from '../../simulator/machine/program';

export interface Subject {
  readonly name: string;
  readonly isLitmus: boolean;
  /** What is found, in words; the same for runs that a reader could not tell apart. */
  readonly found: (options: Partial<ExploreOptions>, explore?: Explore) => string;
}

export type Explore = (program: Program, options: Partial<ExploreOptions>) => Result;

/** More than any subject needs with all rules; a machine without a rule may run away. */
const MAX_STATES = 3_000;

function begin(program: Program, options: Partial<ExploreOptions>): Exploration {
  return new Exploration(program, { ...defaultOptions, maxStates: MAX_STATES, ...options });
}

function end(exploration: Exploration): Result {
  while (!exploration.isDone) exploration.advance(10_000);
  return exploration.result();
}

const exploreAll: Explore = (program, options) => end(begin(program, options));

/** As `exploreAll`, with every word in the record that is written or looked at, and not only those that are both. */
export const exploreWithEveryWord: Explore = (program, options) => {
  const first = begin(program, options);
  end(first);
  const again = begin(program, options);
  const [from, to] = [first.stateAt(0).values, again.stateAt(0).values];
  for (const words of [first.learned.written, first.learned.observed])
    for (const known of words) {
      const word = to.of(from.get(known));
      again.learned.write(word);
      again.learned.observe(word);
    }
  const result = end(again);
  if (again.learned.locations.length < again.learned.written.size) throw new Error('some word is not in the record');
  return result;
};

const folder = join(import.meta.dirname, '../litmus/own');

/** The verdict and the number of final states of a litmus test, without FEAT_ETS2 and with it. */
function litmusTest(file: string): Subject {
  const parsed = parseLitmus(readFileSync(join(folder, file), 'utf8'));
  if (parsed.kind === 'problem') throw new Error(`${file}: ${parsed.problem.message}`);
  const { test } = parsed;
  const settings = ([0, 2] as const).map((ets) => {
    const lowering = lowerTest(test, { faults: 'fatal', ets });
    if (lowering.kind === 'problem') throw new Error(`${file}: ${lowering.problem.message}`);
    return lowering.lowered;
  });
  return {
    name: file.replace('.litmus', ''),
    isLitmus: true,
    found: (options, explore = exploreAll) =>
      settings
        .map((lowered) => {
          const result = explore(lowered.program, { ...options, livelock: false });
          const outcomes = result.outcomes.map((o) => o.values);
          const verdict = judge(test, lowered, outcomes, result.complete);
          return `${verdict.observation} ${verdict.states.length}${result.complete ? '' : ` ${result.bound}`}`;
        })
        .join(', '),
  };
}

export const litmusTests: readonly Subject[] = readdirSync(folder)
  .filter((name) => name.endsWith('.litmus'))
  .map(litmusTest);

function scenario(name: string, program: Program): Subject {
  return {
    name,
    isLitmus: false,
    found: (options, explore = exploreAll) => seen(explore(program, options)).join('; '),
  };
}

/** What a report would say of a result, but for numbers of states. */
function seen(result: Result): readonly string[] {
  return [
    ...(result.complete ? [] : [`incomplete: ${result.bound}`]),
    ...new Set(result.events.map(({ event }) => eventKey(event)).sort()),
    ...result.outcomes.map(({ values }) => values.join()).sort(),
    ...new Set(result.deadlocks.map(({ kind }) => kind)),
    ...(result.livelock === undefined ? [] : ['livelock']),
  ];
}

const text = readFileSync(join(import.meta.dirname, 'rules.hvo'), 'utf8');

export const scenarios: readonly Subject[] = openFile(sourceOf('rules.hvo', text), () => undefined).scenarios.map(
  (planned) => {
    const check = planned.start({ maxStates: 100_000, draws: false });
    while (!check.isDone) check.advance(10_000);
    const { exploration } = check;
    if (exploration === undefined) throw new Error(`${planned.name} cannot be explored`);
    return scenario(planned.name, exploration.program);
  },
);
