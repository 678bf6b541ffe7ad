/** Names in a scenario: its CPUs, handlers and expectations. */

import type { Block, Condition, CpuMember, CpuRange, ScenarioItem } from '../ast';
import { isRuleCode } from '../outcomes';
import { didYouMean, shown } from '../suggest';
import { blocksOf } from '../walk';
import { parametersOf, resolveExpression } from './expressions';
import type { Place, Resolver } from './resolver';
import { resolveBlock } from './statements';
import { type DeclaredSymbol, registerName } from './symbol';
import { checkOutcomeWord } from './wordArguments';

export const ofValue: Place = { scope: undefined, of: 'value', loops: 0, switches: 0 };
const ofExpectation: Place = { scope: undefined, of: 'expectation', loops: 0, switches: 0 };

/** Everything in a scenario but its declarations. */
export function resolveScenario(r: Resolver, scenario: ScenarioItem): void {
  const cpus = scenario.members.filter((member): member is CpuMember => member.kind === 'cpu');
  checkCpus(r, scenario, cpus);
  for (const member of scenario.members) {
    if (member.kind === 'cpu' || member.kind === 'interrupt') collectRegisters(r, member.cpus, member.body);
  }
  for (const member of scenario.members) {
    switch (member.kind) {
      case 'cpu':
        resolveBlock(r, { ...ofValue, of: 'code', cpus: member.cpus }, member.body);
        break;
      case 'interrupt':
        checkCpuExists(r, cpus, member.cpus);
        if (member.times !== undefined) resolveExpression(r, ofValue, member.times);
        resolveBlock(r, { ...ofValue, of: 'code', cpus: ownerOf(cpus, member.cpus) }, member.body);
        break;
      case 'onFault':
        resolveHook(r, member.handler);
        break;
      case 'expectation':
        resolveCondition(r, cpus, member.condition);
        break;
      default:
    }
  }
}

function checkCpus(r: Resolver, scenario: ScenarioItem, cpus: readonly CpuMember[]): void {
  if (cpus.length === 0) {
    const { start } = scenario.span;
    r.say('HVO044', { start, end: scenario.title.span.end }, 'Nothing runs: the scenario has no `cpu N { … }`.', {
      severity: 'warning',
    });
  }
  cpus.forEach((cpu, index) => {
    const earlier = cpus
      .slice(0, index)
      .find((other) => other.cpus.first <= cpu.cpus.last && cpu.cpus.first <= other.cpus.last);
    if (earlier === undefined || cpu.cpus.first < 0) return;
    const both = Math.max(earlier.cpus.first, cpu.cpus.first);
    r.say('HVO037', cpu.cpus.span, `cpu ${both} has a block already.`, {
      related: [{ span: earlier.cpus.span, message: 'the first one' }],
    });
  });
}

/** The block of the CPU that a handler runs on, whose registers it shares. */
function ownerOf(cpus: readonly CpuMember[], range: CpuRange): CpuRange {
  return cpus.find((cpu) => cpu.cpus.first <= range.first && cpu.cpus.last >= range.first)?.cpus ?? range;
}

function hasCpu(cpus: readonly CpuMember[], number: number): boolean {
  return cpus.some((cpu) => cpu.cpus.first <= number && cpu.cpus.last >= number);
}

function checkCpuExists(r: Resolver, cpus: readonly CpuMember[], range: CpuRange): void {
  for (const number of [range.first, range.last]) {
    if (number < 0 || hasCpu(cpus, number)) continue;
    const known = cpus
      .map(({ cpus: { first, last } }) => (first === last ? `${first}` : `${first}..${last}`))
      .join(', ');
    r.say('HVO043', range.span, `The scenario has no cpu ${number}${known === '' ? '' : `; it has ${known}`}.`);
    return;
  }
}

/** `on fault NAME`: a function of the address and the ESR. */
function resolveHook(
  r: Resolver,
  handler: { readonly name: string; readonly span: { start: number; end: number } },
): void {
  if (handler.name === '') return;
  const fn = r.fn(handler.name);
  if (fn === undefined) {
    const suggestion = r.nearestOrLonger(handler.name, [...r.hooks()]);
    r.sayReplace(
      'HVO030',
      handler.span,
      `There is no function ${shown(handler.name)}; the hook takes the address and the ESR: \`fn ${handler.name}(addr, esr) { … }\`.${didYouMean(suggestion)}`,
      suggestion,
    );
    return;
  }
  r.noteSymbol(handler.span, fn, 'call');
  const count = parametersOf(fn).length;
  if (count !== 2)
    r.say(
      'HVO035',
      handler.span,
      `The hook takes two parameters, the address and the ESR; \`${fn.name}\` takes ${count}.`,
    );
}

/** Registers are declared by their first assignment on a CPU, wherever expectations stand. */
function collectRegisters(r: Resolver, cpus: CpuRange, block: Block): void {
  const visit = (inner: Block): void => {
    for (const statement of inner.statements) {
      if (statement.kind === 'assign' && statement.target.kind === 'name') declareRegister(r, cpus, statement.target);
      if (
        statement.kind === 'for' &&
        statement.initial?.kind === 'assign' &&
        statement.initial.target.kind === 'name'
      ) {
        declareRegister(r, cpus, statement.initial.target);
      }
      for (const body of blocksOf(statement)) visit(body);
    }
  };
  visit(block);
}

function declareRegister(
  r: Resolver,
  cpus: CpuRange,
  target: { readonly name: string; readonly span: { start: number; end: number } },
): void {
  const { name, span } = target;
  if (!registerName.test(name)) return;
  if (
    r.registers.some(
      (other) =>
        other.name === name &&
        other.cpus !== undefined &&
        other.cpus.first <= cpus.first &&
        other.cpus.last >= cpus.first,
    )
  )
    return;
  const symbol: DeclaredSymbol = {
    kind: 'register',
    name,
    uri: r.source.uri,
    span,
    extent: span,
    known: span,
    cpus,
    ofScenario: true,
  };
  r.registers.push(symbol);
  r.inner.push(symbol);
}

function resolveCondition(r: Resolver, cpus: readonly CpuMember[], node: Condition): void {
  switch (node.kind) {
    case 'or':
    case 'and':
      resolveCondition(r, cpus, node.left);
      resolveCondition(r, cpus, node.right);
      return;
    case 'not':
      resolveCondition(r, cpus, node.operand);
      return;
    case 'group':
      resolveCondition(r, cpus, node.inner);
      return;
    case 'outcome':
      if (node.cpus !== undefined) checkCpuExists(r, cpus, node.cpus);
      if (!isRuleCode(node.outcome.word)) checkOutcomeWord(r, node.outcome.word, node.outcome.span);
      return;
    case 'faults':
      checkCpuExists(r, cpus, node.cpus);
      return;
    case 'comparison':
      resolveComparison(r, cpus, node.expression);
      return;
  }
}

/** A single unknown word is more likely an outcome than a value. */
function resolveComparison(
  r: Resolver,
  cpus: readonly CpuMember[],
  expression: Parameters<typeof resolveExpression>[2],
): void {
  if (expression.kind === 'cpuRegister') checkCpuExists(r, cpus, expression.cpus);
  const isWord =
    expression.kind === 'name' && r.item(expression.name) === undefined && !registerName.test(expression.name);
  if (isWord) {
    checkOutcomeWord(r, expression.name, expression.span);
    return;
  }
  resolveExpression(r, ofExpectation, expression);
}
