/** Reports of walks and of sequences as plain JSON data; 64-bit values are hexadecimal strings. */

import { decodeFaultStatus, faultStatusCode, faultStatusWords } from '../../simulator/machine/faultStatus';
import { hex } from './jsonLines';
import { observationData } from './observation';
import type { SequenceObservation, SequenceReport } from './sequenceCases';
import type { CaseField, CaseOutcome, WalkReport } from './walkCases';

export function walkData(report: WalkReport): object {
  return {
    format: 'walks',
    cases: report.outcomes.length,
    compared: report.compared,
    differences: report.differences,
    suspectLines: report.suspectLines,
    suspectDifferences: report.suspectDifferences,
    problems: report.problems,
    unread: report.unread,
    results: report.outcomes.map(caseData),
  };
}

function caseData(outcome: CaseOutcome): object {
  const { id, cls, line, va, size, suspect } = outcome.case;
  return {
    id,
    cls,
    line,
    va: hex(va),
    size,
    suspect,
    fields: Object.fromEntries(outcome.fields.map((field) => [field.field, fieldData(field)])),
  };
}

function fieldData(field: CaseField): object {
  return {
    ...observationData(field.field, field.walked),
    ...(field.result.kind === 'fault'
      ? { fault: faultStatusWords(decodeFaultStatus(faultStatusCode(field.result.fault))) }
      : { level: field.result.level }),
    walk: field.result.steps.map((step) => ({
      level: step.level,
      index: step.index,
      address: hex(step.address),
      descriptor: hex(step.descriptor.raw),
      kind: step.descriptor.kind,
    })),
    ...(field.recorded === undefined
      ? {}
      : { recorded: observationData(field.field, field.recorded), differs: field.differs }),
  };
}

export function sequenceData(report: SequenceReport): object {
  return {
    format: 'sequences',
    observations: report.observations,
    settled: report.settled,
    stale: report.stale,
    differences: report.differences,
    problems: report.problems,
    unread: report.unread,
    sequences: report.sequences.map((sequence) => ({
      name: sequence.name,
      steps: sequence.steps.map((step) => ({
        line: step.line,
        step: step.step,
        action: step.action,
        unsafeChanges: step.unsafeChanges,
        observations: step.observations.map(sequenceObservationData),
        descriptors: step.descriptors.map(({ name, recorded, actual }) => {
          return { name, recorded: hex(recorded), actual: hex(actual) };
        }),
      })),
    })),
  };
}

function sequenceObservationData(observation: SequenceObservation): object {
  const { page, field, va, recorded, allowed, verdict } = observation;
  return {
    page,
    field,
    va: hex(va),
    verdict,
    recorded: observationData(field, recorded),
    allowed: allowed.map((each) => observationData(field, each)),
  };
}
