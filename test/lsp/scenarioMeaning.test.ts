import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { meaningOf, moveBetween, movedScenario } from '../../server/features/scenarioMeaning';
import type { ScenarioItem, Span } from '../../server/language/ast';
import { elaborate } from '../../server/language/elaborate/elaborate';
import type { ElaboratedScenario } from '../../server/language/elaborate/scenario';
import type { Source } from '../../server/language/elaborate/source';
import { parse } from '../../server/language/parse';
import { standardLibrary } from '../../server/language/stdlib/library';

const library = standardLibrary('v6.7');

function sourceOf(text: string): Source {
  return { uri: 'file:///a.hvo', parsed: parse(text), origin: 'user' };
}

function scenariosIn({ parsed }: Source): readonly ScenarioItem[] {
  return parsed.file.items.filter((item): item is ScenarioItem => item.kind === 'scenario');
}

function keysOf(text: string): readonly string[] {
  const source = sourceOf(text);
  return scenariosIn(source).map((item) => meaningOf(item, source, [], library).key);
}

/** Everything with a place in it, as text. */
function placesOf({ span, extent, claims, expected, sites, diagnostics }: ElaboratedScenario): string {
  const at = ({ start, end }: Span) => `${start}-${end}`;
  const site = (one: ElaboratedScenario['sites'][number]) => [
    one.source.uri,
    at(one.span),
    one.context,
    one.stack.map((call) => [call.source.uri, at(call.span), call.callee]),
  ];
  const said = diagnostics.map(({ source, ...diagnostic }) => [source.uri, diagnostic]);
  const parts = [span, extent, claims.map((claim) => claim.span), expected, sites.map(site), said];
  return JSON.stringify(parts, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

const text = `machine { kernel v6.7  granule 4K  va_bits 48 }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn peek(addr) { return inner(addr); }
fn inner(addr) { return load(addr); }
fn other(addr) { store(addr, 1); }

scenario "one" {
  cpu 0 { r0 = peek(H.page(1).flags); }
  always r0 == initial(H.page(1).flags)
}

scenario "two" {
  cpu 0 { other(H.page(2).flags); }
  never oops
}
`;

describe('what a scenario means', () => {
  it('does not change with comments, spaces, and what other scenarios say', () => {
    const [one, two] = keysOf(text);
    expect(keysOf(text.replace('scenario "one"', '// A comment.\n\nscenario   "one"'))).toEqual([one, two]);
    expect(keysOf(text.replace('H.page(2)', 'H.page(3)'))[0]).toBe(one);
    expect(keysOf(text.replace('scenario "two"', 'scenario "zwei"'))[0]).toBe(one);
  });

  it('changes with its own words, and with those of functions that it reaches, directly or not', () => {
    const [one, two] = keysOf(text);
    expect(keysOf(text.replace('H.page(1).flags)', 'H.page(1).index)'))[0]).not.toBe(one);
    const inner = keysOf(text.replace('return load(addr)', 'return load(addr + 8)'));
    expect(inner[0]).not.toBe(one);
    expect(inner[1]).toBe(two);
    const machine = keysOf(text.replace('va_bits 48', 'va_bits 39'));
    expect(machine[0]).not.toBe(one);
    expect(machine[1]).not.toBe(two);
  });

  it('changes when a function takes the place of one of the library', () => {
    const [one] = keysOf(text);
    const replaced = keysOf(text.replace('fn other', 'fn set_pte(ptep, pte) { WRITE_ONCE(*ptep, pte); }\nfn other'));
    expect(replaced[0]).not.toBe(one);
  });
});

describe('a scenario whose text has moved', () => {
  // Functions of the file and of the library, expected outcomes, interrupts, regions, several scenarios.
  const files = ['07-missing-tlbi.hvo', '09-lock-dropped.hvo', '11-lock-inversion.hvo', 'seed.hvo'];

  it.each(files)(
    'has the places that elaborating it anew gives: %s',
    (name) => {
      const before = sourceOf(readFileSync(`examples/${name}`, 'utf8'));
      const moved = `// One line more.\n${before.parsed.text.replaceAll('\nscenario', '\n\n// And here.\nscenario').replaceAll('; ', ';   ')}`;
      const after = sourceOf(moved);
      const fresh = elaborate(after).scenarios;
      elaborate(before).scenarios.forEach((scenario, i) => {
        const from = meaningOf(scenariosIn(before)[i] as ScenarioItem, before, [], library);
        const to = meaningOf(scenariosIn(after)[i] as ScenarioItem, after, [], library);
        expect(to.key).toBe(from.key);
        const there = movedScenario(scenario, before, after, moveBetween(from.starts, to.starts));
        expect(placesOf(there)).toBe(placesOf(fresh[i] as ElaboratedScenario));
      });
    },
    30_000,
  );
});
