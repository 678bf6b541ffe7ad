/** What an expression of a scenario is before anything runs, parameters and locals included where a call says them. */

import type { CallExpression, Expression, FunctionItem, Statement } from '../language/ast';
import { CodeGraph } from '../language/elaborate/codeGraph';
import { type Compiler, type Frame, newCounters, type Scope } from '../language/elaborate/compiler';
import { evaluate } from '../language/elaborate/expressions';
import { firstRound, Knowledge } from '../language/elaborate/knowledge';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { type CallPlace, type SiteInfo, SiteTable } from '../language/elaborate/sites';
import { Diagnostics, type Source } from '../language/elaborate/source';
import { emptyState, type VariableId } from '../language/elaborate/state';
import { execute } from '../language/elaborate/statements';
import type { Value } from '../language/elaborate/value';
import { expressionsOf, visitExpression } from '../language/walk';
import { enclosing } from './enclosing';

/** Locals and parameters with their values. */
export type Bindings = ReadonlyMap<string, Value>;

/** Undefined when it is only known when the program runs. */
export function knownValue(
  scenario: ElaboratedScenario,
  source: Source,
  expression: Expression,
  bindings: Bindings = new Map(),
): Value | undefined {
  const graph = new CodeGraph();
  const state = emptyState(graph.block());
  const names = new Map<string, VariableId>();
  for (const [name, value] of bindings) {
    names.set(name, names.size);
    state.variables.set(names.size - 1, value);
  }
  const compiler = compilerOf(scenario, graph, names.size);
  const frame = frameOf(source, expression, { names, outer: undefined });
  const [way, ...others] = evaluate(compiler, frame, state, expression);
  const isKnown = way !== undefined && others.length === 0 && graph.made === 0 && way.value.kind !== 'register';
  return isKnown ? way.value : undefined;
}

/**
 * The parameters of the function that a site is in, from the calls that led there; and the locals that the statements
 * before it declare.
 */
export function bindingsAt(
  scenario: ElaboratedScenario,
  stack: readonly CallPlace[],
  before: readonly Statement[],
  source: Source,
): Bindings {
  let bindings: Bindings = new Map();
  for (const call of stack) {
    const around = withLocals(
      scenario,
      call.source,
      bindings,
      enclosing(call.source.parsed.file, call.span.start).before,
    );
    bindings = argumentsOf(scenario, call, around);
  }
  return withLocals(scenario, source, bindings, before);
}

function argumentsOf(scenario: ElaboratedScenario, call: CallPlace, around: Bindings): Bindings {
  const fn = scenario.world.declarations.functions.get(call.callee)?.item;
  const expression = fn && callIn(call, fn);
  if (fn === undefined || expression === undefined) return new Map();
  const values = fn.parameters.flatMap(({ name }, i): readonly (readonly [string, Value])[] => {
    const argument = expression.arguments[i];
    const value = argument && knownValue(scenario, call.source, argument, around);
    return value === undefined ? [] : [[name, value]];
  });
  return new Map(values);
}

/** The call of a function in the statement that a place is; the first when there are several. */
function callIn(call: CallPlace, fn: FunctionItem): CallExpression | undefined {
  const { statement, expressions } = enclosing(call.source.parsed.file, call.span.start);
  let found: CallExpression | undefined;
  for (const root of statement === undefined ? expressions : expressionsOf(statement)) {
    visitExpression(root, (expression) => {
      if (expression.kind !== 'call' || expression.callee.kind !== 'name') return;
      if (expression.callee.name === fn.name.name) found ??= expression;
    });
  }
  return found;
}

function withLocals(
  scenario: ElaboratedScenario,
  source: Source,
  bindings: Bindings,
  statements: readonly Statement[],
): Bindings {
  const all = new Map(bindings);
  for (const statement of statements) {
    if (statement.kind !== 'let') continue;
    const value = knownValue(scenario, source, statement.value, all);
    if (value === undefined) all.delete(statement.name.name);
    else all.set(statement.name.name, value);
  }
  return all;
}

/** The ways in which a place of a text was reached, each by its calls; one without calls for a CPU's own text. */
export function waysTo(scenario: ElaboratedScenario, source: Source, statement: Statement): readonly SiteInfo[] {
  const ways = new Map<string, SiteInfo>();
  for (const info of scenario.sites) {
    for (const [depth, place] of [...info.stack, info].entries()) {
      if (place.source.uri !== source.uri) continue;
      if (place.span.start < statement.span.start || place.span.end > statement.span.end) continue;
      const stack = info.stack.slice(0, depth);
      const key = stack.map((call) => `${call.source.uri}:${call.span.start}:${call.callee}`).join(' ');
      if (!ways.has(key)) ways.set(key, { ...info, stack });
      break;
    }
  }
  return [...ways.values()];
}

function compilerOf(scenario: ElaboratedScenario, graph: CodeGraph, variables: number): Compiler {
  const compiler: Compiler = {
    world: scenario.world,
    graph,
    sites: new SiteTable(),
    diagnostics: new Diagnostics(),
    cpu: 0,
    cpuNumber: 0,
    shared: false,
    fromStart: true,
    knowledge: new Knowledge(firstRound(), 'none', false, new Set()),
    given: { pages: 0 },
    registers: new Map(),
    volatileRegisters: new Set(),
    truths: new Set(),
    equalities: new Map(),
    interruptible: false,
    activeConstants: new Set(),
    counters: { ...newCounters(), variables },
    evaluate: (frame, state, inner) => evaluate(compiler, frame, state, inner),
    execute: (frame, state, inner) => execute(compiler, frame, state, inner),
  };
  return compiler;
}

function frameOf(source: Source, expression: Expression, scope: Scope): Frame {
  return {
    source,
    stack: new SiteTable().root('expectation'),
    active: [],
    scope,
    span: expression.span,
    site: 0,
    inFunction: true,
  };
}
