/** A comparison for people: hazards by reader, costs by size, and the executions that show the hazards. */

import { grouped } from '../verdict/counts';
import { type ApproachReport, type Comparison, type Hazard, inVocabularyOrder, type ReaderReport } from './comparison';
import type { Cost } from './cost';

export function comparisonText(comparison: Comparison, options: { readonly verbose: boolean }): string {
  const { approaches, readers, sizes } = comparison;
  const parts = [
    ['approaches', ...table(approaches.map(({ name, title }) => [name, title]))],
    ...(readers.length === 0 ? [] : [readerLines(comparison), hazardLines(comparison)]),
    ...sizes.map((size) => costLines(comparison, size)),
    ...(readers.length === 0 ? [] : [executionLines(comparison, options.verbose), problemLines(comparison)]),
  ];
  return parts
    .filter((lines) => lines.length > 1)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function readerLines({ readers }: Comparison): readonly string[] {
  return ['readers', ...table(readers.map((reader, i) => [String(i + 1), reader]))];
}

/** A line for each approach, a column for each hazard that some of them has; in it the numbers of the readers. */
function hazardLines({ approaches, readers }: Comparison): readonly string[] {
  const all = approaches.flatMap((one) => one.readers);
  const columns = inVocabularyOrder(onceEach(all.flatMap(({ hazards }) => hazards)));
  const heads = ['', ...columns.map(({ outcome }) => outcome)];
  const someUnknown = all.some(({ result }) => result !== 'explored');
  const rows = approaches.map(({ name, readers: reports }) => [
    name,
    ...columns.map(({ outcome }) =>
      numbersOf(reports, readers, ({ hazards }) => hazards.some((hazard) => hazard.outcome === outcome)),
    ),
    ...(someUnknown ? [numbersOf(reports, readers, ({ result }) => result !== 'explored')] : []),
  ]);
  return ['hazards, by reader', ...table([someUnknown ? [...heads, 'not explored'] : heads, ...rows])];
}

function onceEach(hazards: readonly Hazard[]): readonly Hazard[] {
  return [...new Map(hazards.map((one) => [one.outcome, one])).values()];
}

function numbersOf(
  reports: readonly ReaderReport[],
  readers: readonly string[],
  has: (report: ReaderReport) => boolean,
): string {
  const numbers = reports.filter(has).map(({ reader }) => readers.indexOf(reader) + 1);
  if (numbers.length === 0) return '-';
  return numbers.length === readers.length && numbers.length > 1 ? 'all' : numbers.join(' ');
}

const costColumns: readonly { readonly head: string; readonly of: (cost: Cost) => string }[] = [
  { head: 'TLBI', of: ({ tlbis }) => grouped(tlbis) },
  { head: 'DSB', of: ({ dsbs }) => grouped(dsbs) },
  { head: 'ISB', of: ({ isbs }) => grouped(isbs) },
  { head: 'IPI', of: ({ ipis }) => grouped(ipis) },
  { head: 'locks', of: ({ locks }) => grouped(locks) },
  { head: 'splits', of: ({ splits }) => grouped(splits) },
  { head: 'in place', of: ({ inPlace }) => grouped(inPlace) },
  { head: 'windows', of: ({ windows }) => grouped(windows) },
  { head: 'longest', of: ({ longestWindow }) => grouped(longestWindow) },
  { head: 'hides', of: ({ hiddenBytes }) => bytesText(hiddenBytes) },
  { head: 'stop', of: ({ longestStop }) => grouped(longestStop) },
  { head: 'freed', of: ({ freed }) => grouped(freed) },
  { head: 'allocated', of: ({ allocated }) => grouped(allocated) },
];

function costLines({ approaches }: Comparison, size: string): readonly string[] {
  const heads = ['', ...costColumns.map(({ head }) => head)];
  const rows = approaches.map(({ name, costs }) => {
    const report = costs.find((one) => one.size === size);
    if (report?.cost === undefined) return [name, report?.problem ?? '-'];
    const { cost } = report;
    return [name, ...costColumns.map(({ of }) => of(cost))];
  });
  return [size, ...table([heads, ...rows], 'right')];
}

/** 134217728 -> 128 MiB */
export function bytesText(bytes: number): string {
  if (bytes === 0) return '-';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}

/** One execution for each hazard of an approach, the shortest; or all of them. */
function executionLines({ approaches, readersPath, readers }: Comparison, all: boolean): readonly string[] {
  const lines = approaches.flatMap((approach) => {
    const shown = approach.readers.flatMap(({ reader, hazards }) => hazards.map((hazard) => ({ ...hazard, reader })));
    const first = inVocabularyOrder(
      shown.filter(
        (one) => !shown.some((other) => other.outcome === one.outcome && isShorter(other.schedule, one.schedule)),
      ),
    );
    const once = first.filter((one, i) => first.findIndex((other) => other.outcome === one.outcome) === i);
    return (all ? inVocabularyOrder(shown) : once).map(({ reader, outcome, schedule }) => [
      approach.name,
      outcome,
      String(readers.indexOf(reader) + 1),
      runCommand(readersPath, approach, reader, schedule),
    ]);
  });
  return ['executions that show them', ...table(lines)];
}

function isShorter(one: string, other: string): boolean {
  return one.length < other.length;
}

function runCommand(readersPath: string, { path }: ApproachReport, reader: string, schedule: string): string {
  return `hvo run ${readersPath} --with ${path} --scenario ${quoted(reader)} --schedule '${schedule}'`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function problemLines({ approaches }: Comparison): readonly string[] {
  const lines = approaches.flatMap(({ name, readers }) =>
    readers.flatMap(({ reader, result, states, bound, problems }): readonly string[] => {
      if (result === 'unknown') return [`  ${name}, ${reader}: unknown up to ${grouped(states)} states (${bound})`];
      return problems.map((problem) => `  ${name}, ${reader}: ${problem}`);
    }),
  );
  return ['not explored to the end', ...lines];
}

/** Columns that are as wide as what is in them; the first one is a name. */
function table(rows: readonly (readonly string[])[], align: 'left' | 'right' = 'left'): readonly string[] {
  const full = rows.filter((row) => row.length === Math.max(...rows.map((one) => one.length)));
  const widths = (full[0] ?? []).map((_, i) =>
    Math.max(...(i === 0 ? rows : full).map((row) => (row[i] as string).length)),
  );
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const width = widths[i] ?? 0;
      const isLast = i === row.length - 1;
      if (i > 0 && align === 'right' && row.length === widths.length) return cell.padStart(width);
      return isLast ? cell : cell.padEnd(width);
    });
    return `  ${cells.join('  ')}`.trimEnd();
  });
}
