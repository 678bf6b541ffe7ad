import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finalValues } from './check';

/**
 * One program twice: with variables whose values are known while it is made, and with the same values loaded from memory.
 * The first is folded away, the second runs on the machine; both must end with the same value.
 */
const variables = ['a', 'b', 'c'];

const operator = fc.constantFrom(
  '+',
  '-',
  '*',
  '&',
  '|',
  '^',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '&&',
  '||',
  '/',
  '%',
  '>>',
);
const leaf = fc.oneof(fc.constantFrom(...variables), fc.nat(9).map(String));
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'expression' },
    leaf,
    fc.tuple(tie('expression'), operator, tie('expression')).map(([l, o, r]) => `(${l} ${o} ${r})`),
    fc.tuple(fc.constantFrom('!', '~', '-'), tie('expression')).map(([o, e]) => `${o}(${e})`),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([c, t, e]) => `(${c} ? ${t} : ${e})`),
    fc.tuple(tie('expression'), tie('expression')).map(([x, y]) => `choice(${x}, ${y})`),
  ),
}));

const assignment = fc
  .tuple(fc.constantFrom(...variables), fc.constantFrom('=', '+=', '-=', '^=', '|='), expression)
  .map(([v, o, e]) => `${v} ${o} ${e};`);

const { statement } = fc.letrec<{ statement: string; block: string }>((tie) => ({
  statement: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'statement' },
    assignment,
    fc.tuple(expression, tie('block'), tie('block')).map(([c, t, e]) => `if (${c}) ${t} else ${e}`),
    fc.tuple(fc.nat(2), tie('block')).map(([n, b]) => `repeat ${n} ${b}`),
    fc
      .tuple(fc.constantFrom(...variables), tie('block'))
      .map(([v, b]) => `{ let n = ${v} & 3; while (n) { n -= 1; if (n == 1) continue; ${b} } }`),
    fc
      .tuple(expression, tie('block'), tie('block'), tie('block'))
      .map(([v, x, y, z]) => `switch (${v} & 3) { case 0: ${x} case 1: case 2: ${y} default: ${z} }`),
    fc
      .tuple(tie('block'), expression, tie('block'))
      .map(([x, c, y]) => `while (1) { ${x} if (${c}) break; ${y} break; }`),
  ),
  block: fc.array(tie('statement'), { maxLength: 2 }).map((list) => `{ ${list.join(' ')} }`),
}));

const scenario = (values: readonly string[], body: string) => `
fn choice(x, y) { if (x < y) return x + 1; let z = y; while (z > 5) { z = z >> 1; if (z == 6) return 9; } return z; }
var A = ${values[0]} var B = ${values[1]} var C = ${values[2]}
scenario "s" { cpu 0 { ${body} r0 = a * 10000 + b * 100 + c; } }`;

describe('what is folded and what runs agree', () => {
  it('on programs of one CPU', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(9).map(String), { minLength: 3, maxLength: 3 }),
        fc.array(statement, { minLength: 1, maxLength: 4 }),
        (values, statements) => {
          const body = statements.join(' ');
          const known = `let a = ${values[0]}; let b = ${values[1]}; let c = ${values[2]}; ${body}`;
          const loaded = `let a = load(A); let b = load(B); let c = load(C); ${body}`;
          const mixed = `let a = load(A); let b = ${values[1]}; let c = load(C); ${body}`;
          const folded = finalValues(scenario(values, known), 'r0');
          expect(folded).toHaveLength(1);
          expect(finalValues(scenario(values, loaded), 'r0')).toEqual(folded);
          expect(finalValues(scenario(values, mixed), 'r0')).toEqual(folded);
        },
      ),
      { numRuns: 150, seed: 20260308 },
    );
  });
});
