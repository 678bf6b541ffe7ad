/** `any(0, 64, 1 .. 7)`: any one of several values. */

import type { Span } from '../../ast';
import { elaborationCodes } from '../codes';
import { type Compiler, complain, type Frame } from '../compiler';
import { fork, type Way } from '../state';
import { type Numeric, number, zero } from '../value';
import { bare, type Lowering, numbers } from './call';

/** More values than this in one `any` are a mistake rather than a choice. */
const maximumChoices = 256n;

const any: Lowering = ({ compiler, frame, state, call }) => {
  let ways: readonly Way<readonly Numeric[]>[] = [{ state, value: [] }];
  for (const argument of call.arguments) {
    const inner = bare(argument);
    const parts = inner.kind === 'range' ? [inner.first, inner.last] : [inner];
    ways = ways.flatMap((way) =>
      numbers(compiler, frame, way.state, parts).map((next) => {
        const [first = zero, last] = next.value;
        const further = last === undefined ? [first] : rangeOf(compiler, frame, argument, first, last);
        return { state: next.state, value: [...way.value, ...further] };
      }),
    );
  }
  return ways.flatMap((way) => choose(compiler, frame, way));
};

/** One way for each of the values. */
function choose(
  { graph }: Compiler,
  frame: Frame,
  { state, value: choices }: Way<readonly Numeric[]>,
): readonly Way<Numeric>[] {
  if (choices.length < 2) return [{ state, value: choices[0] ?? zero }];
  const blocks = choices.map(() => graph.block());
  graph.end(state.block, { kind: 'choose', to: blocks, site: frame.site });
  return blocks.map((block, i) => ({ state: fork(state, block), value: choices[i] as Numeric }));
}

function rangeOf(
  compiler: Compiler,
  frame: Frame,
  { span }: { readonly span: Span },
  first: Numeric,
  last: Numeric,
): readonly Numeric[] {
  if (first.kind !== 'number' || last.kind !== 'number') {
    complain(compiler, frame, elaborationCodes.notConstant, span, 'both ends of a range must be known here');
    return [zero];
  }
  const count = last.value - first.value + 1n;
  if (last.value < first.value || count > maximumChoices) {
    complain(
      compiler,
      frame,
      elaborationCodes.kind,
      span,
      last.value < first.value
        ? `the range ${first.value} .. ${last.value} is empty`
        : `a choice has at most ${maximumChoices} values, this has ${count}`,
    );
    return [first];
  }
  return Array.from({ length: Number(count) }, (_, i) => number(first.value + BigInt(i)));
}

export const choiceLowerings: readonly (readonly [string, Lowering])[] = [['any', any]];
