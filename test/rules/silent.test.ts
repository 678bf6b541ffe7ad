import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkRuleText } from './checkRuleText';

const folder = new URL('./silent/', import.meta.url);

/** Elaborating every function of the library takes its time on a busy machine. */
const TIMEOUT_MS = 60_000;

describe('no rule says anything about what is right', () => {
  for (const name of readdirSync(folder).filter((one) => one.startsWith('good_'))) {
    it(
      name,
      () => {
        const checked = checkRuleText(readFileSync(new URL(name, folder), 'utf8'));
        expect(checked.problems).toEqual([]);
        expect(checked.diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
        expect(checked.incomplete).toEqual([]);
      },
      TIMEOUT_MS,
    );
  }
});
