/**
 * Values of a walk through one CPU's code: known, or a symbol for what the code alone does not tell. Equal computations on
 * equal symbols give the same symbol, so that a condition that is asked twice is answered the same way.
 */

import type { Arithmetic } from '../../../simulator/machine/program';
import { calculate } from '../../../simulator/machine/values';

/** A 64-bit value, or the number of a symbol. */
export type Word = bigint | number;

export const MASK64 = (1n << 64n) - 1n;

export function isKnown(word: Word): word is bigint {
  return typeof word === 'bigint';
}

/** How a symbol came about, as far as a branch on it says something about its operands. */
interface Origin {
  readonly operation: Arithmetic;
  readonly sources: readonly Word[];
}

/** The symbols of one walk. */
export class Symbols {
  private readonly origins: (Origin | undefined)[] = [];
  private readonly byOrigin = new Map<string, number>();

  /** A value of which nothing is known. */
  fresh(): number {
    this.origins.push(undefined);
    return this.origins.length - 1;
  }

  /** The result of an operation; known when its operands are, or when the known ones decide. */
  compute(operation: Arithmetic, sources: readonly Word[]): Word {
    const [a = 0n, b = 0n, condition = 0n] = sources;
    if (operation === 'move') return a;
    if (operation === 'select' && isKnown(condition)) return condition !== 0n ? a : b;
    if (a === b) {
      if (operation === 'equal' || operation === 'belowOrEqual') return 1n;
      if (operation === 'notEqual' || operation === 'below') return 0n;
    }
    if (operation === 'and' && (a === 0n || b === 0n)) return 0n;
    if (isKnown(a) && isKnown(b) && operation !== 'select') return calculate(operation, a, b) & MASK64;
    const key = `${operation} ${sources.map((source) => (isKnown(source) ? source : `#${source}`)).join(' ')}`;
    let symbol = this.byOrigin.get(key);
    if (symbol === undefined) {
      symbol = this.origins.length;
      this.origins.push({ operation, sources });
      this.byOrigin.set(key, symbol);
    }
    return symbol;
  }

  /** Whether a symbol was computed from another one, or is it. */
  comesFrom(symbol: number, from: number): boolean {
    if (symbol === from) return true;
    return this.origins[symbol]?.sources.some((one) => !isKnown(one) && this.comesFrom(one, from)) ?? false;
  }

  /** Whether `from` went through a mask on the way to a symbol. */
  isMasked(symbol: number, from: number, isMask: (mask: Word) => boolean): boolean {
    const origin = this.origins[symbol];
    if (origin === undefined) return false;
    const { operation, sources } = origin;
    const [a, b] = sources;
    if (operation === 'and' && a !== undefined && b !== undefined)
      if ((a === from && isMask(b)) || (b === from && isMask(a))) return true;
    return sources.some((one) => !isKnown(one) && this.isMasked(one, from, isMask));
  }

  /** What follows for a symbol's operand when the symbol is (not) zero: `x == c` that holds makes x known. */
  implied(symbol: number, isZero: boolean): { readonly symbol: number; readonly value: bigint } | undefined {
    const origin = this.origins[symbol];
    if (origin === undefined) return undefined;
    const holds = (origin.operation === 'equal' && !isZero) || (origin.operation === 'notEqual' && isZero);
    const [a, b] = origin.sources;
    if (!holds || a === undefined || b === undefined) return undefined;
    if (!isKnown(a) && isKnown(b)) return { symbol: a, value: b };
    if (isKnown(a) && !isKnown(b)) return { symbol: b, value: a };
    return undefined;
  }
}
