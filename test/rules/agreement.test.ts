import { expect, it } from 'vitest';
import { elaborate } from '../../server/language/elaborate/elaborate';
import type { Source } from '../../server/language/elaborate/source';
import { parse } from '../../server/language/parse';
import { checkRules, type RuleReport } from '../../server/rules/check';
import { explore } from '../../simulator/explore/explore';
import { applyFix, checkRuleText } from './checkRuleText';
import { remapScenario, splitScenario } from './generated/changes';
import { headScenario } from './generated/heads';
import { hooksScenario } from './generated/hooks';
import { interruptsScenario } from './generated/interrupts';
import { locksScenario } from './generated/locks';
import { pagesScenario } from './generated/pages';
import { type Random, seeded } from './generated/random';
import { askedForAllTheSame, harm, seenByTwo, uncovers } from './generated/reasons';
import { severalScenario } from './generated/several';

/** How many different scenarios in all. */
const COUNT = Number(process.env.HVO_AGREEMENT_SCENARIOS ?? 240);
const TIMEOUT_MS = 120_000 + COUNT * 500;
const SEED = 20240113;

/** `share` of all scenarios: what is quick to explore is made more often. */
const kinds: readonly { readonly name: string; readonly share: number; readonly make: (random: Random) => string }[] = [
  { name: 'remaps', share: 0.16, make: remapScenario },
  { name: 'splits', share: 0.12, make: splitScenario },
  { name: 'several entries', share: 0.1, make: severalScenario },
  { name: 'locks', share: 0.26, make: locksScenario },
  { name: 'interrupts', share: 0.08, make: interruptsScenario },
  { name: 'pages', share: 0.12, make: pagesScenario },
  { name: 'heads', share: 0.1, make: headScenario },
  { name: 'hooks', share: 0.06, make: hooksScenario },
];

/** Draws until there are enough different texts. */
function different(make: (random: Random) => string, count: number): readonly string[] {
  const random = seeded(SEED);
  const texts = new Set<string>();
  for (let drawn = 0; texts.size < count; drawn++) {
    expect(drawn, `of ${count * 50} draws only ${texts.size} are different`).toBeLessThan(count * 50);
    texts.add(make(random));
  }
  return [...texts];
}

interface Told {
  readonly report: RuleReport;
  readonly harm: readonly string[];
}

function tell(text: string): Told {
  const source: Source = { uri: 'file:///generated.hvo', parsed: parse(text), origin: 'user' };
  const { scenarios, diagnostics } = elaborate(source);
  expect(diagnostics, text).toEqual([]);
  const words = new Set<string>();
  for (const { program } of scenarios) {
    const { complete, events, deadlocks, livelock } = explore(program, { maxStates: 200_000 });
    expect(complete).toBe(true);
    for (const { event } of events) words.add(event.outcome);
    for (const { kind } of deadlocks) words.add(kind);
    if (livelock !== undefined) words.add('livelock');
  }
  return { report: checkRules([source], scenarios), harm: [...words].filter((word) => harm.has(word)) };
}

const codesOf = ({ diagnostics }: RuleReport, severities: readonly string[]): readonly string[] => [
  ...new Set(diagnostics.filter(({ severity }) => severities.includes(severity)).map(({ code }) => code)),
];

const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

const rowsOf = (counts: ReadonlyMap<string, number>, title: string): string =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, n]) => `\n    ${String(n).padStart(5)}  ${title}${key}`)
    .join('');

for (const { name, share, make } of kinds) {
  const texts = different(make, Math.round(COUNT * share));

  it(`${name}: what the text shows to be wrong has an execution that shows harm, and the reverse`, {
    timeout: TIMEOUT_MS,
  }, () => {
    const counts = { wrong: 0, warned: 0, right: 0 };
    const [asked, hidden] = [new Map<string, number>(), new Map<string, number>()];
    for (const text of texts) {
      const told = tell(text);
      const errors = codesOf(told.report, ['error']);
      if (told.harm.length > 0) {
        const reported = codesOf(told.report, ['error', 'warning']);
        if (errors.length > 0) counts.wrong++;
        else if (reported.length > 0) counts.warned++;
        else {
          const why = told.harm.map((word) => seenByTwo.find(({ holds }) => holds(word, text))?.why);
          expect(why, `${told.harm.join(' ')} and nothing in the text of\n${text}`).not.toContain(undefined);
          for (const one of new Set(why)) add(hidden, one as string);
        }
        continue;
      }
      const why = errors.map((code) => askedForAllTheSame.find(({ holds }) => holds(code, text))?.why);
      expect(why, `${errors.join(' ')} and no harm in\n${text}`).not.toContain(undefined);
      if (errors.length === 0) counts.right++;
      for (const one of new Set(why)) add(asked, one as string);
    }
    process.stdout.write(
      `${name}: ${texts.length} different scenarios; ${counts.wrong} with an error and harm, ` +
        `${counts.warned} with a warning and harm, ${counts.right} with neither` +
        `${rowsOf(asked, 'only asked for: ')}${rowsOf(hidden, 'harm that no text of one CPU shows: ')}\n`,
    );
  });

  it(`${name}: every fix takes its finding away, and what it uncovers has a reason`, { timeout: TIMEOUT_MS }, () => {
    let fixes = 0;
    const uncovered = new Map<string, number>();
    for (const text of texts) {
      const before = checkRuleText(text);
      const codes = codesOf(before, ['error', 'warning', 'hint']);
      for (const diagnostic of before.diagnostics) {
        if (diagnostic.fix === undefined) continue;
        const after = checkRuleText(applyFix(text, diagnostic));
        const of = (report: RuleReport): number =>
          report.diagnostics.filter(({ code }) => code === diagnostic.code).length;
        expect(after.problems, after.text).toEqual([]);
        expect(of(after), `${diagnostic.code} stays in\n${text}\nfixed to\n${after.text}`).toBeLessThan(of(before));
        for (const code of codesOf(after, ['error', 'warning', 'hint'])) {
          if (codes.includes(code)) continue;
          const pair = `${diagnostic.code} then ${code}`;
          expect(pair in uncovers, `${pair} in\n${text}\nfixed to\n${after.text}`).toBe(true);
          add(uncovered, `${pair}: ${uncovers[pair]}`);
        }
        fixes++;
      }
    }
    process.stdout.write(
      `${name}: ${fixes} fixes in ${texts.length} scenarios, each takes its finding away${rowsOf(uncovered, 'uncovers another, ')}\n`,
    );
  });
}
