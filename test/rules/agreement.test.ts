import { expect, it } from 'vitest';
import { elaborate } from '../../server/language/elaborate/elaborate';
import type { Source } from '../../server/language/elaborate/source';
import { parse } from '../../server/language/parse';
import { checkRules } from '../../server/rules/check';
import { explore } from '../../simulator/explore/explore';
import { type Random, remapScenario, seeded, splitScenario } from './generate';

/** How many scenarios of each kind; AGREEMENT=2500 is 5,000 in all, and takes a while. */
const COUNT = Number(process.env.AGREEMENT ?? 40);
const TIMEOUT_MS = 60_000 + COUNT * 4_000;

/** What the machine calls harm. Faults that the hook mends are none. */
const harm: ReadonlySet<string> = new Set([
  'bbm',
  'stale-read',
  'lost-update',
  'freed-page-reachable',
  'use-after-free',
  'oops-paging',
  'self-deadlock',
  'ABBA-deadlock',
  'lock-never-released',
  'double-free',
  'unlock-not-held',
]);

/**
 * Errors that are asked for although the machine shows nothing worse than a spurious fault: the barrier that publishes a
 * make, because the architecture sets no time for that.
 */
const askedForAllTheSame: ReadonlySet<string> = new Set(['HVO106']);

interface Told {
  readonly errors: readonly string[];
  readonly harm: readonly string[];
}

function tell(text: string): Told {
  const source: Source = { uri: 'file:///generated.hvo', parsed: parse(text), origin: 'user' };
  const { scenarios, diagnostics } = elaborate(source);
  expect(diagnostics).toEqual([]);
  const { diagnostics: found } = checkRules([source], scenarios);
  const words = new Set<string>();
  for (const { program } of scenarios) {
    const { complete, events, deadlocks } = explore(program, { maxStates: 200_000 });
    expect(complete).toBe(true);
    for (const { event } of events) words.add(event.outcome);
    for (const { kind } of deadlocks) words.add(kind);
  }
  return {
    errors: [...new Set(found.filter(({ severity }) => severity === 'error').map(({ code }) => code))],
    harm: [...words].filter((word) => harm.has(word)),
  };
}

const kinds: readonly { readonly name: string; readonly make: (random: Random) => string }[] = [
  { name: 'remaps', make: remapScenario },
  { name: 'splits', make: splitScenario },
];

for (const { name, make } of kinds) {
  it(
    `${name}: what the text shows to be wrong has an execution that shows harm, and the reverse`,
    () => {
      const random = seeded(20240113);
      const counts = { wrong: 0, right: 0, askedForAllTheSame: 0 };
      for (let i = 0; i < COUNT; i++) {
        const text = make(random);
        const told = tell(text);
        if (told.harm.length > 0) {
          expect(told.errors, `${told.harm.join(' ')} in\n${text}`).not.toEqual([]);
          counts.wrong++;
        } else {
          const others = told.errors.filter((code) => !askedForAllTheSame.has(code));
          expect(others, `no harm in\n${text}`).toEqual([]);
          if (told.errors.length > 0) counts.askedForAllTheSame++;
          else counts.right++;
        }
      }
      console.log(
        `${name}: ${COUNT} scenarios, wrong in the text and in an execution ${counts.wrong}, neither ${counts.right}, only asked for ${counts.askedForAllTheSame}`,
      );
    },
    TIMEOUT_MS,
  );
}
