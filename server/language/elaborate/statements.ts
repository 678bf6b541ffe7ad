/** Statements, one after the other, on every way that leads to them. */

import type { AssignStatement, Block, IfStatement, NameExpression, Span, Statement, SwitchStatement } from '../ast';
import { load, store } from './access';
import { branch } from './branch';
import { elaborationCodes } from './codes';
import { type Compiler, complain, type Exit, type Frame, type RegisterName, type Scope } from './compiler';
import { evaluate, evaluateCondition, evaluateNumber, findVariable, isRegister } from './expressions';
import { executeFor, executeForever, executeRepeat, executeWhile } from './loops';
import { asNumber } from './numeric';
import { applyBinary } from './operators';
import { executeRegion } from './regions';
import { settled, settledNumber } from './settled';
import { spend } from './spending';
import { addMove, fork, join, type State, type Way } from './state';
import { inRegister, isNumeric, type Value, type VirtualRegister, zero } from './value';

/** A block in a scope of its own. */
export function execute(compiler: Compiler, frame: Frame, state: State, block: Block): readonly Exit[] {
  const declares = block.statements.some((statement) => statement.kind === 'let');
  const scope: Scope = declares ? { names: new Map(), outer: frame.scope } : frame.scope;
  const inner: Frame = declares ? { ...frame, scope } : frame;
  let states: readonly State[] = [state];
  const exits: Exit[] = [];
  for (const statement of block.statements) {
    const next: State[] = [];
    for (const at of states) {
      for (const exit of executeStatement(compiler, inner, at, statement)) {
        if (exit.kind === 'next') next.push(exit.state);
        else exits.push(exit);
      }
    }
    states = joinStates(compiler, frame, next);
    if (states.length === 0) break;
  }
  for (const at of states) exits.push({ kind: 'next', state: at });
  if (declares)
    for (const exit of exits) for (const variable of scope.names.values()) exit.state.variables.delete(variable);
  return exits;
}

/** Ways that go on with the same statement. */
export function joinStates(compiler: Compiler, frame: Frame, states: readonly State[]): readonly State[] {
  if (states.length < 2) return states;
  const ways = states.map((state): Way<undefined> => ({ state, value: undefined }));
  return join(compiler.graph, ways, frame.site).map((way) => way.state);
}

/** The frame for a statement, or for the condition of one: its instructions have this site. */
export function at(compiler: Compiler, frame: Frame, span: Span): Frame {
  // Written out: this is done for every statement of every iteration.
  return {
    source: frame.source,
    stack: frame.stack,
    active: frame.active,
    scope: frame.scope,
    span,
    site: compiler.sites.site(frame.stack, frame.source, span),
    inFunction: frame.inFunction,
  };
}

function executeStatement(compiler: Compiler, frame: Frame, state: State, statement: Statement): readonly Exit[] {
  if (!spend(compiler, frame, statement.span)) return [];
  const here = at(compiler, frame, statement.span);
  switch (statement.kind) {
    case 'let':
      return evaluate(compiler, here, state, statement.value).map((way) => {
        declare(compiler, frame.scope, way.state, statement.name.name, way.value);
        return { kind: 'next', state: way.state };
      });
    case 'assign':
      return executeAssign(compiler, here, state, statement);
    case 'call':
      return evaluate(compiler, here, state, statement.expression).map((way) => ({ kind: 'next', state: way.state }));
    case 'if':
      return executeIf(compiler, frame, state, statement);
    case 'while':
      return executeWhile(compiler, frame, state, statement);
    case 'for':
      return executeFor(compiler, frame, state, statement);
    case 'repeat':
      return executeRepeat(compiler, frame, state, statement);
    case 'loop':
      return executeForever(compiler, frame, state, statement);
    case 'choose': {
      const blocks = statement.branches.map(() => compiler.graph.block());
      const { site } = at(compiler, frame, statement.keyword);
      compiler.graph.end(state.block, { kind: 'choose', to: blocks, site });
      return statement.branches.flatMap((one, i) =>
        compiler.execute(frame, fork(state, blocks[i] as (typeof blocks)[number]), one),
      );
    }
    case 'switch':
      return executeSwitch(compiler, frame, state, statement);
    case 'region':
      return executeRegion(compiler, frame, state, statement);
    case 'block':
      return compiler.execute(frame, state, statement.body);
    case 'return':
      if (statement.value === undefined) return [{ kind: 'return', state, value: undefined }];
      return evaluate(compiler, here, state, statement.value).map((way) => ({
        kind: 'return',
        state: way.state,
        value: way.value,
      }));
    case 'break':
    case 'continue':
      return [{ kind: statement.kind, state }];
    case 'bad':
      return [{ kind: 'next', state }];
  }
}

/** Gives a name a variable in a scope; every way through the declaration has the same one. */
export function declare(compiler: Compiler, scope: Scope, state: State, name: string, value: Value): void {
  const variable = scope.names.get(name) ?? compiler.counters.variables++;
  scope.names.set(name, variable);
  state.variables.set(variable, value);
}

export function executeAssign(
  compiler: Compiler,
  frame: Frame,
  state: State,
  statement: AssignStatement,
): readonly Exit[] {
  const { target, operator } = statement;
  if (target.kind === 'name') {
    const quick = settledAssignment(compiler, frame, state, statement, target);
    if (quick !== undefined) {
      assignName(compiler, frame, state, target.name, target.span, quick);
      return [{ kind: 'next', state }];
    }
    return evaluate(compiler, frame, state, statement.value).map((way) => {
      const value = combined(compiler, frame, way.state, statement, way.value, () => {
        const [old] = evaluate(compiler, frame, way.state, target);
        return old?.value ?? zero;
      });
      assignName(compiler, frame, way.state, target.name, target.span, value);
      return { kind: 'next', state: way.state };
    });
  }
  const place = target.kind === 'unary' && target.operator === '*' ? target.operand : target;
  return evaluateNumber(compiler, frame, state, place).flatMap((to) =>
    evaluateNumber(compiler, frame, to.state, statement.value).map((way): Exit => {
      const bytes = to.value.bytes ?? 8;
      const value = combined(compiler, frame, way.state, statement, way.value, () =>
        operator === '=' ? zero : load(compiler, frame, way.state, to.value, bytes),
      );
      store(compiler, frame, way.state, to.value, isNumeric(value) ? value : zero, bytes);
      return { kind: 'next', state: way.state };
    }),
  );
}

/** The value that a name gets, where it is known at once. */
function settledAssignment(
  compiler: Compiler,
  frame: Frame,
  state: State,
  { operator, value }: AssignStatement,
  target: NameExpression,
): Value | undefined {
  if (operator === '=') return settled(compiler, frame, state, value);
  const [old, by] = [settledNumber(compiler, frame, state, target), settledNumber(compiler, frame, state, value)];
  if (old === undefined || by === undefined) return undefined;
  return applyBinary(compiler, frame, state, plainOperator(operator), old, by);
}

type AssignOperator = Exclude<AssignStatement['operator'], '='>;

function plainOperator(operator: AssignOperator): AssignOperator extends `${infer One}=` ? One : never {
  return operator.slice(0, -1) as ReturnType<typeof plainOperator>;
}

/** The value that an assignment operator gives: `old op value`. */
function combined(
  compiler: Compiler,
  frame: Frame,
  state: State,
  statement: AssignStatement,
  value: Value,
  old: () => Value,
): Value {
  if (statement.operator === '=') return value;
  const before = old();
  if (!isNumeric(before) || !isNumeric(value)) return value;
  return applyBinary(compiler, frame, state, plainOperator(statement.operator), before, value);
}

function assignName(compiler: Compiler, frame: Frame, state: State, name: string, span: Span, value: Value): void {
  const variable = findVariable(frame.scope, name);
  if (variable !== undefined) {
    state.variables.set(variable, value);
    return;
  }
  if (isRegister(frame, name)) assignRegister(compiler, frame, state, name, span, value);
}

/** A register of the user is a register of the CPU from where it is assigned: expectations see it at the end. */
function assignRegister(compiler: Compiler, frame: Frame, state: State, name: string, span: Span, given: Value): void {
  const known = compiler.registers.get(name);
  if (known === undefined) return;
  const value = given.kind === 'page' ? asNumber(compiler, frame, span, given) : given;
  if (!isNumeric(value)) {
    complain(compiler, frame, elaborationCodes.kind, span, `a register holds a number`);
    return;
  }
  saveAliases(compiler, frame, state, known);
  addMove(compiler.graph, state.block, { register: known.register, source: value }, frame.site);
  const isKnown = value.kind === 'number' && !compiler.volatileRegisters.has(name);
  state.variables.set(known.variable, isKnown ? value : inRegister(known.register));
}

/** Values that were read from the register and are still in use get a register of their own before it changes. */
function saveAliases(compiler: Compiler, frame: Frame, state: State, { register, variable }: RegisterName): void {
  let copy: VirtualRegister | undefined;
  for (const [other, value] of state.variables) {
    if (other === variable || value.kind !== 'register' || value.register !== register) continue;
    if (copy === undefined) {
      copy = compiler.graph.register();
      addMove(compiler.graph, state.block, { register: copy, source: inRegister(register) }, frame.site);
    }
    state.variables.set(other, { ...value, register: copy });
  }
  for (const [address, value] of state.memory) {
    if (value?.kind === 'register' && value.register === register) state.memory.set(address, undefined);
  }
}

function executeIf(compiler: Compiler, frame: Frame, state: State, statement: IfStatement): readonly Exit[] {
  const here = at(compiler, frame, statement.condition.span);
  return evaluateCondition(compiler, here, state, statement.condition).flatMap((condition): readonly Exit[] => {
    if (condition.value.kind === 'number') {
      const side = condition.value.value !== 0n ? statement.then : statement.otherwise;
      return side === undefined
        ? [{ kind: 'next', state: condition.state }]
        : compiler.execute(frame, condition.state, side);
    }
    const { whenTrue, whenFalse } = branch(compiler, here, condition.state, condition.value);
    const otherwise: readonly Exit[] =
      statement.otherwise === undefined
        ? [{ kind: 'next', state: whenFalse }]
        : compiler.execute(frame, whenFalse, statement.otherwise);
    return [...compiler.execute(frame, whenTrue, statement.then), ...otherwise];
  });
}

function executeSwitch(compiler: Compiler, frame: Frame, state: State, statement: SwitchStatement): readonly Exit[] {
  const here = at(compiler, frame, statement.value.span);
  return evaluateNumber(compiler, here, state, statement.value).flatMap((way) => {
    const exits: Exit[] = [];
    let rest: State | undefined = way.state;
    const fallback = statement.cases.find((one) => one.labels.some((label) => label.value === undefined));
    for (const one of statement.cases) {
      const entering: State[] = [];
      for (const { value: label } of one.labels) {
        if (label === undefined || rest === undefined) continue;
        const [next]: readonly Way<Value>[] = evaluate(compiler, here, rest, label);
        if (next === undefined || !isNumeric(next.value)) continue;
        const same = applyBinary(compiler, here, next.state, '==', way.value, next.value);
        if (same.kind === 'number') {
          if (same.value === 0n) continue;
          entering.push(next.state);
          rest = undefined;
          continue;
        }
        const sides = branch(compiler, here, next.state, same);
        entering.push(sides.whenTrue);
        rest = sides.whenFalse;
      }
      for (const entry of joinStates(compiler, here, entering)) {
        exits.push(...compiler.execute(frame, entry, one.body));
      }
    }
    if (rest !== undefined) {
      if (fallback === undefined) exits.push({ kind: 'next', state: rest });
      else exits.push(...compiler.execute(frame, rest, fallback.body));
    }
    return exits.map((exit): Exit => (exit.kind === 'break' ? { kind: 'next', state: exit.state } : exit));
  });
}
