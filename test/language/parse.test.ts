import { describe, expect, it } from 'vitest';
import type { Condition, Expression, Statement } from '../../server/language/ast';
import { parse } from '../../server/language/parse';
import { bodiesOf } from '../../server/language/walk';

/** The statements of a function body; the text must have no mistakes. */
function statements(body: string): readonly Statement[] {
  const { file, diagnostics } = parse(`fn f(a, b, c, d) {\n${body}\n}`);
  expect(diagnostics.map((one) => one.message)).toEqual([]);
  return bodiesOf(file)[0]?.block.statements ?? [];
}

/** An expression with all its parentheses. */
function shape(node: Expression): string {
  switch (node.kind) {
    case 'number':
      return node.text;
    case 'name':
      return node.name;
    case 'member':
      return `${shape(node.object)}.${node.member.name}`;
    case 'call':
      return `${shape(node.callee)}(${node.arguments.map(shape).join(', ')})`;
    case 'unary':
      return `(${node.operator}${shape(node.operand)})`;
    case 'binary':
      return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
    case 'conditional':
      return `(${shape(node.condition)} ? ${shape(node.then)} : ${shape(node.otherwise)})`;
    case 'group':
      return shape(node.inner);
    case 'range':
      return `${shape(node.first)} .. ${shape(node.last)}`;
    case 'cpuRegister':
      return `cpu ${node.cpus.first}: ${node.register.name}`;
    case 'outcome':
      return node.outcome.word;
    case 'missing':
      return '?';
  }
}

const expression = (text: string): string => {
  const [statement] = statements(`x = ${text};`);
  return statement?.kind === 'assign' ? shape(statement.value) : 'no assignment';
};

function condition(text: string): string {
  const { file, diagnostics } = parse(`scenario "s" {\n  cpu 0 {}\n  always ${text}\n}`);
  expect(diagnostics.map((one) => one.message)).toEqual([]);
  const [scenario] = file.items;
  const member = scenario?.kind === 'scenario' ? scenario.members.at(-1) : undefined;
  return member?.kind === 'expectation' ? conditionShape(member.condition) : 'no expectation';
}

function conditionShape(node: Condition): string {
  switch (node.kind) {
    case 'or':
      return `(${conditionShape(node.left)} or ${conditionShape(node.right)})`;
    case 'and':
      return `(${conditionShape(node.left)} and ${conditionShape(node.right)})`;
    case 'not':
      return `not ${conditionShape(node.operand)}`;
    case 'group':
      return conditionShape(node.inner);
    case 'outcome': {
      const cpu = node.cpus === undefined ? '' : ` of ${node.cpus.first}..${node.cpus.last}`;
      return `<${node.outcome.word}${cpu}${node.level === undefined ? '' : ` L${node.level.level}`}>`;
    }
    case 'faults':
      return `<fault of ${node.cpus.first}${node.level === undefined ? '' : ` L${node.level.level}`}>`;
    case 'comparison':
      return shape(node.expression);
  }
}

describe('expressions', () => {
  it('bind as in C', () => {
    expect(expression('a + b * c << d')).toBe('((a + (b * c)) << d)');
    expect(expression('a & b == c')).toBe('(a & (b == c))');
    expect(expression('a || b && c | d')).toBe('(a || (b && (c | d)))');
    expect(expression('a - b - c')).toBe('((a - b) - c)');
    expect(expression('a ? b : c ? d : 1')).toBe('(a ? b : (c ? d : 1))');
    expect(expression('!a == ~b & -c')).toBe('(((!a) == (~b)) & (-c))');
    expect(expression('*a + *b')).toBe('((*a) + (*b))');
    expect(expression('(a & b) == c')).toBe('((a & b) == c)');
  });

  it('have members and calls, with `.` or `->`', () => {
    expect(expression('a.page(64)->flags')).toBe('a.page(64).flags');
    expect(expression('b(c, *d).lru')).toBe('b(c, (*d)).lru');
    expect(expression('any(1, 2 .. c + 1)')).toBe('any(1, 2 .. (c + 1))');
  });

  it('have numbers of several notations', () => {
    const value = (text: string): bigint | undefined => {
      const [statement] = statements(`x = ${text};`);
      return statement?.kind === 'assign' && statement.value.kind === 'number' ? statement.value.value : undefined;
    };
    expect(value('0x1_0000_0000')).toBe(1n << 32n);
    expect(value('2M')).toBe(1n << 21n);
    expect(value('16G')).toBe(1n << 34n);
    expect(value('0b101')).toBe(5n);
    expect(value('0xffff_ffff_ffff_ffff')).toBe((1n << 64n) - 1n);
  });
});

describe('statements', () => {
  it('end with a semicolon, with their line, or with a brace', () => {
    expect(statements('f(a); f(b)\nf(c)')).toHaveLength(3);
    expect(statements('{ f(a) }')).toHaveLength(1);
  });

  it('go on behind an operator and before one that begins nothing', () => {
    expect(statements('x = a +\n  b\n  || c')).toHaveLength(1);
    expect(statements('x = f(a,\nb)')).toHaveLength(1);
    expect(statements('x = a\n*b = c')).toHaveLength(2);
    expect(statements('x = a\n(b)')).toHaveLength(2);
    expect(statements('x = a\n  ? b\n  : c')).toHaveLength(1);
  });

  it('take a value from an indented line', () => {
    expect(statements('x =\n  a')).toHaveLength(1);
  });

  it('may have no braces around one statement', () => {
    const [first] = statements('if (a) return 1; else if (b) return 2; else { return 3; }');
    expect(first?.kind === 'if' && [first.then.braced, first.otherwise?.braced]).toEqual([false, false]);
    expect(statements('while (a)\n  f(b)\nf(c)')).toHaveLength(2);
  });

  it('join the labels of a case', () => {
    const [first] = statements('switch (a) { case 1: case 2: f(a); break; default: f(b) }');
    expect(
      first?.kind === 'switch' && first.cases.map((one) => [one.labels.length, one.body.statements.length]),
    ).toEqual([
      [2, 2],
      [1, 1],
    ]);
  });

  it('have expected outcomes behind them, with or without semicolon', () => {
    for (const text of [
      'load(a);  => ok | oops-paging at L3',
      'load(a) => ok | oops-paging at L3;',
      'load(a)\n  => ok | oops-paging at L3',
    ]) {
      const [first, ...rest] = statements(`${text}\nload(b)`);
      expect(rest).toHaveLength(1);
      expect(first?.expected?.outcomes.map((one) => [one.outcome.word, one.level?.level])).toEqual([
        ['ok', undefined],
        ['oops-paging', 3],
      ]);
    }
  });

  it('assign in every form', () => {
    const list = statements('x = 1; x += 2; x <<= 3; x++; x--; *x = 4; let y = 5');
    const assigned = list.map((one) =>
      one.kind === 'assign' ? `${shape(one.target)} ${one.operator} ${shape(one.value)} ${one.step}` : one.kind,
    );
    expect(assigned).toEqual([
      'x = 1 false',
      'x += 2 false',
      'x <<= 3 false',
      'x += 1 true',
      'x -= 1 true',
      '(*x) = 4 false',
      'let',
    ]);
  });
});

describe('expectations', () => {
  it('are outcomes, faults and comparisons with && || !', () => {
    expect(condition('oops-paging at L3 || cpu 1 fixed-up')).toBe('(<oops-paging L3> or <fixed-up of 1..1>)');
    expect(condition('!(deadlock && cpu 0..2 faults at L2)')).toBe('not (<deadlock> and <fault of 0 L2>)');
    expect(condition('r0 == 1 || cpu 1: r0 == cpu 2: r1 && HVO101')).toBe(
      '((r0 == 1) or ((cpu 1: r0 == cpu 2: r1) and <HVO101>))',
    );
    expect(condition('(r0 + 1) == 2 && (r1 == 2 || stale-read)')).toBe(
      '(((r0 + 1) == 2) and ((r1 == 2) or <stale-read>))',
    );
    expect(condition('load(H.page(1).flags) != a-1')).toBe('(load(H.page(1).flags) != (a - 1))');
    expect(condition('pte(H.tail(1)) & PTE_WRITE')).toBe('(pte(H.tail(1)) & PTE_WRITE)');
  });

  it('go on in the next line behind and before an operator', () => {
    expect(condition('oops ||\n    stale-read\n    || leak')).toBe('((<oops> or <stale-read>) or <leak>)');
  });
});

describe('items', () => {
  it('hold what they say', () => {
    const { file, diagnostics } = parse(`machine { bbm 2-noabort  kernel v6.8  memstart 0x4000_0000 }
hugepage H { size 2M at 4G vmemmap blocks optimised refcount 1 }
page P at 0x1000
lock zone : raw
use "other.hvo"
scenario "one \\"two\\"" { on fault hook  cpu 0..3 { } irq t on cpu 2 times 3 { }  machine { ets2 yes } }
`);
    expect(diagnostics).toEqual([]);
    expect(file.items).toMatchObject([
      {
        kind: 'machine',
        settings: [{ value: { text: '2-noabort' } }, { value: { text: 'v6.8' } }, { value: { number: 0x4000_0000n } }],
      },
      { kind: 'hugepage', name: { name: 'H' }, vmemmap: 'blocks', optimised: true, refcount: { value: 1n } },
      { kind: 'page', at: { value: 0x1000n } },
      { kind: 'lock', lockKind: 'raw' },
      { kind: 'use', path: { value: 'other.hvo' } },
      {
        kind: 'scenario',
        title: { value: 'one "two"' },
        members: [
          { kind: 'onFault', handler: { name: 'hook' } },
          { kind: 'cpu', cpus: { first: 0, last: 3 } },
          { kind: 'interrupt', delivery: 'irq', cpus: { first: 2 }, times: { value: 3n } },
          { kind: 'machine' },
        ],
      },
    ]);
  });

  it('have spans that hold their text', () => {
    const text = 'const A = 1 // one\nfn f(a) { return a }\n';
    const [first, second] = parse(text).file.items;
    expect(text.slice(first?.span.start, first?.span.end)).toBe('const A = 1');
    expect(text.slice(second?.span.start, second?.span.end)).toBe('fn f(a) { return a }');
  });
});
