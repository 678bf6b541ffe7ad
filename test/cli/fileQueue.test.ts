import { describe, expect, it } from 'vitest';
import { type Answer, taskExplorer } from '../../cli/checkTask';
import { fileQueue, type Task } from '../../cli/fileQueue';
import { failing, ok } from './strings';

const bounds = { maxStates: 1000, timeoutMilliseconds: 1000, draws: 'failures', outcomes: false } as const;

/** Workers that take turns at the files, each with its own list of what it told. */
async function explore(texts: readonly string[], scenarios: readonly number[], workers: number) {
  const queue = fileQueue(scenarios.map((count) => [...Array(count).keys()]));
  const all = Array.from({ length: workers }, () => {
    const told: { task: Task; kind: Answer['kind'] }[] = [];
    let task: Task = { file: -1 };
    const run = taskExplorer(
      bounds,
      () => 0,
      ({ kind }) => told.push({ task, kind }),
    );
    const turn = async () => {
      const next = queue.next(task.file < 0 ? undefined : task.file);
      if (next === undefined) return;
      task = next;
      await run(task, { path: `${task.file}.hvo`, text: texts[task.file] as string, used: [], first: [], titles: [] });
    };
    return { told, turn };
  });
  while (queue.left > 0) for (const { turn } of all) await turn();
  return all.map(({ told }) => ({
    opened: told.filter(({ kind }) => kind === 'opened').map(({ task }) => task.file),
    done: told.filter(({ kind }) => kind === 'done').map(({ task }) => `${task.file}.${task.scenario}`),
  }));
}

describe('who explores what', () => {
  it('a worker opens a file once, for all its scenarios, and no other worker opens it while there are files for all', async () => {
    const found = await explore([failing, failing, failing, failing, ok, ok], [2, 2, 2, 2, 1, 1], 2);
    expect(found.flatMap(({ opened }) => opened).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(found.flatMap(({ done }) => done)).toHaveLength(10);
  });

  it('where files are fewer than workers they share a file, and each opens it once', async () => {
    const found = await explore([failing], [2], 2);
    expect(found.map(({ opened }) => opened)).toEqual([[0], [0]]);
    expect(found.map(({ done }) => done)).toEqual([['0.0'], ['0.1']]);
  });

  it('a file without a scenario that is wanted is opened for what its text says', async () => {
    expect(await explore([ok], [0], 1)).toEqual([{ opened: [0], done: ['0.undefined'] }]);
  });

  it('what is put back is done next by who asks', () => {
    const queue = fileQueue([[0, 1]]);
    const task = queue.next(undefined) as Task;
    queue.putBack(task);
    expect([queue.left, queue.next(0), queue.next(0), queue.next(0)]).toEqual([
      2,
      { file: 0, scenario: 0 },
      { file: 0, scenario: 1 },
      undefined,
    ]);
  });
});
