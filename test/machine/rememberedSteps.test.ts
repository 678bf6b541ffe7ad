/** Steps of one CPU are remembered and used again in other states: that must give what taking them anew gives, exactly. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { familyText, parseSize, type Size } from '../../bench/family';
import { elaborate } from '../../server/language/elaborate/elaborate';
import { parse } from '../../server/language/parse';
import { lowerTest } from '../../server/litmus/lower';
import { parseLitmus } from '../../server/litmus/parse';
import { type ExploreOptions, explore } from '../../simulator/explore/explore';
import type { Program } from '../../simulator/machine/program';

function familyProgram(size: string): Program {
  const parsed = parse(familyText(parseSize(size) as Size));
  const { scenarios, diagnostics } = elaborate({ uri: 'family.hvo', parsed, origin: 'user' });
  expect(diagnostics).toEqual([]);
  return (scenarios[0] as (typeof scenarios)[number]).program;
}

/** Everything in a result that does not speak of the work that it took. */
function told(program: Program, options: Partial<ExploreOptions>) {
  const { bytes: _bytes, restarts: _restarts, ...rest } = explore(program, options);
  return rest;
}

/** The same but for which of several equal CPUs did it. */
function counted(program: Program, options: Partial<ExploreOptions>) {
  const { states, transitions, depth, outcomes, events, deadlocks, livelock } = explore(program, options);
  const byOutcome = new Map<string, number>();
  for (const { event, count } of events) byOutcome.set(event.outcome, (byOutcome.get(event.outcome) ?? 0) + count);
  return {
    states,
    transitions,
    depth,
    outcomes: outcomes.map((o) => [o.values, o.states]),
    events: [...byOutcome].sort(),
    deadlocks: deadlocks.length,
    livelock: livelock?.states,
  };
}

describe('remembered steps', { timeout: 120_000 }, () => {
  for (const size of ['W1 R1 P1', 'W2 R1 P1', 'W1 R2 P2', 'W2 R2 P1'])
    for (const reductions of [true, false])
      it(`are those of the protocol, ${size}, reductions ${reductions ? 'on' : 'off'}`, () => {
        const program = familyProgram(size);
        const options = { reductions, symmetry: false };
        expect(told(program, { ...options, remembers: true })).toEqual(told(program, { ...options, remembers: false }));
      });

  it('are those of the protocol when equal CPUs change places', () => {
    const program = familyProgram('W2 R2 P2');
    expect(counted(program, { remembers: true })).toEqual(counted(program, { remembers: false }));
  });

  const folder = join(import.meta.dirname, '../litmus/own');
  for (const reductions of [true, false])
    it(`are those of every litmus test, reductions ${reductions ? 'on' : 'off'}`, () => {
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.litmus'))) {
        const parsed = parseLitmus(readFileSync(join(folder, file), 'utf8'));
        if (parsed.kind === 'problem') throw new Error(`${file} is not read`);
        const lowering = lowerTest(parsed.test, { faults: 'fatal', ets: 0 });
        if (lowering.kind === 'problem') throw new Error(`${file}: ${lowering.problem.message}`);
        const { program } = lowering.lowered;
        const options = { reductions, symmetry: false };
        expect(told(program, { ...options, remembers: true }), file).toEqual(
          told(program, { ...options, remembers: false }),
        );
      }
    });
});
