import { describe, expect, it } from 'vitest';
import { elaborate } from '../../server/language/elaborate/elaborate';
import { parse } from '../../server/language/parse';
import { complaintsOf, cpu, elaborated } from './check';

describe('what the elaboration cannot do is said at its place', () => {
  it.each([
    [
      'fn f(x) { return g(x); } fn g(x) { return f(x); }',
      'f(1);',
      'f(x): functions are copied to where they are called, so none may call itself: f -> g -> f',
    ],
    ['', 'let p = list(); list_push(p, 1); list_pop(p); list_pop(p);', 'list_pop(p): the list is empty here'],
    [
      '',
      'let p = list(); while (load(V)) { list_push(p, 1); }',
      'load(V): a list changes in a loop whose end is not known; lists need loops with a known number of iterations',
    ],
    ['', 'load(H.page(512).flags);', 'page: H has 512 struct pages, numbered from 0; there is no 512'],
    ['', 'store(V, L);', 'L: this is a lock, where a number belongs'],
    ['', 'spin_lock(V);', 'V: this is a number, where a lock belongs'],
    ['', 'r0 = any(3 .. 1);', '3 .. 1: the range 3 .. 1 is empty'],
    ['', 'r0 = any(1 .. 1000);', '1 .. 1000: a choice has at most 256 values, this has 1000'],
    ['', 'r0 = H.frame(load(V));', 'frame: frame(i) needs an i that is known here'],
  ])('%s %s', (declarations, statements, message) => {
    expect(complaintsOf(`${declarations} ${cpu(statements)}`)).toEqual([message]);
  });

  it('bounds the interrupts of a CPU', () => {
    const irqs = (count: number) => Array.from({ length: count }, (_, n) => `irq i${n} on cpu 0 { }`).join(' ');
    expect(complaintsOf(`scenario "s" { cpu 0 { } ${irqs(32)} }`)).toEqual([]);
    expect(complaintsOf(`scenario "s" { cpu 0 { } ${irqs(33)} }`)).toEqual([
      'i32: cpu 0 has 33 interrupts; at most 32 can be pending at once. Give several of them one handler',
    ]);
    expect(complaintsOf(`scenario "s" { cpu 0 { } cpu 1 { stop_machine { isb(); } } ${irqs(32)} }`)).toEqual([
      'i31: cpu 0 has 32 interrupts; at most 31 can be pending at once, beside that of stop_machine. Give several of them one handler',
    ]);
  });

  it('bounds the CPUs, and how often an interrupt comes', () => {
    expect(complaintsOf('scenario "s" { cpu 0..40 { } }')).toEqual([
      '0..40: a scenario has 16 CPUs at most; every one multiplies what there is to explore',
    ]);
    expect(complaintsOf('const K = 1000 scenario "s" { cpu 0 { } irq t on cpu 0 times K { } }')).toEqual([
      'K: how often an interrupt may come is a constant of at most 100; a few times show what there is',
    ]);
  });

  it('gives up on a program that grows without end, soon and with its place', () => {
    const [message, ...others] = complaintsOf(cpu('for (let i = 0; i != 1; i += 2) { store(V, i); }'));
    expect(others).toEqual([]);
    expect(message).toMatch(
      /^(for \(.*\{ )?(store\(V, i\);?|i \+= 2|i != 1).*: .*(grows beyond \d+ instructions|takes more than \d+ steps)/,
    );
  });

  it('names the statement of the user that leads to too much', () => {
    const text =
      'hugepage G { size 1G at 0x1_0000_0000 vmemmap pages } scenario "s" { cpu 0 { hugetlb_vmemmap_optimize(G); } }';
    expect(complaintsOf(text)).toEqual([
      expect.stringMatching(
        /^hugetlb_vmemmap_optimize\(G\);?: .*the loop at hvo-library:\/.*:\d+ runs 512 times, and each iteration is copied\. .*take a smaller huge page/,
      ),
    ]);
  }, 60_000);

  it('gives up on a loop that makes nothing', () => {
    const [message] = complaintsOf(cpu('for (let i = 0; i != 1; i += 2) { }'));
    expect(message).toMatch(/takes more than \d+ steps here: does this loop end\?/);
  });

  it.each([
    ['for (let i = 0; i < 1000000; i += 1) { store(V, i); }', 'i < 1000000', '1000000'],
    ['for (let i = 3000000; i > 0; i -= 3) { store(V, i); }', 'i > 0', '1000000'],
    ['let i = 0; while (i <= 0xffffff) { store(V, i); i += 16; }', 'i <= 0xffffff', '1048576'],
    ['repeat 1000000 { store(V, 1); }', '1000000', '1000000'],
    ['for (let i = 0; i < 2000; i++) { for (let j = 0; j < 60; j++) { store(V, j); } }', 'i < 2000', '2000'],
  ])('%s is given up after a few copies, with the loop and how often it runs', (statements, where, times) => {
    const { scenarios, diagnostics } = elaborated(cpu(statements));
    const messages = diagnostics.map(
      ({ source, span, message }) => `${source.parsed.text.slice(span.start, span.end)}: ${message}`,
    );
    expect(messages).toEqual([
      `${where}: the program of cpu 0 grows beyond 24000 instructions here: this loop runs ${times} times, and each iteration is copied. ` +
        'What can happen shows in the first iterations: let it run a few times only',
    ]);
    expect(scenarios[0]?.program.cpus[0]?.code.length).toBeLessThan(2000);
  });

  it('gives up on functions that call each other too often', () => {
    const chain = Array.from({ length: 24 }, (_, i) => `fn f${i + 1}(x) { f${i}(x); f${i}(x); }`).join('\n');
    const [message] = complaintsOf(`fn f0(x) { store(V, x); } ${chain} ${cpu('f24(1);')}`);
    expect(message).toMatch(/takes more than|grows beyond/);
  }, 60_000);

  it('still makes the other scenarios', () => {
    const { scenarios } = elaborated(`var V = 0 fn f() { f(); }
      scenario "bad" { cpu 0 { f(); } } scenario "good" { cpu 0 { store(V, 1); } }`);
    expect(scenarios.map((one) => [one.name, one.isUsable])).toEqual([
      ['bad', false],
      ['good', true],
    ]);
  });

  it('never throws on what is half written', () => {
    const text = `machine { granule 4K va_bits } hugepage H { size at vmemmap } page P at
      lock L : var V = const C = C + 1 fn f( { return }
      scenario "s" { on fault machine { } cpu { load(H.page(. } cpu 0 { let x = ; x. = 3; while ( { for (;; { if
      switch (load(C)) { case : } spin_lock(); tlbi(); dsb(); any( .. ); wait(); report(); stop_machine { } store(V, H); list_pop(1);
      f(1, 2, 3); H.tail(); P.struct.flags; init_mm.nothing; machine.nothing; *; send_ipi(, ); copy_page(); return 3 }
      irq on cpu { } never && sometimes cpu 9 faults always r0 == r1 == pte( }`;
    for (let end = 0; end <= text.length; end++) {
      const parsed = parse(text.slice(0, end));
      expect(() => elaborate({ uri: 'test.hvo', parsed, origin: 'user' })).not.toThrow();
    }
  });
});
