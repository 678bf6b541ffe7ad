/** Every fix, in texts of several shapes: it takes its finding away, and brings no other. */

import { describe, expect, it } from 'vitest';
import { rules } from '../../server/rules/table';
import { applyFix, checkRuleText } from './checkRuleText';

/** Rules that nothing mechanical mends, and why. */
const withoutFix: Readonly<Record<string, string>> = {
  HVO102: 'another machine, or another approach',
  HVO114: 'what the group is to be the text does not say',
  HVO115: 'one store of both values has no name for them',
  HVO116: 'which value belongs there the text does not say',
  HVO117: 'Linux does no such thing',
  HVO209: 'which of the two orders is right the text does not say',
  HVO302: 'an NMI cannot be masked by a lock',
  HVO305: 'the walk to the entry has to be written',
  HVO310: 'where the save belongs the text does not say',
  HVO402: 'who is to free the page the text does not say',
  HVO405: 'the change that is missing the text does not say',
  HVO417: 'whether to split the block or to give up the text does not say',
  HVO413: 'whose reference it is to be the text does not say',
  HVO604: 'nothing is wrong with the text',
  HVO414: 'whether the attributes or the linear map are wrong the text does not say',
  HVO605: 'whether to try again or to give up the text does not say',
};

const bare = (text: string): string => text.replace(/^\s*\/\/.*\n/gm, '');

/** The statements of a body on one line: lines that end a statement join the next ones. */
const joined = (text: string): string => text.replace(/;\n\s+(?=[^\s}])/g, '; ');

/** Bodies of functions and CPUs with a block around what stands in them. */
const nested = (text: string): string =>
  text.replace(
    /^( *)(cpu \d+|fn \w+\([^)]*\)) \{\n((?:\1 +.*\n|\n)+)\1\}$/gm,
    (whole, indent: string, head: string, body: string) =>
      /^\s*return\b/m.test(body) ? whole : `${indent}${head} {\n${indent}  if (1) {\n${body}${indent}  }\n${indent}}`,
  );

const shapes: readonly { readonly name: string; readonly of: (text: string) => string }[] = [
  { name: 'as it is', of: (text) => text },
  { name: 'without comments', of: bare },
  { name: 'with a comment behind every statement', of: (text) => bare(text).replace(/;$/gm, '; // why') },
  { name: 'on few lines', of: (text) => joined(bare(text)) },
  { name: 'with tabs', of: (text) => bare(text).replace(/^ +/gm, (blanks) => '\t'.repeat(blanks.length / 2)) },
  { name: 'with the line ends of another system', of: (text) => bare(text).replaceAll('\n', '\r\n') },
  { name: 'inside a block', of: (text) => nested(bare(text)) },
  { name: 'behind other text', of: (text) => `// A file with more in it.\nvar unrelated = 0\n\n${bare(text)}` },
];

const codesOf = ({ diagnostics }: ReturnType<typeof checkRuleText>): readonly string[] =>
  diagnostics.map(({ code }) => code);

describe.each(rules)('$code $title', ({ code, bad }) => {
  const offers = checkRuleText(bad).diagnostics.some((one) => one.fix !== undefined);

  it('has a fix, or a reason to have none', () => {
    expect(offers, withoutFix[code] ?? 'no fix and no reason').toBe(!(code in withoutFix));
  });

  for (const { name, of } of shapes) {
    it(`${name}: it is found, and mended`, () => {
      const text = of(bad);
      const before = checkRuleText(text);
      expect(before.problems, text).toEqual([]);
      expect(new Set(codesOf(before)), text).toEqual(new Set([code]));
      for (const diagnostic of before.diagnostics) {
        if (offers) expect(diagnostic.fix, `${diagnostic.message} in\n${text}`).toBeDefined();
        if (diagnostic.fix === undefined) continue;
        const after = checkRuleText(applyFix(text, diagnostic));
        expect(after.problems, after.text).toEqual([]);
        expect(codesOf(after), `${text}\nfixed to\n${after.text}`).toHaveLength(before.diagnostics.length - 1);
      }
    });
  }
});
