/** A table of measured figures: what `main.ts` lists, one file each. */

import type { Figures } from './measure';

export interface Context {
  /** The folder with the peers' data; absent: only our own rows. */
  readonly peers: string | undefined;
  /** A peer is run again where it is on the machine and its recorded time is at most this; else the recorded one is shown. */
  readonly peerSeconds: number;
  readonly readText: (path: string) => string;
}

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What has to be known beside the figures, such as a peer that is not there. */
  readonly notes: readonly string[];
}

export interface Table {
  readonly name: string;
  readonly title: string;
  /** How the figures are obtained. */
  readonly how: string;
  readonly rows: (context: Context) => Rows;
  /** One measurement, in a process of its own. */
  readonly measure?: (what: readonly string[]) => Figures | Promise<Figures>;
}

export function seconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

export function whole(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Columns aligned for a terminal; text to the left, figures to the right. */
export function printRows({ columns, rows, notes }: Rows): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [...all.map(line), ...notes.map((note) => `(${note})`)].join('\n');
}

/** The same for a page. */
export function printMarkdown({ columns, rows, notes }: Rows): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const rule = columns.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(columns), line(rule), ...rows.map(line), ...notes.map((note) => `\n(${note})`)].join('\n');
}

/** Rows of a tab-separated table, by column. */
export function readTable(text: string): readonly ReadonlyMap<string, string>[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  const columns = head?.split('\t') ?? [];
  return lines.map((line) => new Map(line.split('\t').map((cell, i) => [columns[i] ?? '', cell.trim()])));
}
