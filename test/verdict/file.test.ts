import { describe, expect, it } from 'vitest';
import { check } from '../check';

const page = 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }\n';
const good = 'scenario "good" { cpu 0 { load(H.page(1).flags); } }\n';

describe('a file with mistakes', () => {
  it('a mistake in one scenario leaves the others alone', () => {
    const report = check(`${page}${good}scenario "bad" { cpu 0 { laod(H.page(1).flags); } }\n`);
    expect(report.scenarios.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual(['good: ok', 'bad: error']);
    expect(report.verdict).toBe('error');
    expect(report.diagnostics).toMatchObject([
      { of: 'text', code: 'HVO030', severity: 'error', place: { line: 3, column: 26 } },
    ]);
  });

  it('a mistake in a function is one of the scenarios that call it', () => {
    const broken = 'fn broken() { load(H.page(; }\nfn unused() { broken(); }\n';
    const calls = 'scenario "calls" { cpu 0 { unused(); } }\n';
    const report = check(`${page}${broken}${good}${calls}`);
    expect(report.scenarios.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual(['good: ok', 'calls: error']);
  });

  it('a mistake in what all scenarios share is one of all of them', () => {
    const report = check(`machine { kernel v99 }\n${page}${good}`);
    expect(report.scenarios.map(({ verdict }) => verdict)).toEqual(['error']);
  });

  it('text that is no item hides nothing', () => {
    const report = check(`${page}scenaro "typo" { }\n${good}`);
    expect(report.scenarios.find(({ name }) => name === 'good')?.verdict).toBe('ok');
    expect(report.verdict).toBe('error');
  });

  it('what a scenario has lost by a brace too many, or too late, is one of that scenario', () => {
    const cut = 'scenario "cut" { cpu 0 { load(H.page(1).flags); } } cpu 1 { load(H.page(2).flags); } never oops\n';
    const report = check(`${page}${good}${cut}${good.replace('good', 'other')}`);
    expect(report.scenarios.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual([
      'good: ok',
      'cut: error',
      'other: ok',
    ]);
    const early = check(`${page}on fault vmemmap_handle_page_fault\n${good}`);
    expect(early.scenarios.map(({ verdict }) => verdict)).toEqual(['error']);
  });

  it.each([
    ['a switch outside of `machine`', 'kernel v7.2\n'],
    ['a word that is none', 'junk\n'],
    ['a brace too many', '}\n'],
    ['what belongs into a scenario', 'on fault vmemmap_handle_page_fault\n'],
    ['a text that never ends', 'use "x\n'],
  ])('%s in a used file leaves open what was meant for the scenarios that use it', (_, text) => {
    const files = { 'used.hvo': text };
    expect(check(`use "used.hvo"\n${page}${good}`, { files }).scenarios.map(({ verdict }) => verdict)).toEqual([
      'error',
    ]);
  });

  it('a mistake in a scenario of a used file, which nobody explores, changes nothing', () => {
    const files = { 'used.hvo': 'scenario "there" { cpu 0 { laod(); } }\n' };
    expect(check(`use "used.hvo"\n${page}${good}`, { files }).scenarios.map(({ verdict }) => verdict)).toEqual(['ok']);
  });

  it.each([
    ['a huge page that cannot be', 'hugepage H { size 3M  at 0x1_0000_0000  vmemmap pages }\n', '', ['HVO061']],
    ['a member that is none', page, 'load(H.pge(1).flags);', ['HVO033']],
    ['a function that calls itself', `${page}fn f(x) { return f(x); }\n`, 'f(1);', ['HVO039']],
    ['a lock that is none', page, 'spin_lock(H);', ['HVO036']],
  ])('%s is told once, and not what follows from it', (_, declarations, statement, codes) => {
    const both = ['s', 't'].map((name) => `scenario "${name}" { cpu 0 { ${statement} r0 = load(H.tail(1)); } }\n`);
    const report = check(`${declarations}${both[0]}`);
    expect(report.diagnostics.filter((one) => one.severity === 'error').map((one) => one.code)).toEqual(codes);
    const twice = check(`${declarations}${both.join('')}`);
    expect(new Set(twice.diagnostics.filter((one) => one.severity === 'error').map((one) => one.code))).toEqual(
      new Set(codes),
    );
  });

  it('an empty file has nothing to say', () => {
    expect(check('')).toMatchObject({ verdict: 'ok', diagnostics: [], scenarios: [] });
  });
});

describe('outcomes of a place', () => {
  it('are those of its accesses, on each CPU, good ones first', () => {
    const report = check(`${page}
scenario "window" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`);
    expect(report.scenarios[0]?.outcomes.filter((one) => one.at === 'access')).toMatchObject([
      {
        place: { line: 6, text: 'load(H.page(64).flags)' },
        cpu: 1,
        at: 'access',
        items: [
          { outcome: 'ok', severity: 'good' },
          { outcome: 'fixed-up', severity: 'note' },
          { outcome: 'spurious-warn', severity: 'note' },
        ],
      },
    ]);
  });

  it('of a barrier or a TLBI is what it waits for and removes', () => {
    const report = check(`${page}
scenario "window" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    spin_lock(init_mm.page_table_lock);
    pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
    dsb(ishst);
    tlbi(vaale1is, H.tail(1));
    dsb(ish);
    set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.frame(2), PAGE_KERNEL));
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { load(H.page(64).flags); }
}
`);
    const barriers = report.scenarios[0]?.outcomes.filter((one) => one.at === 'barrier') ?? [];
    const texts = barriers.map(({ place, items }) => `${place.text}: ${items.map((item) => item.outcome).join(' | ')}`);
    expect(texts).toEqual([
      'dsb(ishst): waits for a store',
      'tlbi(vaale1is, H.tail(1)): removes an old entry on cpu 0 | removes an old entry on cpu 1',
      'dsb(ish): waits for a store | waits for the TLBI',
    ]);
    for (const { items } of barriers) for (const item of items) expect(item.schedule).toMatch(/^hvo1:/);
  });

  it('of one function on two CPUs are told for each', () => {
    const report = check(`${page}
fn read() { load(H.page(64).flags); }
scenario "two readers" { cpu 0 { read(); } cpu 1 { read(); load(H.page(1).flags); } }
`);
    expect(report.scenarios[0]?.outcomes.map(({ place, cpu }) => `${place.line} cpu ${cpu}`)).toEqual([
      '3 cpu 0',
      '3 cpu 1',
      '4 cpu 1',
    ]);
  });
});

describe('files that use others', () => {
  it('have their functions, and their mistakes', () => {
    const files = { 'lib.hvo': 'fn read() { return load(H.page(1).flags); }\n' };
    const report = check(`use "lib.hvo"\n${page}scenario "s" { cpu 0 { read(); } }\n`, { files });
    expect(report).toMatchObject({ verdict: 'ok', scenarios: [{ verdict: 'ok' }] });
    const broken = check(`use "lib.hvo"\n${page}scenario "s" { cpu 0 { read(); } }\n`, {
      files: { 'lib.hvo': 'fn read() { load(H.page(1).flags; }\n' },
    });
    expect(broken.verdict).toBe('error');
    expect(broken.diagnostics.some(({ place }) => place.path === 'lib.hvo')).toBe(true);
  });

  it('have their names looked up too', () => {
    const files = { 'lib.hvo': 'fn read() { return laod(H.page(1).flags); }\n' };
    const report = check(`use "lib.hvo"\n${page}scenario "s" { cpu 0 { read(); } }\n`, { files });
    const errors = report.diagnostics.filter((one) => one.severity === 'error');
    expect(errors).toMatchObject([{ code: 'HVO030', place: { path: 'lib.hvo' } }]);
    expect(report.scenarios).toMatchObject([{ verdict: 'error' }]);
  });

  it('say when one is missing', () => {
    const report = check(`use "none.hvo"\n${page}${good}`);
    expect(report.diagnostics).toMatchObject([{ code: 'HVO048', severity: 'error' }]);
  });
});
