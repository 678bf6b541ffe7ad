/** SARIF 2.1.0: findings and unmet expectations as results, their executions as code flows with a thread for each CPU. */

import { version } from '../../package.json';
import { libraryScheme } from '../../server/language/stdlib/library';
import type { Execution, FileReport, Finding, RelatedPlace, ReportPlace, Witness } from '../../server/verdict/report';
import { unmetExpectation } from '../../server/verdict/report';
import { mistakesOf, withoutMend } from './mistakes';
import { leftOutReason } from './text';

interface Result {
  readonly code: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly place: ReportPlace;
  readonly related: readonly RelatedPlace[];
  readonly witness?: Witness;
  readonly scenario?: string;
}

export function sarifText(files: readonly FileReport[]): string {
  const results = files.flatMap(resultsOf);
  const codes = [...new Set(results.map((one) => one.code))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'hvo', version, rules: codes.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        invocations: [invocation(files)],
        results: results.map((one) => resultData(one, codes)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

/** Files that cannot be read, and scenarios that were left out, are no results: the run has failed. */
function invocation(files: readonly FileReport[]): object {
  const notifications = files.flatMap(({ path, problem, leftOut = [] }) =>
    [...(problem === undefined ? [] : [problem]), ...leftOut.map((title) => `"${title}" was ${leftOutReason}`)].map(
      (what) => ({ level: 'error', message: { text: `${path}: ${what}` }, locations: [fileLocation(path)] }),
    ),
  );
  return {
    executionSuccessful: files.every((file) => file.problem === undefined && file.leftOut === undefined),
    ...(notifications.length === 0 ? {} : { toolExecutionNotifications: notifications }),
  };
}

/** A URI: a reference that counts from where the tool ran, or an absolute one. */
function uriOf(path: string): string {
  if (path.startsWith(`${libraryScheme}:`)) return path;
  const uri = encodeURI(path.replaceAll('\\', '/').replace(/^\.\//, '')).replaceAll('?', '%3F').replaceAll('#', '%23');
  // `C:/x` and `/x`; a colon before the first slash would be a scheme.
  if (/^[A-Za-z]:\//.test(uri)) return `file:///${uri}`;
  return uri.startsWith('/') ? `file://${uri}` : uri.replace(/^([^/]*):/, './$1:');
}

function fileLocation(path: string): object {
  return { physicalLocation: { artifactLocation: { uri: uriOf(path) } } };
}

function resultsOf(file: FileReport): readonly Result[] {
  return [
    ...file.diagnostics.map(
      ({ code, severity, message, place, related }): Result => ({
        code,
        level: severity === 'hint' ? 'note' : severity,
        message,
        place,
        related,
      }),
    ),
    ...file.scenarios.flatMap((scenario) => [
      ...mistakesOf(scenario.findings.filter((finding) => finding.severity !== 'note')).map(
        ([{ code, severity, message, place, related, witness }, ...others]): Result => ({
          code,
          level: severity,
          message,
          place,
          related: [...related, ...others.map(alsoHere)],
          witness,
          scenario: scenario.name,
        }),
      ),
      ...scenario.claims
        .filter((claim) => claim.holds === 'no')
        .map(
          ({ text, why, place, witness }): Result => ({
            code: unmetExpectation,
            level: 'error',
            message: `${text} does not hold: ${why}`,
            place,
            related: [],
            scenario: scenario.name,
            ...(witness === undefined ? {} : { witness }),
          }),
        ),
    ]),
  ];
}

/** Another place where the same mistake shows. */
function alsoHere(finding: Finding): RelatedPlace {
  const { place, outcome, witness } = finding;
  return { place, message: `${outcome} here too: ${withoutMend(finding)} [${witness.schedule}]` };
}

function resultData(
  { code, level, message, place, related, witness, scenario }: Result,
  codes: readonly string[],
): object {
  const execution = witness?.execution;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level,
    message: { text: message },
    locations: [locationOf(place)],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((one, id) => ({
            id,
            ...locationOf(one.place),
            message: { text: one.message },
          })),
        }),
    ...(execution === undefined ? {} : { codeFlows: [codeFlow(execution)] }),
    ...(scenario === undefined && witness === undefined
      ? {}
      : { properties: { scenario, schedule: witness?.schedule } }),
  };
}

function locationOf(place: ReportPlace): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(place.path) },
      region: { startLine: place.line, startColumn: place.column },
    },
  };
}

function codeFlow(execution: Execution): object {
  const order = execution.steps.map((step, i) => ({ step, i })).filter(({ step }) => step.matters);
  return {
    threadFlows: execution.cpus.map((id, column) => ({
      id,
      locations: order
        .filter(({ step }) => step.column === column)
        .map(({ step, i }) => ({
          executionOrder: i + 1,
          location: {
            ...(step.place === undefined ? {} : locationOf(step.place)),
            message: { text: [step.text, ...step.notes].join(' ') },
          },
        })),
    })),
  };
}
