/**
 * What the elaboration of one CPU may cost. A loop over known bounds is copied, iteration by iteration; one that cannot fit
 * is told after a few copies, and what hits a bound is told with the loop that led there.
 */

import type { Span } from '../ast';
import { lineAt } from '../lines';
import { elaborationCodes } from './codes';
import { type Compiler, ELABORATION_LIMITS, type Frame } from './compiler';
import type { Place } from './source';

/** A loop whose iterations are being copied. */
export interface OpenLoop {
  readonly frame: Frame;
  readonly span: Span;
  /** Iterations that were copied so far. */
  copies: number;
  /** How many there will be in all, as far as that is known. */
  total: () => number | undefined;
  /** What had been spent when it began. */
  readonly madeBefore: number;
  readonly stepsBefore: number;
}

/** Copies after which it is asked how many more there will be. */
const FIRST_COPIES = 16;

/** Runs what copies a loop. */
export function copying<T>(compiler: Compiler, frame: Frame, span: Span, run: (loop: OpenLoop) => T): T {
  const { counters, graph } = compiler;
  const loop: OpenLoop = {
    frame,
    span,
    copies: 0,
    total: () => undefined,
    madeBefore: graph.made,
    stepsBefore: counters.steps,
  };
  counters.loops.push(loop);
  const result = run(loop);
  counters.loops.pop();
  return result;
}

/** Counts a copy; false when a bound is hit, or when what the loop has taken so far tells that all of it will not fit. */
export function copyAgain(compiler: Compiler, loop: OpenLoop, remaining: () => bigint | undefined): boolean {
  const { copies } = loop;
  loop.total = () => {
    const more = remaining();
    return more === undefined ? undefined : Number(more) + copies;
  };
  const { counters, graph } = compiler;
  if (!spend(compiler, loop.frame, loop.span)) return false;
  if (copies === FIRST_COPIES) {
    // Iterations need not be alike: only what is far beyond a bound is given up.
    const times = (loop.total() ?? 0) / copies / 2;
    const tooMany = (graph.made - loop.madeBefore) * times > ELABORATION_LIMITS.instructions;
    if (tooMany || (counters.steps - loop.stepsBefore) * times > ELABORATION_LIMITS.steps) {
      giveUp(compiler, loop.frame, loop.span, tooMany);
      return false;
    }
  }
  loop.copies++;
  return true;
}

/** Counts a step; false when a bound is hit, which is reported once with the place. */
export function spend(compiler: Compiler, frame: Frame, span: Span): boolean {
  const { counters, graph } = compiler;
  if (counters.exhausted) return false;
  counters.steps++;
  const tooMany = graph.made > ELABORATION_LIMITS.instructions;
  if (!tooMany && counters.steps <= ELABORATION_LIMITS.steps) return true;
  giveUp(compiler, frame, span, tooMany);
  return false;
}

function giveUp(compiler: Compiler, frame: Frame, span: Span, tooMany: boolean): void {
  const { counters, diagnostics } = compiler;
  counters.exhausted = true;
  const loop = counters.loops.reduce<OpenLoop | undefined>(
    (most, one) => (most === undefined || one.copies > most.copies ? one : most),
    undefined,
  );
  const at = loop === undefined ? whereOfUser(frame, span) : whereOfUser(loop.frame, loop.span, loop.span);
  const { context } = frame.stack;
  const what = tooMany
    ? `the program of ${context} grows beyond ${ELABORATION_LIMITS.instructions} instructions here`
    : `working out ${context} takes more than ${ELABORATION_LIMITS.steps} steps here`;
  const why = loop === undefined ? 'call fewer functions' : loopText(loop, at);
  diagnostics.error(elaborationCodes.tooLong, at, `${what}: ${why}`);
}

function loopText({ frame, span, copies, total }: OpenLoop, at: Place): string {
  const isHere = at.source === frame.source && at.span === span;
  const loop = isHere
    ? 'this loop'
    : `the loop at ${frame.source.uri}:${lineAt(frame.source.parsed.lines, span.start) + 1}`;
  const all = total();
  const times =
    all === undefined
      ? `does ${loop} end? It was copied ${copies} times`
      : `${loop} runs ${all} times, and each iteration is copied`;
  const smaller = isHere ? '' : ', or take a smaller huge page';
  return `${times}. What can happen shows in the first iterations: let it run a few times only${smaller}`;
}

/** The statement of the user's file that led here; the place itself where there is none. */
function whereOfUser(frame: Frame, span: Span, own: Span = frame.span): Place {
  const empty = frame.span.start === frame.span.end;
  if (frame.source.origin === 'user') return { source: frame.source, span: empty ? span : own };
  const call = frame.stack.calls.findLast((one) => one.source.origin === 'user');
  return call ?? { source: frame.source, span };
}
