/** Random texts of the language without mistakes of syntax, and the same with other spaces, line ends and comments. */

import fc, { type Arbitrary } from 'fast-check';
import { tokenize } from '../../server/language/tokens';

const name = fc.constantFrom('a', 'b', 'addr', 'H', 'r0', 'r12', 'V', 'init_mm', 'PAGE_SIZE', 'page', 'machine');
const number = fc.constantFrom('0', '12', '0x1_0000', '2M', '0b11');
const outcome = fc.constantFrom('ok', 'fixed-up', 'oops-paging', 'use-after-free', 'HVO101');
const level = fc.constantFrom('', '', ' at L2', ' at L3');
const binary = fc.constantFrom(
  '+',
  '-',
  '*',
  '/',
  '%',
  '<<',
  '>>',
  '<',
  '<=',
  '>',
  '>=',
  '==',
  '!=',
  '&',
  '^',
  '|',
  '&&',
  '||',
);
const join = (separator: string, ...parts: readonly Arbitrary<string>[]): Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(separator));

const { expression } = fc.letrec<{ expression: string; primary: string }>((tie) => ({
  primary: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    name,
    number,
    join('', fc.constant('('), tie('expression'), fc.constant(')')),
    join('', name, fc.constant('.tail('), tie('expression'), fc.constant(')')),
    join('', name, fc.constant('->flags')),
    fc.array(tie('expression'), { maxLength: 3 }).map((list) => `f(${list.join(', ')})`),
    join('', fc.constant('any('), tie('expression'), fc.constant(' .. '), tie('expression'), fc.constant(')')),
    outcome.map((word) => `report(${word})`),
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('primary'),
    join('', fc.constantFrom('-', '!', '~', '*', '&'), tie('primary')),
    join(' ', tie('primary'), binary, tie('primary')),
    join(' ', tie('primary'), fc.constant('?'), tie('expression'), fc.constant(':'), tie('expression')),
  ),
}));

const target = fc.oneof(
  name,
  expression.map((text) => `*(${text})`),
);
const expected = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc
      .array(join('', outcome, level), { minLength: 1, maxLength: 3 })
      .map((list) => ` => ${list.join(' | ')}`),
  },
);
const end = fc.constantFrom(';', '\n');
const call = expression.map((text) => `f(${text})`);

const { statement } = fc.letrec<{ statement: string; block: string; body: string }>((tie) => ({
  block: fc
    .array(tie('statement'), { maxLength: 3 })
    .chain((list) => fc.constantFrom(' ', '\n').map((space) => `{${space}${list.join(' ')}${space}}`)),
  body: fc.oneof(
    { depthSize: 'small' },
    tie('block'),
    tie('block'),
    call.map((text) => `${text};`),
  ),
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    join('', call, expected, end),
    join('', fc.constant('let x = '), expression, end),
    join('', target, fc.constantFrom(' = ', ' += ', ' <<= '), expression, expected, end),
    fc.constantFrom('x++;', 'y--\n', 'return;', 'break\n', 'continue;'),
    join('', fc.constant('return '), expression, end),
    join('', fc.constant('if ('), expression, fc.constant(') '), tie('body'), fc.constant('\n')),
    join(
      '',
      fc.constant('if ('),
      expression,
      fc.constant(') '),
      tie('block'),
      fc.constantFrom(' else ', '\nelse '),
      tie('body'),
      fc.constant('\n'),
    ),
    join('', fc.constant('while ('), expression, fc.constant(') '), tie('body'), fc.constant('\n')),
    join('', fc.constant('for (i = 0; '), expression, fc.constant('; i += 2) '), tie('block'), fc.constant('\n')),
    join('', fc.constant('repeat '), number, fc.constant(' '), tie('block'), fc.constant('\n')),
    join('', fc.constantFrom('loop ', 'rcu ', 'irqs_off ', 'stop_machine ', ''), tie('block'), fc.constant('\n')),
    join('', fc.constant('choose '), tie('block'), fc.constant(' or '), tie('block'), fc.constant('\n')),
    join(
      '',
      fc.constant('switch ('),
      expression,
      fc.constant(') {\ncase 1: case 2: '),
      tie('statement'),
      fc.constant('\ndefault: '),
      tie('statement'),
      fc.constant('\n}\n'),
    ),
  ),
}));

const code = fc
  .array(statement, { maxLength: 4 })
  .chain((list) => fc.constantFrom(' ', '\n').map((space) => `{${space}${list.join(' ')}${space}}`));

const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    join('', outcome, level),
    join('', fc.constantFrom('cpu 1 ', 'cpu 0..2 '), fc.constantFrom('faults', 'stale-read'), level),
    expression.map((text) => `(${text}) == cpu 1: r3`),
    join('', fc.constant('!('), tie('condition'), fc.constant(')')),
    join(' ', tie('condition'), fc.constantFrom('&&', '||'), tie('condition')),
  ),
}));

const declaration = fc.oneof(
  fc.constant('machine { kernel v6.7 granule 4K\nbbm 2-noabort }'),
  fc.constant('machine {\nets2 yes }'),
  join('', fc.constant('hugepage H { size 2M at '), expression, fc.constant(' vmemmap pages optimised }')),
  join('', fc.constant('page P at '), expression),
  fc.constantFrom('lock L : spin', 'lock M:mutex'),
  join('', fc.constantFrom('var x = ', 'const Y='), expression),
  join('', fc.constantFrom('fn f(a, b) ', 'fn g()\n'), code),
);

const member = fc.oneof(
  declaration,
  fc.constant('on fault hook'),
  join('', fc.constantFrom('cpu 0 ', 'cpu 1..3 '), code),
  join('', fc.constantFrom('irq t on cpu 0 ', 'nmi n on cpu 1 times 2 '), code),
  join('', fc.constantFrom('never ', 'sometimes ', 'always '), condition),
);

const item = fc.oneof(
  declaration,
  fc.constant('use "other.hvo"'),
  fc.array(member, { maxLength: 5 }).map((list) => `scenario "a title" {\n${list.join('\n')}\n}`),
);

/** A file without mistakes of syntax. */
export const fileText: Arbitrary<string> = fc.array(item, { maxLength: 4 }).map((list) => list.join('\n'));

const space = fc.constantFrom('', '', ' ', '  ', '\t', ' /* c */ ', ' /**/ ');
const lineEnd = fc.constantFrom(
  '\n',
  '\n\n\n',
  '  \n',
  ' // end\n',
  '\r\n',
  '\n  // own line\n    ',
  '\n/* two\n * lines\n */\n',
);

/** The same tokens with other spaces and comments between them; line ends stay where they may matter. */
export function messy(text: string): Arbitrary<string> {
  const { tokens } = tokenize(text);
  const gaps = tokens.map((token, index) => {
    const previous = tokens[index - 1];
    if (previous === undefined) return fc.constant('');
    const between = text.slice(previous.end, token.start);
    if (between.includes('\n')) return lineEnd;
    return space.map((gap) => (gap === '' ? between : needsNone(previous.text, token.text, between) ? between : gap));
  });
  return fc.tuple(...gaps).map((list) => list.map((gap, index) => gap + (tokens[index]?.text ?? '')).join(''));
}

/** Words of several tokens stay in one piece: `fixed-up`, `v6.7`. */
const needsNone = (left: string, right: string, between: string): boolean =>
  between === '' && (left === '-' || right === '-' || left === '.' || right === '.');
