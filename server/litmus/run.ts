/** Runs a litmus test: text in, verdict out. */

import { defaultOptions, Exploration, type Result } from '../../simulator/explore/explore';
import { type BbmFinding, bbmEvents, bbmFindings } from './findings';
import { type LoweredTest, lowerTest } from './lower';
import { BBM_FLAG } from './manifest';
import { parseLitmus } from './parse';
import type { SettingDefaults } from './settings';
import type { LitmusProblem, LitmusTest } from './test';
import { judge, type Verdict } from './verdict';

export type LitmusRun =
  | { readonly kind: 'problem'; readonly name: string; readonly problem: LitmusProblem }
  | {
      readonly kind: 'ran';
      readonly test: LitmusTest;
      readonly lowered: LoweredTest;
      readonly result: Result;
      readonly verdict: Verdict;
      readonly flags: readonly string[];
      /** What the flag is about: found by replaying executions, so only when somebody asks. */
      readonly findings: () => readonly BbmFinding[];
    };

/** Reads, lowers and explores a test, up to `maxStates` states. */
export function runLitmus(source: string, settings: SettingDefaults, maxStates = defaultOptions.maxStates): LitmusRun {
  const parsed = parseLitmus(source);
  if (parsed.kind === 'problem') return parsed;
  const { test } = parsed;
  const lowering = lowerTest(test, settings);
  if (lowering.kind === 'problem') return { kind: 'problem', name: test.name, problem: lowering.problem };
  const { lowered } = lowering;
  const options = { ...defaultOptions, maxStates, livelock: false, tellsAccesses: false };
  const exploration = new Exploration(lowered.program, options);
  while (!exploration.isDone) exploration.advance(10_000);
  const result = exploration.result();
  const verdict = judge(
    test,
    lowered,
    result.outcomes.map((o) => o.values),
    result.complete,
  );
  const flags = bbmEvents(lowered, result).length > 0 ? [BBM_FLAG] : [];
  const findings = (): readonly BbmFinding[] => bbmFindings(lowered, exploration, result);
  return { kind: 'ran', test, lowered, result, verdict, flags, findings };
}
