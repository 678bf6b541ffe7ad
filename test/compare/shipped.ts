import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect } from 'vitest';
import type { Io } from '../../cli/io';
import { main } from '../../cli/main';
import type { Comparison, ReaderReport } from '../../server/compare/comparison';
import type { Cost } from '../../server/compare/cost';

const asShipped = (_path: string, text: string): string => text;

/** The half of the job that has few executions under every approach. */
export const optimising = (path: string, text: string): string =>
  path.endsWith('readers.hvo') ? text.replace('choose { optimise(H); } or { restore(G); }', 'optimise(H);') : text;

/** Runs the command line on the files of the project. */
export async function hvo(...args: string[]) {
  return hvoOn(asShipped, args);
}

async function hvoOn(
  change: typeof asShipped,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string }> {
  let stdout = '';
  let stderr = '';
  const io: Io = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      // Progress of a busy machine is no mistake.
      if (!/^hvo compare: \d+ of \d+ readers? done;/.test(text)) stderr += text;
    },
    readText: async (path) => change(path, readFileSync(path, 'utf8')),
    writeText: async () => {},
    exists: async () => true,
    isDirectory: async (path) => statSync(path).isDirectory(),
    list: async (path) => readdirSync(path).sort(),
  };
  const code = await main(args, io);
  expect(stderr).toBe('');
  return { code, stdout };
}

async function compared(args: readonly string[], change = asShipped): Promise<Comparison> {
  const { stdout } = await hvoOn(change, ['compare', '--json', ...args]);
  return JSON.parse(stdout) as Comparison;
}

/** One reader under one approach. */
export async function readerUnder(approach: string, reader: string, change = asShipped): Promise<ReaderReport> {
  const { approaches } = await compared(['--hazards', '--approach', approach, '--reader', reader], change);
  return approaches[0]?.readers[0] as ReaderReport;
}

/** What sizes cost under one approach, by title. */
export async function costsUnder(approach: string, ...sizes: string[]): Promise<ReadonlyMap<string, Cost>> {
  const wanted = sizes.flatMap((size) => ['--size', size]);
  const { approaches } = await compared(['--costs', '--approach', approach, ...wanted]);
  return new Map(approaches[0]?.costs.map(({ size, cost }) => [size, cost as Cost]));
}
