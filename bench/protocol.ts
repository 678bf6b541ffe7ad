/** The protocol of the patch, every execution, beside SPIN's search of its Promela model. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exploreFamily, MAX_SECONDS, MAX_STATES } from './exploreFamily';
import { familyText, parseSize, type Size } from './family';
import { commandSeconds, measuredAlone } from './measure';
import { recorded, searchSeconds } from './spin';
import { type Context, type Rows, seconds, type Table, whole } from './table';

/** The peers' sizes, and behind them larger ones of up to 8 CPUs and 8 pages. */
const sizes = [
  ...[
    '1 1 1',
    '1 1 2',
    '1 1 3',
    '1 1 4',
    '1 2 1',
    '1 2 2',
    '1 2 3',
    '1 2 4',
    '1 3 1',
    '1 3 2',
    '1 3 3',
    '1 4 1',
    '1 4 2',
  ],
  ...[
    '1 5 1',
    '1 5 2',
    '2 1 1',
    '2 1 2',
    '2 1 3',
    '2 2 1',
    '2 2 2',
    '2 2 3',
    '2 3 1',
    '2 3 2',
    '2 4 1',
    '3 1 1',
    '3 1 2',
  ],
  ...['3 2 1', '3 3 1'],
  ...['1 1 8', '1 2 6', '1 2 8', '1 3 4', '1 3 6', '1 4 3', '1 7 1', '1 7 2', '1 7 3', '2 2 4', '2 2 6', '2 3 3'],
  ...['2 6 1', '2 6 2', '3 3 2', '4 1 1', '4 4 1', '4 4 2'],
];

export const protocol: Table = {
  name: 'protocol',
  title: 'The protocol of the patch: W writers, R readers that never end, P pages',
  how:
    '"CPU s" is the whole of `hvo check` on the text of each size, the start of Node included, to a complete verdict; ' +
    `elaboration and exploration are parts of it, in another process that is cut at ${MAX_SECONDS} s. SPIN: exact states, no reduction, the search alone without its compilation.`,
  measure: (what) => exploreFamily(what[0] ?? '', {}),
  rows(context: Context): Rows {
    const spin = recorded(context);
    let missing = false;
    const rows = sizes.map((text) => {
      const size = parseSize(text) as Size;
      const name = `W${size.writers} R${size.readers} P${size.pages}`;
      const found = measuredAlone('protocol', text);
      const check = checkSeconds(size);
      const peer = spin.get(name);
      const again = peer !== undefined && !peer.isCut && peer.recordedSeconds <= context.peerSeconds;
      const now = again ? searchSeconds(context, size) : undefined;
      if (again && now === undefined) missing = true;
      return [
        name,
        String(found.verdict),
        whole(Number(found.states)),
        whole(Number(found.transitions)),
        check === undefined ? 'failed' : seconds(check),
        seconds(Number(found.elaboration)),
        seconds(Number(found.exploration)),
        peer === undefined ? '' : `${peer.isCut ? '> ' : ''}${whole(peer.states)}`,
        peer === undefined ? '' : `${peer.isCut ? '> ' : ''}${seconds(peer.recordedSeconds)}`,
        now === undefined ? '' : seconds(now),
      ];
    });
    return {
      columns: [
        'size',
        'wrong',
        'states',
        'transitions',
        'CPU s',
        'elaboration',
        'exploration',
        'SPIN states',
        'recorded CPU s',
        'CPU s now',
      ],
      rows,
      notes: missing ? ['spin or a C compiler is not on this machine: only recorded times'] : [],
    };
  },
};

/** CPU seconds of `hvo check` on a size. */
function checkSeconds(size: Size): number | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'hvo-bench-'));
  writeFileSync(join(folder, 'family.hvo'), familyText(size));
  const program = join(dirname(process.argv[1] ?? ''), 'hvo.js');
  const bounds = `--jobs 1 --max-states ${MAX_STATES} --timeout ${MAX_SECONDS}`;
  const run = commandSeconds(`"${process.execPath}" "${program}" check ${bounds} family.hvo 2>&1`, folder);
  rmSync(folder, { recursive: true, force: true });
  return run?.cpuSeconds;
}
