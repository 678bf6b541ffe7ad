import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { hvo, readerUnder } from './shipped';

vi.setConfig({ testTimeout: 600_000 });

/** Cells of a table's line. */
const cells = (line: string): string => line.trim().split(/ {2,}/).join(' | ');

it('docs/compare.md has the costs that the tool prints', async () => {
  const page = readFileSync('docs/compare.md', 'utf8');
  const sizes = ['optimise 2M with 4K pages', 'optimise 16G with 64K pages', 'restore 32M with 4K pages'];
  const { stdout } = await hvo('compare', '--costs', ...sizes.flatMap((size) => ['--size', size]));
  for (const block of stdout.trim().split('\n\n').slice(1)) {
    const [size, ...lines] = block.split('\n');
    const printed = page.slice(page.indexOf(`\n${size}\n`)).split('\n\n')[0] as string;
    expect(
      printed
        .trim()
        .replace(/\n```$/, '')
        .split('\n')
        .slice(1)
        .map(cells),
    ).toEqual(lines.map(cells));
  }
});

it('docs/compare.md has the hazards that are found', async () => {
  const page = readFileSync('docs/compare.md', 'utf8');
  const table = page.slice(page.indexOf('\nhazards, by reader\n')).split('\n\n')[0] as string;
  const [heads = '', ...rows] = table.trim().split('\n').slice(1);
  const columns = heads.trim().split(/ {2,}/);
  const reader = 'an interrupt on the CPU that remaps';
  const number = /^ +(\d+) {2,}an interrupt on the CPU that remaps$/m.exec(page)?.[1] as string;
  for (const approach of ['a-seed-v1', 'a-irqs-off', 'd-pause-irq', 'e-three-steps', 'g-lock-in-entry']) {
    const [, ...found] = (rows.find((row) => row.startsWith(`  ${approach} `)) as string).trim().split(/ {2,}/);
    const said = columns.filter((_, i) => found[i] === 'all' || found[i]?.split(' ').includes(number));
    const { result, hazards } = await readerUnder(approach, reader);
    expect({ approach, result, hazards: hazards.map(({ outcome }) => outcome) }).toEqual({
      approach,
      result: 'explored',
      hazards: said,
    });
  }
});
