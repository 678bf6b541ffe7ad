/** All executions of scenarios as a readable document: verdict, expectations, findings with a shortest execution each. */

import { executionLines } from '../verdict/columns';
import { grouped } from '../verdict/counts';
import { knobs } from '../verdict/forecastText';
import type { ClaimReport, Finding, PlaceOutcomes, ScenarioReport, Witness } from '../verdict/report';
import { scenarioLine } from './scenarioView';

export function exploreText(scenarios: readonly ScenarioReport[]): string {
  return scenarios.flatMap((scenario) => [...scenarioLines(scenario), '']).join('\n');
}

function scenarioLines(report: ScenarioReport): readonly string[] {
  const { name, verdict, transitions, depth, milliseconds, bound, claims, findings, outcomes } = report;
  const head = [`“${name}”`, `  ${scenarioLine(report)}`];
  if (verdict === 'error') return head;
  const shown = new Set<string>();
  return [
    ...head,
    `  ${grouped(transitions)} transitions, ${depth} steps deep, ${milliseconds} ms`,
    ...(bound === undefined || bound === 'cancelled' ? [] : [`  ${knobs}.`]),
    ...section(
      'Expectations',
      claims.flatMap((claim) => claimLines(claim)),
    ),
    ...section(
      'What can happen where',
      outcomes.map((place) => outcomeLine(place)),
    ),
    ...section(
      'Findings',
      findings.flatMap((finding) => findingLines(finding, shown)),
    ),
    ...section(
      'Executions that decide an expectation',
      claims.filter(({ holds }) => holds === 'no').flatMap((claim) => witnessOfClaim(claim, shown)),
    ),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `  ${title}`, ...lines.map((line) => (line === '' ? '' : `    ${line}`))];
}

const marks = { yes: '✔', no: '✘', unknown: '?' } as const;

function claimLines({ holds, text, place, why }: ClaimReport): readonly string[] {
  return [`${marks[holds]} line ${place.line}: ${text.replace(/\s+/g, ' ')}: ${why}`];
}

function outcomeLine({ place, cpu, items }: PlaceOutcomes): string {
  const list = items.map(({ outcome, count }) => `${outcome} ×${grouped(count)}`).join(' | ');
  return `line ${place.line}, cpu ${cpu}: ${list}`;
}

const severities = { error: '✘', warning: '!', note: '·' } as const;

function findingLines(
  { code, outcome, severity, message, place, related, count, witness }: Finding,
  shown: Set<string>,
): readonly string[] {
  return [
    `${severities[severity]} line ${place.line}: ${code} ${outcome}, ×${grouped(count)}: ${message}`,
    ...related.map((other) => `    ${fileName(other.place.path)}:${other.place.line}: ${other.message}`),
    ...(severity === 'note' ? [] : witnessLines(witness, shown)),
  ];
}

function witnessOfClaim({ text, witness }: ClaimReport, shown: Set<string>): readonly string[] {
  if (witness === undefined || shown.has(witness.schedule)) return [];
  return [text.replace(/\s+/g, ' '), ...witnessLines(witness, shown)];
}

/** A shortest execution, drawn once. */
function witnessLines({ schedule, execution }: Witness, shown: Set<string>): readonly string[] {
  if (shown.has(schedule) || execution === undefined) return [`    schedule ${schedule}`];
  shown.add(schedule);
  const lines = executionLines(execution, { verbose: false, changes: true });
  return ['', ...lines.map((line) => (line === '' ? '' : `  ${line}`)), '', `  schedule ${schedule}`, ''];
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
