/** The program of a litmus test: rows that end with `;`, cells separated by `|`, one column a thread or fault handler. */

import { type CellReader, parseAssembly } from './parseAssembly';
import { threadOf } from './parseConstant';
import type { AssemblyInstruction, Column, LitmusProblem, Place } from './test';

interface Cell extends Place {
  readonly text: string;
}

interface OpenColumn extends Place {
  readonly thread: number;
  readonly handler: boolean;
  readonly instructions: AssemblyInstruction[];
  readonly labels: { name: string; index: number }[];
}

export interface ColumnsResult {
  readonly columns: readonly Column[];
  readonly problem?: LitmusProblem;
}

/** CPUs that a test may have. */
const MAX_THREADS = 16;

export function parseColumns(text: string, place: Place): ColumnsResult {
  const { rows, rest } = cutRows(text, place);
  const [head, ...body] = rows;
  if (head === undefined) return failure(place, 'expected the row of thread names, such as ` P0 | P1 ;`');
  const columns: OpenColumn[] = [];
  for (const cell of head) {
    const column = openColumn(cell, columns);
    if (typeof column === 'string') return failure(cell, column);
    columns.push(column);
  }
  for (const row of body) {
    for (const [index, cell] of row.entries()) {
      const column = columns[index];
      if (column === undefined && cell.text !== '') {
        return failure(cell, `expected at most ${columns.length} cells in a row, as in the first one`);
      }
      const problem = column === undefined ? undefined : fill(column, cell);
      if (problem !== undefined) return { columns: [], problem };
    }
  }
  if (rest.text !== '') return failure(rest, 'expected `;` at the end of the row');
  return { columns };
}

function failure(place: Place, message: string): ColumnsResult {
  return { columns: [], problem: { kind: 'syntax', message, line: place.line, column: place.column } };
}

/** The rows and what stands after the last semicolon. */
function cutRows(text: string, place: Place): { rows: readonly (readonly Cell[])[]; rest: Cell } {
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  let { line, column } = place;
  let from = 0;
  const advance = (to: number): void => {
    for (let end = text.indexOf('\n', from); end >= 0 && end < to; end = text.indexOf('\n', from)) {
      from = end + 1;
      line++;
      column = 1;
    }
    column += to - from;
    from = to;
  };
  const cellUpTo = (end: number): Cell => {
    const raw = text.slice(from, end);
    advance(from + raw.length - raw.trimStart().length);
    const cell = { text: raw.trim(), line, column };
    advance(end);
    return cell;
  };
  for (const match of text.matchAll(/[|;]/g)) {
    row.push(cellUpTo(match.index));
    advance(match.index + 1);
    if (match[0] === ';') {
      rows.push(row);
      row = [];
    }
  }
  const last = cellUpTo(text.length);
  return { rows, rest: row.find((c) => c.text !== '') ?? last };
}

function openColumn(cell: Cell, before: readonly OpenColumn[]): OpenColumn | string {
  const match = /^(P\d+)(\.F)?$/.exec(cell.text);
  const thread = match ? threadOf(match[1] as string) : undefined;
  if (thread === undefined) return `expected a thread such as \`P0\` or its handler \`P0.F\`, found \`${cell.text}\``;
  const handler = match?.[2] !== undefined;
  const { line, column } = cell;
  const threads = before.filter((c) => !c.handler).length;
  if (!handler && thread !== threads) return `expected \`P${threads}\`: threads are numbered from left to right`;
  if (handler && !before.some((c) => c.thread === thread && !c.handler))
    return `expected \`P${thread}\` before its handler`;
  if (handler && before.some((c) => c.thread === thread && c.handler)) return `\`P${thread}.F\` stands here twice`;
  if (thread >= MAX_THREADS) return `expected at most ${MAX_THREADS} threads`;
  return { thread, handler, line, column, instructions: [], labels: [] };
}

/** Takes the labels and the instruction of a cell, if there is one. */
function fill(column: OpenColumn, cell: Cell): LitmusProblem | undefined {
  let { text } = cell;
  let at = cell.column;
  for (;;) {
    const label = /^([A-Za-z_]\w*)\s*:\s*/.exec(text);
    if (label === null) break;
    column.labels.push({ name: label[1] as string, index: column.instructions.length });
    text = text.slice(label[0].length);
    at += label[0].length;
  }
  if (text === '') return undefined;
  const reader: CellReader = { text, line: cell.line, column: at };
  const instruction = parseAssembly(reader);
  if ('message' in instruction) return instruction;
  column.instructions.push(instruction);
  return undefined;
}
