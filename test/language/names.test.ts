import { describe, expect, it } from 'vitest';
import { resolveNames } from '../../server/language/names';
import type { Source } from '../../server/language/names/symbol';
import { parse } from '../../server/language/parse';
import { standardLibrary } from '../../server/language/stdlib/library';
import { checkText } from './annotated';

const source = (uri: string, text: string): Source => ({ uri, parsed: parse(text) });

/** For each name of a text that is declared somewhere: the name and where, as `line` or `uri:line`. */
function meanings(text: string, used: readonly Source[] = [], library: readonly Source[] = []): readonly string[] {
  const main = source('main', text);
  const lineOf = (uri: string, offset: number): number => {
    const from = [main, ...used, ...library].find((file) => file.uri === uri)?.parsed.text ?? '';
    return from.slice(0, offset).split('\n').length;
  };
  return resolveNames(main, { used, library }).occurrences.flatMap(({ span, target, role }) => {
    if (target.kind !== 'symbol' || role === 'declaration') return [];
    const { uri, span: declared } = target.symbol;
    const place = `${uri === 'main' ? '' : `${uri}:`}${lineOf(uri, declared.start)}`;
    return [`${text.slice(span.start, span.end)} -> ${place}`];
  });
}

const messages = (text: string): readonly string[] =>
  checkText(text).diagnostics.map((one) => `${one.code} ${one.message}`);

describe('a shared word', () => {
  it.each([
    ['if (x == 1) isb();', 'READ_ONCE(x)'],
    ['if (!x) isb();', 'READ_ONCE(x)'],
    ['while (x && y) cpu_relax();', 'READ_ONCE(x)'],
    ['r0 = x < 2 ? 1 : 2;', 'READ_ONCE(x)'],
    ['BUG_ON((x) != 0);', 'READ_ONCE(x)'],
    ['let p = phys_to_page(0x1_0000_0000); if (p->flags) isb();', 'READ_ONCE(p->flags)'],
  ])('%s compares its address, which is told, with its value as the fix', (statement, read) => {
    const text = `var x = 0\nvar y = 0\nscenario "s" { cpu 0 { ${statement} store(y, 1); } }`;
    const first = checkText(text).diagnostics.find((one) => one.fix?.title.includes('READ_ONCE'));
    expect(first).toMatchObject({ code: 'HVO038', fix: { edits: [{ text: read }] } });
    expect(first?.message).toContain(`\`${read}\` is its value`);
  });

  it('an expectation reads it with load', () => {
    const text = (claim: string) => `var x = 0\nscenario "s" { cpu 0 { r0 = 1; store(x, 1); } ${claim} }`;
    expect(messages(text('never x == 1'))).toEqual([expect.stringContaining('`load(x)` is its value')]);
    expect(messages(text('always r0 == x'))).toEqual([expect.stringContaining('`load(x)` is its value')]);
    expect(messages(text('always load(x) == 1 && r0 == load(x)'))).toEqual([]);
  });

  it('addresses may be compared with addresses, and a place is no value', () => {
    expect(
      messages(
        'var x = 0\nvar y = 0\nscenario "s" { cpu 0 { let p = any(x, y); if (p == x) store(p, 1); wait(x == 1); if (x == y) isb(); } }',
      ),
    ).toEqual([]);
  });
});

describe('names', () => {
  it('of a fault hook that nearly is one is suggested', () => {
    const hook = 'fn vmemmap_wait(addr, esr) { return 1; }\nfn vmemmap_wat(addr) { return addr; }\n';
    const { diagnostics } = checkText(`${hook}scenario "s" { on fault vmemmap_wiat cpu 0 { vmemmap_wat(1); } }`);
    const [one] = diagnostics.filter(({ severity }) => severity === 'error');
    expect(one).toMatchObject({ code: 'HVO030', fix: { edits: [{ text: 'vmemmap_wait' }] } });
    const words = checkText(
      'fn vmemmap_handle_page_fault(addr, esr) { return addr + esr; }\nscenario "s" { on fault vmemmap_handle_fault cpu 0 { isb(); } }',
    );
    expect(words.diagnostics.find(({ severity }) => severity === 'error')?.message).toContain(
      'Did you mean `vmemmap_handle_page_fault`?',
    );
  });

  it('mean the innermost declaration', () => {
    const text = `const A = 1
fn f(p) {
  let x = p + A;
  { let y = x;
    store(y, x); }
  for (i = 0; i < x; i++) { store(i, p); }
}`;
    expect(meanings(text)).toEqual([
      'p -> 2',
      'A -> 1',
      'x -> 3',
      'y -> 4',
      'x -> 3',
      'i -> 6',
      'x -> 3',
      'i -> 6',
      'i -> 6',
      'p -> 2',
    ]);
  });

  it('of a scenario go before those of the file, and these before those of used files and the library', () => {
    const text = `fn two() { one(); }
scenario "s" {
  fn one() { return 1; }
  cpu 0 { one(); two(); three(); four(); }
}
fn one() { return 0; }`;
    const used = [source('used', 'fn one() {}\nfn three() {}')];
    const library = [source('library', 'fn three() {}\nfn two() {}\nfn four() {}')];
    expect(meanings(text, used, library)).toEqual([
      'one -> 6',
      'one -> 3',
      'two -> 1',
      'three -> used:2',
      'four -> library:3',
    ]);
  });

  it('of a function at the top may be declared by the scenarios', () => {
    const text = `fn reader() { load(H.start); }
scenario "a" { hugepage H { size 2M at 4G vmemmap pages }  cpu 0 { reader(); } }`;
    expect(messages(text)).toEqual([]);
    expect(meanings(text)).toEqual(['H -> 2', 'reader -> 1']);
  });

  it('of registers belong to their CPU', () => {
    const text = `scenario "a" {
  cpu 0 { r0 = 1; r0 = r0 + 1; }
  cpu 1 { r0 = 2; }
  irq t on cpu 1 { r1 = r0; }
  always cpu 0: r0 == 2 && cpu 1: r0 == 2 && r1 == 2
}`;
    expect(messages(text)).toEqual([]);
    expect(meanings(text)).toEqual(['r0 -> 2', 'r0 -> 2', 'r0 -> 3', 'r0 -> 2', 'r0 -> 3', 'r1 -> 4']);
  });

  it('of the language need no declaration', () => {
    const { occurrences } = resolveNames(
      source('m', 'fn f(a) { dsb(ish); return mk_pte(a.lru, PAGE_KERNEL) + machine.bbm; }'),
      { used: [], library: [] },
    );
    const tables = occurrences.flatMap(({ target }) =>
      target.kind === 'builtin' ? `${target.table} ${target.name}` : [],
    );
    expect(tables).toEqual([
      'primitive dsb',
      'barrier ish',
      'function mk_pte',
      'field lru',
      'constant PAGE_KERNEL',
      'memory machine',
      'switch bbm',
    ]);
  });

  it('that are missing one argument kind are said with what they are', () => {
    expect(
      messages(
        'lock A : spin\nfn f() { mutex_lock(A); spin_lock(f); READ_ONCE(1 + 2); wait(3); tlbi(vaale1is); mmap_read_lock(1); }',
      ),
    ).toEqual([
      'HVO036 `mutex_lock` takes a mutex; `A` is a spin lock.',
      'HVO036 `spin_lock` takes a lock: init_mm.page_table_lock, init_mm.mmap_lock, or one of `lock NAME : kind`.',
      'HVO036 `READ_ONCE` takes a place: `*p`, the name of a `var`, or a field. `1 + 2` is the value of an address; `*(1 + 2)` is the place there.',
      'HVO036 `wait` waits for one place: `wait(*p == value)` or `wait(*p != value)`.',
      'HVO035 `tlbi(operation, [va], [end], [ttl])` takes 2 to 3 arguments, not 1.',
      'HVO036 `mmap_read_lock` takes `init_mm`; user address spaces are not modelled.',
    ]);
  });

  it('that mean nothing are said once, not again for their members', () => {
    expect(messages('fn f() { load(Q.tail(1)); load(Q.page(1).flags); }')).toEqual([
      'HVO030 There is nothing of the name `Q` here.',
      'HVO030 There is nothing of the name `Q` here.',
    ]);
  });

  it('of functions may not lead back to themselves, directly or through others', () => {
    const text = 'fn a() { b(); }\nfn b() { c(); }\nfn c() { a(); }\nfn d() { c(); }';
    expect(messages(text).map((one) => one.slice(0, 52))).toEqual([
      'HVO039 `a` calls itself through `b`, `c`; calls are ',
      'HVO039 `b` calls itself through `c`, `a`; calls are ',
      'HVO039 `c` calls itself through `a`, `b`; calls are ',
    ]);
  });

  it('that nobody uses are told where the file has scenarios', () => {
    const text = 'lock A : spin\nconst B = 1\nfn c() {}\nscenario "s" { var D = 0  cpu 0 { let e = 1; } }';
    expect(messages(text)).toEqual([
      'HVO040 Nobody uses the lock `A`.',
      'HVO040 Nobody uses the constant `B`.',
      'HVO040 Nobody uses the function `c`.',
      'HVO040 Nobody uses the variable `D`.',
      'HVO040 Nobody uses the local `e`.',
    ]);
    expect(messages('lock A : spin\nfn c() {}')).toEqual([]);
  });
});

describe('the standard library', () => {
  const library = standardLibrary('v6.7');
  for (const file of library) {
    it(`${file.uri} has no mistakes`, () => {
      const names = resolveNames(file, { used: [], library });
      expect([...file.parsed.diagnostics, ...names.diagnostics].map((one) => one.message)).toEqual([]);
    });
  }
});
