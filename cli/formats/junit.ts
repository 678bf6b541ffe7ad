/** JUnit XML: a suite for each file, a case for each scenario, and one for what only its text shows. */

import type { FileReport, ReportDiagnostic, ScenarioReport } from '../../server/verdict/report';
import { alsoHere, mistakesOf } from './mistakes';
import { summaryOf } from './summary';
import { boundReason, leftOutReason } from './text';

export function junitText(files: readonly FileReport[]): string {
  const { counts, milliseconds } = countsOf(files);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="hvo" ${counts} time="${seconds(milliseconds)}">`,
    ...files.flatMap(suite),
    '</testsuites>',
    '',
  ].join('\n');
}

/** A file that cannot be read counts as a case, and so does a text that no scenario fails for: they would pass for good. */
function countsOf(files: readonly FileReport[]): { readonly counts: string; readonly milliseconds: number } {
  const { scenarios, leftOut, verdicts, unreadable, milliseconds } = summaryOf(files);
  const texts = files.map(faultOfText);
  const [broken, breaking] = (['error', 'failure'] as const).map(
    (kind) => texts.filter((fault) => fault?.kind === kind).length,
  ) as [number, number];
  const counts = [
    `tests="${scenarios + leftOut + unreadable + broken + breaking}"`,
    `failures="${verdicts.failed + breaking}"`,
    `errors="${verdicts.error + unreadable + broken}"`,
    `skipped="${verdicts.unknown + leftOut}"`,
  ];
  return { counts: counts.join(' '), milliseconds };
}

interface FaultOfText {
  readonly kind: 'error' | 'failure';
  readonly said: readonly [ReportDiagnostic, ...ReportDiagnostic[]];
}

/** Mistakes of the text where no scenario has the verdict for them; otherwise broken rules, likewise. */
function faultOfText({ diagnostics, scenarios }: FileReport): FaultOfText | undefined {
  for (const [of, verdict, kind] of [
    ['text', 'error', 'error'],
    ['rule', 'failed', 'failure'],
  ] as const) {
    const [first, ...others] = diagnostics.filter((one) => one.of === of && one.severity === 'error');
    if (first !== undefined && !scenarios.some((scenario) => scenario.verdict === verdict))
      return { kind, said: [first, ...others] };
  }
  return undefined;
}

function suite(file: FileReport): readonly string[] {
  const { counts, milliseconds } = countsOf([file]);
  const errors = file.diagnostics.filter((one) => one.severity === 'error');
  return [
    `  <testsuite name="${escaped(file.path)}" ${counts} time="${seconds(milliseconds)}">`,
    ...(file.problem === undefined ? [] : unreadableCase(file.path, file.problem)),
    ...textCase(file),
    ...file.scenarios.flatMap((scenario) => testCase(file, scenario)),
    ...(file.leftOut ?? []).flatMap((title) =>
      skippedCase(
        `    <testcase classname="${escaped(file.path)}" name="${escaped(title)}" time="0.000"`,
        leftOutReason,
      ),
    ),
    ...(errors.length === 0 ? [] : [`    <system-err>${escaped(errors.map(line).join('\n'))}</system-err>`]),
    '  </testsuite>',
  ];
}

function unreadableCase(path: string, problem: string): readonly string[] {
  return [
    `    <testcase classname="${escaped(path)}" name="the file" time="0.000">`,
    `      <error type="unreadable" message="${escaped(problem)}"/>`,
    '    </testcase>',
  ];
}

function textCase(file: FileReport): readonly string[] {
  const fault = faultOfText(file);
  if (fault === undefined) return [];
  const { kind, said } = fault;
  const [{ code, message }] = said;
  return [
    `    <testcase classname="${escaped(file.path)}" name="the text" time="0.000">`,
    `      <${kind} type="${escaped(code)}" message="${escaped(message)}">${escaped(said.map(line).join('\n'))}</${kind}>`,
    '    </testcase>',
  ];
}

function line({ place, code, message }: ReportDiagnostic): string {
  return `${place.path}:${place.line}: ${code}: ${message}`;
}

function testCase(file: FileReport, scenario: ScenarioReport): readonly string[] {
  const head = `    <testcase classname="${escaped(file.path)}" name="${escaped(scenario.name)}" time="${seconds(scenario.milliseconds)}"`;
  switch (scenario.verdict) {
    case 'ok':
      return [`${head}/>`];
    case 'unknown':
      return skippedCase(head, boundReason(scenario.bound ?? ''));
    case 'error':
      return [`${head}>`, '      <error message="the text has errors"/>', '    </testcase>'];
    case 'failed':
      return [`${head}>`, ...failures(scenario), '    </testcase>'];
  }
}

function skippedCase(head: string, why: string): readonly string[] {
  return [`${head}>`, `      <skipped message="${escaped(why)}"/>`, '    </testcase>'];
}

function failures({ claims, findings }: ScenarioReport): readonly string[] {
  const failed = claims.filter((claim) => claim.holds === 'no');
  return [
    ...mistakesOf(findings.filter((finding) => finding.severity === 'error')).map(
      ([{ code, outcome, message, place, witness }, ...others]) =>
        failure(
          `${code} ${outcome}`,
          message,
          [`${place.path}:${place.line}`, message, `schedule: ${witness.schedule}`, ...others.map(alsoHere)].join('\n'),
        ),
    ),
    ...failed.map(({ text, why, place, witness }) =>
      failure(
        text,
        why,
        `${place.path}:${place.line}\n${text}: ${why}${witness ? `\nschedule: ${witness.schedule}` : ''}`,
      ),
    ),
  ];
}

function failure(type: string, message: string, body: string): string {
  return `      <failure type="${escaped(type)}" message="${escaped(message)}">${escaped(body)}</failure>`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

/** Characters that XML 1.0 cannot hold are left out. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  );
}
