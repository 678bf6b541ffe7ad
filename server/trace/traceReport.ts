/** The verdict on one trace, as plain data with lines in place of record indices, and as text. */

import type { BbmLevel } from '../../simulator/machine/program';
import { missingStepsText, shortfallText } from '../rules/missingStepWords';
import { checkTrace, type TraceVerdict } from './checkTrace';
import { parseTrace } from './parse';
import type { TraceError, TraceRecord } from './record';
import type { TraceCode } from './traceMachine';

/** A record by its line, from 1, and by the number that the trace gives it. */
export interface RecordPlace {
  readonly line: number;
  readonly record: number;
}

export interface ReportedFinding extends RecordPlace {
  readonly code: TraceCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** What the traced program calls the place. */
  readonly source?: string;
  /** The step, the record before which it belongs, and why the step that is there is not it. */
  readonly missing: readonly { readonly step: string; readonly before: RecordPlace; readonly because?: string }[];
  readonly missingText: string;
  readonly related: readonly (RecordPlace & { readonly message: string })[];
}

export interface TraceReport {
  readonly path: string;
  readonly verdict: TraceVerdict['verdict'];
  readonly records: number;
  /** Address spaces whose tables the trace has; with 0 there was nothing to check. */
  readonly roots: number;
  readonly findings: readonly ReportedFinding[];
  readonly unsupported: readonly (RecordPlace & { readonly feature: string })[];
  /** What casemate said when the trace was recorded. */
  readonly casemate?: string;
  /** Records that could not be read; the trace is then not judged. */
  readonly errors: readonly TraceError[];
}

export function traceReport(path: string, text: string, bbm: BbmLevel): TraceReport {
  const trace = parseTrace(text);
  const readable = trace.errors.length === 0;
  const judged = checkTrace(readable ? trace : { records: [], errors: [] }, bbm);
  const place = (at: number) => placeOf(trace.records, at);
  return {
    path,
    verdict: judged.verdict,
    records: trace.records.length,
    roots: judged.roots,
    findings: judged.findings.map(({ code, severity, at, message, missing, related }) => {
      const source = trace.records[at]?.source;
      return {
        code,
        severity,
        ...place(at),
        message,
        ...(source === undefined ? {} : { source }),
        missing: missing.map(({ step, before, because }) => ({
          step,
          before: place(before),
          ...(because ? { because: shortfallText(because) } : {}),
        })),
        missingText: missingStepsText(missing, (before) => placeName(place(before))),
        related: related.map((other) => ({ ...place(other.at), message: other.message })),
      };
    }),
    unsupported: judged.unsupported.map(({ at, feature }) => ({ ...place(at), feature })),
    ...(trace.failure ? { casemate: trace.failure.message } : {}),
    errors: trace.errors,
  };
}

/** One line for the verdict, one for each finding, with the missing steps and the other places below it. */
export function reportText(report: TraceReport): string {
  const { path, findings, unsupported, verdict } = report;
  const note = report.roots === 0 ? ' (no page table is loaded: there was nothing to check)' : '';
  const lines = [`${path}: ${verdictWords[verdict]}${note}`];
  for (const finding of findings) {
    const source = finding.source === undefined ? '' : `, ${finding.source}`;
    lines.push(`  ${path}:${finding.line}: ${finding.severity} ${finding.code}: ${finding.message}`);
    lines.push(`    at record ${finding.record}${source}`);
    if (finding.missingText !== '') lines.push(`    ${finding.missingText}`);
    for (const other of finding.related) lines.push(`    ${placeName(other)}: ${other.message}`);
  }
  for (const { line, feature } of unsupported) lines.push(`  ${path}:${line}: not supported: ${feature}`);
  return `${lines.join('\n')}\n`;
}

const verdictWords: Readonly<Record<TraceVerdict['verdict'], string>> = {
  accept: 'accepted',
  reject: 'rejected',
  unsupported: 'not judged',
};

function placeOf(records: readonly TraceRecord[], at: number): RecordPlace {
  const record = records[at];
  return { line: record?.place.line ?? 0, record: record?.id ?? at };
}

function placeName({ line, record }: RecordPlace): string {
  return `line ${line} (record ${record})`;
}
