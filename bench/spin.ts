/** SPIN on the peers' model of the protocol: recorded times, and a run on this machine. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Size, sizeName } from './family';
import { commandSeconds } from './measure';
import { type Context, readTable } from './table';

export interface SpinRow {
  readonly states: number;
  readonly transitions: number;
  readonly bytes: number;
  readonly recordedSeconds: number;
  /** It was cut at a time limit: the figures are those until then. */
  readonly isCut: boolean;
}

/** Exhaustive search with exact states and no reduction, by size. */
export function recorded({ peers, readText }: Context): ReadonlyMap<string, SpinRow> {
  const rows = new Map<string, SpinRow>();
  if (peers === undefined) return rows;
  for (const row of readTable(readText(join(peers, 'spin/spin-times.tsv')))) {
    if (row.get('mode') !== 'noreduce') continue;
    const size = sizeName({
      writers: Number(row.get('W')),
      readers: Number(row.get('R')),
      pages: Number(row.get('P')),
    });
    const states = Number(row.get('states'));
    rows.set(size, {
      states,
      transitions: Number(row.get('transitions')),
      bytes: (Number(row.get('rss_MB')) * 2 ** 20) / states,
      recordedSeconds: Number(row.get('cpu_s')),
      isCut: row.get('result') !== 'complete',
    });
  }
  return rows;
}

/** CPU seconds of the search alone (not of generating and compiling it); undefined where spin or a C compiler is missing. */
export function searchSeconds({ peers, readText }: Context, size: Size): number | undefined {
  if (peers === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'hvo-bench-'));
  try {
    writeFileSync(join(folder, 'hvo.pml'), readText(join(peers, 'spin/hvo.pml')));
    const { writers, readers, pages } = size;
    const generate = `spin -DW=${writers} -DR=${readers} -DP=${pages} -a hvo.pml >/dev/null`;
    const compile = 'cc -O2 -w -DSAFETY -DNOREDUCE -DMEMLIM=9000 -o pan pan.c';
    if (commandSeconds(`${generate} && ${compile}`, folder) === undefined) return undefined;
    return commandSeconds('./pan -m100000 -w24 >out', folder)?.cpuSeconds;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
