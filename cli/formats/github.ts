/** Workflow commands of GitHub Actions: one line for each annotation, and the summary as plain text. */

import type { FileReport, ReportPlace } from '../../server/verdict/report';
import { alsoHere, mistakesOf } from './mistakes';
import { boundReason, leftOutReason } from './text';

type Level = 'error' | 'warning' | 'notice';

export function githubText(file: FileReport): string {
  const lines = [
    ...(file.problem === undefined
      ? []
      : [`::error file=${property(fromRoot(file.path))},title=unreadable::${data(file.problem)}`]),
    ...file.diagnostics.flatMap(({ severity, place, code, message }) =>
      severity === 'hint' ? [] : [annotation(severity, place, code, message)],
    ),
    ...file.scenarios.flatMap((scenario) => [
      ...mistakesOf(scenario.findings).flatMap(([{ severity, place, code, outcome, message, witness }, ...others]) =>
        severity === 'note'
          ? []
          : [
              annotation(
                severity,
                place,
                `${code} ${outcome}`,
                [message, `schedule: ${witness.schedule}`, ...others.map(alsoHere)].join('\n'),
              ),
            ],
      ),
      ...scenario.claims.flatMap(({ holds, place, text, why }) =>
        holds === 'no' ? [annotation('error', place, scenario.name, `${text} does not hold: ${why}`)] : [],
      ),
      ...(scenario.verdict === 'unknown'
        ? [annotation('warning', scenario.place, scenario.name, `unknown: ${boundReason(scenario.bound ?? '')}`)]
        : []),
    ]),
    ...(file.leftOut ?? []).map(
      (title) => `::warning file=${property(fromRoot(file.path))},title=${property(title)}::${leftOutReason}`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function annotation(level: Level, place: ReportPlace, title: string, message: string): string {
  const properties = [
    ...(place.origin === 'user'
      ? [`file=${property(fromRoot(place.path))}`, `line=${place.line}`, `col=${place.column}`]
      : []),
    `title=${property(title)}`,
  ];
  return `::${level} ${properties.join(',')}::${data(message)}`;
}

/** As GitHub names the files of a change: without `./` before. */
const fromRoot = (path: string): string => path.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
