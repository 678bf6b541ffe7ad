/**
 * Sequences of table changes with what a CPU saw after each step, one JSON object a line: `seq` and `step` name the
 * step, `writes` the descriptors that it stored, `tlbi` the invalidations after them, `observed` what accesses gave.
 *
 * An observation is right when a CPU whose TLB holds any mix of values since the last covering invalidation may give
 * it. Where no value is left over, that is exactly the result of a fresh walk.
 */

import { largestCpu } from '../../simulator/machine/cpuFeatures';
import { pageBytes } from '../../simulator/machine/granule';
import { translationControl } from '../../simulator/machine/translationControl';
import { type Shape, unreadFields } from './fieldNames';
import {
  type InputProblem,
  isProblem,
  type JsonLine,
  numberField,
  objectField,
  objectsField,
  parseJsonLines,
  readLine,
  refuse,
  textField,
  word,
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
import {
  allowedWalks,
  freshWalk,
  invalidateAddress,
  invalidateAll,
  maximumMixes,
  type TableHistory,
  tableHistory,
  writeDescriptor,
} from './tableHistory';
import { tableShape, tableWords } from './tableMemory';

export interface SequenceObservation {
  readonly page: number;
  readonly field: ObservationField;
  readonly va: bigint;
  readonly recorded: Observation;
  readonly fresh: Observation;
  /** What the machine allows, the fresh result first, without repetitions. */
  readonly allowed: readonly Observation[];
  /** `fresh`: as a fresh walk; `stale`: only with an old value, which is allowed; `differs`: not allowed. */
  readonly verdict: 'fresh' | 'stale' | 'differs';
}

/** A descriptor that the line records after the step (hardware updates), or before a write. */
export interface RecordedDescriptor {
  readonly name: string;
  readonly recorded: bigint;
  readonly actual: bigint;
}

export interface StepOutcome {
  readonly line: number;
  readonly step: number;
  readonly action: string;
  readonly observations: readonly SequenceObservation[];
  readonly descriptors: readonly RecordedDescriptor[];
  /** Descriptors that went from one valid value to another, or to valid before the old value was invalidated. */
  readonly unsafeChanges: number;
}

export interface SequenceOutcome {
  readonly name: string;
  readonly steps: readonly StepOutcome[];
}

export interface SequenceReport {
  readonly kind: 'sequences';
  readonly sequences: readonly SequenceOutcome[];
  readonly observations: number;
  /** Observations for which the machine leaves no choice. */
  readonly settled: number;
  readonly stale: number;
  readonly differences: number;
  readonly problems: readonly InputProblem[];
  /** Names of fields that mean nothing here. */
  readonly unread: readonly string[];
}

const lineShape: Shape = {
  ...{ seq: true, step: true, action: true, tcr: true, mair: true, ttbr1: true, sctlr: true },
  tables: tableShape,
  pages: { page: true, va: true, old_pa: true },
  writes: { pa: true, table: true, index: true, old: true, new: true },
  tlbi: true,
  observed: { page: true, ...observationShape },
  descriptor_after: true,
  // A recorder's own.
  ...{ note: true, newhead_pa: true, unlinked: true },
};

/** A sequence under way. */
interface Sequence {
  readonly name: string;
  readonly history: TableHistory;
  readonly pages: ReadonlyMap<number, bigint>;
  readonly pageMask: bigint;
  /** Physical addresses of tables by the names that writes use, for `descriptor_after`. */
  readonly tables: Map<string, bigint>;
}

/** Whether a file holds sequences: its first line that is not blank names one. */
export function isSequenceFile(text: string): boolean {
  const first = /\S.*/.exec(text);
  return first !== null && parseJsonLines(first[0]).lines[0]?.value.seq !== undefined;
}

/** Most pages of one sequence. */
const maximumPages = 512;

function beginSequence(value: JsonLine['value']): Sequence {
  const tcr = wordField(value, 'tcr');
  if (objectsField(value, 'pages').length > maximumPages) refuse(`"pages": at most ${maximumPages} pages are followed`);
  const pages = new Map(objectsField(value, 'pages').map((page) => [numberField(page, 'page'), wordField(page, 'va')]));
  const registers = {
    tcr,
    mair: wordField(value, 'mair'),
    ttbr0: 0n,
    ttbr1: wordField(value, 'ttbr1'),
    sctlr: wordFieldOr(value, 'sctlr', 0n),
    el: 1,
    pan: false,
    cpu: largestCpu,
  } as const;
  const { geometry } = translationControl(tcr, true, largestCpu);
  return {
    name: textField(value, 'seq'),
    history: tableHistory(registers, tableWords(value), [...pages.values()]),
    pages,
    pageMask: pageBytes(geometry.granule) - 1n,
    tables: new Map(),
  };
}

function runStep(sequence: Sequence, { line, value }: JsonLine): StepOutcome {
  const descriptors: RecordedDescriptor[] = [];
  let unsafeChanges = 0;
  for (const write of objectsField(value, 'writes')) {
    const address = wordField(write, 'pa');
    const name = `${textField(write, 'table')}[${numberField(write, 'index')}]`;
    sequence.tables.set(textField(write, 'table'), address - BigInt(numberField(write, 'index')) * 8n);
    const actual = sequence.history.words.get(address) ?? 0n;
    const recorded = wordFieldOr(write, 'old', actual);
    if (recorded !== actual) descriptors.push({ name, recorded, actual });
    const change = writeDescriptor(sequence.history, address, wordField(write, 'new'));
    if (change === 'liveChange' || change === 'makeWithoutInvalidation') unsafeChanges++;
  }
  invalidate(sequence.history, value.tlbi ?? []);
  const observations = objectsField(value, 'observed').flatMap((observed) => observePage(sequence, observed));
  descriptors.push(...recordedAfter(sequence, value));
  return {
    line,
    step: numberField(value, 'step'),
    action: textField(value, 'action'),
    observations,
    descriptors,
    unsafeChanges,
  };
}

function invalidate(history: TableHistory, operations: unknown): void {
  if (!Array.isArray(operations)) refuse('"tlbi": expected an array such as ["vaale1is 0xfffffc0001198000"]');
  for (const operation of operations as readonly unknown[]) {
    const match = /^(?:(vmalle1)(?:is)?|(va(?:a?)(l?)e1)(?:is)?\s+(0x[0-9a-fA-F]{1,16}))$/.exec(String(operation));
    if (match === null) {
      refuse(
        `"tlbi": expected "vmalle1is", or "vaae1is" or "vaale1is" with an address, found ${JSON.stringify(operation)}`,
      );
    } else if (match[1] !== undefined) {
      invalidateAll(history);
    } else {
      invalidateAddress(history, word(match[4], 'tlbi'), match[3] === 'l');
    }
  }
}

function observePage(sequence: Sequence, observed: JsonLine['value']): readonly SequenceObservation[] {
  const page = numberField(observed, 'page');
  const base = sequence.pages.get(page);
  if (base === undefined) return refuse(`"page": the sequence has no page ${page}`);
  const results: SequenceObservation[] = [];
  for (const field of observationFields) {
    const recorded = readObservation(observed, field);
    if (recorded !== undefined) results.push(observeField(sequence, page, base, field, recorded));
  }
  return results;
}

function observeField(
  sequence: Sequence,
  page: number,
  base: bigint,
  field: ObservationField,
  recorded: Observation,
): SequenceObservation {
  const { history } = sequence;
  // The record names the byte that was accessed only in its result.
  const offset = recorded.kind === 'ok' ? recorded.pa : recorded.kind === 'abort' ? recorded.far : 0n;
  const va = base | (offset & sequence.pageMask);
  const access = { kind: accessOfField[field], size: 8 };
  const fresh = observe(field, freshWalk(history, va, access));
  const results = allowedWalks(history, va, access);
  if (results.length > maximumMixes) {
    refuse(`more than ${maximumMixes} mixes of old and current entries are possible here; invalidate more often`);
  }
  const allowed: Observation[] = [];
  for (const result of results) {
    const observation = observe(field, result);
    if (!allowed.some((known) => sameObservation(known, observation))) allowed.push(observation);
  }
  const chosen = results.find((result) => sameObservation(observe(field, result), recorded));
  for (const update of chosen?.kind === 'translated' ? chosen.updates : []) {
    if (history.words.get(update.address) === update.from) writeDescriptor(history, update.address, update.to);
  }
  const verdict = chosen === undefined ? 'differs' : sameObservation(fresh, recorded) ? 'fresh' : 'stale';
  return { page, field, va, recorded, fresh, allowed, verdict };
}

function recordedAfter(sequence: Sequence, value: JsonLine['value']): readonly RecordedDescriptor[] {
  if (value.descriptor_after === undefined) return [];
  return Object.entries(objectField(value, 'descriptor_after')).map(([name, raw]) => {
    const match = /^(\w+)\[(\d{1,5})\]$/.exec(name);
    const table = sequence.tables.get(match?.[1] ?? '');
    if (table === undefined)
      return refuse(`"descriptor_after": ${name.slice(0, 40)} is no descriptor that was written`);
    const actual = sequence.history.words.get(table + BigInt(match?.[2] ?? 0) * 8n) ?? 0n;
    return { name, recorded: word(raw, name), actual };
  });
}

/** Runs every sequence of a file, in the order of its lines. */
export function sequenceReport(text: string): SequenceReport {
  const { lines, problems: syntax } = parseJsonLines(text);
  const problems = [...syntax];
  const sequences: { name: string; steps: StepOutcome[] }[] = [];
  const unread = new Set<string>();
  let current: Sequence | undefined;
  for (const line of lines) {
    const outcome = readLine(line.line, () => {
      for (const name of unreadFields(line.value, lineShape)) unread.add(name);
      const name = textField(line.value, 'seq');
      if (name !== current?.name) {
        current = beginSequence(line.value);
        sequences.push({ name, steps: [] });
      }
      return runStep(current ?? refuse('the first line of a sequence has its registers and tables'), line);
    });
    if (isProblem(outcome)) problems.push(outcome);
    else sequences[sequences.length - 1]?.steps.push(outcome);
  }
  const steps = sequences.flatMap((sequence) => sequence.steps);
  const observations = steps.flatMap((step) => step.observations);
  const wrongDescriptors = steps.flatMap((step) => step.descriptors).filter((each) => each.recorded !== each.actual);
  return {
    kind: 'sequences',
    sequences,
    observations: observations.length,
    settled: observations.filter((observation) => observation.allowed.length === 1).length,
    stale: observations.filter((observation) => observation.verdict === 'stale').length,
    differences:
      observations.filter((observation) => observation.verdict === 'differs').length + wrongDescriptors.length,
    problems: problems.sort((one, other) => one.line - other.line),
    unread: [...unread],
  };
}
