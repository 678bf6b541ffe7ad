/**
 * Loops. While the condition is known, iterations are copied one behind the other, each with what is known in it. From
 * where it is not known the loop becomes one in the code: variables that an iteration changes get a register each. In a
 * program that runs once a long loop becomes one in the code too.
 */

import type { Expression, ForStatement, LoopStatement, RepeatStatement, Span, WhileStatement } from '../ast';
import { branch } from './branch';
import { elaborationCodes } from './codes';
import { type Compiler, complain, ELABORATION_LIMITS, type Exit, type Frame, type Scope } from './compiler';
import { evaluateCondition, evaluateNumber, findVariable, isRegister } from './expressions';
import { applyBinary } from './operators';
import { settledNumber } from './settled';
import { copyAgain, copying, spend } from './spending';
import { addMoves, fork, type Move, type State, type VariableId } from './state';
import { at, declare, executeAssign, joinStates } from './statements';
import { inRegister, isNumeric, type Numeric, number, one, sameValue, type Value, type VirtualRegister } from './value';

interface Loop {
  readonly frame: Frame;
  /** Absent: always true. */
  readonly condition: Expression | undefined;
  readonly body: (state: State) => readonly Exit[];
  readonly step: (state: State) => readonly State[];
  /** The loop has no bound and no exit but `break`: an iteration begins when everything older is done. */
  readonly drains: boolean;
  readonly span: Span;
}

export function executeWhile(
  compiler: Compiler,
  frame: Frame,
  state: State,
  statement: WhileStatement,
): readonly Exit[] {
  return run(compiler, state, {
    frame,
    condition: statement.condition,
    body: (inside) => compiler.execute(frame, inside, statement.body),
    step: (after) => [after],
    drains: false,
    span: statement.condition.span,
  });
}

export function executeForever(
  compiler: Compiler,
  frame: Frame,
  state: State,
  statement: LoopStatement,
): readonly Exit[] {
  return run(compiler, state, {
    frame,
    condition: undefined,
    body: (inside) => compiler.execute(frame, inside, statement.body),
    step: (after) => [after],
    drains: true,
    span: statement.keyword,
  });
}

export function executeFor(compiler: Compiler, frame: Frame, state: State, statement: ForStatement): readonly Exit[] {
  const scope: Scope = { names: new Map(), outer: frame.scope };
  const inner: Frame = { ...frame, scope };
  const begin = beginFor(compiler, inner, state, statement);
  const exits = begin.flatMap((begun) =>
    run(compiler, begun, {
      frame: inner,
      condition: statement.condition,
      body: (inside) => compiler.execute(inner, inside, statement.body),
      step: (after) => {
        if (statement.step === undefined) return [after];
        return executeAssign(compiler, at(compiler, inner, statement.step.span), after, statement.step).map(
          (exit) => exit.state,
        );
      },
      drains: false,
      span: statement.condition?.span ?? statement.keyword,
    }),
  );
  for (const exit of exits) for (const variable of scope.names.values()) exit.state.variables.delete(variable);
  return exits;
}

/** `for (i = 0; ...)` declares i when there is no i yet. */
function beginFor(compiler: Compiler, frame: Frame, state: State, { initial }: ForStatement): readonly State[] {
  if (initial === undefined) return [state];
  const here = at(compiler, frame, initial.span);
  if (initial.kind === 'let') {
    return compiler.evaluate(here, state, initial.value).map((way) => {
      declare(compiler, frame.scope, way.state, initial.name.name, way.value);
      return way.state;
    });
  }
  const { target } = initial;
  const isNew =
    target.kind === 'name' && findVariable(frame.scope, target.name) === undefined && !isRegister(frame, target.name);
  if (isNew) declare(compiler, frame.scope, state, target.name, number(0n));
  return executeAssign(compiler, here, state, initial).map((exit) => exit.state);
}

export function executeRepeat(
  compiler: Compiler,
  frame: Frame,
  state: State,
  statement: RepeatStatement,
): readonly Exit[] {
  const here = at(compiler, frame, statement.count.span);
  return evaluateNumber(compiler, here, state, statement.count).flatMap((count): readonly Exit[] => {
    if (count.value.kind === 'number' && !isLong(compiler, Number(count.value.value)))
      return repeatKnown(compiler, frame, count.state, statement, count.value.value);
    const counter = compiler.counters.variables++;
    count.state.variables.set(counter, count.value);
    const remaining = (inside: State) => inside.variables.get(counter) as Numeric;
    const exits = runInCode(compiler, count.state, {
      frame,
      condition: undefined,
      test: (inside) => remaining(inside),
      body: (inside) => compiler.execute(frame, inside, statement.body),
      step: (after) => {
        after.variables.set(counter, applyBinary(compiler, here, after, '-', remaining(after), one));
        return [after];
      },
      drains: false,
      span: statement.count.span,
    });
    for (const exit of exits) exit.state.variables.delete(counter);
    return exits;
  });
}

function repeatKnown(
  compiler: Compiler,
  frame: Frame,
  state: State,
  statement: RepeatStatement,
  count: bigint,
): readonly Exit[] {
  return copying(compiler, frame, statement.count.span, (loop) => {
    const exits: Exit[] = [];
    let states: readonly State[] = [state];
    for (let i = 0n; i < count && states.length > 0; i++) {
      const remaining = count - i;
      if (!copyAgain(compiler, loop, () => remaining)) return exits;
      states = iterate(compiler, frame, states, (inside) => compiler.execute(frame, inside, statement.body), exits);
    }
    for (const after of states) exits.push({ kind: 'next', state: after });
    return exits;
  });
}

/** One copy of the body on each way; `break` and `return` go to `exits`. */
function iterate(
  compiler: Compiler,
  frame: Frame,
  states: readonly State[],
  body: (state: State) => readonly Exit[],
  exits: Exit[],
): readonly State[] {
  const next: State[] = [];
  for (const state of states) {
    for (const exit of body(state)) {
      if (exit.kind === 'next' || exit.kind === 'continue') next.push(exit.state);
      else exits.push(exit.kind === 'break' ? { kind: 'next', state: exit.state } : exit);
    }
  }
  return joinStates(compiler, frame, next);
}

function run(compiler: Compiler, state: State, loop: Loop): readonly Exit[] {
  const { frame, condition } = loop;
  if (condition === undefined || isLiteral(condition)) {
    const never = condition !== undefined && literalValue(condition) === 0n;
    return never ? [{ kind: 'next', state }] : runInCode(compiler, state, loop);
  }
  return copying(compiler, frame, loop.span, (open) => {
    const exits: Exit[] = [];
    let states: readonly State[] = [state];
    let gap: bigint | undefined;
    for (let copies = 0; states.length > 0; copies++) {
      const before = gap;
      gap = gapOf(compiler, frame, states[0] as State, condition);
      if (!copyAgain(compiler, open, () => copiesUntilMet(condition, before, gap))) return exits;
      const going: State[] = [];
      for (const state of states) {
        const value = settledNumber(compiler, frame, state, condition)?.value;
        if (value === 0n) exits.push({ kind: 'next', state });
        else if (isLong(compiler, copies)) exits.push(...runInCode(compiler, state, loop));
        else if (value !== undefined) going.push(state);
        else if (isKnown(compiler, state, loop)) going.push(...tested(compiler, state, loop, exits));
        else exits.push(...runInCode(compiler, state, loop));
      }
      const after = iterate(compiler, frame, going, loop.body, exits);
      states = after.flatMap((one_) => loop.step(one_));
    }
    return exits;
  });
}

/** The right side of a comparison less the left one; undefined for another condition, or where they are not known. */
function gapOf(compiler: Compiler, frame: Frame, state: State, condition: Expression): bigint | undefined {
  if (condition.kind === 'group') return gapOf(compiler, frame, state, condition.inner);
  if (condition.kind !== 'binary') return undefined;
  const left = settledNumber(compiler, frame, state, condition.left)?.value;
  const right = settledNumber(compiler, frame, state, condition.right)?.value;
  return left === undefined || right === undefined ? undefined : right - left;
}

/** How often a loop goes on that comes nearer to the end of its condition by equal steps. */
function copiesUntilMet(
  condition: Expression,
  before: bigint | undefined,
  now: bigint | undefined,
): bigint | undefined {
  if (condition.kind === 'group') return copiesUntilMet(condition.inner, before, now);
  if (condition.kind !== 'binary' || before === undefined || now === undefined) return undefined;
  const step = before - now;
  if (step === 0n || now / step < 0n) return undefined;
  switch (condition.operator) {
    case '<':
    case '>':
    case '!=':
      return now / step;
    case '<=':
    case '>=':
      return now / step + 1n;
    default:
      return undefined;
  }
}

function isLong({ world }: Compiler, copies: number): boolean {
  return world.oneRun && copies >= ELABORATION_LIMITS.copiesInOneRun;
}

/** Whether a loop's condition is known on every way; found out on a copy, whose code is thrown away. */
function isKnown(compiler: Compiler, state: State, { frame, condition }: Loop): boolean {
  if (condition === undefined) return false;
  const here = at(compiler, frame, condition.span);
  const trial = fork(state, compiler.graph.block());
  return evaluateCondition(compiler, here, trial, condition).every((way) => way.value.kind === 'number');
}

interface CodeLoop extends Loop {
  /** In place of the condition. */
  readonly test?: (state: State) => Numeric;
}

/** What an iteration changes, so that it must be in registers at the head of the loop. */
interface Carried {
  readonly variables: Set<VariableId>;
  readonly memory: Set<bigint>;
}

/** A loop in the code. The body is made again until it is known what it changes. */
function runInCode(compiler: Compiler, state: State, loop: CodeLoop): readonly Exit[] {
  const carried: Carried = { variables: new Set(), memory: new Set() };
  for (;;) {
    if (!spend(compiler, loop.frame, loop.span)) return [];
    const trial = fork(state, compiler.graph.block());
    const attempt = iteration(compiler, trial, loop, carried);
    if (!grow(compiler, loop, attempt, carried)) break;
  }
  const { site } = loop.frame;
  const entry = fork(state, compiler.graph.block());
  const final = iteration(compiler, entry, loop, carried);
  compiler.graph.end(state.block, { kind: 'jump', to: entry.block, site });
  for (const back of final.back) {
    const moves: Move[] = [];
    for (const [variable, register] of final.registers) {
      const value = back.variables.get(variable);
      if (value !== undefined && isNumeric(value)) moves.push({ register, source: value });
    }
    addMoves(compiler.graph, back.block, moves, site);
    const drains = loop.drains || final.exits.length === 0;
    compiler.graph.end(back.block, { kind: 'jump', to: final.head, back: drains ? 'drained' : 'decided', site });
  }
  return final.exits;
}

interface Iteration {
  readonly before: State;
  readonly head: State['block'];
  readonly registers: ReadonlyMap<VariableId, VirtualRegister>;
  readonly back: readonly State[];
  readonly exits: readonly Exit[];
}

/** Makes the head and the body of a loop, entered from `entry`, which it changes. */
function iteration(compiler: Compiler, entry: State, loop: CodeLoop, carried: Carried): Iteration {
  const { graph } = compiler;
  const { frame } = loop;
  const before = fork(entry, entry.block);
  const head = graph.block();
  const registers = new Map<VariableId, VirtualRegister>();
  const moves: Move[] = [];
  for (const variable of carried.variables) {
    const value = entry.variables.get(variable);
    if (value === undefined || !isNumeric(value) || graph.homes.has(variable)) continue;
    const register = graph.register();
    registers.set(variable, register);
    moves.push({ register, source: value });
  }
  addMoves(graph, entry.block, moves, frame.site);
  graph.end(entry.block, { kind: 'jump', to: head, site: frame.site });
  const top: State = { ...fork(entry, head), repeats: true };
  for (const [variable, register] of registers) {
    const { bytes } = entry.variables.get(variable) as Numeric;
    top.variables.set(variable, { ...inRegister(register), ...(bytes === undefined ? {} : { bytes }) });
  }
  for (const variable of carried.variables) {
    const home = graph.homes.get(variable);
    if (home !== undefined) top.variables.set(variable, inRegister(home));
  }
  for (const word of carried.memory) top.memory.set(word, undefined);
  const exits: Exit[] = [];
  const back = tested(compiler, top, loop, exits)
    .flatMap((inside) => iterate(compiler, frame, [inside], loop.body, exits))
    .flatMap((after) => loop.step(after));
  for (const exit of exits) exit.state.repeats = entry.repeats;
  return { before, head, registers, back, exits };
}

/** The ways into the body; the ways past the loop go to `exits`. */
function tested(compiler: Compiler, top: State, loop: Loop & Partial<CodeLoop>, exits: Exit[]): readonly State[] {
  if (loop.condition === undefined && loop.test === undefined) return [top];
  const here = loop.condition === undefined ? loop.frame : at(compiler, loop.frame, loop.condition.span);
  const ways = loop.condition
    ? evaluateCondition(compiler, here, top, loop.condition)
    : [{ state: top, value: (loop.test as (state: State) => Numeric)(top) }];
  return ways.flatMap((way) => {
    if (way.value.kind === 'number') {
      if (way.value.value !== 0n) return [way.state];
      exits.push({ kind: 'next', state: way.state });
      return [];
    }
    const { whenTrue, whenFalse } = branch(compiler, here, way.state, way.value);
    exits.push({ kind: 'next', state: whenFalse });
    return [whenTrue];
  });
}

/** Adds what the way back changed to what is carried; false when nothing is new. */
function grow(compiler: Compiler, loop: CodeLoop, { before, back }: Iteration, carried: Carried): boolean {
  let grown = false;
  for (const after of back) {
    for (const [variable, value] of before.variables) {
      if (carried.variables.has(variable)) continue;
      const now = after.variables.get(variable);
      if (now === undefined || sameValue(value, now)) continue;
      if (!isNumeric(value) || !isNumeric(now)) {
        complain(
          compiler,
          loop.frame,
          elaborationCodes.notConstant,
          loop.span,
          'a variable that is no number changes in a loop whose end is not known',
        );
        continue;
      }
      carried.variables.add(variable);
      grown = true;
    }
    for (const address of after.memory.keys()) {
      const value = before.memory.get(address);
      const now = after.memory.get(address);
      const same = before.memory.has(address) && value !== undefined && now !== undefined && sameValue(value, now);
      if (same || carried.memory.has(address)) continue;
      carried.memory.add(address);
      grown = true;
    }
    if (listsDiffer(before, after)) {
      complain(
        compiler,
        loop.frame,
        elaborationCodes.notConstant,
        loop.span,
        'a list changes in a loop whose end is not known; lists need loops with a known number of iterations',
      );
    }
  }
  return grown;
}

function listsDiffer(before: State, after: State): boolean {
  for (const [list, items] of before.lists) {
    const now = after.lists.get(list);
    if (now === undefined || now.length !== items.length) return true;
    if (!items.every((item, i) => sameValue(item, now[i] as Value))) return true;
  }
  return false;
}

function isLiteral(expression: Expression): boolean {
  return literalValue(expression) !== undefined;
}

function literalValue(expression: Expression): bigint | undefined {
  if (expression.kind === 'group') return literalValue(expression.inner);
  if (expression.kind === 'number') return expression.value;
  if (expression.kind !== 'name') return undefined;
  return expression.name === 'true' ? 1n : expression.name === 'false' ? 0n : undefined;
}
