/** The answer to a comparison: the table of `hvo compare`, or as much of it as there is when it is stopped. */

import type { SetFile } from '../compare/approachSet';
import { compareSet } from '../compare/compareSet';
import { comparisonText } from '../compare/comparisonText';
import type { Asked, NoAnswer } from './answers';
import type { Answer } from './explorerMessages';

/** Instructions of one execution that is counted. */
const MAX_INSTRUCTIONS = 20_000_000;

export function* compareAll(
  { limits, control }: Asked,
  title: string,
  files: readonly SetFile[],
): Generator<void, Answer | NoAnswer, void> {
  const { now, stopped, progress } = control('');
  const comparing = compareSet(files, {
    maxStates: limits.states,
    milliseconds: limits.milliseconds,
    bytes: limits.bytes,
    maxInstructions: MAX_INSTRUCTIONS,
    now,
    isStopped: () => stopped() !== undefined,
  });
  for (;;) {
    const next = comparing.next();
    if (next.done) {
      if (typeof next.value === 'string') return { refused: next.value };
      const text = comparisonText(next.value, { verbose: false });
      const head = stopped() === undefined ? '' : 'Stopped: what is missing was not explored.\n\n';
      return { report: { title, language: 'plaintext', text: `${head}${text}` }, scenarios: [] };
    }
    const { what, done, all, states, queued, milliseconds } = next.value;
    progress(states, queued, milliseconds, all === 0 ? what : `${what} (${done + 1} of ${all})`);
    yield;
  }
}
