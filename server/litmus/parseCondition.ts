/**
 * What a litmus test asks about final states: `locations [...]`, `filter ...` and the quantified condition. As in herd7,
 * `\/` binds weakest, then `/\`, then `=>`, then `not` and `~`.
 */

import { type Cursor, describe } from './cursor';
import { parseConstant, parseLocation, placeOf, registerOf, threadOf } from './parseConstant';
import {
  type Condition,
  type FaultAtom,
  type FaultType,
  faultTypes,
  type Location,
  type Place,
  type Quantifier,
  type Shown,
} from './test';

export interface FinalPart {
  /** Where the final part begins. */
  readonly finalPlace: Place;
  readonly locations: readonly Shown[];
  readonly filter?: Condition;
  readonly quantifier: Quantifier;
  readonly condition: Condition;
}

const always: Condition = { kind: 'constant', value: true };

export function parseFinal(cursor: Cursor): FinalPart {
  const finalPlace = placeOf(cursor);
  const locations = cursor.accept('locations') ? parseShown(cursor) : [];
  const filter = cursor.accept('filter') ? parseCondition(cursor) : undefined;
  const asked = parseQuantified(cursor);
  cursor.accept(';');
  if (cursor.accept('with')) cursor.unsupported('other verdicts for other settings, `with`');
  if (!cursor.ended) cursor.fail(`expected the end of the test after the condition, found ${describe(cursor.token)}`);
  return { finalPlace, locations, ...(filter === undefined ? {} : { filter }), ...asked };
}

function parseQuantified(cursor: Cursor): { quantifier: Quantifier; condition: Condition } {
  if (cursor.ended) return { quantifier: 'forall', condition: always };
  if (cursor.accept('forall')) return { quantifier: 'forall', condition: parseCondition(cursor) };
  if (cursor.accept('~') || cursor.accept('not')) {
    cursor.expect('exists', 'after `not`');
    return { quantifier: 'not exists', condition: parseCondition(cursor) };
  }
  if (cursor.is('observed')) cursor.unsupported('a list of observed states, `Observed`');
  if (!cursor.is('(') && !cursor.accept('exists') && !cursor.accept('final')) {
    cursor.fail(`expected \`exists\`, \`~exists\` or \`forall\`, found ${describe(cursor.token)}`);
  }
  return { quantifier: 'exists', condition: parseCondition(cursor) };
}

function parseShown(cursor: Cursor): readonly Shown[] {
  const shown: Shown[] = [];
  cursor.expect('[', 'after `locations`');
  while (!cursor.ended && !cursor.is(']')) {
    if (cursor.accept(';')) continue;
    if (atFault(cursor)) {
      shown.push({ kind: 'fault', fault: parseFault(cursor) });
    } else {
      const { token } = cursor;
      const indexed = token.kind === 'name' && cursor.is('[', 1);
      shown.push({ kind: 'location', location: parseLocation(cursor), wholeArray: !indexed });
      while (cursor.token.kind === 'name' || cursor.is('*')) cursor.next();
    }
    if (!cursor.is(']')) cursor.expect(';', 'between locations');
  }
  cursor.expect(']', 'after the locations');
  return shown;
}

export function parseCondition(cursor: Cursor): Condition {
  let left = parseConjunction(cursor);
  while (cursor.accept('\\/')) left = { kind: 'or', left, right: parseConjunction(cursor) };
  return left;
}

function parseConjunction(cursor: Cursor): Condition {
  let left = parseImplication(cursor);
  while (cursor.accept('/\\')) left = { kind: 'and', left, right: parseImplication(cursor) };
  return left;
}

function parseImplication(cursor: Cursor): Condition {
  const left = parseNegation(cursor);
  return cursor.accept('=>') ? { kind: 'implies', left, right: parseImplication(cursor) } : left;
}

function parseNegation(cursor: Cursor): Condition {
  let negations = 0;
  while (cursor.accept('~') || cursor.accept('not')) negations++;
  const operand = parseAtom(cursor);
  return negations % 2 === 0 ? operand : { kind: 'not', operand };
}

function parseAtom(cursor: Cursor): Condition {
  if (cursor.accept('(')) {
    const inner = parseCondition(cursor);
    cursor.expect(')', 'after the condition');
    return inner;
  }
  if (cursor.accept('true')) return always;
  if (cursor.accept('false')) return { kind: 'constant', value: false };
  if (atFault(cursor)) return { kind: 'fault', fault: parseFault(cursor) };
  return parseComparison(cursor);
}

function parseComparison(cursor: Cursor): Condition {
  const location = parseLocation(cursor);
  const differs = cursor.accept('<>') || cursor.accept('!=');
  if (!differs && !cursor.accept('=') && !cursor.accept('==')) {
    cursor.fail(`expected \`=\` or \`<>\` after the location, found ${describe(cursor.token)}`);
  }
  const equals = parseRightSide(cursor, location);
  return differs ? { kind: 'not', operand: equals } : equals;
}

/** A constant, another location, or the elements of an array. */
function parseRightSide(cursor: Cursor, location: Location): Condition {
  if (cursor.accept('{')) return parseElements(cursor, location);
  if (atLocation(cursor)) return { kind: 'same', left: location, right: parseLocation(cursor) };
  return { kind: 'equals', location, value: parseConstant(cursor) };
}

function parseElements(cursor: Cursor, location: Location): Condition {
  if (location.kind !== 'variable') cursor.fail('expected an array before a list of elements');
  let result = always;
  let index = 0;
  do {
    const element: Location = { kind: 'variable', name: location.kind === 'variable' ? location.name : '', index };
    const right: Condition = { kind: 'equals', location: element, value: parseConstant(cursor) };
    result = index === 0 ? right : { kind: 'and', left: result, right };
    index++;
  } while (cursor.accept(','));
  cursor.expect('}', 'after the elements');
  return result;
}

/** `[x]`, `*x` and `0:X1` on the right are contents; `x` is an address, `P0:L1` a label. */
function atLocation(cursor: Cursor): boolean {
  if (cursor.is('[') || cursor.is('*')) return true;
  return /^P?\d+$/.test(cursor.token.text) && cursor.is(':', 1) && registerOf(cursor.peek(2).text) !== undefined;
}

function atFault(cursor: Cursor): boolean {
  return cursor.is('fault') && cursor.is('(', 1);
}

function parseFault(cursor: Cursor): FaultAtom {
  cursor.next();
  cursor.expect('(', 'after `fault`');
  const thread = threadOf(cursor.token.text);
  if (thread === undefined) cursor.fail(`expected a thread such as \`P0\`, found ${describe(cursor.token)}`);
  cursor.next();
  let fault: FaultAtom = { thread: thread ?? 0 };
  if (cursor.accept(':')) fault = { ...fault, label: cursor.name('a label') };
  while (cursor.accept(',')) fault = parseFaultDetail(cursor, fault);
  cursor.expect(')', 'after the fault');
  return fault;
}

function parseFaultDetail(cursor: Cursor, fault: FaultAtom): FaultAtom {
  const fetching = cursor.is('i') && cursor.is('-', 1);
  if (fetching || (cursor.is('d') && cursor.is('-', 1))) {
    cursor.next();
    cursor.next();
  }
  const words = [cursor.name('a location or a type of fault')];
  while (cursor.accept(':')) words.push(cursor.name('a type of fault'));
  const word = words.join(':');
  const types = typesOf(word);
  if (types !== undefined) return { ...fault, types: fetching ? [] : types };
  if (/^(?:TagCheck|PacCheck|MMU:(?:AddressSize|Exclusive|TLBConflictAbort))/.test(word))
    cursor.unsupported(`faults of type ${word}`);
  if (words.length > 1) {
    cursor.fail(`expected a fault type such as \`MMU:Translation\` (${faultTypes.join(', ')}), found \`${word}\``);
  }
  if ((word === 'PTE' || word === 'TTD') && cursor.accept('(')) {
    const name = cursor.name('a variable');
    cursor.expect(')', 'after the variable');
    return { ...fault, target: { kind: 'entry', name } };
  }
  const entry = /^pte_(.+)$/.exec(word)?.[1];
  return { ...fault, target: entry === undefined ? { kind: 'variable', name: word } : { kind: 'entry', name: entry } };
}

function typesOf(word: string): readonly FaultType[] | undefined {
  if (word === 'MMU') return ['Translation', 'AccessFlag', 'Permission'];
  const type = faultTypes.find((t) => t === word.replace(/^MMU:/, ''));
  return type === undefined ? undefined : [type];
}
