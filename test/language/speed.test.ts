import { describe, expect, it } from 'vitest';
import { resolveNames } from '../../server/language/names';
import { parse } from '../../server/language/parse';
import { standardLibrary } from '../../server/language/stdlib/library';

/** A file of 1,000 lines: functions of the library under other names. */
function thousandLines(): string {
  const library = standardLibrary('v6.7').map(({ parsed }) => parsed.text);
  let text = '';
  for (let i = 0; text.split('\n').length < 1000; i++) {
    text += (library[i % library.length] ?? '').replace(/^(fn|var|lock) (\w+)/gm, `$1 x${i}_$2`);
  }
  return text.split('\n').slice(0, 1000).join('\n');
}

/** The least CPU time of some runs, in milliseconds: what is left when others leave the machine alone. */
function leastMilliseconds(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 60; i++) {
    const started = process.cpuUsage();
    for (let j = 0; j < 3; j++) run();
    const { user, system } = process.cpuUsage(started);
    least = Math.min(least, (user + system) / 3000);
  }
  return least;
}

describe('speed', () => {
  it('parses and resolves 1,000 lines in well under 5 ms once warm', () => {
    const text = thousandLines();
    const library = standardLibrary('v6.7');
    const milliseconds = leastMilliseconds(() => {
      resolveNames({ uri: 'a', parsed: parse(text) }, { used: [], library });
    });
    expect(milliseconds).toBeLessThan(5);
  }, 60_000);
});
