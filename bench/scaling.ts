/** Litmus tests that grow, beside herd7's recorded seconds. */

import { join } from 'node:path';
import { runLitmus } from '../server/litmus/run';
import { families } from './litmusFamilies';
import { cpuSeconds, measuredAlone } from './measure';
import { type Context, type Rows, readTable, seconds, type Table, whole } from './table';

/** For each family the sizes that are measured: the largest that herd7 finishes in a minute, and beyond. */
const sizes: Readonly<Record<string, readonly number[]>> = {
  'A-l1': [3, 4, 5, 6],
  'A-l2': [2, 3, 4, 5, 6],
  B: [2, 3, 4, 5, 6],
  Bha: [2, 3, 4],
  C: [4, 6, 8],
  D: [2, 3, 5, 6],
  E: [3, 4, 5, 7],
  F: [2, 3, 4, 5],
  G: [3, 4, 5],
  Gvmall: [3, 4, 5],
};
const MAX_STATES = 3_000_000;

export const scaling: Table = {
  name: 'scaling',
  title: 'Litmus tests that grow',
  how: 'Each size in a new process, the start of Node included. herd7: recorded; ">" was cut or did not finish.',
  measure(what) {
    const [name, n] = what;
    const family = families.find((f) => f.name === name);
    if (family === undefined) throw new Error(`there is no family ${name}`);
    const run = runLitmus(family.text(Number(n)), { faults: 'fatal', ets: 0 }, MAX_STATES);
    if (run.kind !== 'ran') throw new Error(run.problem.message);
    const { states, complete } = run.result;
    const outcomes = run.verdict.states.length;
    return { states, outcomes, observation: complete ? run.verdict.observation : 'cut', cpuSeconds: cpuSeconds() };
  },
  rows({ peers, readText }: Context): Rows {
    const herd = new Map<string, string>();
    if (peers !== undefined)
      for (const row of readTable(readText(join(peers, 'herd-scaling/herd7.tsv'))))
        herd.set(`${row.get('family')} ${row.get('n')}`, row.get('herd7_cpu_s') ?? '');
    const rows = families.flatMap(({ name, grows }) =>
      (sizes[name] ?? []).map((n) => {
        const found = measuredAlone('scaling', name, String(n));
        return [
          name,
          grows,
          String(n),
          String(found.observation),
          whole(Number(found.outcomes)),
          whole(Number(found.states)),
          seconds(Number(found.cpuSeconds)),
          herd.get(`${name} ${n}`) ?? '',
        ];
      }),
    );
    return {
      columns: ['family', 'n counts', 'n', 'observation', 'final states', 'states', 'CPU s', 'herd7 CPU s (recorded)'],
      rows,
      notes: [],
    };
  },
};
