/** Litmus tests that grow, beside herd7's recorded seconds. */

import { join } from 'node:path';
import { runLitmus } from '../server/litmus/run';
import { families } from './litmusFamilies';
import { cpuSeconds, measured, measuredAlone } from './measure';
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
  F: [2, 3, 4, 5, 6],
  G: [3, 4, 5],
  Gvmall: [3, 4, 5],
};
const MAX_STATES = 3_000_000;
/** CPU seconds for which a test is run again and again until it counts as warm. */
const WARM_UP_SECONDS = 4;
/** Of so many runs at the end the middle one is told: V8 still works beside some. */
const WARM_RUNS = 9;

/** What takes longer the first time is run once: nearly all of it was warm. */
const LONG_SECONDS = 10;

export const scaling: Table = {
  name: 'scaling',
  title: 'Litmus tests that grow',
  how:
    'Each size in a new process: "CPU s" is all of it, the start of Node included; "warm CPU ms" the test alone, the middle of its last 9 times ' +
    'in it, when V8 has compiled the engine. herd7: recorded; ">" was cut or did not finish. "times": herd7 over warm.',
  measure(what) {
    const [name, n] = what;
    const family = families.find((f) => f.name === name);
    if (family === undefined) throw new Error(`there is no family ${name}`);
    const text = family.text(Number(n));
    const once = () => runLitmus(text, { faults: 'fatal', ets: 0 }, MAX_STATES);
    const first = measured(once);
    const run = first.value;
    if (run.kind !== 'ran') throw new Error(run.problem.message);
    const cold = cpuSeconds();
    const until = first.cpuSeconds < LONG_SECONDS ? cold + WARM_UP_SECONDS : 0;
    const times = [first.cpuSeconds];
    if (until > 0) times.push(measured(once).cpuSeconds);
    while (cpuSeconds() < until) times.push(measured(once).cpuSeconds);
    const last = times.slice(-WARM_RUNS).sort((a, b) => a - b);
    const warm = last[Math.floor(last.length / 2)] as number;
    const { states, complete } = run.result;
    const outcomes = run.verdict.states.length;
    return { states, outcomes, observation: complete ? run.verdict.observation : 'cut', cpuSeconds: cold, warm };
  },
  rows({ peers, readText }: Context): Rows {
    const herd = new Map<string, string>();
    if (peers !== undefined)
      for (const row of readTable(readText(join(peers, 'herd-scaling/herd7.tsv'))))
        herd.set(`${row.get('family')} ${row.get('n')}`, row.get('herd7_cpu_s') ?? '');
    const rows = families.flatMap(({ name, grows }) =>
      (sizes[name] ?? []).map((n) => {
        const found = measuredAlone('scaling', name, String(n));
        const peer = herd.get(`${name} ${n}`) ?? '';
        return [
          name,
          grows,
          String(n),
          String(found.observation),
          whole(Number(found.outcomes)),
          whole(Number(found.states)),
          seconds(Number(found.cpuSeconds)),
          (1000 * Number(found.warm)).toFixed(1),
          peer,
          timesSooner(peer, Number(found.warm)),
        ];
      }),
    );
    return {
      columns: [
        'family',
        'n counts',
        'n',
        'observation',
        'final states',
        'states',
        'CPU s',
        'warm CPU ms',
        'herd7 CPU s (recorded)',
        'times',
      ],
      rows,
      notes: [],
    };
  },
};

/** "> 1,234" where herd7 did not finish. */
function timesSooner(peer: string, warm: number): string {
  const match = /^(>?)([\d.]+)$/.exec(peer);
  return match === null ? '' : `${match[1] === '' ? '' : '> '}${whole(Number(match[2]) / warm)}`;
}
