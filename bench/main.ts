/**
 * `npm run bench [-- FOLDER]`: measured tables. FOLDER holds the peers' data (litmus tests, recorded times); without it only
 * our own rows are printed.
 */

import { existsSync, readFileSync } from 'node:fs';
import { litmusTable, scalingTable } from './litmusTables';
import type { Io } from './measure';
import { protocolTable } from './protocolTable';

const io: Io = { readText: (path) => readFileSync(path, 'utf8') };
const peers = process.argv[2];
if (peers !== undefined && !existsSync(peers)) {
  console.error(`bench: ${peers}: no such folder; name one that holds spin/, herd/ and herd-scaling/`);
  process.exit(2);
}

console.log(`The protocol of the patch, every execution\n\n${protocolTable(io, peers)}\n`);
if (peers !== undefined) {
  console.log(`herd7's litmus tests\n\n${litmusTable(io, peers)}\n`);
  console.log(`Growing families of litmus tests\n\n${scalingTable(io, peers)}\n`);
}
