/** `hvo walk`: walks of raw tables, and sequences of table changes, from files with one JSON object a line. */

import type { InputProblem } from '../server/features/jsonLines';
import { isSequenceFile, type SequenceReport, sequenceReport } from '../server/features/sequenceCases';
import { type WalkReport, walkReport } from '../server/features/walkCases';
import { sequenceData, walkData } from '../server/features/walkData';
import { sequenceText, walkText } from '../server/features/walkText';
import { misuse, parseArguments } from './arguments';
import { readForeign } from './files';
import { type ExitCode, firstFew, type Io, readFailure } from './io';

export const usage = `usage: hvo walk CASES.jsonl... [--print] [--json]

Runs the translation table walk of each line: for a load, a store, AT S1E1R and AT S1E1W the physical address, or ESR
and FAR, or PAR. Results that a line records are compared; lines marked "suspect" are reported beside the architecture's
answer and not counted. A file whose lines have "seq" is a sequence of table changes with observations.

  --print   print the results of every line, not only of those that differ or record nothing
  --json    print one JSON document
`;

/** A file of either format, with its results. */
interface WalkFile {
  readonly path: string;
  readonly report: WalkReport | SequenceReport;
}

/** Exit code 0: all recorded results agree; 1: some differ; 2: a file or a line cannot be used. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    print: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'problem') return misuse(io, 'walk', parsed.message);
  if (parsed.values.help) {
    io.stdout(usage);
    return 0;
  }
  if (parsed.positionals.length === 0) return misuse(io, 'walk', 'name at least one file of cases');
  const files: WalkFile[] = [];
  let unusable = false;
  for (const path of parsed.positionals) {
    const text = await readCases(path, io);
    if (text === undefined) {
      unusable = true;
      continue;
    }
    const report = isSequenceFile(text) ? sequenceReport(text) : walkReport(text);
    unusable ||= report.problems.length > 0;
    tellProblems(path, report.problems, io);
    tellUnread(path, report.unread, io);
    const isOther = report.problems.length > 0 && report.kind === 'walks' && report.outcomes.length === 0;
    if (!isOther) files.push({ path, report });
  }
  if (parsed.values.json) {
    io.stdout(`${JSON.stringify({ files: files.map(fileData) }, undefined, 2)}\n`);
  } else {
    for (const { path, report } of files) io.stdout(fileText(path, report, parsed.values.print));
  }
  if (unusable) return 2;
  return files.some((file) => file.report.differences > 0) ? 1 : 0;
}

async function readCases(path: string, io: Io): Promise<string | undefined> {
  try {
    const text = await readForeign(path, io);
    if (text.trim() !== '') return text;
    io.stderr(`hvo walk: ${path}: the file is empty; expected one JSON object a line\n`);
  } catch (error) {
    io.stderr(`hvo walk: ${path}: ${readFailure(error)}\n`);
  }
  return undefined;
}

function tellProblems(path: string, problems: readonly InputProblem[], io: Io): void {
  io.stderr(
    firstFew(
      problems.map(({ line, message }) => `${path}:${line}: ${message}`),
      path,
    ),
  );
}

/** Names that are listed. */
const maximumUnread = 8;

function tellUnread(path: string, names: readonly string[], io: Io): void {
  if (names.length === 0) return;
  const more = names.length - maximumUnread;
  const shown = names.slice(0, maximumUnread).map((name) => `"${name}"`);
  io.stderr(`${path}: fields that are not read: ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')}\n`);
}

function fileText(path: string, report: WalkReport | SequenceReport, print: boolean): string {
  return report.kind === 'walks' ? walkText(path, report, print) : sequenceText(path, report, print);
}

function fileData(file: WalkFile): object {
  const { path, report } = file;
  return report.kind === 'walks' ? { path, ...walkData(report) } : { path, ...sequenceData(report) };
}
