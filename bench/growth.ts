/** How the number of states grows with each size of the protocol; drawn as docs/performance-growth.svg. */

import { existsSync, writeFileSync } from 'node:fs';
import { exploreFamily } from './exploreFamily';
import { measuredAlone } from './measure';
import { type Rows, seconds, type Table, whole } from './table';

const PLOT = 'docs/performance-growth.svg';

/** One size grows, the others stay as small as they can be. */
const lines: readonly { readonly name: string; readonly colour: string; readonly sizes: readonly string[] }[] = [
  { name: 'readers (W1 P1)', colour: '#1f6fbf', sizes: grown(7, (n) => `1 ${n} 1`) },
  { name: 'pages (W1 R1)', colour: '#3b7d4f', sizes: grown(8, (n) => `1 1 ${n}`) },
  { name: 'writers (R1 P1)', colour: '#c72e2e', sizes: grown(5, (n) => `${n} 1 1`) },
  { name: 'steps: rounds of a writer (W1 R1 P1)', colour: '#8c6d1f', sizes: grown(8, (n) => `1 1 1 x${n}`) },
];

function grown(most: number, size: (n: number) => string): readonly string[] {
  return Array.from({ length: most }, (_, i) => size(i + 1));
}

export const growth: Table = {
  name: 'growth',
  title: 'Growth',
  how: 'States and CPU seconds of a complete exploration in a new process, while one size of the protocol grows.',
  measure: (what) => exploreFamily(what[0] ?? '', {}),
  rows(): Rows {
    const found = lines.map((line) => ({
      ...line,
      points: line.sizes.map((size) => {
        const { states, exploration } = measuredAlone('growth', size);
        return { states: Number(states), seconds: Number(exploration) };
      }),
    }));
    if (existsSync('docs')) writeFileSync(PLOT, plot(found));
    const most = Math.max(...found.map(({ points }) => points.length));
    return {
      columns: ['what grows', ...Array.from({ length: most }, (_, i) => `${i + 1}`)],
      rows: found.map(({ name, points }) => [
        name,
        ...Array.from({ length: most }, (_, i) => {
          const point = points[i];
          return point === undefined ? '' : `${whole(point.states)} (${seconds(point.seconds)} s)`;
        }),
      ]),
      notes: [`drawn as ${PLOT}`],
    };
  },
};

const WIDTH = 640;
const HEIGHT = 360;
const EDGE = 56;

function plot(all: readonly { name: string; colour: string; points: readonly { states: number }[] }[]): string {
  const most = Math.max(...all.flatMap(({ points }) => points.map(({ states }) => states)));
  const decades = Math.ceil(Math.log10(most));
  const longest = Math.max(...all.map(({ points }) => points.length));
  const x = (n: number): number => EDGE + ((n - 1) / (longest - 1)) * (WIDTH - 2 * EDGE);
  const y = (states: number): number => HEIGHT - EDGE - (Math.log10(states) / decades) * (HEIGHT - 2 * EDGE);
  const text = (left: number, top: number, words: string, anchor = 'middle', colour = '#666') =>
    `<text x="${left.toFixed(0)}" y="${top.toFixed(0)}" text-anchor="${anchor}" fill="${colour}">${words}</text>`;
  const grid = Array.from({ length: decades + 1 }, (_, d) => {
    const height = y(10 ** d).toFixed(1);
    return `<line x1="${EDGE}" x2="${WIDTH - EDGE}" y1="${height}" y2="${height}" stroke="#ccc"/>${text(EDGE - 6, y(10 ** d) + 4, whole(10 ** d), 'end')}`;
  });
  const axis = Array.from({ length: longest }, (_, i) => text(x(i + 1), HEIGHT - EDGE + 18, `${i + 1}`));
  const drawn = all.map(({ name, colour, points }, i) => {
    const path = points.map(({ states }, n) => `${x(n + 1).toFixed(1)},${y(states).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${text(EDGE + 8, EDGE - 34 + i * 15, name, 'start', colour)}`;
  });
  const title = text(WIDTH - EDGE, 16, 'states', 'end');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${[...grid, ...axis, ...drawn, title].join('\n')}
</svg>
`;
}
