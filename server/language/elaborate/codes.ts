/**
 * The diagnostics of what only the elaboration notices, as rows of the same shape as those of syntax and names. Tests run
 * both texts of each.
 */

import type { LanguageCode } from '../codes';

const inCpu = (body: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
lock L : spin
var x = 0

scenario "example" {
  cpu 0 {
${body}
  }
}
`;

const huge = (properties: string): string => `hugepage H { ${properties} }
`;

const reader = `
scenario "example" {
  cpu 0 { load(H.page(1).flags); }
}
`;

const rows = {
  machine: {
    code: 'HVO060',
    title: 'Switches that do not go together',
    doc: 'A machine is hardware and a kernel that exist: a size of virtual addresses that Linux has with this page size, a start of memory where the kernel can put memstart, and the hardware access flag where hardware manages the dirty state. The message names the values that fit.',
    bad: `machine { granule 4K  va_bits 47 }
//                    ^^^^^^^^^^ HVO060

scenario "example" {
  cpu 0 { isb(); }
}
`,
    good: `machine { granule 16K  va_bits 47 }

scenario "example" {
  cpu 0 { isb(); }
}
`,
  },
  object: {
    code: 'HVO061',
    title: 'Huge page or page that cannot be there',
    doc: 'A huge page has one of the sizes of its page size, a physical address that is a multiple of its size and lies in memory, and a vmemmap that the kernel could have mapped so; no two of them overlap, and a scenario has a bounded number of them.',
    bad: `${huge('size 2M  at 0x1_0010_0000  vmemmap pages')}//                       ^^^^^^^^^^^^^ HVO061
${reader}`,
    good: `${huge('size 2M  at 0x1_0020_0000  vmemmap pages')}${reader}`,
  },
  notConstant: {
    code: 'HVO062',
    title: 'Value that must be known before the scenario runs',
    doc: 'The ends of a range, the number of an interrupt’s CPU, the index of `H.frame(i)`, the start of a `var` are decided when the program is made. Use a number, a `const`, or `if` and `any(…)` to tell the cases apart.',
    bad: inCpu(`    let last = READ_ONCE(x);
    r0 = any(0 .. last);
//           ^^^^^^^^^ HVO062`),
    good: inCpu('    r0 = any(0 .. 3);'),
  },
  tooLong: {
    code: 'HVO064',
    title: 'Program that is too long',
    doc: 'Calls and loops with known bounds are copied to where they stand, and a program has a bounded number of instructions, CPUs and calls inside one another. What happens in the first few iterations happens in all of them: make the bound of the loop small, take a smaller huge page, or call the function that does one part of the work.',
    bad: inCpu(`    for (let i = 0; i < 1000000; i += 1) {
//                  ^^^^^^^^^^^ HVO064
      WRITE_ONCE(x, i);
    }`),
    good: inCpu(`    for (let i = 0; i < 3; i += 1) {
      WRITE_ONCE(x, i);
    }`),
  },
  kind: {
    code: 'HVO065',
    title: 'Value of another kind than belongs here',
    doc: 'Numbers, locks, huge pages, pages and lists are told apart when the program is made. A huge page has its members (`H.start`, `H.page(1)`), a lock is handed to functions that take one, and an index lies in what it counts.',
    bad: inCpu(`    load(H.page(512).flags);
//         ^^^^ HVO065`),
    good: inCpu('    load(H.page(511).flags);'),
  },
  expectation: {
    code: 'HVO066',
    title: 'Expectation that cannot be looked at',
    doc: 'An expectation is decided at the end of an execution: it speaks of registers, of final values at addresses that are known before the scenario runs (`load(…)`, `pte(…)`), of constants, and of a bounded number of outcomes.',
    bad: `var x = 0

scenario "example" {
  cpu 0 { r0 = READ_ONCE(x); }
  always load(r0) == 0
//            ^^ HVO066
}
`,
    good: `var x = 0

scenario "example" {
  cpu 0 { r0 = READ_ONCE(x); }
  always load(x) == 0 && r0 == 0
}
`,
  },
} as const satisfies Readonly<Record<string, LanguageCode>>;

/** Recursion is told by the names; where only the elaboration comes upon it, by their code. */
export const elaborationCodes = {
  machine: rows.machine.code,
  object: rows.object.code,
  notConstant: rows.notConstant.code,
  recursion: 'HVO039',
  tooLong: rows.tooLong.code,
  kind: rows.kind.code,
  expectation: rows.expectation.code,
} as const;

export type ElaborationCode = (typeof elaborationCodes)[keyof typeof elaborationCodes];

export const elaborationCodeRows: readonly LanguageCode[] = Object.values(rows);
