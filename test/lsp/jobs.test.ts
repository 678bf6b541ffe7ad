import { describe, expect, it } from 'vitest';
import { type Job, Jobs, SLICE_MILLISECONDS } from '../../server/lsp/jobs';

/** A clock that a job moves forward, and an event loop that a test turns by hand. */
function world() {
  let time = 0;
  const queue: (() => void)[] = [];
  const done: string[] = [];
  const jobs = new Jobs(
    () => time,
    (callback) => queue.push(callback),
    () => {},
  );
  function* work(name: string, steps: number): Job {
    for (let i = 0; i < steps; i++) {
      time += SLICE_MILLISECONDS / 2;
      yield;
    }
    done.push(name);
  }
  const turn = (): boolean => {
    const next = queue.shift();
    next?.();
    return next !== undefined;
  };
  return { jobs, work, turn, done };
}

describe('jobs', () => {
  it('take turns, so that a short one does not wait for the end of a long one', () => {
    const { jobs, work, turn, done } = world();
    jobs.start('long', 'background', work('long', 100));
    jobs.start('short', 'background', work('short', 3));
    while (turn());
    expect(done).toEqual(['short', 'long']);
    expect(jobs.isIdle).toBe(true);
  });

  it('that somebody asked for go first', () => {
    const { jobs, work, turn, done } = world();
    jobs.start('background', 'background', work('background', 3));
    jobs.start('asked', 'asked', work('asked', 50));
    while (turn());
    expect(done).toEqual(['asked', 'background']);
  });

  it('with the same key replace each other, and a dropped one takes no step more', () => {
    const { jobs, work, turn, done } = world();
    jobs.start('a', 'background', work('old', 10));
    turn();
    jobs.start('a', 'background', work('new', 1));
    jobs.start('b', 'background', work('dropped', 1));
    jobs.drop('b');
    while (turn());
    expect(done).toEqual(['new']);
  });
});
