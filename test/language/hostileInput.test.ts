import { describe, expect, it } from 'vitest';
import { formatFile } from '../../server/language/format';
import { limits } from '../../server/language/limits';
import { checkText } from './annotated';

const inFunction = (body: string): string => `fn f(a) { ${body}`;
const inScenario = (body: string): string => `scenario "x" { ${body}`;

/** Texts that are large or deep in one way each, with a part of the message that tells. */
const texts: Readonly<Record<string, readonly [string, RegExp]>> = {
  'parentheses without end': [inFunction(`let x = ${'('.repeat(100_000)}`), /more than 200 blocks and parentheses/i],
  'braces without end': [inFunction('{'.repeat(100_000)), /more than 200/i],
  'deep but balanced': [inFunction(`let x = ${'('.repeat(50_000)}1${')'.repeat(50_000)}; }`), /more than 200/i],
  'deep switches': [inFunction('switch (a) { case 1: '.repeat(20_000)), /more than 200/i],
  'deep conditions': [inScenario(`always ${'(!'.repeat(20_000)}oops`), /more than 200/i],
  'a long chain of else': [inFunction('if (a) f(a); else '.repeat(20_000)), /more than 200/i],
  'scenarios in scenarios': ['scenario "a" { '.repeat(20_000), /stands at the top of a file/],
  'a sum without end': [inFunction(`let x = ${'1 + '.repeat(100_000)}1; }`), /more than 500 operators/i],
  'members without end': [inFunction(`let x = a${'.flags'.repeat(100_000)}; }`), /more than 500 operators/i],
  'calls without end': [inFunction(`let x = f${'(1)'.repeat(100_000)}; }`), /more than 500 operators/i],
  'conditions without end': [inScenario(`always ${'oops || '.repeat(100_000)}oops }`), /more than 500 conditions/i],
  'a line of one megabyte': [`const x = ${'y'.repeat(1_000_000)}`, /There is nothing of the name `y{40}…`/],
  'a number of a million digits': [`const x = ${'9'.repeat(1_000_000)}`, /at most 80 digits/],
  'a number above 64 bits': ['const x = 0x1_0000_0000_0000_0000', /does not fit into 64 bits/],
  'a text without end': [`scenario "${'x'.repeat(1_000_000)}`, /no closing `"`/],
  'a comment without end': [`/*${'x'.repeat(1_000_000)}`, /no closing `\*\/`/],
  'thousands of errors': [inFunction('let = ;\n'.repeat(50_000)), /problems; the first 200 are shown/],
  'thousands of unknown names': [
    inFunction(`${Array.from({ length: 5_000 }, (_, i) => `nobody_knows_${i}();`).join('\n')}}`),
    /There is no function/,
  ],
  'characters of no meaning': ['@ '.repeat(300_000), /means nothing here/],
  'a CPU that is too high': [
    inScenario('cpu 99999999999999999999 { isb(); } }'),
    /has 64 bits|fit into 64 bits|numbers 0 to 63/,
  ],
  'a file that is too large': ['a'.repeat(limits.textLength + 1), /at most 2000000 are read/],
  'a NUL byte': ['\u0000\u0001 fn f(a) { return a; }', /is no text/],
  'control characters': ['\u0001\u0002 fn f(a) { return a; }', /means nothing here/],
};

// The bound on time is the one that every test has.
describe('hostile input ends in a clear error, in bounded time and memory', () => {
  for (const [name, [text, message]] of Object.entries(texts)) {
    it(name, () => {
      const { parsed, diagnostics } = checkText(text);
      formatFile(parsed);
      expect(diagnostics.some((one) => message.test(one.message))).toBe(true);
      expect(parsed.diagnostics.length).toBeLessThanOrEqual(limits.diagnostics + 1);
      for (const one of diagnostics.slice(0, 10)) expect(one.message.length).toBeLessThan(2_000);
    });
  }

  it('reads every prefix of a file without failing', () => {
    const text = `machine { bbm 2-noabort }\nhugepage H { size 2M at 1G vmemmap pages }\nfn f(a) { if (a == 1) { *a = -2; } else return a ? 1 : any(1 .. 3); }\nscenario "s" { on fault f\n irq t on cpu 0 times 2 { f(1); }\n cpu 0..1 { r0 = load(H.page(1).flags); => ok | oops-paging at L3\n switch (r0) { case 1: break; default: } }\n always !(cpu 0: r0 == 1) && cpu 1 faults at L2 }`;
    for (let end = 0; end <= text.length; end++) expect(() => checkText(text.slice(0, end))).not.toThrow();
    for (let start = 0; start <= text.length; start++) expect(() => checkText(text.slice(start))).not.toThrow();
  });
});
