/**
 * An execution as text: one column for each CPU, in the layout of lockdep's "possible unsafe locking scenario", then
 * what changed, then what the kernel would have printed.
 */

import { shortPlace } from './places';
import type { Execution, ExecutionStep } from './report';

export interface ColumnOptions {
  /** Every step, those that a reader can leave out too. */
  readonly verbose: boolean;
  /** Differences of page tables and TLBs below the columns. */
  readonly changes: boolean;
}

/** Width of a column: as wide as its texts, within these. */
const NARROWEST = 22;
const WIDEST = 60;
/** A line is cut here, so that eight CPUs still fit. */
const WIDEST_LINE = 120;

export function executionLines(execution: Execution, { verbose, changes }: ColumnOptions): readonly string[] {
  const steps = execution.steps.filter((step) => verbose || step.matters);
  return [...columnLines(execution, steps), ...(changes ? changeLines(execution, steps) : []), ...logLines(execution)];
}

/** The same columns with the changes of each step below it: one execution from its beginning to its end. */
export function timelineLines(execution: Execution, { verbose }: Pick<ColumnOptions, 'verbose'>): readonly string[] {
  const steps = execution.steps.filter((step) => verbose || step.matters);
  return [
    ...columnLines(execution, steps, (step) => step.changes.map((line) => `      | ${line}`)),
    ...logLines(execution),
  ];
}

function logLines({ log, remarks }: Execution): readonly string[] {
  return log.length === 0 ? [] : ['', ...log, ...remarks.map((one) => `(${one})`)];
}

interface Cell {
  readonly column: number;
  readonly text: string;
  readonly place: string;
  /** Below a step; it may reach into the next column, which has nothing there. */
  readonly isNote: boolean;
}

/** The columns themselves, with `*** DEADLOCK ***` below them when it ends so. */
export function columnLines(
  execution: Execution,
  steps: readonly ExecutionStep[],
  below: (step: ExecutionStep) => readonly string[] = () => [],
): readonly string[] {
  const most = widestOf(execution);
  const cells = steps.flatMap((step) => cellsOf(step, most));
  const widths = widthsOf(execution, cells);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const row = (texts: readonly string[]) => texts.map((text, i) => text.padEnd(widths[i] ?? 0)).join('');
  const heads = execution.cpus.map((name) => `     ${name}`);
  const rules = execution.cpus.map((name) => `     ${'-'.repeat(name.length)}`);
  const lineOf = ({ column, text, place }: Cell) => {
    if (column < 0) return ` ${text}`;
    const start = widths.slice(0, column).reduce((sum, width) => sum + width, 0);
    const line = ' '.repeat(start) + text;
    return place === '' ? line : `${line.padEnd(total)} ${place}`;
  };
  const lines = steps.flatMap((step) => [...cellsOf(step, most).map(lineOf), ...below(step)]);
  const end = endLine(execution);
  return [row(heads), row(rules), ...lines, ...(end === undefined ? [] : ['', end])].map((line) => line.trimEnd());
}

function cellsOf(step: ExecutionStep, most: number): readonly Cell[] {
  const indent = ' '.repeat(2 + 2 * step.depth);
  const isMark = step.text.startsWith('<') || step.text.startsWith('***');
  const place = isMark ? '' : whereText(step);
  return [
    {
      column: step.column,
      text: isMark ? `${indent}${step.text}` : cut(`${indent}${step.text};`, most),
      place,
      isNote: isMark,
    },
    ...step.notes.map((note) => ({ column: step.column, text: `${indent}  ${note}`, place: '', isNote: true })),
  ];
}

/** `remap.hvo:14`, and the library's function when it is not the user's own text. */
function whereText({ place, inFunction }: ExecutionStep): string {
  if (place === undefined) return '';
  return inFunction === undefined ? shortPlace(place) : `${shortPlace(place)} ${inFunction}()`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function widestOf({ cpus }: Execution): number {
  return Math.max(NARROWEST, Math.min(WIDEST, Math.floor(WIDEST_LINE / Math.max(1, cpus.length))));
}

function widthsOf(execution: Execution, cells: readonly Cell[]): readonly number[] {
  const most = widestOf(execution);
  return execution.cpus.map((_, column) => {
    const longest = Math.max(
      0,
      ...cells.filter((cell) => cell.column === column && !cell.isNote).map((cell) => cell.text.length),
    );
    return Math.max(NARROWEST, Math.min(most, longest)) + 2;
  });
}

function endLine({ end }: Execution): string | undefined {
  switch (end) {
    case 'deadlock':
      return ' *** DEADLOCK ***';
    case 'livelock':
      return ' *** LIVELOCK: from here on no execution ends ***';
    case 'panic':
      return ' *** PANIC ***';
    case 'oops':
    case 'done':
    case 'endless':
    case 'cut':
      return undefined;
  }
}

/** What each step changed, in order. */
function changeLines(execution: Execution, steps: readonly ExecutionStep[]): readonly string[] {
  const changing = steps.filter((step) => step.changes.length > 0);
  if (changing.length === 0) return [];
  return [
    '',
    'what changed:',
    ...changing.flatMap((step) => {
      const who = step.column < 0 ? 'hardware' : (execution.cpus[step.column] ?? '');
      return [`  ${who} ${step.text}  ${whereText(step)}`.trimEnd(), ...step.changes.map((line) => `    ${line}`)];
    }),
  ];
}
