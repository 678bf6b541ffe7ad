/** Claims, and the outcomes that are expected at accesses, with what decides them as sentences. */

import type { Result } from '../../simulator/explore/explore';
import type { Observable } from '../../simulator/machine/program';
import type { Claim, ClaimCondition, ClaimValue, ExpectedAccess } from '../language/elaborate/claims';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { addressName, wordName } from './addressNames';
import type { Known } from './claimValue';
import { counted } from './counts';
import { siteOf } from './eventSite';
import { type Explored, lastState, witnessOf } from './findings';
import { type Case, endingOf, type Facts, type Judgement, judge } from './judge';
import { cpuName, deadlockMessage, livelockMessage } from './messages';
import { outcomeLabel } from './placeOutcomes';
import { placeOfSite, reportPlace, shortPlace } from './places';
import type { ClaimReport, Witness } from './report';
import { valueText } from './stepText';
import { covers, wordOfEvent } from './vocabulary';

/** `codes`: rules that are broken, see `Facts`. */
export function claimReports(explored: Explored, codes: Facts['codes']): readonly ClaimReport[] {
  const { scenario, source } = explored;
  const facts: Facts = { ...explored, codes };
  return [
    ...scenario.claims.map((claim) => claimReport(explored, claim, judge(claim, facts))),
    ...scenario.expected.map((expected) => expectationReport(explored, expected)),
  ].sort((a, b) => a.place.span.start - b.place.span.start || (a.place.path === source.uri ? -1 : 1));
}

function claimReport(explored: Explored, claim: Claim, judgement: Judgement): ClaimReport {
  const { holds, decisive } = judgement;
  const path = decisive?.shown?.witness;
  return {
    kind: claim.quantifier,
    text: claim.text,
    place: reportPlace({ source: explored.source, span: claim.span }),
    holds,
    why: whyOf(explored, claim, judgement),
    ...(path === undefined || decisive === undefined
      ? {}
      : { witness: witnessOf(explored, path, holds === 'no', endingOf(decisive)) }),
  };
}

function whyOf(explored: Explored, claim: Claim, { holds, decisive, vacuous }: Judgement): string {
  const { result } = explored;
  if (decisive !== undefined) return caseText(explored, claim, decisive);
  switch (claim.quantifier) {
    case 'never':
      return holds === 'yes' ? `in none of ${counted(result.states, 'state')}` : bounded(result);
    case 'sometimes':
      return holds === 'unknown'
        ? bounded(result)
        : 'it never happens, so that the scenario says nothing about it: let the CPUs meet there, or drop the line';
    case 'always':
      if (vacuous) return 'no execution comes to an end in which it could be looked at';
      return holds === 'yes'
        ? result.outcomes.length === 1
          ? 'in the one outcome'
          : `in all ${counted(result.outcomes.length, 'outcome')}`
        : bounded(result);
  }
}

function bounded({ states }: Result): string {
  return `not decided up to ${counted(states, 'state')}`;
}

function caseText(explored: Explored, claim: Claim, decisive: Case): string {
  const { scenario } = explored;
  switch (decisive.kind) {
    case 'final': {
      const values = valuesText(scenario, claim.condition, decisive.values);
      return values === '' ? 'an execution ends so' : `an execution ends with ${values}`;
    }
    case 'deadlock':
      return deadlockMessage(
        scenario,
        decisive.deadlock,
        lastState(explored.exploration.replay(decisive.shown?.witness)),
      );
    case 'livelock':
      return livelockMessage(explored.result.livelock?.states ?? 1);
    case 'event': {
      const { event } = decisive;
      const info = scenario.sites[siteOf(event)];
      const where = info === undefined ? '' : ` at ${shortPlace(placeOfSite(info))}`;
      return `${outcomeLabel(event)} on ${cpuName(scenario, event.cpu)}${where}`;
    }
    case 'rule':
      return `rule ${decisive.code} is broken`;
  }
}

/** `cpu 1: r0 = 0x…, PTE of H.tail(1) = 0`: the observed values that a condition speaks of. */
function valuesText(scenario: ElaboratedScenario, condition: ClaimCondition, values: readonly Known[]): string {
  return [...observedIn(condition)]
    .map((observable) => {
      const what = scenario.program.observe[observable];
      if (what === undefined || what.kind === 'event') return '';
      const value = values[observable];
      return `${observableName(scenario, what)} ${value === undefined ? 'that does not translate' : `= ${valueText(value)}`}`;
    })
    .filter((text) => text !== '')
    .join(', ');
}

function observedIn(condition: ClaimCondition, found: Set<number> = new Set()): ReadonlySet<number> {
  switch (condition.kind) {
    case 'and':
    case 'or':
      observedIn(condition.left, found);
      observedIn(condition.right, found);
      break;
    case 'not':
      observedIn(condition.operand, found);
      break;
    case 'value':
      observedInValue(condition.value, found);
      break;
    case 'event':
    case 'end':
    case 'rule':
      break;
  }
  return found;
}

function observedInValue(value: ClaimValue, found: Set<number>): void {
  switch (value.kind) {
    case 'number':
      return;
    case 'observed':
      found.add(value.observable);
      return;
    case 'unary':
      observedInValue(value.operand, found);
      return;
    case 'binary':
      observedInValue(value.left, found);
      observedInValue(value.right, found);
      return;
    case 'conditional':
      for (const part of [value.condition, value.whenTrue, value.whenFalse]) observedInValue(part, found);
      return;
  }
}

function observableName(scenario: ElaboratedScenario, observable: Exclude<Observable, { kind: 'event' }>): string {
  switch (observable.kind) {
    case 'register': {
      const name = scenario.registers[observable.cpu]?.[observable.register] ?? `register ${observable.register}`;
      return `cpu ${scenario.world.cpuNumbers[observable.cpu]}: ${name}`;
    }
    case 'word':
      return wordName(scenario.world, observable.physicalAddress);
    case 'translatedWord':
      return addressName(scenario.world, observable.virtualAddress);
  }
}

/** `S => ok | fixed-up`: exactly these, no more and no fewer. */
function expectationReport(explored: Explored, expected: ExpectedAccess): ClaimReport {
  const { result, source } = explored;
  const here = result.events.filter(
    ({ event }) =>
      expected.sites.includes(siteOf(event)) &&
      (event.kind !== 'access' || !event.outcome.endsWith('-fault')) &&
      (event.kind === 'access' || (event.origin !== undefined && event.esr !== 0n)),
  );
  const isListed = (word: string, level: number | undefined) =>
    expected.outcomes.some(
      (one) => covers(one.word, word) && (one.level === undefined || level === undefined || one.level === level),
    );
  const surprise = here.find(({ event }) => !isListed(wordOfEvent(event), event.level));
  const absent = expected.outcomes.find(
    (one) =>
      !here.some(
        ({ event }) => covers(one.word, wordOfEvent(event)) && (one.level === undefined || one.level === event.level),
      ),
  );
  const written = source.parsed.text.slice(expected.span.start, expected.span.end).trim();
  const report = (holds: ClaimReport['holds'], why: string, witness?: Witness): ClaimReport => ({
    kind: 'expect',
    text: written,
    place: reportPlace({ source, span: expected.span }),
    holds,
    why,
    ...(witness === undefined ? {} : { witness }),
  });
  if (surprise !== undefined)
    return report(
      'no',
      `${outcomeLabel(surprise.event)} can happen here too: write it behind \`=>\`, or mend what leads there`,
      witnessOf(explored, surprise.witness, true),
    );
  if (absent !== undefined) {
    if (!result.complete) return report('unknown', bounded(result));
    return report('no', `${absent.word} never happens here: take it away, or let the CPUs meet there`);
  }
  return report(result.complete ? 'yes' : 'unknown', result.complete ? 'exactly these' : bounded(result));
}
