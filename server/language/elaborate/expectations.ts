/** From the expectations of a scenario to claims, and the list of what the program must record for them. */

import { entrySpan } from '../../../simulator/machine/granule';
import type { EventPattern, Observable } from '../../../simulator/machine/program';
import type { Condition, CpuRange, ExpectationMember, Expression } from '../ast';
import { finalFunctionByName } from '../builtins';
import { isRuleCode } from '../outcomes';
import { visitExpression } from '../walk';
import { physicalOf } from './addressSpace';
import type { Claim, ClaimCondition, ClaimValue } from './claims';
import { endWords, faultOutcomes, toldAs } from './claims';
import { elaborationCodes } from './codes';
import { initialWord } from './environment';
import type { Diagnostics, Source } from './source';
import type { World } from './world';

export interface ExpectationContext {
  readonly world: World;
  readonly source: Source;
  readonly diagnostics: Diagnostics;
  /** Registers of each CPU by name, in the order of the CPUs. */
  readonly registers: readonly (readonly string[])[];
  /** The value of an expression that is known before anything runs; undefined when it is not. */
  readonly constant: (expression: Expression) => bigint | undefined;
}

export interface Expectations {
  readonly claims: readonly Claim[];
  readonly observe: readonly Observable[];
}

/** The bound on events that an execution can be asked for: one bit each in the machine's record. */
const maximumEvents = 30;

export function readExpectations(context: ExpectationContext, members: readonly ExpectationMember[]): Expectations {
  const observe: Observable[] = [];
  const numbers = new Map<string, number>();
  const observed = (observable: Observable): number => {
    const key = JSON.stringify(observable, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
    let index = numbers.get(key);
    if (index === undefined) {
      index = observe.length;
      numbers.set(key, index);
      observe.push(observable);
    }
    return index;
  };
  const claims = members.map((member): Claim => {
    const perExecution = member.quantifier === 'always' || !isDisjunction(member.condition);
    return {
      quantifier: member.quantifier,
      condition: conditionOf(context, member.condition, perExecution, observed),
      span: member.span,
      text: context.source.parsed.text.slice(member.span.start, member.span.end).trim(),
    };
  });
  const events = observe.filter((one) => one.kind === 'event').length;
  if (events > maximumEvents) {
    const span = members[members.length - 1]?.span ?? { start: 0, end: 0 };
    context.diagnostics.error(
      elaborationCodes.expectation,
      { source: context.source, span },
      `the expectations ask for ${events} events of one execution; ${maximumEvents} are possible: split the scenario`,
    );
  }
  return { claims, observe };
}

/** Whether a condition only asks if one of several things can happen at all, so that no execution must remember them. */
function isDisjunction(condition: Condition): boolean {
  switch (condition.kind) {
    case 'or':
      return isDisjunction(condition.left) && isDisjunction(condition.right);
    case 'group':
      return isDisjunction(condition.inner);
    case 'outcome':
    case 'faults':
    case 'comparison':
      return true;
    case 'and':
    case 'not':
      return false;
  }
}

type Observe = (observable: Observable) => number;

function conditionOf(
  context: ExpectationContext,
  condition: Condition,
  perExecution: boolean,
  observed: Observe,
): ClaimCondition {
  const of = (inner: Condition) => conditionOf(context, inner, perExecution, observed);
  switch (condition.kind) {
    case 'or':
    case 'and':
      return { kind: condition.kind, left: of(condition.left), right: of(condition.right) };
    case 'not':
      return { kind: 'not', operand: of(condition.operand) };
    case 'group':
      return of(condition.inner);
    case 'comparison':
      return { kind: 'value', value: claimValue(context, condition.expression, observed) };
    case 'faults':
      return event(context, 'faults', faultOutcomes, condition.cpus, condition.level?.level, perExecution, observed);
    case 'outcome': {
      const { word } = condition.outcome;
      if (isRuleCode(word)) return { kind: 'rule', code: word };
      if (endWords.has(word)) {
        const cpus = condition.cpus && cpusIn(context, condition.cpus);
        return { kind: 'end', word, ...(cpus === undefined ? {} : { cpus }) };
      }
      return event(context, word, toldAs(word), condition.cpus, condition.level?.level, perExecution, observed);
    }
  }
}

function event(
  context: ExpectationContext,
  word: string,
  outcomes: readonly string[],
  range: CpuRange | undefined,
  level: number | undefined,
  perExecution: boolean,
  observed: Observe,
): ClaimCondition {
  const cpus = range === undefined ? [undefined] : cpusIn(context, range);
  const patterns = outcomes.flatMap((outcome) =>
    cpus.map(
      (cpu): EventPattern => ({
        outcome,
        ...(cpu === undefined ? {} : { cpu }),
        ...(level === undefined ? {} : { level }),
      }),
    ),
  );
  if (!perExecution) return { kind: 'event', word, patterns };
  return {
    kind: 'event',
    word,
    patterns,
    observables: patterns.map((pattern) => observed({ kind: 'event', ...pattern })),
  };
}

/** Indices in the program of the CPUs that a range names. */
function cpusIn({ world }: ExpectationContext, range: CpuRange): readonly number[] {
  return world.cpuNumbers.flatMap((number, index) => (number >= range.first && number <= range.last ? [index] : []));
}

const registerName = /^r([12]?[0-9]|30)$/;

function claimValue(context: ExpectationContext, expression: Expression, observed: Observe): ClaimValue {
  const of = (inner: Expression) => claimValue(context, inner, observed);
  switch (expression.kind) {
    case 'group':
      return of(expression.inner);
    case 'name':
      return registerName.test(expression.name)
        ? register(context, expression, expression.name, undefined, observed)
        : known(context, expression);
    case 'cpuRegister':
      return register(context, expression, expression.register.name, expression.cpus, observed);
    case 'unary': {
      const { operator } = expression;
      if (operator === '*') return finalWord(context, expression.operand, 8, observed);
      return operator === '&' ? of(expression.operand) : { kind: 'unary', operator, operand: of(expression.operand) };
    }
    case 'binary':
      return {
        kind: 'binary',
        operator: expression.operator,
        left: of(expression.left),
        right: of(expression.right),
      };
    case 'conditional':
      return {
        kind: 'conditional',
        condition: of(expression.condition),
        whenTrue: of(expression.then),
        whenFalse: of(expression.otherwise),
      };
    case 'call': {
      const [argument] = expression.arguments;
      const name = expression.callee.kind === 'name' ? expression.callee.name : '';
      if (argument === undefined || !finalFunctionByName.has(name)) return known(context, expression);
      switch (name) {
        case 'pte':
          return finalDescriptor(context, expression, argument, 3, observed);
        case 'pmd':
          return finalDescriptor(context, expression, argument, 2, observed);
        case 'initial': {
          const address = addressOf(context, argument);
          return { kind: 'number', value: address === undefined ? 0n : wordAtStart(context.world, address) };
        }
        default:
          return finalWord(context, argument, name === 'load32' ? 4 : 8, observed);
      }
    }
    default:
      return known(context, expression);
  }
}

function known(context: ExpectationContext, expression: Expression): ClaimValue {
  const value = hasRegister(expression) ? undefined : context.constant(expression);
  if (value === undefined && expression.kind !== 'missing')
    complain(
      context,
      expression,
      'an expectation has registers, final values and what is known before the scenario runs',
    );
  return { kind: 'number', value: value ?? 0n };
}

function complain(context: ExpectationContext, { span }: Expression, message: string): void {
  context.diagnostics.error(elaborationCodes.expectation, { source: context.source, span }, message);
}

function register(
  context: ExpectationContext,
  expression: Expression,
  name: string,
  range: CpuRange | undefined,
  observed: Observe,
): ClaimValue {
  const owners = context.registers.flatMap((names, cpu) => (names.includes(name) ? [cpu] : []));
  const among = range === undefined ? owners : owners.filter((cpu) => cpusIn(context, range).includes(cpu));
  const [cpu] = among;
  if (cpu === undefined) return { kind: 'number', value: 0n };
  if (among.length > 1) {
    const numbers = among.map((one) => context.world.cpuNumbers[one]);
    complain(
      context,
      expression,
      `${name} belongs to several CPUs (${numbers.join(', ')}): write \`cpu ${numbers[0]}: ${name}\``,
    );
  }
  const index = (context.registers[cpu] as readonly string[]).indexOf(name);
  return { kind: 'observed', observable: observed({ kind: 'register', cpu, register: index }) };
}

/** The address that a final or initial value is asked of; undefined, and said, when it is not known before anything runs. */
function addressOf(context: ExpectationContext, argument: Expression): bigint | undefined {
  if (argument.kind === 'missing') return undefined;
  const address = hasRegister(argument) ? undefined : context.constant(argument);
  if (address === undefined)
    complain(context, argument, 'the address that an expectation looks at must be known before the scenario runs');
  return address;
}

function hasRegister(expression: Expression): boolean {
  let found = false;
  visitExpression(expression, (inner) => {
    found ||= inner.kind === 'cpuRegister' || (inner.kind === 'name' && registerName.test(inner.name));
  });
  return found;
}

function finalWord(context: ExpectationContext, argument: Expression, bytes: 4 | 8, observed: Observe): ClaimValue {
  const address = addressOf(context, argument);
  if (address === undefined) return { kind: 'number', value: 0n };
  const physicalAddress = physicalOf(context.world.environment.space, address);
  const observable: Observable =
    physicalAddress === undefined
      ? { kind: 'translatedWord', virtualAddress: address, bytes }
      : { kind: 'word', physicalAddress, bytes };
  return { kind: 'observed', observable: observed(observable) };
}

function finalDescriptor(
  context: ExpectationContext,
  expression: Expression,
  argument: Expression,
  level: 2 | 3,
  observed: Observe,
): ClaimValue {
  const address = addressOf(context, argument);
  if (address === undefined) return { kind: 'number', value: 0n };
  const cell = context.world.environment.tables.cellOf(address, level);
  if (cell === undefined) {
    complain(
      context,
      expression,
      `no level ${level} table maps this address at the start, so that there is no descriptor to look at`,
    );
    return { kind: 'number', value: 0n };
  }
  return { kind: 'observed', observable: observed({ kind: 'word', physicalAddress: cell, bytes: 8 }) };
}

/** The 64 bits at an address before anything runs: through the tables as they are then. */
function wordAtStart({ environment }: World, address: bigint): bigint {
  const direct = physicalOf(environment.space, address);
  if (direct !== undefined) return initialWord(environment, direct);
  for (const level of [2, 3] as const) {
    const cell = environment.tables.cellOf(address, level);
    const descriptor = cell === undefined ? 0n : (environment.tables.descriptorAt(cell) ?? 0n);
    const isLeaf = (descriptor & 3n) === (level === 3 ? 3n : 1n);
    if (!isLeaf) continue;
    const span = entrySpan(environment.configuration.granule, level) - 1n;
    return initialWord(environment, (descriptor & 0xffff_ffff_ffffn & ~span) | (address & span));
  }
  return 0n;
}
