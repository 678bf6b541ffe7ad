/** A scenario's verdict in one line, and what an editor says about the places that made it so. */

import type { Diagnostic } from '../language/diagnostic';
import { grouped } from '../verdict/counts';
import type { ClaimReport, Finding, ReportPlace, ScenarioReport, Witness } from '../verdict/report';
import { unmetExpectation } from '../verdict/report';
import { otherReportPlace, type Problem, withOthers } from './problem';

/** `ok: 1,204 states`, `failed: never oops (line 30)`, `unknown up to 1,000,000 states (bound: states)`. */
export function scenarioLine(report: ScenarioReport): string {
  const states = `${grouped(report.states)} ${report.states === 1 ? 'state' : 'states'}`;
  switch (report.verdict) {
    case 'ok':
      return `ok: ${states}`;
    case 'failed':
      return `failed: ${failureWords(report)}`;
    case 'unknown':
      return `unknown up to ${states}${report.bound === undefined ? '' : ` (${boundWords(report.bound)})`}`;
    case 'error':
      return 'error: its text has mistakes, see the problems of the file';
  }
}

function failureWords(report: ScenarioReport): string {
  const claim = brokenClaim(report);
  const finding = failingFinding(report);
  if (claim !== undefined) return `${claim.text} (line ${claim.place.line})`;
  return finding === undefined ? '' : `${finding.code} ${finding.outcome} (line ${finding.place.line})`;
}

function boundWords(bound: string): string {
  switch (bound) {
    case 'cancelled':
      return 'stopped';
    case 'time':
      return 'out of time: hvo.timeoutSeconds';
    case 'states':
      return 'most states: hvo.maxStates';
    case 'pageWords':
      return 'a word of a copied page is read by an address that the text does not tell';
    default:
      return `bound: ${bound}`;
  }
}

const brokenClaim = (report: ScenarioReport): ClaimReport | undefined =>
  report.claims.find(({ holds }) => holds === 'no');

const failingFinding = (report: ScenarioReport): Finding | undefined =>
  report.findings.find(({ severity }) => severity === 'error');

/** The shortest execution that shows why the scenario failed. */
export function failingWitness(report: ScenarioReport): Witness | undefined {
  return brokenClaim(report)?.witness ?? failingFinding(report)?.witness;
}

/** A shortest execution that shows what an expectation of the scenario asks for, where nothing fails. */
export function expectedWitness(report: ScenarioReport): Witness | undefined {
  return report.claims.find(({ holds, witness }) => holds === 'yes' && witness !== undefined)?.witness;
}

/**
 * What exploration has to say about places of a file: expectations that do not hold, and findings that the scenario does
 * not expect. A finding outside the file (in the library) stands at the scenario's heading.
 */
export function scenarioProblems(report: ScenarioReport, path: string): readonly Problem[] {
  const claims = report.claims
    .filter(({ holds }) => holds === 'no')
    .map(
      (claim): Diagnostic => ({
        code: unmetExpectation,
        severity: 'error',
        span: inFile(claim.place, report, path),
        message: `${claim.text.replace(/\s+/g, ' ')} does not hold: ${claim.why}`,
      }),
    );
  const findings = report.findings
    .filter(({ severity }) => severity !== 'note')
    .map((finding): Problem => {
      const isHere = ({ place }: { readonly place: ReportPlace }): boolean => place.path === path;
      const problem: Diagnostic = {
        code: finding.code,
        severity: finding.severity === 'error' ? 'error' : 'warning',
        span: inFile(finding.place, report, path),
        message: `${finding.message} (“${report.name}”)`,
        related: finding.related.filter(isHere).map(({ place, message }) => ({ span: place.span, message })),
      };
      const elsewhere = finding.related.filter((one) => !isHere(one));
      return withOthers(
        problem,
        elsewhere.map(({ place, message }) => otherReportPlace(place, message)),
      );
    });
  return [...claims, ...findings];
}

const inFile = (place: ReportPlace, report: ScenarioReport, path: string): Diagnostic['span'] =>
  place.path === path ? place.span : report.place.span;
