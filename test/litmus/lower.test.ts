import { describe, expect, it } from 'vitest';
import { describeValue } from '../../server/litmus/describe';
import { decodeDescriptor, encodeDescriptor } from '../../server/litmus/descriptor';
import { type LoweredTest, lowerTest } from '../../server/litmus/lower';
import { parseLitmus } from '../../server/litmus/parse';
import { ordinaryDescriptor } from '../../server/litmus/parseConstant';
import { runLitmus } from '../../server/litmus/run';

function lowered(source: string): LoweredTest {
  const parsed = parseLitmus(source);
  if (parsed.kind === 'problem') throw new Error(parsed.problem.message);
  const result = lowerTest(parsed.test, { faults: 'fatal', ets: 0 });
  if (result.kind === 'problem') throw new Error(result.problem.message);
  return result.lowered;
}

/** The values of registers X0, X1, ... of one thread that runs alone, as herd7 would print them. */
function registers(code: string, initial = ''): string {
  const rows = code.split(';').map((row) => ` ${row.trim()} ;`);
  const numbers = [...new Set([...code.matchAll(/[XW](\d+)/g)].map((m) => Number(m[1])))].sort((a, b) => a - b);
  const shown = numbers.map((n) => `0:X${n};`).join(' ');
  const run = runLitmus(`AArch64 T\n{\n${initial}\n}\n P0 ;\n${rows.join('\n')}\nlocations [${shown}]\n`, {
    faults: 'fatal',
    ets: 0,
  });
  if (run.kind === 'problem') return run.problem.message;
  expect(run.verdict.states.length).toBe(1);
  const [state] = run.verdict.states;
  return numbers.map((n, i) => `X${n}=${describeValue(state?.[i] ?? 0n, run.lowered.constants)}`).join(' ');
}

describe('page table entries', () => {
  it('are 64-bit descriptors with the bits where the architecture has them', () => {
    const fields = { valid: 0, af: 0, db: 1, dbm: 1, el0: 0, attributes: [] } as const;
    expect(encodeDescriptor(fields, 0x8000_0000n, [])).toBe((1n << 51n) | 0x8000_0000n | 2n);
    expect(encodeDescriptor({ ...ordinaryDescriptor, db: 0 }, 0n, [])).toBe((1n << 10n) | (1n << 7n) | (1n << 6n) | 3n);
  });

  it('come back from their descriptors', () => {
    const sets = ['ISH, Normal', 'Normal, iNC, oNC'];
    for (let n = 0; n < 32 * 3; n++) {
      const bit = (k: number) => ((n >> k) & 1) as 0 | 1;
      const attributes = [[], ['ISH', 'Normal'], ['Normal', 'iNC', 'oNC']][n >> 5] as string[];
      const descriptor = { valid: bit(0), af: bit(1), db: bit(2), dbm: bit(3), el0: bit(4), attributes };
      expect(decodeDescriptor(encodeDescriptor(descriptor, 0x8000_3000n, sets), sets)).toEqual(descriptor);
    }
  });

  it('lie in level 3 tables that the walk reaches, one variable a table', () => {
    const { program, constants } = lowered('AArch64 T\n{\nx=1; y=2; [PTE(y)]=(oa:PA(x));\n}\n P0 ;\n NOP ;\n');
    const table = (address: bigint, shift: bigint, at: bigint): bigint =>
      program.initialWord(at + ((address >> shift) & 511n) * 8n) & ~0xfffn;
    for (const [name, page] of constants.pages) {
      const level3 = table(
        page.address,
        21n,
        table(page.address, 30n, table(page.address, 39n, program.translation.root)),
      );
      expect(level3, name).toBe(page.entryFrame);
      expect(program.initialWord(level3) & 0xffff_ffff_f000n).toBe(constants.pages.get('x')?.frame);
    }
  });
});

describe('instructions', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['MOV X0,#5 ; ADD X1,X0,#3 ; SUB W2,W0,#6', '', 'X0=5 X1=8 X2=4294967295'],
    ['MOV W0,#-1 ; MOVN X1,#0 ; MVN W2,W0', '', 'X0=4294967295 X1=0xffffffffffffffff X2=0'],
    ['MOV X0,#6 ; AND X1,X0,#3 ; ORR X2,X0,#1 ; EOR X3,X0,X0 ; BIC X4,X0,#2', '', 'X0=6 X1=2 X2=7 X3=0 X4=4'],
    ['MOV X0,#3 ; LSL X1,X0,#4 ; LSR X2,X1,#5 ; ADD X3,X0,X0,LSL #2', '', 'X0=3 X1=48 X2=1 X3=15'],
    [
      'MOV W0,#-2 ; SXTW X1,W0 ; UXTW X2,W1 ; ADD X3,X2,W0,SXTW',
      '',
      'X0=4294967294 X1=0xfffffffffffffffe X2=4294967294 X3=4294967292',
    ],
    [
      'MOV W0,#1 ; CMP W0,#2 ; CSET W1,NE ; CSET W2,EQ ; CSEL W3,W0,WZR,LT ; CINC W4,W0,LO',
      '',
      'X0=1 X1=1 X2=0 X3=1 X4=2',
    ],
    [
      'MOV X0,#-1 ; CMP X0,#1 ; CSET W1,LT ; CSET W2,HI ; CSET W3,GE ; CSET W4,GT ; CSET W5,MI',
      '',
      'X0=0xffffffffffffffff X1=1 X2=1 X3=0 X4=0 X5=1',
    ],
    ['MOV X0,#2 ; CBNZ X0,L0 ; MOV X1,#9 ; L0: TBZ X0,#1,L1 ; MOV X2,#7 ; L1: NOP', '', 'X0=2 X1=0 X2=7'],
    ['LDR X0,[X1] ; LDR X2,[X0]', 'p=q; q=7; 0:X1=p;', 'X0=q X1=p X2=7'],
    ['LDR X0,[X1],#8 ; SUB X2,X1,#8', 'x=3; 0:X1=x;', 'X0=3 X1=x[1] X2=x'],
    ['LDR W0,[X1,#4] ; LDR W2,[X1,X3,LSL #2]', 'int x[3]={5,6,7}; 0:X1=x; 0:X3=2;', 'X0=6 X1=x X2=7 X3=2'],
    [
      'LDR X0,[X1] ; LSR X2,X3,#12 ; LSR X4,X1,#12',
      '0:X1=PTE(x); 0:X3=x; [PTE(x)]=(db:0,af:1);',
      'X0=(oa:PA(x), db:0) X1=PTE(x) X2=0xffff800000000 X3=x X4=0xffff000040100',
    ],
    [
      'LDR X0,[X1] ; AND X2,X0,#128 ; AND X3,X0,#64 ; AND X4,X0,#1',
      '0:X1=PTE(x); [PTE(x)]=(db:0,el0:0);',
      'X0=(oa:PA(x), db:0, el0:0) X1=PTE(x) X2=128 X3=0 X4=1',
    ],
    ['ADR X0,L1 ; L1: NOP', '', 'X0=label:"P0:L1"'],
    ['LDADD W0,W1,[X2] ; LDSET W0,W3,[X2] ; SWP WZR,W4,[X2]', 'x=2; 0:X0=1; 0:X2=x;', 'X0=1 X1=2 X2=x X3=3 X4=3'],
    [
      'AT S1E1R,X0 ; ISB ; MRS X1,PAR_EL1 ; LSR X2,X1,#12 ; LSL X2,X2,#12 ; AND X3,X1,#1',
      '0:X0=x;',
      'X0=x X1=(parel1_t:(oa:PA(x))) X2=(parel1_t:(oa:PA(x))) X3=0',
    ],
  ];
  for (const [code, initial, expected] of cases) {
    it(code, () => {
      expect(registers(code, initial)).toBe(expected);
    });
  }
});

describe('registers', () => {
  it('are numbered densely: a record holds all of them', () => {
    const { program } = lowered('AArch64 T\n{\n0:X29=x; 0:X30=y;\n}\n P0 ;\n LDR W7,[X29] ;\n STR W7,[X30] ;\n');
    expect(program.cpus[0]?.registers).toBe(3);
  });
});
