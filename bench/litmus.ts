/** herd7's litmus tests of the peers' folder, with both settings. */

import { join } from 'node:path';
import { runLitmus } from '../server/litmus/run';
import { cpuSeconds, measured, measuredAlone } from './measure';
import { type Context, type Rows, readTable, seconds, type Table, whole } from './table';
import { readText } from './text';

export const litmus: Table = {
  name: 'litmus',
  title: "herd7's litmus tests",
  how:
    'Each test is read, lowered, explored and judged, all in one process. "CPU s" is the whole process, "warm" the same once ' +
    'more in it. herd7: the sum of the recorded seconds of the same tests.',
  measure(what) {
    const [folder = '', ets = '0'] = what;
    const files = readTable(readText(join(folder, 'herd/manifest.tsv'))).map((row) => row.get('file') ?? '');
    const texts = files.map((file) => readText(join(folder, 'herd', file)));
    const run = () => {
      let states = 0;
      let ran = 0;
      for (const text of texts) {
        const one = runLitmus(text, { faults: 'fatal', ets: ets === '2' ? 2 : 0 });
        if (one.kind !== 'ran') continue;
        ran++;
        states += one.result.states;
      }
      return { ran, states };
    };
    const first = run();
    const cold = cpuSeconds();
    return { ...first, tests: texts.length, cpuSeconds: cold, warm: measured(run).cpuSeconds };
  },
  rows({ peers, readText: read }: Context): Rows {
    const columns = ['setting', 'tests', 'run', 'states', 'CPU s', 'warm', 'herd7 CPU s (recorded)'];
    if (peers === undefined) return { columns, rows: [], notes: ["the tests are in the peers' folder"] };
    const times = readTable(read(join(peers, 'herd/manifest.tsv'))).map((row) => Number(row.get('herd7_cpu_s')) || 0);
    const herd = times.reduce((sum, time) => sum + time, 0);
    const rows = ['0', '2'].map((ets) => {
      const found = measuredAlone('litmus', peers, ets);
      return [
        ets === '0' ? 'without FEAT_ETS2' : 'with FEAT_ETS2',
        String(found.tests),
        String(found.ran),
        whole(Number(found.states)),
        seconds(Number(found.cpuSeconds)),
        seconds(Number(found.warm)),
        ets === '0' ? seconds(herd) : '',
      ];
    });
    return { columns, rows, notes: [] };
  },
};
