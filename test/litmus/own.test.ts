/**
 * The project's own litmus tests: one rule of the memory model each. The file says what to expect, without FEAT_ETS2 and
 * with it: `HVO-expected=Sometimes states=3; ets2=Never states=2`.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLitmus } from '../../server/litmus/parse';
import { runLitmus } from '../../server/litmus/run';

const directory = join(import.meta.dirname, 'own');
const files = readdirSync(directory).filter((name) => name.endsWith('.litmus'));

/** More than any of these tests needs: one that runs away fails soon. */
const MAX_STATES = 5_000;

function expected(source: string): { plain: string; ets2: string } {
  const parsed = parseLitmus(source);
  const value =
    parsed.kind === 'parsed' ? parsed.test.metadata.find((m) => m.key === 'HVO-expected')?.value : undefined;
  const match = /^(\w+ states=\d+); ets2=(\w+ states=\d+)$/.exec(value ?? '');
  expect(match, 'the file says what to expect').not.toBeNull();
  return { plain: match?.[1] ?? '', ets2: match?.[2] ?? '' };
}

function found(source: string, ets: 0 | 2): string {
  const run = runLitmus(source, { faults: 'fatal', ets }, MAX_STATES);
  if (run.kind === 'problem') return `line ${run.problem.line}: ${run.problem.message}`;
  const { verdict, result } = run;
  const bound = result.bound === undefined ? '' : ` but only up to the bound ${result.bound}`;
  return `${verdict.observation} states=${verdict.states.length}${bound}`;
}

describe('own litmus tests', () => {
  it('are at least sixty', () => {
    expect(files.length).toBeGreaterThanOrEqual(60);
  });

  for (const name of files) {
    it(name.replace('.litmus', ''), () => {
      const source = readFileSync(join(directory, name), 'utf8');
      const { plain, ets2 } = expected(source);
      expect({ plain: found(source, 0), ets2: found(source, 2) }).toEqual({ plain, ets2 });
    });
  }
});
