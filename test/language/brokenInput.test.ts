import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../server/language/diagnostic';
import { positionAt } from '../../server/language/lines';
import { checkText } from './annotated';

/** A file around the lines of cpu 0, with a second scenario that must be understood whatever they are. */
const around = (...body: readonly string[]): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
lock L : spin

fn helper(addr) {
  return load(addr);
}

scenario "first" {
  cpu 0 {
${body.map((line) => `    ${line}`).join('\n')}
    r9 = load(H.start);
  }
  cpu 1 { helper(H.end); }
  never oops
}

scenario "second" {
  cpu 0 { spin_lock(L); spin_unlock(L); }
  always !deadlock
}
`;

interface Told {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly expected: readonly string[];
  readonly fixed: string | undefined;
}

function apply(text: string, { fix }: Diagnostic): string | undefined {
  if (fix === undefined) return undefined;
  const edits = [...fix.edits].sort((a, b) => b.span.start - a.span.start);
  return edits.reduce(
    (done, { span, text: inserted }) => done.slice(0, span.start) + inserted + done.slice(span.end),
    text,
  );
}

/** What is said of a text: lines and columns from 1. Hints about unused names are left out. */
function told(text: string): readonly Told[] {
  const { parsed, diagnostics } = checkText(text);
  return diagnostics
    .filter((one) => one.severity !== 'hint')
    .map((one) => {
      const { line, character } = positionAt(parsed.lines, one.span.start);
      return {
        line: line + 1,
        column: character + 1,
        message: one.message,
        expected: one.expected ?? [],
        fixed: apply(text, one),
      };
    });
}

/** Members of the scenarios, as far as they were understood. */
function understood(text: string): readonly string[] {
  return checkText(text).parsed.file.items.map((item) =>
    item.kind === 'scenario'
      ? `${item.title.value}: ${item.members.map((member) => member.kind).join(' ')}`
      : item.kind,
  );
}

const whole = ['hugepage', 'lock', 'fn', 'first: cpu cpu expectation', 'second: cpu expectation'];

interface Case {
  readonly name: string;
  readonly text: string;
  readonly line: number;
  readonly message: RegExp;
  /** The fix gives a text without mistakes. */
  readonly mended?: boolean;
  readonly items?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'a half-typed statement',
    text: around('spin_lo'),
    line: 10,
    message: /`spin_lo` is no complete statement. Did you mean `spin_lock\(…\)`\?/,
  },
  {
    name: 'a half-typed assignment',
    text: around('r0 ='),
    line: 10,
    message: /A value is missing behind `=`/,
  },
  {
    name: 'a half-typed declaration',
    text: around('let entry'),
    line: 10,
    message: /`=` and a value are missing/,
  },
  {
    name: 'a misspelt keyword of a statement',
    text: around('whle (load(H.start)) { cpu_relax(); }'),
    line: 10,
    message: /`whle` is no statement. Did you mean `while`\?/,
    mended: true,
  },
  {
    name: 'a misspelt keyword of a scenario',
    text: around('isb();').replace('never oops', 'nevr oops'),
    line: 14,
    message: /A scenario has no `nevr`. Did you mean `never`\?/,
    mended: true,
  },
  {
    name: 'a misspelt keyword of a file',
    text: around('isb();').replace('scenario "second"', 'scenaro "second"'),
    line: 17,
    message: /A file has no `scenaro`. Did you mean `scenario`\?/,
    mended: true,
  },
  {
    name: 'a missing brace of a block',
    text: around('if (load(H.start)) {', '  isb();'),
    line: 10,
    message: /The `\{` of `if` in line 10 is never closed/,
  },
  {
    name: 'a missing brace of a function',
    text: around('isb();').replace('  return load(addr);\n}', '  return load(addr);'),
    line: 4,
    message: /The `\{` of `helper` in line 4 is never closed; its `\}` belongs behind line 5/,
    mended: true,
  },
  {
    name: 'a missing brace of a scenario',
    text: around('isb();').replace('  never oops\n}', '  never oops'),
    line: 8,
    message: /The `\{` of the scenario in line 8 is never closed; its `\}` belongs behind line 14/,
    mended: true,
  },
  {
    name: 'an extra brace in a block',
    text: around('if (load(H.start)) { isb(); } }'),
    line: 10,
    message: /This `\}` closes nothing/,
    mended: true,
  },
  {
    name: 'an extra brace behind a scenario',
    text: around('isb();').replace('never oops\n}', 'never oops\n}\n}'),
    line: 16,
    message: /This `\}` closes nothing/,
    mended: true,
    items: ['hugepage', 'lock', 'fn', 'first: cpu cpu expectation', 'bad', 'second: cpu expectation'],
  },
  {
    name: 'half a member access',
    text: around('r0 = load(H.);'),
    line: 10,
    message: /The name of a member is missing behind `\.`/,
  },
  {
    name: 'half a member access at the end of a line',
    text: around('r0 = H.'),
    line: 10,
    message: /The name of a member is missing behind `\.`/,
  },
  {
    name: 'a missing value in a call',
    text: around('store(H.start, );'),
    line: 10,
    message: /A value is missing behind `,`/,
  },
  {
    name: 'a missing operand',
    text: around('r0 = 1 + ;'),
    line: 10,
    message: /A value is missing behind `\+`/,
  },
  {
    name: 'an unknown barrier domain',
    text: around('dsb(isht);'),
    line: 10,
    message: /`isht` is not an option of `dsb`. Did you mean `ish(st)?`\?/,
    mended: true,
  },
  {
    name: 'a missing bracket of a call',
    text: around('r0 = load(H.page(64).flags;'),
    line: 10,
    message: /`\)` is missing: it closes the `\(` behind `load`/,
    mended: true,
  },
  {
    name: 'a missing bracket of a condition',
    text: around('if (load(H.start) { isb(); }'),
    line: 10,
    message: /`\)` is missing: it closes the condition of `if`/,
    mended: true,
  },
  {
    name: 'an unterminated string',
    text: around('isb();').replace('"second"', '"second'),
    line: 17,
    message: /This text has no closing `"` on its line/,
  },
  {
    name: 'an unknown kernel name',
    text: around('spin_lock_irqsav(L);'),
    line: 10,
    message: /There is no function `spin_lock_irqsav`. Did you mean `spin_lock_irqsave`\?/,
    mended: true,
  },
  {
    name: 'a number that a switch cannot have',
    text: around('isb();').replace(/^/, 'machine { va_bits 99 }\n'),
    line: 1,
    message: /`va_bits` is a number such as 48, not `99`\. .*: 39, 48, 52 with 4K;/,
    items: ['machine', ...whole],
  },
  {
    name: 'a kernel name that nobody knows',
    text: around('frobnicate_the_table(1);'),
    line: 10,
    message: /There is no function `frobnicate_the_table`\. Write a `fn` of that name, or leave the call out/,
  },
  {
    name: 'a kernel name that is not modelled',
    text: around('kmalloc(64);'),
    line: 10,
    message: /`kmalloc` is not modelled; memory comes by pages: `alloc_page\(\)`/,
  },
];

describe('C that is pasted', () => {
  const fixedOf = (text: string): string => {
    for (let done = text, i = 0; ; i++) {
      const { diagnostics } = checkText(done);
      const one = diagnostics.find(({ severity, fix }) => severity !== 'hint' && fix !== undefined);
      if (one === undefined || i === 20) return done;
      done = apply(done, one) ?? done;
    }
  };
  const mistakes = (text: string): readonly string[] => told(text).map(({ message }) => message);
  const pasted = (...body: readonly string[]): string =>
    `${around(...body)}
fn set_entry(addr, ptep, pte) { store(ptep, pte); }
fn pte_valid(pte) { return pte & 1; }
`;

  it.each([
    ['unsigned long flags = 1; store(H.start, flags);', /`let flags = …` declares a local/, 'let flags = 1;'],
    ['struct page *p = H.start; load(p);', /`let p = …` declares a local/, 'let p = H.start;'],
    ['const struct page *p = H.start; load(p);', /`let p = …`/, 'let p = H.start;'],
    ['pte_t pte; pte = 3; store(H.start, pte);', /`let pte = 0` declares a local, which has/, 'let pte = 0;'],
    ['set_entry(&init_mm, H.start, H.start, 0);', /takes no `&init_mm`/, 'set_entry(H.start, H.start, 0);'],
    ['if (pte_present(load(H.start))) isb();', /`pte_valid\(pte\)` asks for bit 0/, 'if (pte_valid('],
    ['store(H.start, __pte(pte_val(3)));', /leave the word out/, 'store(H.start, 3);'],
    ['store(H.start, 1UL << 3);', /no suffixes of C/, '1 << 3'],
    ['store(H.start, (u64)3);', /Values have no types/, 'store(H.start, 3);'],
    ['for (int i = 0; i < 3; ++i) helper(i);', /`let i = …`/, 'for (let i = 0; i < 3; i++)'],
    ['smp_store_release(H.start, 1);', /`store_release\(a, v\)`/, 'store_release(H.start, 1);'],
    ['let flags = 0; local_irq_save(flags); local_irq_restore(flags);', /returns/, undefined],
  ])('%s', (statement, message, mended) => {
    const text = pasted(...statement.split(/(?<=;) (?=\w+\(|\w+ =)/));
    const [first, ...others] = mistakes(text);
    expect(first).toMatch(message);
    expect(others.filter((one) => !/leave the word out|stands behind its name/.test(one))).toEqual([]);
    const fixed = fixedOf(text);
    expect(mistakes(fixed)).toEqual([]);
    if (mended !== undefined) expect(fixed).toContain(mended);
  });

  it('a list of locals is mended to one declaration for each', () => {
    const text = around('pmd_t *pmdp, pmd;', 'pmdp = 1;', 'pmd = 2;', 'store(pmdp, pmd);');
    const [first] = told(text);
    expect(first?.message).toMatch(/each local is declared by itself/);
    expect(first?.fixed).toContain('let pmdp = 0; let pmd = 0;');
    expect(told(first?.fixed ?? '')).toEqual([]);
  });

  it.each([
    ['int i, j;', /each local is declared by itself/],
    ['goto out;', /`goto` is not modelled/],
    ['out:', /`out:` is a label/],
    ['do { isb(); } while (load(H.start));', /There is no `do`/],
  ])('%s is told once', (statement, message) => {
    expect(mistakes(around(statement))).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['#else', /both branches would stand here: leave this line out, and the branch/],
    ['#include <linux/mm.h>', /no preprocessor: leave the line out/],
    ['#define N 4', /`const N = …` declares a constant/],
    ['static DEFINE_SPINLOCK(M);', /`lock M : spin`/],
  ])('%s at the top is told once, and means what it says', (line, message) => {
    const text =
      `${line}\n${around('helper(1);')}\nfn uses() { helper(${line.includes('N') ? 'N' : '1'}); spin_lock(${line.includes('(M') ? 'M' : 'L'}); }\n`.replace(
        'helper(N)',
        line.includes('define') ? 'helper(N)' : 'helper(1)',
      );
    expect(mistakes(text)).toEqual([expect.stringMatching(message)]);
    expect(mistakes(fixedOf(text))).toEqual([]);
  });
});

describe('broken input: one message that one can act on, and the rest is understood', () => {
  it('has nothing to say of the file around it', () => {
    expect(told(around('isb();'))).toEqual([]);
    expect(understood(around('isb();'))).toEqual(whole);
  });

  for (const { name, text, line, message, mended, items } of cases) {
    it(name, () => {
      const said = told(text);
      expect(said.map((one) => `${one.line}: ${one.message}`)).toHaveLength(1);
      const [one] = said;
      expect(one?.line).toBe(line);
      expect(one?.message).toMatch(message);
      expect(understood(text)).toEqual(items ?? whole);
      if (mended) expect(told(one?.fixed ?? 'no fix')).toEqual([]);
    });
  }

  it('says what is expected', () => {
    expect(told(around('dsb(isht);'))[0]?.expected).toContain('ishst');
    expect(told(around('isb();').replace('L : spin', 'L :'))[0]?.expected).toEqual(['spin', 'raw', 'mutex', 'rwsem']);
  });

  it('says each of several mistakes once', () => {
    const text = around('r0 = ;', 'dsb(isht);', 'whle (1) { isb() }', 'load(H.start');
    expect(told(text).map((one) => one.line)).toEqual([10, 11, 12, 13]);
    expect(understood(text)).toEqual(whole);
  });

  it('reads what is pasted from a patch', () => {
    const text = `static bool __healthy(unsigned long addr, pte_t *ptep)
{
  pte_t pte;
  pte = READ_ONCE(*ptep);
  return (unsigned long)(pte & PTE_TYPE_MASK) == PTE_TYPE_PAGE && addr->flags;
}
`;
    expect(told(text).map((one) => `${one.line}: ${one.message.slice(0, 40)}`)).toEqual([
      '1: A function is written `fn __healthy(…) {',
      '3: Values have no types: `let pte = 0` decl',
      '5: Values have no types: everything is 64 b',
      '5: `addr->flags` is the address of a word, ',
    ]);
  });
});
