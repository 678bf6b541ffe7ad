/** Every switch tells a pair of scenarios apart: the same text with another value has another verdict. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { switches } from '../../server/language/switches';
import { verdicts } from '../machine/verdicts';

interface Pair {
  /** In this folder. Its text has the switch at the value with which its claims hold. */
  readonly file: string;
  readonly holds: string;
  /** Values with which they do not. */
  readonly fails: readonly string[];
}

const pairs: Readonly<Record<string, readonly Pair[]>> = {
  kernel: [
    { file: 'kernel', holds: 'v6.11', fails: ['v6.7', 'v6.8'] },
    { file: 'kernel-walk', holds: 'v6.7', fails: ['v6.8'] },
  ],
  granule: [{ file: 'granule', holds: '16K', fails: ['4K'] }],
  va_bits: [{ file: 'va_bits', holds: '48', fails: ['42'] }],
  memstart: [{ file: 'memstart', holds: '0x4000_0000', fails: ['0x8000_0000'] }],
  bbm: [
    { file: 'bbm', holds: '2-noabort', fails: ['0', '1', '2'] },
    { file: 'bbm-rule', holds: '2', fails: ['0', '1'] },
    { file: 'bbm-nt', holds: '1', fails: ['0'] },
  ],
  ets2: [{ file: 'ets2', holds: 'yes', fails: ['no'] }],
  ets3: [{ file: 'ets3', holds: 'yes', fails: ['no'] }],
  lse: [{ file: 'lse', holds: 'no', fails: ['yes'] }],
  hw_af: [{ file: 'hw_af', holds: 'yes', fails: ['no'] }],
  hw_dbm: [{ file: 'hw_dbm', holds: 'yes', fails: ['no'] }],
  pseudo_nmi: [{ file: 'pseudo_nmi', holds: 'no', fails: ['yes'] }],
  preempt_rt: [{ file: 'preempt_rt', holds: 'no', fails: ['yes'] }],
  stolen_time: [{ file: 'stolen_time', holds: 'no', fails: ['yes'] }],
  panic_on_warn: [{ file: 'panic_on_warn', holds: 'no', fails: ['yes'] }],
  hvo: [{ file: 'hvo', holds: 'yes', fails: ['no'] }],
  debug_vm: [{ file: 'debug_vm', holds: 'no', fails: ['yes'] }],
  lockdep: [{ file: 'lockdep', holds: 'no', fails: ['yes'] }],
};

describe('every switch', () => {
  it('has a pair, and every file belongs to one', () => {
    expect(Object.keys(pairs)).toEqual(switches.map(({ name }) => name));
    const files = readdirSync(import.meta.dirname).flatMap((name) => /^(.*)\.hvo$/.exec(name)?.[1] ?? []);
    const named = Object.values(pairs).flatMap((list) => list.map(({ file }) => file));
    expect(named.sort()).toEqual(files.sort());
  });

  for (const [name, list] of Object.entries(pairs)) {
    for (const { file, holds, fails } of list) {
      it(`${name}: ${file}.hvo holds with ${holds}, not with ${fails.join(', ')}`, { timeout: 60_000 }, () => {
        const text = readFileSync(new URL(`${file}.hvo`, import.meta.url), 'utf8');
        const written = `${name} ${holds}`;
        expect(text.split(written)).toHaveLength(2);
        expect(verdicts(text)).toEqual(['ok']);
        for (const other of fails) {
          // It is a claim of the scenario that does not hold.
          const [verdict] = verdicts(text.replace(written, `${name} ${other}`));
          expect(verdict, other).toMatch(/ failed\n(.*\n)?(never|always) [^:]+: /);
        }
      });
    }
  }
});
