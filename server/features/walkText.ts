/** Reports of walks and of sequences as text. */

import { decodeFaultStatus, faultStatusCode, faultStatusWords } from '../../simulator/machine/faultStatus';
import type { WalkResult } from '../../simulator/machine/walk';
import { counted } from '../verdict/counts';
import { hex } from './jsonLines';
import { fieldTitle, observationWords } from './observation';
import type { SequenceObservation, SequenceReport, StepOutcome } from './sequenceCases';
import type { CaseField, CaseOutcome, WalkReport } from './walkCases';

/** Most lines that are printed for differences, and for suspect lines; the rest is counted. */
export const maximumPrinted = 200;

/** A summary line per file; then what differs, what is suspect and what was not recorded, or with `print` everything. */
export function walkText(path: string, report: WalkReport, print: boolean): string {
  const unrecorded = report.outcomes.filter((outcome) => outcome.case.recorded.size === 0);
  const wrong = report.outcomes.filter(
    (outcome) => !outcome.case.suspect && outcome.fields.some((each) => each.differs),
  );
  const suspect = report.outcomes.filter((outcome) => outcome.case.suspect);
  const parts: string[] = [];
  if (print) parts.push(...report.outcomes.map(caseText));
  else {
    parts.push(...limited(wrong.map(caseText), 'lines that differ'));
    parts.push(...limited(suspect.map(caseText), 'suspect lines'));
    parts.push(...unrecorded.map(caseText));
  }
  parts.push(
    `${path}: ${counted(report.outcomes.length, 'case')}, ${counted(report.compared, 'observation')} compared, ${counted(report.differences, 'difference')}`,
  );
  if (report.suspectLines > 0) {
    parts.push(
      `${path}: ${report.suspectLines} suspect lines not compared; the architecture contradicts ` +
        `${report.suspectDifferences} of their observations`,
    );
  }
  if (unrecorded.length > 0) parts.push(`${path}: ${counted(unrecorded.length, 'case')} without recorded results`);
  return `${parts.join('\n')}\n`;
}

function limited(texts: readonly string[], what: string): readonly string[] {
  if (texts.length <= maximumPrinted) return texts;
  return [
    ...texts.slice(0, maximumPrinted),
    `… and ${texts.length - maximumPrinted} more ${what}; --json has them all`,
  ];
}

function caseText(outcome: CaseOutcome): string {
  const { id, cls, va, size, suspect } = outcome.case;
  const mark = suspect ? ' (suspect: the architecture is not what was recorded)' : '';
  const heading = `${id}${cls === '' ? '' : ` ${cls}`}: VA ${hex(va)}, ${size} bytes${mark}`;
  return [heading, ...outcome.fields.map(fieldText)].join('\n');
}

function fieldText(field: CaseField): string {
  const walked = `  ${fieldTitle[field.field].padEnd(9)} ${observationWords(field.walked)}${meaning(field.result)}`;
  if (!field.differs || field.recorded === undefined) return walked;
  return `${walked}\n  ${''.padEnd(9)} recorded: ${observationWords(field.recorded)}`;
}

/** The fault in words behind its numbers. */
function meaning(result: WalkResult): string {
  if (result.kind === 'translated') return '';
  return `  (${faultStatusWords(decodeFaultStatus(faultStatusCode(result.fault)))})`;
}

/** Sequences: a line per step with its counts, and every observation that the machine does not allow. */
export function sequenceText(path: string, report: SequenceReport, print: boolean): string {
  const parts: string[] = [];
  for (const sequence of report.sequences) {
    for (const step of sequence.steps) {
      const wrong = step.observations.filter((observation) => observation.verdict === 'differs');
      const wrongDescriptors = step.descriptors.filter((each) => each.recorded !== each.actual);
      if (print || wrong.length > 0 || wrongDescriptors.length > 0) parts.push(stepText(sequence.name, step));
      parts.push(...(print ? step.observations : wrong).map(observationText));
      for (const each of wrongDescriptors) {
        parts.push(`  ${each.name}: recorded ${hex(each.recorded)}, the tables hold ${hex(each.actual)}`);
      }
    }
    parts.push(sequenceSummary(sequence.name, sequence.steps));
  }
  parts.push(
    `${path}: ${counted(report.sequences.length, 'sequence')}, ${counted(report.observations, 'observation')}: ` +
      `${report.settled} with one allowed result, ${report.stale} through a stale entry, ${counted(report.differences, 'difference')}`,
  );
  return `${parts.join('\n')}\n`;
}

function sequenceSummary(name: string, steps: readonly StepOutcome[]): string {
  const observations = steps.flatMap((step) => step.observations);
  const stale = observations.filter((observation) => observation.verdict === 'stale').length;
  const differs = observations.filter((observation) => observation.verdict === 'differs').length;
  const unsafe = steps.reduce((sum, step) => sum + step.unsafeChanges, 0);
  const rule = unsafe === 0 ? 'break-before-make kept' : `${counted(unsafe, 'change')} without break-before-make`;
  const fresh = observations.length - stale - differs;
  return `${name}: ${counted(steps.length, 'step')}, ${rule}; ${counted(fresh, 'observation')} as a fresh walk, ${stale} stale (allowed), ${differs} not allowed`;
}

function stepText(name: string, step: StepOutcome): string {
  return `${name} step ${step.step} (line ${step.line}): ${step.action}`;
}

function observationText(observation: SequenceObservation): string {
  const { page, field, va, recorded, allowed, verdict } = observation;
  const what = `  page ${page} ${fieldTitle[field]} at ${hex(va)}: ${observationWords(recorded)}`;
  if (verdict === 'fresh') return what;
  const choices = allowed.map(observationWords).join('; or ');
  return verdict === 'stale' ? `${what} (stale; allowed: ${choices})` : `${what} is not allowed; allowed: ${choices}`;
}
