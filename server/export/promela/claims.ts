/** Claims of a scenario as assertions of an exported model. */

import type { Observable } from '../../../simulator/machine/program';
import type { ValueId } from '../../../simulator/machine/values';
import type { Claim, ClaimCondition, ClaimValue } from '../../language/elaborate/claims';
import { vocabularyOf } from '../../language/elaborate/claims';
import type { ElaboratedScenario } from '../../language/elaborate/scenario';
import { observablesOf, valueOfClaim } from '../../verdict/claimValue';
import { expectsOutcome } from '../../verdict/expected';
import { covers, isUnsafe } from '../../verdict/vocabulary';
import { all, any, equals, not } from './expression';
import { holds, wanted } from './locks';
import type { ModelParts } from './memory';
import { translatesDirectly } from './reach';

/** One assertion of the model, chosen by `-DCLAIM=number`. */
export interface ModelClaim {
  readonly number: number;
  readonly text: string;
  /** The claim holds when SPIN finds no error, or when it finds one, which is then its witness. */
  readonly holdsWhen: 'no error' | 'an error';
  /** Numbers of events that are an error. */
  readonly events: readonly number[];
  /** For each mark the numbers of events that set it. */
  readonly marks: readonly (readonly number[])[];
  /** Must hold at the end of every execution, and where CPUs wait for ever. */
  readonly final: string;
  readonly stuck: string;
}

/** Ways in which CPUs can be stuck, as words of the vocabulary. */
const stuckWords = ['deadlock', 'self-deadlock', 'ABBA-deadlock'] as const;

/** What hvo's machine or rules tell and the model does not. */
const untold: ReadonlySet<string> = new Set([
  'unpredictable',
  'oops-TLB-conflict',
  'sleep-in-atomic',
  'left-broken',
  'leak',
  'section-left-open',
]);

/** Why the model has no answer, where all that a leaf asks for is of that kind. */
function untoldProblem(patterns: readonly { readonly outcome: string }[]): { readonly problem: string } | undefined {
  if (!patterns.every(({ outcome }) => untold.has(outcome))) return undefined;
  return { problem: `the model does not tell \`${patterns[0]?.outcome ?? ''}\`` };
}

/** More combinations of final values than this are not written out. */
const MAX_COMBINATIONS = 4_096;

export function modelClaims(parts: ModelParts, scenario: ElaboratedScenario): readonly ModelClaim[] {
  const named = scenario.claims.flatMap((claim, i) => {
    const one = claimOf(parts, scenario, claim, i + 1);
    return one === undefined ? [] : [one];
  });
  const { events } = parts;
  const unexpected = events.list
    .filter(({ outcome }) => isUnsafe(vocabularyOf(outcome)) && !expectsOutcome(scenario, vocabularyOf(outcome)))
    .flatMap(({ outcome, cpu }) => events.matching({ outcome, cpu }));
  const stuckExpected = stuckWords.filter((word) => expectsOutcome(scenario, word));
  const first: ModelClaim = {
    number: 0,
    text: 'nothing happens that fails a scenario and that it does not expect',
    holdsWhen: 'no error',
    events: unexpected,
    marks: [],
    final: 'true',
    stuck: stuckExpected.length === 0 ? 'false' : any(stuckExpected.map(stuckTest(parts))),
  };
  return [first, ...named];
}

/** A claim that only asks if one of several things happens at all is about events as they come. */
function claimOf(
  parts: ModelParts,
  scenario: ElaboratedScenario,
  claim: Claim,
  number: number,
): ModelClaim | undefined {
  const marks: (readonly number[])[] = [];
  const text = claim.text.replace(/\s+/g, ' ');
  const happens = claim.quantifier === 'always' ? undefined : eventsOf(parts, claim.condition);
  const holdsWhen = claim.quantifier === 'sometimes' ? 'an error' : 'no error';
  const say = (reason: string): undefined => {
    parts.unsaid.leftOut(`the claim \`${text}\``, reason);
    return undefined;
  };
  if (happens !== undefined) {
    if ('problem' in happens) return say(happens.problem);
    return {
      number,
      text,
      holdsWhen,
      events: happens.events,
      marks,
      final: not(happens.final),
      stuck: not(happens.stuck),
    };
  }
  const condition = conditionText(parts, scenario, claim.condition, marks);
  if (typeof condition !== 'string') return say(condition.problem);
  return {
    number,
    text,
    holdsWhen,
    events: [],
    marks,
    final: claim.quantifier === 'always' ? condition : not(condition),
    stuck: claim.quantifier === 'always' && hasEnd(claim.condition) ? stuckText(parts, claim.condition) : 'true',
  };
}

interface Happens {
  readonly events: readonly number[];
  readonly final: string;
  readonly stuck: string;
}

/** A disjunction of events, ends and values; undefined when it is no such thing. */
function eventsOf(parts: ModelParts, condition: ClaimCondition): Happens | { readonly problem: string } | undefined {
  switch (condition.kind) {
    case 'or': {
      const left = eventsOf(parts, condition.left);
      const right = eventsOf(parts, condition.right);
      if (left === undefined || right === undefined) return undefined;
      if ('problem' in left) return left;
      if ('problem' in right) return right;
      return {
        events: [...left.events, ...right.events],
        final: any([left.final, right.final]),
        stuck: any([left.stuck, right.stuck]),
      };
    }
    case 'event':
      if (condition.observables !== undefined) return undefined;
      return (
        untoldProblem(condition.patterns) ?? {
          events: condition.patterns.flatMap((p) => parts.events.matching(p)),
          final: 'false',
          stuck: 'false',
        }
      );
    case 'end':
      if (condition.word === 'livelock') return { problem: 'the model looks at states, not at endless executions' };
      return { events: [], final: 'false', stuck: stuckText(parts, condition) };
    case 'rule':
      return { problem: 'it speaks of a rule of the text' };
    case 'value': {
      const text = valueText(parts, condition.value);
      return typeof text === 'string' ? { events: [], final: text, stuck: 'false' } : text;
    }
    case 'and':
    case 'not':
      return undefined;
  }
}

function conditionText(
  parts: ModelParts,
  scenario: ElaboratedScenario,
  condition: ClaimCondition,
  marks: (readonly number[])[],
): string | { readonly problem: string } {
  const of = (inner: ClaimCondition) => conditionText(parts, scenario, inner, marks);
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const left = of(condition.left);
      const right = of(condition.right);
      if (typeof left !== 'string') return left;
      if (typeof right !== 'string') return right;
      return condition.kind === 'and' ? all([left, right]) : any([left, right]);
    }
    case 'not': {
      const operand = of(condition.operand);
      return typeof operand === 'string' ? not(operand) : operand;
    }
    case 'event': {
      const problem = untoldProblem(condition.patterns);
      if (problem !== undefined) return problem;
      marks.push(condition.patterns.flatMap((p) => parts.events.matching(p)));
      return `(marks & ${1 << (marks.length - 1)}) != 0`;
    }
    case 'end':
      return condition.word === 'livelock'
        ? { problem: 'the model looks at states, not at endless executions' }
        : 'false';
    case 'rule':
      return { problem: 'it speaks of a rule of the text' };
    case 'value':
      return valueText(parts, condition.value);
  }
}

function hasEnd(condition: ClaimCondition): boolean {
  if (condition.kind === 'and' || condition.kind === 'or') return hasEnd(condition.left) || hasEnd(condition.right);
  if (condition.kind === 'not') return hasEnd(condition.operand);
  return condition.kind === 'end';
}

/** The condition where CPUs are stuck; what only finished executions have leaves it open, and counts as true. */
function stuckText(parts: ModelParts, condition: ClaimCondition): string {
  switch (condition.kind) {
    case 'and':
      return all([stuckText(parts, condition.left), stuckText(parts, condition.right)]);
    case 'or':
      return any([stuckText(parts, condition.left), stuckText(parts, condition.right)]);
    case 'not':
      return hasEnd(condition.operand) ? not(stuckText(parts, condition.operand)) : 'true';
    case 'end': {
      const words = stuckWords.filter((word) => covers(condition.word, word));
      const cpus = condition.cpus ?? parts.plan.program.cpus.map((_, cpu) => cpu);
      if (condition.cpus === undefined) return any(words.map(stuckTest(parts)));
      return all([any(words.map(stuckTest(parts))), any(cpus.map((cpu) => `finished${cpu} == 0`))]);
    }
    default:
      return 'true';
  }
}

/** The test of a kind of deadlock, where nobody can go on and not everybody has finished. */
function stuckTest({ plan }: ModelParts): (word: (typeof stuckWords)[number]) => string {
  const cpus = plan.program.cpus.map((_, cpu) => cpu);
  const used = new Set(plan.program.cpus.flatMap(({ code }) => code.flatMap((i) => ('lock' in i ? [i.lock] : []))));
  const waitsFor = (a: number, b: number): string =>
    any(
      [...used].map((l) => {
        const wants = (['exclusive', 'shared'] as const).map((mode) => `wants${a} == ${wanted(l, mode)}`);
        return all([any(wants), holds(l, b)]);
      }),
    );
  return (word) => {
    if (word === 'deadlock') return 'true';
    if (word === 'self-deadlock') return any(cpus.map((cpu) => waitsFor(cpu, cpu)));
    return any(cpus.flatMap((a) => cpus.flatMap((b) => (a < b ? [all([waitsFor(a, b), waitsFor(b, a)])] : []))));
  };
}

interface Final {
  readonly text: string;
  readonly possible: readonly (ValueId | undefined)[];
  /** The test that it has a value. */
  readonly is: (value: ValueId | undefined) => string;
}

/** What is observed of a finished execution, as an expression with the values that it may have. */
function finalOf(parts: ModelParts, observable: Observable): Final | undefined {
  const { plan, names, translation } = parts;
  const { reach, number } = plan;
  const { values } = reach;
  const inWord = (word: ValueId, bytes: number): Final => {
    const text = names.memory(word);
    const touched = reach.touched.has(word);
    const possible = [...reach.valuesOf(word)];
    const cuts = new Map<ValueId, ValueId[]>();
    for (const value of possible) {
      const cut = values.truncate(value, bytes);
      cuts.set(cut, [...(cuts.get(cut) ?? []), value]);
    }
    const is = (value: ValueId | undefined): string =>
      value === undefined
        ? 'false'
        : touched
          ? any((cuts.get(value) ?? []).map((v) => equals(text, number(v))))
          : 'true';
    return { text, possible: [...cuts.keys()], is };
  };
  switch (observable.kind) {
    case 'register': {
      const text = `final${observable.cpu}_${observable.register}`;
      const possible = new Set<ValueId>();
      for (const point of reach.points[observable.cpu] ?? [])
        for (const value of point?.registers[observable.register] ?? []) possible.add(value);
      return {
        text,
        possible: [...possible],
        is: (value) => (value === undefined ? 'false' : equals(text, number(value))),
      };
    }
    case 'word':
      return inWord(values.of(observable.physicalAddress), observable.bytes);
    case 'translatedWord': {
      const direct = translatesDirectly(plan.program, observable.virtualAddress);
      if (direct !== undefined) return inWord(values.of(direct), observable.bytes);
      const paths = translation.paths(values.of(observable.virtualAddress), false);
      const ends = paths.map((path) => ({
        when: translation.current(path),
        final: path.end.kind === 'word' ? inWord(path.end.word, observable.bytes) : undefined,
      }));
      return {
        text: '',
        possible: [...new Set(ends.flatMap(({ final }) => final?.possible ?? [undefined]))],
        is: (value) =>
          any(
            ends.map(({ when, final }) =>
              final === undefined ? (value === undefined ? when : 'false') : all([when, final.is(value)]),
            ),
          ),
      };
    }
    case 'event':
      return undefined;
  }
}

/** A value of a claim is not 0: written out over the values that what it speaks of may have. */
function valueText(parts: ModelParts, value: ClaimValue): string | { readonly problem: string } {
  const { program, reach } = parts.plan;
  const used = [...observablesOf(value)];
  const finals = used.map((index) => finalOf(parts, program.observe[index] as Observable));
  if (finals.some((one) => one === undefined)) return { problem: 'it computes with an event' };
  const count = finals.reduce((n, one) => n * (one?.possible.length ?? 1), 1);
  if (count > MAX_COMBINATIONS) return { problem: `${count} combinations of final values are too many to write out` };
  const holds: string[] = [];
  const fails: string[] = [];
  const visit = (at: number, observed: (bigint | undefined)[], conditions: readonly string[]): void => {
    const final = finals[at];
    if (final === undefined) {
      const result = valueOfClaim(value, observed);
      (result !== undefined && result !== 0n ? holds : fails).push(all(conditions));
      return;
    }
    for (const one of final.possible) {
      const next = [...observed];
      next[used[at] as number] = one === undefined ? undefined : reach.values.get(one);
      visit(at + 1, next, [...conditions, final.is(one)]);
    }
  };
  visit(0, [], []);
  return holds.length <= fails.length ? any(holds) : not(any(fails));
}
