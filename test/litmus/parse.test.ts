import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lowerTest } from '../../server/litmus/lower';
import { parseLitmus } from '../../server/litmus/parse';
import type { LitmusProblem, LitmusTest } from '../../server/litmus/test';

function parsed(source: string): LitmusTest {
  const result = parseLitmus(source);
  if (result.kind === 'problem')
    throw new Error(`${result.problem.line}:${result.problem.column} ${result.problem.message}`);
  return result.test;
}

/** What is wrong with a test, by parsing and then lowering it. */
function problemOf(source: string): string {
  const result = parseLitmus(source);
  const found: LitmusProblem | undefined = result.kind === 'problem' ? result.problem : problemOfLowering(result.test);
  return found === undefined ? 'none' : `${found.line}:${found.column} ${found.kind} ${found.message}`;
}

function problemOfLowering(test: LitmusTest): LitmusProblem | undefined {
  const lowered = lowerTest(test, { faults: 'fatal', ets: 0 });
  return lowered.kind === 'problem' ? lowered.problem : undefined;
}

/** A test with one thread. */
function single(instruction: string, initial = '0:X1=x;', condition = 'exists (0:X0=0)'): string {
  return `AArch64 T\n{\n${initial}\n}\n P0 ;\n ${instruction} ;\n${condition}\n`;
}

describe('initial state', () => {
  it('reads old and new spellings of entries and pages alike', () => {
    const old = parsed(single('NOP', 'pte_x=(oa:phy_y,valid :0); 0:X2=pte_x; 0:X3=(oa:phy_y);'));
    const now = parsed(single('NOP', '[PTE(x)]=(oa:PA(y), valid:0); 0:X2=PTE(x); 0:X3=(oa:PA(y));'));
    const ttd = parsed(single('NOP', 'TTD(x)=(oa:PA(y),valid:0); 0:X2=TTD(x); 0:X3=(oa:PA(y));'));
    const content = (test: LitmusTest) => test.initial.map(({ location, values }) => ({ location, values }));
    expect(content(old)).toEqual(content(now));
    expect(content(ttd)).toEqual(content(now));
  });

  it('reads types, pointers, arrays and values that are left out', () => {
    const test = parsed(
      single('NOP', 'int x=1; int *p = &z; int a[3]={1,2,3}; uint64_t 0:X5; P0:X6=a[2]; [y]=2; z=-1;'),
    );
    expect(test.initial.map((i) => [i.type, i.pointer, i.elements, i.values.length])).toEqual([
      ['int', false, 1, 1],
      ['int', true, 1, 1],
      ['int', false, 3, 3],
      ['uint64_t', false, 1, 0],
      [undefined, false, 1, 1],
      [undefined, false, 1, 1],
      [undefined, false, 1, 1],
    ]);
  });

  it('keeps attributes apart from the usual ones', () => {
    const test = parsed(single('NOP', '[PTE(x)]=(oa:PA(x),attrs:(Normal,oNC,iNC)); 0:X2=(oa:PA(x),Normal,iNC,oNC);'));
    const [cell, register] = test.initial.map((i) => i.values[0]);
    expect(cell).toEqual(register);
  });
});

describe('program', () => {
  it('takes labels on their own row, before an instruction, and several at once', () => {
    const source = `AArch64 T\n{\n}\n P0 | P1 | P1.F ;\n L0: | L1: L2: NOP | ERET ;\n NOP | | ;\n L3: |;\n`;
    const { columns } = parsed(source);
    expect(columns.map((c) => [c.thread, c.handler, c.instructions.length])).toEqual([
      [0, false, 1],
      [1, false, 1],
      [1, true, 1],
    ]);
    expect(columns[0]?.labels).toEqual([
      { name: 'L0', index: 0 },
      { name: 'L3', index: 1 },
    ]);
    expect(columns[1]?.labels.map((l) => l.name)).toEqual(['L1', 'L2']);
  });

  it('knows where an instruction stands', () => {
    const { columns } = parsed('AArch64 T\n{\n}\n P0 | P1 ;\n NOP | L0: LDR W0,[X1] ;\n');
    expect(columns[1]?.instructions[0]).toMatchObject({ line: 5, column: 12, mnemonic: 'LDR' });
  });

  it('looks through nested comments', () => {
    const test = parsed(
      'AArch64 T (* a (* b *) c *)\n{ (* int x; *) }\n P0 ;\n (* LDR\n *) NOP ;\n(* exists *) exists (0:X0=0) (* done *)\n',
    );
    expect(test.columns[0]?.instructions[0]).toMatchObject({ mnemonic: 'NOP', line: 5 });
  });
});

describe('condition', () => {
  it('binds implication tighter than and, and tighter than or', () => {
    const { condition } = parsed(single('NOP', '', 'exists (0:X0=0 \\/ 0:X1=0 /\\ 0:X2=0 => 0:X3=0)'));
    expect(condition).toMatchObject({ kind: 'or', right: { kind: 'and', right: { kind: 'implies' } } });
  });

  it('reads every form of a fault', () => {
    const faults = [
      'fault(P0)',
      'fault(P0:L0)',
      'Fault(P0,x)',
      'fault(P0:L0,x,MMU:Translation)',
      'fault(P0,MMU:AccessFlag)',
      'fault(P0,PTE(x),Permission)',
      'fault(P0:L0,SupervisorCall)',
    ];
    const test = parsed(single('L0: NOP', '', `locations [${faults.join('; ')};] exists ~fault(P0,pte_x)`));
    expect(test.locations.map((s) => (s.kind === 'fault' ? s.fault : s))).toEqual([
      { thread: 0 },
      { thread: 0, label: 'L0' },
      { thread: 0, target: { kind: 'variable', name: 'x' } },
      { thread: 0, label: 'L0', target: { kind: 'variable', name: 'x' }, types: ['Translation'] },
      { thread: 0, types: ['AccessFlag'] },
      { thread: 0, target: { kind: 'entry', name: 'x' }, types: ['Permission'] },
      { thread: 0, label: 'L0', types: ['SupervisorCall'] },
    ]);
  });

  it('is true when there is none', () => {
    expect(parsed('AArch64 T\n{\n}\n P0 ;\n NOP ;\n')).toMatchObject({
      quantifier: 'forall',
      condition: { kind: 'constant', value: true },
    });
  });
});

describe('what is wrong is said with its place', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['no header', '', '1:1 syntax expected a header such as `AArch64 NAME` in the first line'],
    ['another architecture', 'X86 T\n{\n}\n P0 ;\n', '1:1 syntax expected the architecture AArch64, found `X86`'],
    ['no initial state', 'AArch64 T\n P0 ;\n', '1:10 syntax expected the initial state between `{` and `}`'],
    [
      'a field that is not known',
      single('NOP', '[PTE(x)]=(ao:PA(x));'),
      '3:11 syntax expected one of the fields oa, valid, af, db, dbm, el0, attrs, found `ao`',
    ],
    ['a bit that is not one', single('NOP', 'pte_x=(valid:2);'), '3:14 syntax expected 0 or 1 for `valid`, found `2`'],
    [
      'a row without its end',
      'AArch64 T\n{\n}\n P0 ;\n NOP\nexists (0:X0=0)',
      '5:2 syntax expected `;` at the end of the row',
    ],
    [
      'too many cells',
      'AArch64 T\n{\n}\n P0 ;\n NOP | NOP ;\n',
      '5:8 syntax expected at most 1 cells in a row, as in the first one',
    ],
    [
      'threads out of order',
      'AArch64 T\n{\n}\n P1 ;\n',
      '4:2 syntax expected `P0`: threads are numbered from left to right',
    ],
    ['an operand', single('LDR W0,[W1]'), '6:2 syntax `LDR W0,[W1]`: expected an X register as base, found `W1`'],
    ['a label that is not there', single('B L9'), '5:2 syntax expected a label `L9` in P0'],
    [
      'a fault at no label',
      single('NOP', '', 'exists fault(P0:L7,x)'),
      '7:1 syntax expected an instruction with the label `L7` in P0, as the condition asks for a fault there',
    ],
    [
      'a thread that is not there',
      single('NOP', '', 'exists (3:X0=0)'),
      '7:1 syntax expected a thread below P1 in the condition',
    ],
    ['an instruction', single('PACIA X0,X1'), '6:2 unsupported pointer authentication, PACIA X0,X1'],
    ['a stage 2 invalidation', single('TLBI IPAS2E1IS,X1'), '6:2 unsupported TLBI IPAS2E1IS'],
    ['memory tagging', single('NOP', '0:X1=x:red;'), '3:6 unsupported memory tagging: an address with a tag'],
    [
      'instructions as data',
      single('NOP', '0:X1=instr:NOP;'),
      '3:12 syntax expected an instruction such as `instr:"NOP"`, found `NOP`',
    ],
    [
      'cache maintenance where nothing is modified',
      single('IC IVAU,X1'),
      '6:2 unsupported cache maintenance, IC IVAU,X1',
    ],
    [
      'a data cache that is not cleaned',
      single('IC IVAU,X1', '0:X0=instr:"NOP"; 0:X1=P0:L0;').replace(' IC', 'L0: IC'),
      '6:5 unsupported `IC IVAU,X1` without a DC CVAU of the same address and a DSB before it (data caches that are not cleaned)',
    ],
    [
      'a variant',
      single('NOP').replace('T\n', 'T\nVariant=vmsa,sve\n'),
      '2:1 unsupported vector instructions (Variant=sve)',
    ],
    [
      'a page table as output',
      single('NOP', 'pte_x=(oa:PTE(y));'),
      '3:11 unsupported a page table as output address, `oa:PTE(...)`',
    ],
  ];
  for (const [name, source, message] of cases) {
    it(name, () => {
      expect(problemOf(source)).toBe(message);
    });
  }

  it('a descriptor without output address takes that of the entry it is stored to, or is named', () => {
    const store = 'MOV X4,X3 ;\n STR X4,[X2]';
    expect(problemOf(single(store, '0:X2=PTE(x); 0:X3=(valid:0);'))).toBe('none');
    const two = `${store} ;\n STR X3,[X5]`;
    expect(problemOf(single(two, '0:X2=PTE(x); 0:X3=(valid:0); 0:X5=PTE(y);'))).toBe('none');
    expect(problemOf(single(two, '0:X2=PTE(x);\n0:X3=(db:0); 0:X5=PTE(y);'))).toBe(
      '4:1 unsupported a descriptor without `oa` that may be stored to several entries',
    );
  });
});

describe('any text', () => {
  it('is read without an exception', () => {
    const directory = join(import.meta.dirname, 'own');
    const sources = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
    const pieces = [
      '',
      ';',
      '|',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      ',',
      ':',
      '=',
      '/\\',
      '~',
      '"',
      '(*',
      '*)',
      'X1',
      '0:',
      'fault(',
      'oa:',
      '-',
      '#',
      '\n',
    ];
    let state = 12345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 3_000; round++) {
      let text = sources[round % sources.length] as string;
      for (let n = random(4); n >= 0; n--) {
        const at = random(text.length);
        text = text.slice(0, at) + (pieces[random(pieces.length)] as string) + text.slice(at + random(6));
      }
      expect(() => problemOf(text), text).not.toThrow();
    }
  });
});
