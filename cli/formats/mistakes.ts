/** Findings by the mistake that they come of: one rule that is broken in one way, which one mend sets right, may show in many. */

import type { Finding } from '../../server/verdict/report';

/** Findings of one mistake, the one with the shortest execution first. */
export type Mistake = readonly [Finding, ...Finding[]];

export function mistakesOf(findings: readonly Finding[]): readonly Mistake[] {
  const mistakes = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const { code, mend = '', severity } = finding;
    const key = `${code} ${severity} ${mend}`;
    const known = mistakes.get(key);
    if (known === undefined) mistakes.set(key, [finding]);
    else known.push(finding);
  }
  return [...mistakes.values()];
}

/** Another place where the same mistake shows, as a line. */
export function alsoHere(finding: Finding): string {
  const { place, outcome, witness } = finding;
  return `${outcome} here too, ${place.path}:${place.line}: ${withoutMend(finding)} [${witness.schedule}]`;
}

/** What a finding says, without what to do, which the first of its mistake has said. */
export function withoutMend({ message, mend }: Finding): string {
  return mend === undefined ? message : message.slice(0, -mend.length).trimEnd();
}
