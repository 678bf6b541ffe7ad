/** Memory: one value for each word, the same for every CPU (multi-copy atomic), and how often it was written. */

import { type Context, word } from './program';
import type { TwinState, Word } from './state';

export function current(context: Context, state: TwinState, address: Word): Word {
  return state.memory[address]?.value ?? firstValue(context, address);
}

function firstValue(context: Context, address: Word): Word {
  let value = context.firstValues.get(address);
  if (value === undefined) {
    value = word(context.program.initialWord(BigInt(address)));
    context.firstValues.set(address, value);
  }
  return value;
}

export function version(state: TwinState, address: Word): number {
  return state.memory[address]?.version ?? 0;
}

/** Writes a word and gives the version that this made. */
export function store(state: TwinState, address: Word, value: Word): number {
  const made = version(state, address) + 1;
  state.memory[address] = { value, version: made };
  return made;
}
