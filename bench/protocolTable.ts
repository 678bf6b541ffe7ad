/** The protocol family: time to a complete verdict, beside SPIN's time for the search alone. */

import { elaborate } from '../server/language/elaborate/elaborate';
import { parse } from '../server/language/parse';
import { explore } from '../simulator/explore/explore';
import { familyText, parseSize, type Size, sizeName } from './family';
import { type Io, measured, seconds, table } from './measure';

const sizes = [
  'W1 R1 P1',
  'W1 R2 P2',
  'W1 R3 P2',
  'W1 R3 P3',
  'W1 R5 P1',
  'W1 R5 P2',
  'W2 R2 P2',
  'W2 R2 P3',
  'W2 R4 P1',
  'W3 R3 P1',
  'W1 R7 P2',
  'W1 R3 P5',
];

export function protocolTable(io: Io, peers: string | undefined): string {
  const spin = peers === undefined ? new Map<string, string>() : spinTimes(io.readText(`${peers}/spin/spin-times.tsv`));
  const rows = sizes.map((name) => {
    const size = parseSize(name) as Size;
    const text = familyText(size);
    const { value: program, cpuSeconds: elaborating } = measured(() => {
      const source = { uri: 'family.hvo', text, parsed: parse(text), origin: 'user' as const };
      const program = elaborate(source).scenarios[0]?.program;
      if (program === undefined) throw new Error(`the family does not elaborate at ${sizeName(size)}`);
      return program;
    });
    const { value: result, cpuSeconds } = measured(() =>
      explore(program, { tellsAccesses: false, maxStates: 5_000_000 }),
    );
    return [
      name,
      String(result.states),
      String(result.transitions),
      result.complete ? 'complete' : `unknown: ${result.bound}`,
      seconds(cpuSeconds),
      seconds(elaborating),
      String(Math.round(result.states / cpuSeconds)),
      (result.bytes / result.states).toFixed(0),
      spin.get(name) ?? '',
    ];
  });
  return table(
    ['size', 'states', 'transitions', 'result', 'CPU s', 'elaboration s', 'states/s', 'bytes/state', 'SPIN CPU s'],
    rows,
  );
}

/** SPIN's exhaustive search without reductions: seconds, or how it ended. */
function spinTimes(text: string): Map<string, string> {
  const times = new Map<string, string>();
  for (const line of text.split('\n').slice(1)) {
    const cells = line.split('\t');
    if (cells[4] !== 'noreduce') continue;
    times.set(
      `W${cells[1]} R${cells[2]} P${cells[3]}`,
      cells[13]?.trim() === 'timeout' ? `> ${cells[10]}` : (cells[10] ?? ''),
    );
  }
  return times;
}
