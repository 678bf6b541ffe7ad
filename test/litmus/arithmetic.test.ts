/** Arithmetic of litmus tests against a reference that works on whole numbers, with values that W names do not see whole. */

import { describe, expect, it } from 'vitest';
import { runLitmus } from '../../server/litmus/run';

type Bits = 32 | 64;
type Reference = (a: bigint, b: bigint, c: bigint, bits: Bits) => bigint;

const signed = (value: bigint, bits: number): bigint => BigInt.asIntN(bits, value);
const low = (value: bigint, bits: number): bigint => BigInt.asUintN(bits, value);
const rotate = (value: bigint, by: bigint, bits: Bits): bigint =>
  (low(value, bits) >> by) | (value << (BigInt(bits) - by));

const bytesOf = (value: bigint, count: number): number[] =>
  Array.from({ length: count }, (_, n) => Number(low(value >> BigInt(8 * n), 8)));
const fromBytes = (bytes: readonly number[]): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
/** The bytes of each part of so many turned round. */
const turned = (value: bigint, bits: Bits, part: number): bigint => {
  const bytes = bytesOf(value, bits / 8);
  return fromBytes(bytes.map((_, n) => bytes[n - (n % part) + part - 1 - (n % part)] as number));
};
const inBits = (value: bigint, bits: Bits): string => low(value, bits).toString(2).padStart(bits, '0');
const atLeast = (a: bigint, b: bigint, bits: Bits): bigint => (low(a, bits) >= low(b, bits) ? 1n : 0n);

/** `R` stands for X or W; operands are R1, R2, R3 (a, b, c), the result is R0, which begins as c. */
const forms: readonly (readonly [string, Reference])[] = [
  ['ADD R0,R1,R2', (a, b) => a + b],
  ['ADD R0,R1,R2,LSL #3', (a, b) => a + (b << 3n)],
  ['ADD R0,R1,R2,LSL 3', (a, b) => a + (b << 3n)],
  ['SUB R0,R1,R2,ASR #5', (a, b, _c, n) => a - (signed(b, n) >> 5n)],
  ['ORR R0,R1,R2,ROR #7', (a, b, _c, n) => a | rotate(b, 7n, n)],
  ['EOR R0,R1,R2,LSR #9', (a, b, _c, n) => a ^ (low(b, n) >> 9n)],
  ['ADD R0,R1,W2,UXTB', (a, b) => a + low(b, 8)],
  ['ADD R0,R1,W2,SXTH #2', (a, b) => a + (signed(b, 16) << 2n)],
  ['ADD R0,R1,W2,SXTW', (a, b) => a + signed(b, 32)],
  ['ORN R0,R1,R2', (a, b) => a | ~b],
  ['EON R0,R1,R2', (a, b) => a ^ ~b],
  ['BIC R0,R1,R2,LSL #10', (a, b) => a & ~(b << 10n)],
  ['AND R0,R1,#255', (a) => a & 255n],
  ['LSL R0,R1,R2', (a, b, _c, n) => a << (b & BigInt(n - 1))],
  ['LSR R0,R1,R2', (a, b, _c, n) => low(a, n) >> (b & BigInt(n - 1))],
  ['ASR R0,R1,R2', (a, b, _c, n) => signed(a, n) >> (b & BigInt(n - 1))],
  ['ROR R0,R1,R2', (a, b, _c, n) => rotate(a, b & BigInt(n - 1), n)],
  ['ASR R0,R1,#4', (a, _b, _c, n) => signed(a, n) >> 4n],
  ['LSR R0,R1,#4', (a, _b, _c, n) => low(a, n) >> 4n],
  ['ROR R0,R1,#4', (a, _b, _c, n) => rotate(a, 4n, n)],
  ['EXTR R0,R1,R2,#11', (a, b, _c, n) => (low(b, n) >> 11n) | (a << BigInt(n - 11))],
  ['UBFX R0,R1,#5,#9', (a) => low(a >> 5n, 9)],
  ['SBFX R0,R1,#5,#9', (a) => signed(a >> 5n, 9)],
  ['UBFM R0,R1,#5,#3', (a, _b, _c, n) => low(a, 4) << BigInt(n - 5)],
  ['SBFM R0,R1,#3,#7', (a) => signed(a >> 3n, 5)],
  ['SBFIZ R0,R1,#4,#6', (a) => signed(a, 6) << 4n],
  ['BFI R0,R1,#4,#6', (a, _b, c) => (c & ~(63n << 4n)) | (low(a, 6) << 4n)],
  ['BFXIL R0,R1,#4,#6', (a, _b, c) => (c & ~63n) | low(a >> 4n, 6)],
  ['MOVK R0,#4660,LSL #16', (_a, _b, c) => (c & ~(0xffffn << 16n)) | (4660n << 16n)],
  ['MOV R0,R1', (a) => a],
  ['MVN R0,R1', (a) => ~a],
  ['NEG R0,R1', (a) => -a],
  ['SXTB R0,W1', (a) => signed(a, 8)],
  ['SXTH R0,W1', (a) => signed(a, 16)],
  ['MUL R0,R1,R2', (a, b) => a * b],
  ['MADD R0,R1,R2,R3', (a, b, c) => c + a * b],
  ['MSUB R0,R1,R2,R3', (a, b, c) => c - a * b],
  ['MNEG R0,R1,R2', (a, b) => -(a * b)],
  ['REV R0,R1', (a, _b, _c, n) => turned(a, n, n / 8)],
  ['REV16 R0,R1', (a, _b, _c, n) => turned(a, n, 2)],
  ['RBIT R0,R1', (a, _b, _c, n) => BigInt(`0b${[...inBits(a, n)].reverse().join('')}`)],
  ['CLZ R0,R1', (a, _b, _c, n) => BigInt(inBits(a, n).search(/1|$/))],
  ['CMP R1,R2 ;\n ADC R0,R1,R2', (a, b, _c, n) => a + b + atLeast(a, b, n)],
  ['CMP R1,R2 ;\n SBC R0,R3,R1', (a, b, c, n) => c - a - 1n + atLeast(a, b, n)],
  ['CMP R1,R2 ;\n NGC R0,R1', (a, b, _c, n) => -a - 1n + atLeast(a, b, n)],
  ['UDIV R0,R1,R2', (a, b, _c, n) => (low(b, n) === 0n ? 0n : low(a, n) / low(b, n))],
];

/** Only for X. */
const wideForms: readonly (readonly [string, Reference])[] = [
  ['SXTW X0,W1', (a) => signed(a, 32)],
  ['REV32 X0,X1', (a) => turned(a, 64, 4)],
  ['UMULL X0,W1,W2', (a, b) => low(a, 32) * low(b, 32)],
  ['SMULL X0,W1,W2', (a, b) => signed(a, 32) * signed(b, 32)],
  ['SMADDL X0,W1,W2,X3', (a, b, c) => c + signed(a, 32) * signed(b, 32)],
  ['UMSUBL X0,W1,W2,X3', (a, b, c) => c - low(a, 32) * low(b, 32)],
];

const values = [
  0n,
  1n,
  5n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0003n,
  0x1234_5678_9abc_def0n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

function registersAfter(code: readonly string[], [a, b, c]: readonly bigint[], count: number): readonly bigint[] {
  const shown = Array.from({ length: count }, (_, n) => `0:X${n};`).join(' ');
  const source = `AArch64 T\n{\n0:X1=${a}; 0:X2=${b}; 0:X3=${c}; 0:X0=${c};\n}\n P0 ;\n${code.map((i) => ` ${i} ;`).join('\n')}\nlocations [${shown}]\n`;
  const run = runLitmus(source, { faults: 'fatal', ets: 0 });
  if (run.kind === 'problem') throw new Error(`${run.problem.line}: ${run.problem.message}`);
  expect(run.verdict.states.length).toBe(1);
  return (run.verdict.states[0] ?? []).map((value) => value ?? 0n);
}

/** Three operands for the n-th try: every value meets many others. */
function operands(n: number): readonly bigint[] {
  const pick = (k: number): bigint => values[k % values.length] as bigint;
  return [pick(n), pick(n * 3 + 1), pick(n * 7 + 2)];
}

describe('results', () => {
  for (const [form, reference] of forms) {
    it.each(['X', 'W'] as const)(`${form} of %s`, (name) => {
      const bits = name === 'X' ? 64 : 32;
      for (let n = 0; n < values.length; n++) {
        const [a, b, c] = operands(n) as [bigint, bigint, bigint];
        const found = registersAfter([form.replaceAll('R0', `${name}0`).replaceAll(/R(?=[123])/g, name)], [a, b, c], 1);
        expect(found[0], `${a} ${b} ${c}`).toBe(low(reference(a, b, c, bits), bits));
      }
    });
  }
  it.each(wideForms)('%s', (form, reference) => {
    for (let n = 0; n < values.length; n++) {
      const [a, b, c] = operands(n) as [bigint, bigint, bigint];
      expect(registersAfter([form], [a, b, c], 1)[0], `${a} ${b} ${c}`).toBe(low(reference(a, b, c, 64), 64));
    }
  });
});

interface Flags {
  readonly n: boolean;
  readonly z: boolean;
  readonly c: boolean;
  readonly v: boolean;
}

const holds: readonly (readonly [string, (flags: Flags) => boolean])[] = [
  ['EQ', ({ z }) => z],
  ['NE', ({ z }) => !z],
  ['CS', ({ c }) => c],
  ['LO', ({ c }) => !c],
  ['MI', ({ n }) => n],
  ['PL', ({ n }) => !n],
  ['VS', ({ v }) => v],
  ['VC', ({ v }) => !v],
  ['HI', ({ c, z }) => c && !z],
  ['LS', ({ c, z }) => !c || z],
  ['GE', ({ n, v }) => n === v],
  ['LT', ({ n, v }) => n !== v],
  ['GT', ({ n, v, z }) => !z && n === v],
  ['LE', ({ n, v, z }) => z || n !== v],
];

/** Flags of AddWithCarry(a, b, carry), or of a bitwise result. */
function added(a: bigint, b: bigint, carry: bigint, bits: Bits): Flags {
  const result = low(a + b + carry, bits);
  const unsignedSum = low(a, bits) + low(b, bits) + carry;
  const signedSum = signed(a, bits) + signed(b, bits) + carry;
  return { ...bitwise(result, bits), c: unsignedSum !== result, v: signedSum !== signed(result, bits) };
}

function bitwise(result: bigint, bits: Bits): Flags {
  return { n: signed(result, bits) < 0n, z: low(result, bits) === 0n, c: false, v: false };
}

const setting: readonly (readonly [string, (a: bigint, b: bigint, bits: Bits) => Flags])[] = [
  ['CMP R1,R2', (a, b, n) => added(a, low(~b, n), 1n, n)],
  ['CMP R1,#5', (a, _b, n) => added(a, low(~5n, n), 1n, n)],
  ['CMN R1,R2', (a, b, n) => added(a, b, 0n, n)],
  ['TST R1,R2', (a, b, n) => bitwise(a & b, n)],
  ['SUBS R3,R1,R2', (a, b, n) => added(a, low(~b, n), 1n, n)],
  ['ADDS R3,R1,R2', (a, b, n) => added(a, b, 0n, n)],
  ['ANDS R3,R1,R2', (a, b, n) => bitwise(a & b, n)],
  ['BICS R3,R1,R2', (a, b, n) => bitwise(a & ~b, n)],
  ['CMP R2,R2 ;\n CCMP R1,R2,#3,EQ', (a, b, n) => added(a, low(~b, n), 1n, n)],
  ['CMP R2,R2 ;\n CCMN R1,#5,#0,NE', () => ({ n: false, z: false, c: false, v: false })],
  ['CMP R2,R2 ;\n CCMN R1,R2,#9,HS', (a, b, n) => added(a, b, 0n, n)],
  ['CMP R2,R2 ;\n CCMP R1,R2,#10,LT', () => ({ n: true, z: false, c: true, v: false })],
  ['CMP R2,R2 ;\n CCMP R1,R2,#5,NE', () => ({ n: false, z: true, c: false, v: true })],
  ['NEGS R3,R2', (_a, b, n) => added(0n, low(~b, n), 1n, n)],
];

describe('flags', () => {
  for (const [form, reference] of setting) {
    it.each(['X', 'W'] as const)(`${form} of %s`, (name) => {
      const bits = name === 'X' ? 64 : 32;
      for (let n = 0; n < values.length; n++) {
        const [a, b, c] = operands(n) as [bigint, bigint, bigint];
        const sets = holds.map(([condition], i) => `CSET X${4 + i},${condition}`);
        const found = registersAfter([form.replaceAll('R', name), ...sets], [a, b, c], 4 + holds.length);
        const flags = reference(a, b, bits);
        const wanted = holds.map(([condition, test]) => `${condition}=${test(flags) ? 1 : 0}`).join(' ');
        expect(holds.map(([condition], i) => `${condition}=${found[4 + i]}`).join(' '), `${a} ${b}`).toBe(wanted);
      }
    });
  }
});

describe('memory', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['a W load of a number of 64 bits', '0:X1=x; uint64_t x=0x100000002;', 'LDR W0,[X1]', '0:X0=2'],
    ['bytes and half-words', '0:X1=x; x=0x12345;', 'LDRB W0,[X1] ; LDRH W2,[X1]', '0:X0=0x45 /\\ 0:X2=0x2345'],
    [
      'signs',
      '0:X1=x; x=0xfff8;',
      'LDRSB W0,[X1] ; LDRSH X2,[X1] ; LDRSW X3,[X1]',
      '0:X0=0xfffffff8 /\\ 0:X2=-8 /\\ 0:X3=0xfff8',
    ],
    ['a word with its sign', '0:X1=x; x=0xfffffffe;', 'LDRSW X0,[X1]', '0:X0=-2'],
    ['a stored byte', '0:X1=x; 0:X0=0x123;', 'STRB W0,[X1]', 'x=0x23'],
    ['a stored word', '0:X1=x; 0:X0=0x100000007;', 'STR W0,[X1]', 'x=7'],
    ['a pair of words with signs', 'int y[2]={0xfffffffe,3}; 0:X1=y;', 'LDPSW X0,X2,[X1]', '0:X0=-2 /\\ 0:X2=3'],
    ['the larger one, with its sign', '0:X1=x; x=0xffffffff; 0:X0=5;', 'LDSMAX W0,W2,[X1]', 'x=5 /\\ 0:X2=0xffffffff'],
    ['the smaller one, with its sign', '0:X1=x; x=0xffffffff; 0:X0=5;', 'STSMIN W0,[X1]', 'x=0xffffffff'],
    ['the larger one', '0:X1=x; x=0xffffffff; 0:X0=5;', 'LDUMAXAL W0,W2,[X1]', 'x=0xffffffff /\\ 0:X2=0xffffffff'],
    ['the smaller one of 64 bits', '0:X1=x; uint64_t x=-1; 0:X0=5;', 'LDUMINA X0,X2,[X1]', 'x=5 /\\ 0:X2=-1'],
    ['the larger one of 64 bits, with its sign', '0:X1=x; uint64_t x=-1; 0:X0=5;', 'STSMAXL X0,[X1]', 'x=5'],
    [
      'the larger byte, with its sign',
      'uint8_t x[2]={0x80,7}; 0:X1=x; 0:X0=1;',
      'LDSMAXB W0,W2,[X1]',
      '0:X2=0x80 /\\ x[0]=1',
    ],
    ['the stack pointer', '0:SP=x; x=5;', 'LDR X0,[SP] ; MOV X1,SP', '0:X0=5 /\\ 0:X1=x'],
  ];
  it.each(cases)('%s', (_, initial, code, condition) => {
    const rows = code.split(';').map((row) => ` ${row.trim()} ;`);
    const source = `AArch64 T\n{ ${initial} }\n P0 ;\n${rows.join('\n')}\nforall (${condition})`;
    const run = runLitmus(source, { faults: 'fatal', ets: 0 });
    expect(run.kind === 'problem' ? run.problem.message : run.verdict.observation).toBe('Always');
  });
});
