/**
 * The diagnostics of syntax and names: what each code means, with a text that has the mistake and one that has not.
 * In `bad`, a comment line `// ^^^ HVO030` marks the place in the line above it, `// <- HVO030` the line. Tests run both texts.
 */

export interface LanguageCode {
  readonly code: string;
  readonly title: string;
  readonly doc: string;
  readonly bad: string;
  readonly good: string;
}

/** A body of cpu 0 in a scenario that has what the examples name. */
const inCpu = (body: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "example" {
  cpu 0 {
${body}
    load(H.start);
  }
}
`;

const inScenario = (body: string): string => `scenario "example" {
${body}
}
`;

export const languageCodes: readonly LanguageCode[] = [
  {
    code: 'HVO001',
    title: 'Character without a meaning',
    doc: 'The text has a character that begins nothing in the language.',
    bad: `const SIZE = 2M @
//              ^ HVO001
`,
    good: `const SIZE = 2M
`,
  },
  {
    code: 'HVO002',
    title: 'Text without a closing quote',
    doc: 'A text in quotes ends on its line.',
    bad: `scenario "the reader waits {
//       ^^^^^^^^^^^^^^^^^ HVO002
  cpu 0 { isb(); }
}
`,
    good: `scenario "the reader waits" {
  cpu 0 { isb(); }
}
`,
  },
  {
    code: 'HVO003',
    title: 'Comment without an end',
    doc: 'A comment that begins with `/*` ends with `*/`.',
    bad: `const SIZE = 2M
/* the size
^^ HVO003
`,
    good: `const SIZE = 2M
/* the size */
`,
  },
  {
    code: 'HVO004',
    title: 'Number that is none',
    doc: 'Numbers are decimal, `0x…` or `0b…`, may have `_` between digits and K, M, G or T behind them, and fit into 64 bits.',
    bad: `const SIZE = 2MiB
//           ^^^^ HVO004
`,
    good: `const SIZE = 2M
`,
  },
  {
    code: 'HVO005',
    title: 'Bound of the front end',
    doc: 'Files, nesting, expressions and CPU numbers have bounds, far above what scenarios need; `limits.ts` names them.',
    bad: inScenario(`  cpu 64 { isb(); }
//    ^^ HVO005`),
    good: inScenario('  cpu 3 { isb(); }'),
  },
  {
    code: 'HVO006',
    title: 'More problems than are shown',
    doc: 'The first 200 problems of a file are shown; mending them shows the others.',
    bad: `${'} '.repeat(201)}
// HVO006
`,
    good: `const SIZE = 2M
`,
  },
  {
    code: 'HVO007',
    title: 'File that is no text',
    doc: 'The file has a NUL byte, or much that is not UTF-8: it is a program, an archive, or text in another encoding such as UTF-16. Nothing of it is read.',
    bad: `const SIZE = 2M \0
// HVO007
`,
    good: `const SIZE = 2M
`,
  },
  {
    code: 'HVO010',
    title: 'Bracket that is never closed',
    doc: 'Each `{` has its `}` and each `(` its `)`. Which one is missing is judged by what follows and by the indentation.',
    bad: inCpu(`    r0 = load(H.page(64).flags;
//                            ^ HVO010`),
    good: inCpu('    r0 = load(H.page(64).flags);'),
  },
  {
    code: 'HVO011',
    title: 'Bracket that closes nothing',
    doc: 'There is a `}` more than there are `{`.',
    bad: `fn f(a) {
  return a;
}
}
// <- HVO011
`,
    good: `fn f(a) {
  return a;
}
`,
  },
  {
    code: 'HVO012',
    title: 'Value missing',
    doc: 'An operator, a keyword or an argument list needs a value here.',
    bad: inCpu(`    r0 = ;
//       ^ HVO012`),
    good: inCpu('    r0 = 1;'),
  },
  {
    code: 'HVO013',
    title: 'Name missing',
    doc: 'A declaration, a `.` or a keyword needs a name or a text here.',
    bad: inCpu(`    r0 = load(H.);
//              ^ HVO013`),
    good: inCpu('    r0 = load(H.start);'),
  },
  {
    code: 'HVO014',
    title: 'Keyword misspelt',
    doc: 'The word stands where only a keyword can.',
    bad: inCpu(`    whle (load(H.start) == 0) { cpu_relax(); }
//  ^^^^ HVO014`),
    good: inCpu('    while (load(H.start) == 0) { cpu_relax(); }'),
  },
  {
    code: 'HVO015',
    title: 'Mark or word missing',
    doc: 'The form of a statement or a declaration has a mark or a word here.',
    bad: `lock zone spin
//        ^^^^ HVO015
`,
    good: `lock zone : spin
`,
  },
  {
    code: 'HVO016',
    title: 'Something that does not belong here',
    doc: 'The text is understood, but not at this place: a statement outside of `cpu` and `fn`, an item among statements, an `else` without its `if`.',
    bad: `isb();
// <- HVO016
`,
    good: inScenario('  cpu 0 { isb(); }'),
  },
  {
    code: 'HVO017',
    title: 'Type of C',
    doc: 'Values have no types: each is 64 bits wide and unsigned. `let` declares a local, `fn` a function, and casts are left out.',
    bad: `fn f(addr) {
  unsigned long next = addr + PAGE_SIZE;
//^^^^^^^^^^^^^^^^^^ HVO017
  return next;
}
`,
    good: `fn f(addr) {
  let next = addr + PAGE_SIZE;
  return next;
}
`,
  },
  {
    code: 'HVO020',
    title: 'Switch or property that does not exist',
    doc: '`machine` and `hugepage` have a fixed list of words.',
    bad: `machine { granul 4K }
//        ^^^^^^ HVO020
`,
    good: `machine { granule 4K }
`,
  },
  {
    code: 'HVO021',
    title: 'Value that a switch cannot have',
    doc: 'Each switch and each lock takes one of a few values.',
    bad: `machine { bbm 4 }
//            ^ HVO021
`,
    good: `machine { bbm 2-noabort }
`,
  },
  {
    code: 'HVO022',
    title: 'Switch or property said twice',
    doc: 'Within one pair of braces each is said once.',
    bad: `machine { bbm 0  bbm 2 }
//               ^^^^^ HVO022
`,
    good: `machine { bbm 2 }
`,
  },
  {
    code: 'HVO030',
    title: 'Name that means nothing here',
    doc: 'No local, item, function, register or constant of this name is known at this place.',
    bad: inCpu(`    flush_everything();
//  ^^^^^^^^^^^^^^^^ HVO030`),
    good: inCpu('    tlbi(vmalle1is);'),
  },
  {
    code: 'HVO031',
    title: 'Kernel name that is not modelled',
    doc: 'The kernel has this, the model has not; the message says what to write instead.',
    bad: inCpu(`    printk(1);
//  ^^^^^^ HVO031`),
    good: inCpu('    report(ok);'),
  },
  {
    code: 'HVO032',
    title: 'Word that a primitive does not take',
    doc: 'Barriers, `tlbi`, `read_sysreg` and `send_ipi` take one word of a list.',
    bad: inCpu(`    dsb(ishs);
//      ^^^^ HVO032`),
    good: inCpu('    dsb(ishst);'),
  },
  {
    code: 'HVO033',
    title: 'Member that does not exist',
    doc: 'Huge pages, pages, `init_mm`, `machine` and struct pages have a fixed list of members.',
    bad: inCpu(`    r0 = load(H.page(64).flag);
//                       ^^^^ HVO033`),
    good: inCpu('    r0 = load(H.page(64).flags);'),
  },
  {
    code: 'HVO034',
    title: 'Outcome that does not exist',
    doc: 'Outcomes and findings are words of a fixed list.',
    bad: inScenario(`  cpu 0 { isb(); }
  never oops-pagin
//      ^^^^^^^^^^ HVO034`),
    good: inScenario(`  cpu 0 { isb(); }
  never oops-paging`),
  },
  {
    code: 'HVO035',
    title: 'Wrong number of arguments',
    doc: 'A call has as many arguments as the function has parameters.',
    bad: inCpu(`    r0 = load(H.start, 8);
//       ^^^^^^^^^^^^^^^^ HVO035`),
    good: inCpu('    r0 = load(H.start);'),
  },
  {
    code: 'HVO036',
    title: 'Argument of the wrong kind',
    doc: 'Some parameters take a lock of a certain kind, a place such as `*p`, or a comparison of a place.',
    bad: `lock M : mutex

scenario "example" {
  cpu 0 { spin_lock(M); }
//                  ^ HVO036
}
`,
    good: `lock M : mutex

scenario "example" {
  cpu 0 { mutex_lock(M); mutex_unlock(M); }
}
`,
  },
  {
    code: 'HVO037',
    title: 'Declared twice',
    doc: 'A name is declared once in a block, a scenario or a file, and names of the language are not declared at all. A scenario may declare what its file declares too.',
    bad: `const SIZE = 2M
const SIZE = 4M
//    ^^^^ HVO037
`,
    good: `const SIZE = 2M
`,
  },
  {
    code: 'HVO038',
    title: 'Name used as what it is not',
    doc: 'Functions are called, locals and registers are assigned, shared memory is written by a store.',
    bad: `var paused = 0

scenario "example" {
  cpu 0 { paused = 1; }
//        ^^^^^^ HVO038
}
`,
    good: `var paused = 0

scenario "example" {
  cpu 0 { WRITE_ONCE(paused, 1); }
}
`,
  },
  {
    code: 'HVO039',
    title: 'Function that calls itself',
    doc: 'Calls are expanded where they stand, so that every execution is finite; a function cannot call itself, directly or through others.',
    bad: `fn f(a) {
  f(a + 1);
//^ HVO039
}
`,
    good: `fn f(a) {
  while (a < 8) { a += 1; }
}
`,
  },
  {
    code: 'HVO040',
    title: 'Name that nobody uses',
    doc: 'It can be left out. A name that begins with `_` is meant to be unused.',
    bad: inCpu(`    let old = load(H.start);
//      ^^^ HVO040`),
    good: inCpu('    let _old = load(H.start);'),
  },
  {
    code: 'HVO041',
    title: 'Name that hides another',
    doc: 'A local has the name of something that is known around it.',
    bad: `fn f(addr) {
  if (addr) {
    let addr = 1;
//      ^^^^ HVO041
    store(addr, 1);
  }
}
`,
    good: `fn f(addr) {
  if (addr) {
    let next = addr + 8;
    store(next, 1);
  }
}
`,
  },
  {
    code: 'HVO042',
    title: 'Form that belongs elsewhere',
    doc: '`break` and `continue` stand in loops, registers in `cpu` blocks, `cpu N: r0` in expectations, ranges in `any`.',
    bad: `fn f(addr) {
  r0 = load(addr);
//^^ HVO042
}
`,
    good: `fn f(addr) {
  return load(addr);
}
`,
  },
  {
    code: 'HVO043',
    title: 'CPU that the scenario has not',
    doc: 'Handlers and expectations name CPUs of their scenario.',
    bad: inScenario(`  cpu 0 { isb(); }
  never cpu 1 oops
//          ^ HVO043`),
    good: inScenario(`  cpu 0 { isb(); }
  never cpu 0 oops`),
  },
  {
    code: 'HVO044',
    title: 'Scenario in which nothing runs',
    doc: 'A scenario without `cpu` blocks has no executions.',
    bad: `scenario "example" {
// <- HVO044
  never oops
}
`,
    good: inScenario('  cpu 0 { isb(); }'),
  },
  {
    code: 'HVO045',
    title: 'Statement that does nothing',
    doc: 'A value by itself is no statement; most often it is the beginning of one.',
    bad: inCpu(`    spin_lock
//  ^^^^^^^^^ HVO045`),
    good: inCpu('    spin_lock(init_mm.page_table_lock);'),
  },
  {
    code: 'HVO046',
    title: 'Register of several CPUs',
    doc: 'Several CPUs assign a register of this name; an expectation says which one it means.',
    bad: inScenario(`  cpu 0 { r0 = 1; }
  cpu 1 { r0 = 2; }
  always r0 == 1
//       ^^ HVO046`),
    good: inScenario(`  cpu 0 { r0 = 1; }
  cpu 1 { r0 = 2; }
  always cpu 0: r0 == 1`),
  },
  {
    code: 'HVO047',
    title: 'Huge page that lacks a property',
    doc: 'A huge page says its size, its physical address, and how its vmemmap is mapped.',
    bad: `hugepage H { size 2M }
//       ^ HVO047
`,
    good: `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
`,
  },
  {
    code: 'HVO048',
    title: 'File that cannot be used',
    doc: '`use` names a file by its path from the file in which it stands.',
    bad: `use "nowhere.hvo"
//  ^^^^^^^^^^^^^ HVO048
`,
    good: `const SIZE = 2M
`,
  },
];

export const languageCodeByName: ReadonlyMap<string, LanguageCode> = new Map(
  languageCodes.map((row) => [row.code, row]),
);
