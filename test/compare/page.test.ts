import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { hvo } from './shipped';

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
