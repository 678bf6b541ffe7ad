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
import { rewritesScenario } from './generated/rewrites';
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
  { name: 'locks', share: 0.22, make: locksScenario },
  { name: 'rewrites', share: 0.04, make: rewritesScenario },
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

const countOf = ({ diagnostics }: RuleReport, code: string): number =>
  diagnostics.filter((one) => one.code === code).length;

type Diagnostic = RuleReport['diagnostics'][number];

/** Whether a finding of the fixed text is the one that was to go: the same words about the same statement. */
function isSame(one: Diagnostic, other: Diagnostic, fixedText: string, text: string): boolean {
  const wordsOf = ({ message }: Diagnostic) => message.replace(/line \d+/g, 'line');
  const spanned = ({ span }: Diagnostic, of: string) => of.slice(span.start, span.end);
  return one.code === other.code && wordsOf(one) === wordsOf(other) && spanned(one, fixedText) === spanned(other, text);
}

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
    const unexplained: string[] = [];
    for (const text of texts) {
      const told = tell(text);
      const errors = codesOf(told.report, ['error']);
      const isHarmed = told.harm.length > 0;
      const reported = codesOf(told.report, isHarmed ? ['error', 'warning'] : ['error']);
      if (isHarmed && reported.length > 0) {
        if (errors.length > 0) counts.wrong++;
        else counts.warned++;
        continue;
      }
      if (!isHarmed && errors.length === 0) counts.right++;
      const [what, reasons, seen] = isHarmed ? [told.harm, seenByTwo, hidden] : [errors, askedForAllTheSame, asked];
      const why = new Set(what.map((one) => reasons.find(({ holds }) => holds(one, text))?.why));
      for (const one of why)
        if (one === undefined)
          unexplained.push(`${what.join(' ')} and ${isHarmed ? 'nothing in the text' : 'no harm'} in\n${text}`);
        else add(seen, one);
    }
    expect(unexplained.slice(0, 5).join('\n'), `${unexplained.length} differences without a reason`).toBe('');
    process.stdout.write(
      `${name}: ${texts.length} different scenarios; ${counts.wrong} with an error and harm, ` +
        `${counts.warned} with a warning and harm, ${counts.right} with neither` +
        `${rowsOf(asked, 'only asked for: ')}${rowsOf(hidden, 'harm that no text of one CPU shows: ')}\n`,
    );
  });

  it(`${name}: every fix takes its finding away, and what it uncovers has a reason`, { timeout: TIMEOUT_MS }, () => {
    let fixes = 0;
    const uncovered = new Map<string, number>();
    const unexplained: string[] = [];
    for (const text of texts) {
      const before = checkRuleText(text);
      const known = new Set(before.diagnostics.map(({ code }) => code));
      for (const diagnostic of before.diagnostics) {
        if (diagnostic.fix === undefined) continue;
        fixes++;
        const after = checkRuleText(applyFix(text, diagnostic));
        const fixed = `${text}\nfixed to\n${after.text}`;
        if (after.problems.length > 0) unexplained.push(`${after.problems.join(' ')} in\n${fixed}`);
        const fewer = countOf(after, diagnostic.code) < countOf(before, diagnostic.code);
        if (!fewer && after.diagnostics.some((one) => isSame(one, diagnostic, after.text, text)))
          unexplained.push(`${diagnostic.code} stays in\n${fixed}`);
        const others = codesOf(after, ['error', 'warning', 'hint']).filter((code) => !known.has(code));
        for (const code of fewer ? others : [diagnostic.code, ...others]) {
          const pair = `${diagnostic.code} then ${code}`;
          if (pair in uncovers) add(uncovered, `${pair}: ${uncovers[pair]}`);
          else unexplained.push(`${pair} in\n${fixed}`);
        }
      }
    }
    expect(unexplained.slice(0, 5).join('\n'), `${unexplained.length} differences without a reason`).toBe('');
    process.stdout.write(
      `${name}: ${fixes} fixes in ${texts.length} scenarios, each takes its finding away${rowsOf(uncovered, 'uncovers another, ')}\n`,
    );
  });
}
