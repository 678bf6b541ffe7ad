/** Litmus tests of CPUs that differ only in what they start with, beside one that looks, made by chance from a seed. */

import { random } from '../../simulator/explore/sample';

/** What one of the equal CPUs may do with its own descriptor (X2), its own number (X4), and what it reads. */
const ofWriter = [
  'STR X2,[X1]',
  'STR X9,[X1]',
  'STR X4,[X3]',
  'STR W4,[X3]',
  'STLR X4,[X3]',
  'LDR X5,[X0]',
  'LDR W5,[X0]',
  'STR X5,[X3]',
  'LDR X6,[X3]',
  'LDR X6,[X1]',
  'SWP X4,X6,[X3]',
  'CAS X6,X4,[X3]',
  'STR X4,[X8]',
  'MOV X6,X4',
  'DSB ISH',
  'DMB SY',
  'ISB',
  'TLBI VAAE1IS,X10',
];
/** With these a value is looked into, or stands in a page that an own descriptor maps. */
const ofCurious = ['ADD X7,X4,#0', 'EOR X6,X4,X4', 'STR X4,[X0]', 'STR X4,[X4]'];
const ofReader = ['LDR X5,[X0]', 'LDR W6,[X0]', 'LDR X7,[X3]', 'LDR X8,[X8]', 'STR X4,[X3]', 'DMB SY', 'DSB ISH'];

/** `seed`: every fourth test has CPUs that start with the same. */
export function equalWriters(seed: number): string {
  const below = random(seed);
  const pick = (from: readonly string[]): string => from[below(from.length)] as string;
  const some = (least: number, most: number, from: readonly string[]): readonly string[] =>
    Array.from({ length: least + below(most - least + 1) }, () => pick(from));
  const n = 2 + below(2);
  const own = (i: number): number => (seed % 4 === 3 ? 0 : i);
  const writers = [...Array(n).keys()];
  // What stands in the pages: the same, what the writers start with, or something else for each.
  const content = pick(['same', 'number', 'other']);
  const pages = writers.map((i) => `[y${i}]=${{ same: 7, number: 10 + i, other: 20 + i }[content]};`);
  const code = some(2, 4, below(5) === 0 ? [...ofWriter, ...ofCurious] : ofWriter);
  const columns = [...writers.map(() => ['LSR X10,X0,#12', ...code]), some(1, 3, ofReader)];
  const rows = Array.from({ length: Math.max(...columns.map((column) => column.length)) }, (_, row) =>
    columns.map((column) => column[row] ?? ''),
  );
  const shared = (t: number): string => `${t}:X0=x; ${t}:X3=z; ${t}:X8=v;`;
  return [
    `AArch64 equal-writers-${seed}`,
    `{ [x]=1; [z]=0; [v]=3; ${pages.join(' ')}`,
    ...writers.map(
      (i) =>
        `${shared(i)} ${i}:X1=PTE(x); ${i}:X2=(oa:PA(y${own(i)})); ${i}:X4=${10 + own(i)}; ${i}:X9=(oa:PA(x),valid:0);`,
    ),
    `${shared(n)} ${n}:X4=5; }`,
    ...[columns.map((_, t) => `P${t}`), ...rows].map((row) => `${row.join(' | ')} ;`),
    `locations [${n}:X5; ${n}:X6; ${n}:X7; ${n}:X8; z; v;]`,
    'exists (z=1)',
    '',
  ].join('\n');
}
