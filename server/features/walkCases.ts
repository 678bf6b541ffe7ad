/**
 * Walks of raw tables, one JSON object a line: registers, tables and an address, with or without what an emulated or a
 * real CPU did. Each line is run; where results are recorded they are compared.
 */

import { largestCpu } from '../../simulator/machine/cpuFeatures';
import { type Granule, granules } from '../../simulator/machine/granule';
import { inUpperHalf, outOfRange, translationControl } from '../../simulator/machine/translationControl';
import { type WalkContext, type WalkResult, walk } from '../../simulator/machine/walk';
import { type Shape, unreadFields } from './fieldNames';
import {
  type InputProblem,
  isProblem,
  type JsonLine,
  numberField,
  parseJsonLines,
  readLine,
  refuse,
  textField,
  wordField,
  wordFieldOr,
} from './jsonLines';
import {
  accessOfField,
  type Observation,
  type ObservationField,
  observationFields,
  observationShape,
  observe,
  readObservation,
  sameObservation,
} from './observation';
import { answers, readFrom, tableShape, tableWords } from './tableMemory';

export interface WalkCase {
  readonly line: number;
  readonly id: string;
  readonly cls: string;
  readonly va: bigint;
  readonly size: number;
  readonly context: WalkContext;
  /** The recorder departs from the architecture here: the line is reported, not compared. */
  readonly suspect: boolean;
  readonly recorded: ReadonlyMap<ObservationField, Observation>;
  readonly unread: readonly string[];
}

/** One field of one case. `walked` is the architecture's answer. */
export interface CaseField {
  readonly field: ObservationField;
  readonly recorded?: Observation;
  readonly walked: Observation;
  readonly result: WalkResult;
  /** True when something was recorded and it is not what the architecture gives. */
  readonly differs: boolean;
}

export interface CaseOutcome {
  readonly case: WalkCase;
  readonly fields: readonly CaseField[];
}

export interface WalkReport {
  readonly kind: 'walks';
  readonly outcomes: readonly CaseOutcome[];
  /** Recorded observations of lines that are not suspect, and how many of them differ. */
  readonly compared: number;
  readonly differences: number;
  /** Suspect lines, and observations on them that the architecture contradicts. */
  readonly suspectLines: number;
  readonly suspectDifferences: number;
  readonly problems: readonly InputProblem[];
  /** Names of fields that mean nothing here. */
  readonly unread: readonly string[];
}

const caseShape: Shape = {
  ...observationShape,
  ...{ id: true, cls: true, suspect: true, granule: true, va_bits: true, va: true, size: true },
  ...{ tcr: true, mair: true, ttbr0: true, ttbr1: true, sctlr: true },
  tables: tableShape,
};

/** Reads one line. Granule and address size may be given beside TCR_EL1; they must then agree with it. */
export function readWalkCase({ line, value }: JsonLine): WalkCase | InputProblem {
  return readLine(line, () => {
    const unread = unreadFields(value, caseShape);
    const va = wordField(value, 'va');
    const size = value.size === undefined ? 8 : numberField(value, 'size');
    const { suspect = false } = value;
    if (typeof suspect !== 'boolean') refuse(`"suspect": expected true or false, found ${JSON.stringify(suspect)}`);
    if (![1, 2, 4, 8, 16].includes(size)) refuse(`"size": expected 1, 2, 4, 8 or 16 bytes, found ${size}`);
    const words = tableWords(value);
    const context: WalkContext = {
      tcr: wordField(value, 'tcr'),
      mair: wordField(value, 'mair'),
      ttbr0: wordFieldOr(value, 'ttbr0', 0n),
      ttbr1: wordFieldOr(value, 'ttbr1', 0n),
      sctlr: wordFieldOr(value, 'sctlr', 0n),
      el: 1,
      pan: false,
      cpu: largestCpu,
      readDescriptor: (pa) => readFrom(words, pa),
      answers,
    };
    checkAgreement(value, context.tcr, va);
    const recorded = new Map<ObservationField, Observation>();
    for (const field of observationFields) {
      const observation = readObservation(value, field);
      if (observation !== undefined) recorded.set(field, observation);
    }
    return {
      line,
      id: value.id === undefined ? `line ${line}` : textField(value, 'id'),
      cls: value.cls === undefined ? '' : textField(value, 'cls'),
      va,
      size,
      context,
      suspect: suspect === true,
      recorded,
      unread,
    };
  });
}

/** The fields must describe one of the two halves of TCR_EL1, and the base register of the half in use must be there. */
function checkAgreement(value: Readonly<Record<string, unknown>>, tcr: bigint, va: bigint): void {
  const halves = [true, false].map((each) => translationControl(tcr, each, largestCpu));
  const upper = inUpperHalf(va);
  const control = translationControl(tcr, upper, largestCpu);
  if (value.granule !== undefined) {
    const named = textField(value, 'granule');
    if (!granules.includes(named as Granule))
      refuse(`"granule": expected 4K, 16K or 64K, found "${named.slice(0, 40)}"`);
    if (!halves.some((half) => half.geometry.granule === named)) {
      refuse(`"granule" is ${named}, but "tcr" selects ${halves[0]?.geometry.granule} for TTBR1_EL1`);
    }
  }
  if (value.va_bits !== undefined) {
    const bits = numberField(value, 'va_bits');
    if (control.sizeUsable && !halves.some((half) => half.geometry.vaBits === bits)) {
      refuse(`"va_bits" is ${bits}, but "tcr" gives ${halves[0]?.geometry.vaBits} for TTBR1_EL1`);
    }
  }
  const name = upper ? 'ttbr1' : 'ttbr0';
  const needed = control.sizeUsable && !control.walkDisabled && !outOfRange(control, va, false);
  if (needed && value[name] === undefined) refuse(`"${name}": the address is translated through it, so it is needed`);
}

/** Runs the four accesses of a case and compares each with what was recorded. */
export function runWalkCase(walkCase: WalkCase): CaseOutcome {
  const fields = observationFields.map((field): CaseField => {
    const result = walk(walkCase.context, walkCase.va, { kind: accessOfField[field], size: walkCase.size });
    const walked = observe(field, result);
    const recorded = walkCase.recorded.get(field);
    if (recorded === undefined) return { field, walked, result, differs: false };
    return { field, recorded, walked, result, differs: !sameObservation(recorded, walked) };
  });
  return { case: walkCase, fields };
}

/** Runs every line of a file. Nothing is left out: lines that cannot be read are problems. */
export function walkReport(text: string): WalkReport {
  const { lines, problems: syntax } = parseJsonLines(text);
  const problems = [...syntax];
  const outcomes: CaseOutcome[] = [];
  for (const line of lines) {
    const walkCase = readWalkCase(line);
    if (isProblem(walkCase)) problems.push(walkCase);
    else outcomes.push(runWalkCase(walkCase));
  }
  const count = (suspect: boolean, wanted: (field: CaseField) => boolean) =>
    outcomes
      .filter((outcome) => outcome.case.suspect === suspect)
      .reduce((sum, outcome) => sum + outcome.fields.filter(wanted).length, 0);
  return {
    kind: 'walks',
    outcomes,
    compared: count(false, (field) => field.recorded !== undefined),
    differences: count(false, (field) => field.differs),
    suspectLines: outcomes.filter((outcome) => outcome.case.suspect).length,
    suspectDifferences: count(true, (field) => field.differs),
    problems: problems.sort((one, other) => one.line - other.line),
    unread: [...new Set(outcomes.flatMap((outcome) => outcome.case.unread))],
  };
}
