import { describe, expect, it } from 'vitest';
import { defaultOptions, Exploration } from '../../simulator/explore/explore';
import type { Program } from '../../simulator/machine/program';
import { Run } from '../../simulator/run/run';
import { buildProgram } from '../twin/scenario/build';
import { generate } from '../twin/scenario/generate';

const SCENARIOS = 200;
const MAX_STATES = 20_000;
const MAX_INSTRUCTIONS = 2_000;

describe('the execution that is counted', () => {
  it(`ends as one of all executions does, in ${SCENARIOS} generated scenarios`, { timeout: 120_000 }, () => {
    const ends: Record<string, number> = {};
    for (let seed = 1; (ends.done ?? 0) < SCENARIOS; seed++) {
      const program = withoutEvents(buildProgram(generate(seed)));
      const run = new Run(program, { maxInstructions: MAX_INSTRUCTIONS });
      run.advance(MAX_INSTRUCTIONS);
      const { end } = run.result();
      if (end === 'done') {
        const all = outcomesOf(program);
        if (all === undefined) continue;
        expect(all, `seed ${seed}`).toContain(String(run.observed()));
      }
      ends[end] = (ends[end] ?? 0) + 1;
    }
    process.stdout.write(`one execution in order: ${JSON.stringify(ends)}\n`);
  });
});

/** What reports are about is told apart by place, which a single execution does not keep. */
function withoutEvents(program: Program): Program {
  return { ...program, observe: program.observe.filter(({ kind }) => kind !== 'event') };
}

function outcomesOf(program: Program): readonly string[] | undefined {
  const exploration = new Exploration(program, { ...defaultOptions, maxStates: MAX_STATES });
  while (!exploration.isDone) exploration.advance(MAX_STATES);
  const { complete, outcomes } = exploration.result();
  return complete ? outcomes.map(({ values }) => String(values)) : undefined;
}
