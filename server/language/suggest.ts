/** Which of the known words was probably meant. */

/** The nearest of some words, if it is near enough that a person would call it a spelling mistake. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 40) return undefined;
  const allowed = word.length <= 4 ? 1 : word.length <= 8 ? 2 : 3;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > allowed) continue;
    // Of two that are equally near, the one in the same capitals is meant.
    const inOtherCase = isUpperCase(candidate) === isUpperCase(word) ? 0 : 0.5;
    const distance =
      candidate.toLowerCase() === lower
        ? 0.5
        : inOtherCase + editDistance(lower, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance && distance < Math.max(word.length, candidate.length)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

const isUpperCase = (word: string): boolean => word === word.toUpperCase();

/** The shortest name that has all words of another one: `vmemmap_handle_page_fault` for `vmemmap_handle_fault`. */
function withTheseWords(word: string, known: readonly string[]): string | undefined {
  const parts = word.split('_').filter((part) => part !== '');
  if (parts.length < 3) return undefined;
  return known
    .filter((candidate) => parts.every((part) => candidate.split('_').includes(part)))
    .sort((a, b) => a.length - b.length)[0];
}

/** The nearest word, or one that begins with what was typed so far, or that has more words. */
export function nearestOrLonger(word: string, known: readonly string[]): string | undefined {
  if (word.length >= 3) {
    const longer = known.filter((candidate) => candidate.startsWith(word)).sort((a, b) => a.length - b.length);
    if (longer[0] !== undefined) return longer[0];
  }
  return nearest(word, known) ?? withTheseWords(word, known);
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; at least `bound` when more. */
function editDistance(a: string, b: string, bound: number): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((old[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (old[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (older[j - 2] ?? 0) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least >= bound) return bound;
    older = old;
    old = row;
  }
  return old[b.length] ?? bound;
}

/** ` Did you mean \`x\`?`, or nothing. */
export const didYouMean = (suggestion: string | undefined): string =>
  suggestion === undefined ? '' : ` Did you mean \`${suggestion}\`?`;

/** A name as messages show it. */
export const shown = (name: string): string => `\`${name.length > 40 ? `${name.slice(0, 40)}…` : name}\``;
