/** Random edits of a text, as somebody types and pastes them. */

import fc, { type Arbitrary } from 'fast-check';

export interface TextEdit {
  /** Where it is, as a share of the text. */
  readonly at: number;
  /** How much goes away. */
  readonly length: number;
  readonly inserted: string;
}

const inserted = fc.constantFrom(
  ...[
    '',
    ' ',
    '\n',
    '\r\n',
    '\r',
    ';',
    '{',
    '}',
    '(',
    ')',
    '"',
    '/',
    '/*',
    '*/',
    '//',
    '#',
    '1',
    'x',
    '=',
    '+',
    ',',
    '.',
  ],
  ...['fn ', 'fn g(a) { return a; }\n', 'scenario "s" { cpu 0 { f(1); } }\n', 'cpu 0 { ', 'const N = 2\n', '// Why.\n'],
  ...[
    'use "b.hvo"\n',
    'machine { va_bits 48 }\n',
    'if (a) ',
    'let b = ',
    'var V = 0\n',
    '  ',
    'never oops\n',
    'lock l : spin\n',
  ],
);

export const edit: Arbitrary<TextEdit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(3) }, fc.nat(200)),
  inserted,
});

export function edited(text: string, { at, length, inserted: piece }: TextEdit): string {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + piece + text.slice(start + length);
}

/** Puts one word of the text in the place of another. */
export const renaming: Arbitrary<(text: string) => string> = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([from, to]) => (text) => {
    const words = [...text.matchAll(/[a-zA-Z_]\w*/g)];
    const [old, word] = [from, to].map((share) => words[Math.floor(share * (words.length - 1))]);
    if (old === undefined || word === undefined) return text;
    return text.slice(0, old.index) + word[0] + text.slice(old.index + old[0].length);
  });
