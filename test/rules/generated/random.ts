/** Seeded chance, and what the texts of generated scenarios are put together with. */

export interface Random {
  /** From 0 to below 1. */
  next(): number;
}

/** A small generator with a seed: the same scenarios on every machine (Numerical Recipes' constants). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    },
  };
}

export const pageTableLock = 'init_mm.page_table_lock';

export function tools(random: Random) {
  const pick = (...words: readonly string[]): string => words[Math.floor(random.next() * words.length)] as string;
  const maybe = (share: number, ...statements: readonly string[]): readonly string[] =>
    random.next() < share ? statements : [];
  return { pick, maybe };
}

export const lines = (steps: readonly string[]): string => steps.map((step) => `    ${step};`).join('\n');
