import { describe, expect, it } from 'vitest';
import { familyText, parseSize, type Size } from '../../bench/family';
import { elaborate } from '../../server/language/elaborate/elaborate';
import { parse } from '../../server/language/parse';
import { explore } from '../../simulator/explore/explore';

function livelocked(text: string): boolean {
  const { scenarios, diagnostics } = elaborate({ uri: 'a.hvo', parsed: parse(text), origin: 'user' });
  expect(diagnostics).toEqual([]);
  const [scenario] = scenarios;
  if (scenario === undefined) throw new Error('the text has no scenario');
  const result = explore(scenario.program);
  expect(result.complete).toBe(true);
  return result.livelock !== undefined;
}

const cpus = (...lines: readonly string[]): string => `var flag = 0\nscenario "s" {\n${lines.join('\n')}\n}`;
const waits = 'while (!READ_ONCE(flag)) fetch_add(flag, 0);';

describe('a livelock', () => {
  it('is a loop that waits for what nobody does', () => {
    expect(livelocked(cpus(`cpu 0 { ${waits} }`))).toBe(true);
  });

  it('is one beside a CPU that goes round for ever too', () => {
    expect(livelocked(cpus(`cpu 0 { ${waits} }`, 'cpu 1 { loop { load(flag); } }'))).toBe(true);
  });

  it('is that of two CPUs that both wait', () => {
    expect(livelocked(cpus(`cpu 0..1 { ${waits} }`))).toBe(true);
  });

  it('is no wait that ends', () => {
    expect(livelocked(cpus(`cpu 0 { ${waits} }`, 'cpu 1 { WRITE_ONCE(flag, 1); }'))).toBe(false);
  });

  it('is no loop that is meant to go on', () => {
    expect(livelocked(cpus('cpu 0..1 { loop { load(flag); } }'))).toBe(false);
  });

  it('is no wrong guess of one CPU while others go round', () => {
    expect(livelocked(familyText(parseSize('W1 R2 P1') as Size))).toBe(false);
  });
});
