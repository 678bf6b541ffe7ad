/** The engine by itself: reductions and symmetry off, so that every effect is a step and every state is kept. */

import { exploreFamily } from './exploreFamily';
import { measuredAlone } from './measure';
import { recorded } from './spin';
import { type Context, type Rows, seconds, type Table, whole } from './table';

const sizes = ['1 3 2', '2 2 2', '1 3 3', '2 2 3', '3 2 2', '2 3 2'];
/** SPIN's rows of 10^5 states and more, for its rates. */
const spinSizes = ['W1 R2 P3', 'W2 R1 P3', 'W2 R2 P2', 'W1 R2 P4', 'W1 R3 P3'];

export const raw: Table = {
  name: 'raw',
  title: 'The engine by itself: no reductions, no symmetry',
  how:
    'States of a complete exploration over the CPU seconds of the exploration (passes that were void included): "cold" in a ' +
    'new process, "warm" the third time in it, when V8 has compiled the engine, as in a server that runs. Bytes are all that ' +
    'states, their paths and the remembered steps take over the number of states.',
  measure(what) {
    const options = { reductions: false, symmetry: false, livelock: false };
    const cold = exploreFamily(what[0] ?? '', options);
    exploreFamily(what[0] ?? '', options);
    return { ...cold, warm: exploreFamily(what[0] ?? '', options).exploration ?? 0 };
  },
  rows(context: Context): Rows {
    const rows = sizes.map((text) => {
      const found = measuredAlone('raw', text);
      const { states, transitions, exploration, warm, bytes } = found;
      return [
        text.replace(/(\d) (\d) (\d)/, 'W$1 R$2 P$3'),
        whole(Number(states)),
        whole(Number(transitions)),
        seconds(Number(exploration)),
        whole(Number(states) / Number(exploration)),
        seconds(Number(warm)),
        whole(Number(states) / Number(warm)),
        (Number(bytes) / Number(states)).toFixed(1),
        String(found.restarts),
      ];
    });
    const spin = recorded(context);
    const peers = spinSizes.flatMap((size) => {
      const row = spin.get(size);
      if (row === undefined) return [];
      return [
        [
          `SPIN ${size} (recorded)`,
          whole(row.states),
          whole(row.transitions),
          seconds(row.recordedSeconds),
          whole(row.states / row.recordedSeconds),
          '',
          '',
          row.bytes.toFixed(1),
          '',
        ],
      ];
    });
    return {
      columns: [
        'size',
        'states',
        'transitions',
        'cold CPU s',
        'states/s',
        'warm CPU s',
        'states/s',
        'bytes/state',
        'void passes',
      ],
      rows: [...rows, ...peers],
      notes: [],
    };
  },
};
