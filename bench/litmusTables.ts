/** Litmus tests of the peers' folder: the whole set with both settings, and the growing families. */

import { runLitmus } from '../server/litmus/run';
import { type Io, measured, seconds, table } from './measure';

export function litmusTable(io: Io, peers: string): string {
  const [head, ...rows] = io
    .readText(`${peers}/herd/manifest.tsv`)
    .trim()
    .split('\n')
    .map((l) => l.split('\t'));
  const column = (name: string): number => head?.indexOf(name) ?? -1;
  const texts = rows.map((r) => io.readText(`${peers}/herd/${r[column('file')]}`));
  const herd = rows.reduce((sum, r) => sum + (Number(r[column('herd7_cpu_s')]) || 0), 0);
  const found = ([0, 2] as const).map((ets) => {
    const { cpuSeconds } = measured(() => {
      for (const text of texts) runLitmus(text, { faults: 'fatal', ets });
    });
    return [
      ets === 0 ? 'without FEAT_ETS2' : 'with FEAT_ETS2',
      String(texts.length),
      seconds(cpuSeconds),
      ets === 0 ? seconds(herd) : '',
    ];
  });
  return table(['setting', 'tests', 'CPU s', 'herd7 CPU s (recorded)'], found);
}

export function scalingTable(io: Io, peers: string): string {
  const [head, ...rows] = io
    .readText(`${peers}/herd-scaling/herd7.tsv`)
    .trim()
    .split('\n')
    .map((l) => l.split('\t'));
  const column = (name: string): number => head?.indexOf(name) ?? -1;
  const found = rows.map((r) => {
    const text = io.readText(`${peers}/herd-scaling/${r[column('file')]}`);
    const { value: run, cpuSeconds } = measured(() => runLitmus(text, { faults: 'fatal', ets: 0 }, 300_000));
    const ended = 'result' in run ? String((run as { result: { states: number } }).result.states) : '';
    return [
      r[column('family')] ?? '',
      r[column('n')] ?? '',
      ended,
      seconds(cpuSeconds),
      r[column('herd7_cpu_s')] || '> 60',
    ];
  });
  return table(['family', 'n', 'states', 'CPU s', 'herd7 CPU s (recorded)'], found);
}
