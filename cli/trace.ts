/** `hvo trace`: recorded page-table traces through the rules of locking and break-before-make. */

import {
  type AgreementTable,
  agreementText,
  compareWithManifest,
  type ManifestRow,
  readManifest,
} from '../server/trace/manifest';
import { reportText, type TraceReport, traceReport } from '../server/trace/traceReport';
import type { BbmLevel } from '../simulator/machine/program';
import { misuse, parseArguments } from './arguments';
import { readForeign } from './files';
import { type ExitCode, firstFew, type Io, readFailure } from './io';
import { tellManifestProblems } from './manifestProblems';

export const usage = `usage: hvo trace FILE... [--manifest FILE] [--bbm LEVEL] [--json]

Checks traces in casemate's format: every write to a live page table under its lock and with break-before-make, every
table released only when nothing can walk it, every VMID given to one address space. A rejected trace names the step
that is missing and the record before which it belongs.

  --manifest FILE  compare with the expected verdicts of a table, and print how they agree
  --bbm LEVEL      FEAT_BBM of the CPUs: 0 (the default), 1, 2, 2-noabort, 3
  --json           print one JSON document
`;

const bbmLevels: Readonly<Record<string, BbmLevel>> = { 0: 0, 1: 1, 2: 2, '2-noabort': '2-noabort', 3: 3 };

/** Exit code 0: all traces accepted, or all as the manifest expects; 1: not so; 2: a file or an argument cannot be used. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    manifest: { type: 'string' },
    bbm: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'problem') return misuse(io, 'trace', parsed.message);
  if (parsed.values.help) {
    io.stdout(usage);
    return 0;
  }
  const { manifest, bbm, json } = parsed.values;
  const bbmLevel = Object.hasOwn(bbmLevels, bbm) ? bbmLevels[bbm] : undefined;
  if (bbmLevel === undefined)
    return misuse(io, 'trace', `--bbm: expected ${Object.keys(bbmLevels).join(', ')}, found "${bbm}"`);
  if (parsed.positionals.length === 0) return misuse(io, 'trace', 'name at least one trace');

  const table = manifest === undefined ? undefined : await readTable(manifest, io);
  if (table === 'unusable') return 2;
  const reports: TraceReport[] = [];
  let unusable = table?.isFaulty ?? false;
  for (const path of parsed.positionals) {
    const text = await read(path, io);
    const report = text === undefined ? undefined : traceReport(path, text, bbmLevel);
    if (report === undefined || report.errors.length > 0 || report.records === 0) unusable = true;
    if (report === undefined) continue;
    const problems = report.errors.map(({ place, message }) => `${path}:${place.line}:${place.column}: ${message}`);
    io.stderr(firstFew(problems, path));
    if (report.records === 0 && report.errors.length === 0) io.stderr(`hvo trace: ${path}: the trace has no records\n`);
    if (report.errors.length === 0 && report.records > 0) reports.push(report);
  }
  const agreement = table === undefined ? undefined : compareWithManifest(table.rows, reports);
  io.stdout(
    json
      ? `${JSON.stringify({ traces: reports.map(data), ...(agreement ? { agreement } : {}) }, undefined, 2)}\n`
      : text(reports, agreement),
  );
  if (unusable) return 2;
  return asExpected(reports, agreement) ? 0 : 1;
}

function text(reports: readonly TraceReport[], table: AgreementTable | undefined): string {
  return [...reports.map(reportText), ...(table ? [`\n${agreementText(table)}`] : [])].join('');
}

/** Without the errors of reading, which are on stderr, and the text that the missing steps make. */
function data({ errors: _, ...report }: TraceReport): object {
  return { ...report, findings: report.findings.map(({ missingText: __, ...finding }) => finding) };
}

function asExpected(reports: readonly TraceReport[], table: AgreementTable | undefined): boolean {
  if (table === undefined) return reports.every((report) => report.verdict === 'accept');
  const differs = table.traces.some(({ agreement }) => agreement !== 'agree' && agreement !== 'notCompared');
  return !differs && table.unlisted.length === 0;
}

interface ExpectedVerdicts {
  readonly rows: readonly ManifestRow[];
  /** Something in it cannot be used, and was told. */
  readonly isFaulty: boolean;
}

async function readTable(path: string, io: Io): Promise<ExpectedVerdicts | 'unusable'> {
  const content = await read(path, io);
  if (content === undefined) return 'unusable';
  const manifest = readManifest(content);
  if (manifest.kind === 'rows') return { rows: manifest.rows, isFaulty: tellManifestProblems(path, manifest, io) };
  io.stderr(`${path}:${manifest.line}: ${manifest.message}\n`);
  return 'unusable';
}

async function read(path: string, io: Io): Promise<string | undefined> {
  try {
    return await readForeign(path, io);
  } catch (error) {
    io.stderr(`hvo trace: ${path}: ${readFailure(error)}\n`);
    return undefined;
  }
}
