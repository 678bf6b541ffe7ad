/** A manifest of traces with expected verdicts (tab-separated, one header line), and how reports agree with it. */

import type { TraceReport } from './traceReport';

export interface ManifestRow {
  readonly file: string;
  /** Undefined: `n/a`, `-` or nothing stands there, and it is not compared. */
  readonly expected: 'accept' | 'reject' | undefined;
  /** What a checker needs to judge the trace: one group of the table. */
  readonly needs: string;
  /** casemate's own words for the rejection. */
  readonly peer: string;
}

export type ReadManifest =
  | {
      readonly kind: 'rows';
      readonly rows: readonly ManifestRow[];
      /** Words that are no verdict, and lines without a file. */
      readonly problems: readonly { readonly line: number; readonly message: string }[];
      /** Columns that are not read, and those that would be and are not there. */
      readonly unread: readonly string[];
      readonly absent: readonly string[];
    }
  | { readonly kind: 'problem'; readonly line: number; readonly message: string };

const notCompared: readonly string[] = ['', '-', 'n/a'];

const columns = { file: 'file', expected: 'expected', needs: 'usable', peer: 'casemate_message_in_file' };

export function readManifest(text: string): ReadManifest {
  const [header = '', ...lines] = text.split(/\r?\n/);
  const names = header.split('\t');
  const find = (name: string) => names.findIndex((column) => column === name || column.startsWith(`${name}_`));
  const [file, expected, needs, peer] = [columns.file, columns.expected, columns.needs, columns.peer].map(find);
  if (file === -1 || expected === -1) {
    const message =
      "a manifest begins with a line of column names, separated by tabs; 'file' and 'expected' are among them";
    return { kind: 'problem', line: 1, message };
  }
  const rows: ManifestRow[] = [];
  const problems: { line: number; message: string }[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const tell = (message: string) => problems.push({ line: i + 2, message });
    const cells = line.split('\t');
    const cell = (index: number | undefined) => (index === undefined ? '' : (cells[index] ?? '').trim());
    if (cell(file) === '') {
      tell("'file': expected the name of a trace, found nothing");
      continue;
    }
    const verdict = cell(expected);
    const isVerdict = verdict === 'accept' || verdict === 'reject';
    if (!isVerdict && !notCompared.includes(verdict))
      tell(`'expected': expected accept or reject, or n/a where nothing is to be compared, found '${verdict}'`);
    rows.push({
      file: cell(file),
      expected: isVerdict ? verdict : undefined,
      needs: group(cell(needs)),
      peer: cell(peer),
    });
  }
  const read = [file, expected, needs, peer];
  return {
    kind: 'rows',
    rows,
    problems,
    unread: names.filter((_, index) => !read.includes(index)),
    absent: Object.values(columns).filter((name) => find(name) === -1),
  };
}

/** "yes (2 levels)" and "yes" are one group; "only with VMIDs" is another; of "no (register rule)" too only the word counts. */
function group(needs: string): string {
  const word = needs.replace(/\s*\(.*\)\s*$/, '');
  return word === '' ? '-' : word;
}

export type Agreement = 'agree' | 'falseAlarm' | 'miss' | 'unsupported' | 'notCompared';

export interface ComparedTrace {
  readonly file: string;
  readonly needs: string;
  readonly agreement: Agreement;
  readonly expected: ManifestRow['expected'];
  readonly verdict: TraceReport['verdict'];
  /** Why: the code and line of the first error, and the first of the missing steps. */
  readonly reason: string;
  readonly peer: string;
}

export interface AgreementTable {
  readonly traces: readonly ComparedTrace[];
  /** Files of the manifest that were not given. */
  readonly absent: readonly string[];
  /** Traces that were given and are not in the manifest. */
  readonly unlisted: readonly string[];
}

export function compareWithManifest(rows: readonly ManifestRow[], reports: readonly TraceReport[]): AgreementTable {
  const byName = new Map(reports.map((report) => [baseName(report.path), report]));
  const listed = new Set(rows.map((row) => row.file));
  return {
    traces: rows.flatMap((row) => {
      const report = byName.get(row.file);
      return report ? [compare(row, report)] : [];
    }),
    absent: rows.filter((row) => !byName.has(row.file)).map((row) => row.file),
    unlisted: reports.filter((report) => !listed.has(baseName(report.path))).map((report) => report.path),
  };
}

function compare({ file, needs, expected, peer }: ManifestRow, report: TraceReport): ComparedTrace {
  const first = report.findings.find((finding) => finding.severity === 'error');
  const missing = first?.missing.map(({ step }) => step).join(', ') ?? '';
  const unsupported = report.unsupported[0];
  const reason = first
    ? `${first.code} at line ${first.line}${missing === '' ? '' : `, missing: ${missing}`}`
    : report.verdict === 'unsupported' && unsupported
      ? `line ${unsupported.line}: ${unsupported.feature}`
      : '';
  return { file, needs, expected, verdict: report.verdict, agreement: agreementOf(expected, report), reason, peer };
}

function agreementOf(expected: ManifestRow['expected'], { verdict }: TraceReport): Agreement {
  if (verdict === 'unsupported') return 'unsupported';
  if (expected === undefined) return 'notCompared';
  if (verdict === expected) return 'agree';
  return verdict === 'reject' ? 'falseAlarm' : 'miss';
}

/** A line for each trace, then the counts for each group of the manifest. */
export function agreementText(table: AgreementTable): string {
  const traces = table.traces.map(({ file, agreement, expected, verdict, reason, peer }) => [
    file,
    expected ?? 'n/a',
    verdict,
    words[agreement],
    reason === '' ? '-' : reason,
    peer,
  ]);
  const groups = [...new Set(table.traces.map((trace) => trace.needs))];
  const count = (of: readonly ComparedTrace[]) =>
    agreements.map((agreement) => String(of.filter((trace) => trace.agreement === agreement).length));
  const sums = [
    ...groups.map((needs) => {
      const of = table.traces.filter((trace) => trace.needs === needs);
      return [needs, String(of.length), ...count(of)];
    }),
    ['all', String(table.traces.length), ...count(table.traces)],
  ];
  const text = [
    aligned([['trace', 'expected', 'verdict', 'agreement', 'reason', 'casemate'], ...traces]),
    aligned([['usable', 'traces', ...agreements.map((agreement) => words[agreement])], ...sums]),
    [
      ...table.absent.map((file) => `not given: ${file}\n`),
      ...table.unlisted.map((path) => `not in the manifest: ${path}\n`),
    ].join(''),
  ];
  return text.filter((part) => part !== '').join('\n');
}

const agreements: readonly Agreement[] = ['agree', 'falseAlarm', 'miss', 'unsupported', 'notCompared'];

const words: Readonly<Record<Agreement, string>> = {
  agree: 'agree',
  falseAlarm: 'false alarm',
  miss: 'miss',
  unsupported: 'unsupported',
  notCompared: 'not compared',
};

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
