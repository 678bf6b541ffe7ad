import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { run } from '../../cli/decode';
import {
  type Decodable,
  type DecodeOptions,
  decodable,
  decode,
  decodedText,
  defaultDecodeOptions,
  parseValue,
} from '../../server/features/decode';
import { granules } from '../../simulator/machine/granule';
import { runVerb } from './stringIo';

/** The decoded fields by name: value and words. */
function fields(
  what: Decodable,
  value: bigint,
  options: Partial<DecodeOptions> = {},
): Readonly<Record<string, string>> {
  const decoded = decode(what, value, { ...defaultDecodeOptions, ...options });
  if (decoded.kind === 'problem') throw new Error(decoded.message);
  return Object.fromEntries(decoded.fields.map((field) => [field.name, `${field.value} ${field.words}`.trim()]));
}

describe('a value in words', () => {
  it('a syndrome, with what the kernel calls it', () => {
    expect(fields('esr', 0x9600004fn)).toMatchObject({
      EC: '0x25 DABT (current EL): data abort, taken without a change of exception level',
      WnR: '1 a write',
      DFSC: '0x0f permission fault, level 3',
      Linux: 'v6.7 "level 3 permission fault", handled by do_page_fault',
    });
    expect(fields('esr', 0x9600002bn).Linux).toContain('unknown 43');
    expect(fields('esr', 0x9600002bn, { release: 'v6.9' }).Linux).toContain('level -1 translation fault');
    expect(fields('esr', 0x8600000fn)).toMatchObject({ IFSC: '0x0f permission fault, level 3' });
  });

  it('a page of the kernel', () => {
    expect(fields('pte', 0x0060000090199783n)).toMatchObject({
      summary: 'page 0x90199000 ro NX SHD AF UXN MEM/NORMAL',
      address: '0x90199000 physical address of the first byte',
      '4:2 AttrIndx': '0 MT_NORMAL',
      Linux: 'PAGE_KERNEL_RO the protection with these bits',
    });
    expect(fields('pte', 0x00e8000090199f03n)).toMatchObject({ Linux: 'PAGE_KERNEL the protection with these bits' });
  });

  it('a block, a table, an empty and a reserved entry', () => {
    expect(fields('pmd', 0x0068000090000701n)).toMatchObject({
      summary: 'block 0x90000000 RW NX SHD AF UXN MEM/NORMAL DBM',
      Linux: 'PROT_SECT_NORMAL the protection with these bits',
    });
    expect(fields('pmd', 0x10000000a0003003n).summary).toBe('table 0xa0003000 UXNTable');
    expect(fields('pmd', 0n).summary).toBe('none');
    expect(fields('pte', 0x68000090199701n).summary).toContain('reserved encoding: bit 1 is clear');
    expect(fields('p4d', 0x68000090199701n).summary).toContain('no blocks at this level');
  });

  it('a descriptor with a 52-bit address', () => {
    expect(fields('pte', 0x3_1111_2222_2303n, { ds: true }).address).toContain('0xf111122222000');
    expect(fields('pte', 0x1111_2222_a703n, { granule: '64K' }).address).toContain('0xa111122220000');
  });

  it('a TLBI operand', () => {
    expect(fields('tlbi', 0xfffc0001198n)['43:0 VA[55:12]']).toContain('0xfffffc0001198000');
    expect(fields('tlbi', 0x400000000001n, { range: true }).range).toBe(
      '2 pages [0x0000000000001000, 0x0000000000003000)',
    );
    expect(fields('tlbi', 1n, { range: true })['47:46 TG']).toContain('reserved');
  });

  it('an address of vmemmap', () => {
    expect(fields('va', 0xfffffc0003001034n)).toMatchObject({
      base: 'TTBR1_EL1 48-bit address, 4 levels',
      'level 0 (PGD)': '504 bits 47:39',
      'level 2 (PMD)': '24 bits 29:21',
      'level 3 (PTE)': '1 bits 20:12',
      'struct page': '0xfffffc0003001000 byte 0x34 of it',
      'page frame': '0x100040 physical address 0x100040000',
    });
  });

  it('an address of the linear map, one out of range, one of the lower half', () => {
    expect(fields('va', 0xffff000000000000n)['linear map']).toContain('0x40000000');
    const later = fields('va', 0xfffffc0003001000n, { release: 'v7.2' });
    expect(later.elsewhere).toMatch(/^vmemmap is \[0xfffffdffc0000000, .* of Linux v7\.2, the linear map \[/);
    expect(later.vmemmap).toBe('of Linux v6.7 (--kernel v6.7)');
    expect(fields('va', 0xff00000000000000n).base).toContain('out of range');
    expect(fields('va', 0x1000n).base).toContain('TTBR0_EL1');
  });

  it('a translation result', () => {
    expect(fields('par', 0xff00000090198b80n)).toMatchObject({
      PA: '0x90198000 bits 51:12 of the physical address',
      SH: '3 inner shareable',
      ATTR: '0xff Normal write-back',
    });
    expect(fields('par', 0x80dn).FST).toBe('0x06 translation fault, level 2');
  });

  it('whatever the value and the granule', () => {
    const kinds = Object.keys(decodable) as Decodable[];
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.bigInt(0n, (1n << 64n) - 1n),
        fc.constantFrom(...granules),
        fc.boolean(),
        (what, value, granule, flag) => {
          const decoded = decode(what, value, { ...defaultDecodeOptions, granule, ds: flag, range: flag });
          if (decoded.kind === 'problem') throw new Error(decoded.message);
          expect(decodedText(decoded)).toContain(value.toString(16).padStart(16, '0'));
        },
      ),
    );
  });
});

describe('values as people write them', () => {
  it.each([
    ['0x9600_0007', 0x96000007n],
    ['96000007', 0x96000007n],
    ['fffffc0003001034', 0xfffffc0003001034n],
    ['42', 42n],
    ['0xFF', 255n],
  ])('%s', (text, value) => {
    expect(parseValue(text)).toBe(value);
  });

  it.each(['', 'pte', '0x', '0x10000000000000000', '99999999999999999999', '-1', '1.5'])('"%s" is none', (text) => {
    expect(parseValue(text)).toBeUndefined();
  });
});

describe('hvo decode', () => {
  it('prints a title and aligned fields', async () => {
    const { code, stdout } = await runVerb(run, ['pmd', '0x10000000a0003003']);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'PMD (level 2, 4K pages) 0x10000000a0003003',
      '  summary                    table 0xa0003000 UXNTable',
    ]);
  });

  it.each([
    [['esr', '-1'], '"-1" is negative; the values are unsigned: write 0xffffffffffffffff'],
    [['esr', '-0x10'], '"-0x10" is negative; the values are unsigned: write 0xfffffffffffffff0'],
    [['pte', '0x1_0000_0000_0000_0000'], '"0x1_0000_0000_0000_0000" does not fit 64 bits'],
    [['pte', '18446744073709551616'], '"18446744073709551616" does not fit 64 bits'],
    [['pte', '68000050601703'], undefined],
    [
      ['pte', '680000506017ab'],
      '"680000506017ab" has 14 hexadecimal digits; paste 8 or 16 of them, or write 0x680000506017ab',
    ],
    [
      ['pet', '0x1'],
      '"pet" cannot be decoded (did you mean pte?); expected one of esr, par, pte, pmd, pud, p4d, tlbi, va',
    ],
    [['va', '0', '--kernel', 'v4.4'], '--kernel: what is known begins with v5.11, found "v4.4"'],
  ])('%s: what to write', async (args, message) => {
    const { code, stderr } = await runVerb(run, args);
    expect(code).toBe(message === undefined ? 0 : 2);
    if (message !== undefined) expect(stderr).toBe(`hvo decode: ${message}\nTry: hvo decode --help\n`);
  });

  it('a number with its thousands apart is decimal, eight digits are those of a register', () => {
    expect(parseValue('12_345_678')).toBe(12345678n);
    expect(parseValue('12345678')).toBe(0x12345678n);
    expect(parseValue('9600_0007')).toBe(0x96000007n);
  });

  it('says what a value is of that there is not', () => {
    expect(fields('p4d', 3n, { granule: '64K' }).level).toMatch(/there is none with 64K pages and 48 bits: .* level 1/);
    expect(fields('pud', 3n, { vaBits: 39 }).level).toBeUndefined();
    expect(fields('esr', 0xff00_0020_9600_0007n)).toMatchObject({
      ISS2: '0x20 bits 55:32, not decoded',
      RES0: expect.stringMatching(/^0xff /),
    });
    expect(fields('va', 0x1000n)['user space']).toMatch(/TTBR0_EL1/);
    expect(fields('va', 0xffff_ffff_0000_0000n, { vaBits: 40 }).Linux).toMatch(/no such kernel: .* 39, 48 /);
  });

  it('takes several values, and the options of the kernel', async () => {
    const { stdout } = await runVerb(run, ['va', 'ffffff8000c00000', '0xffffff8000c00040', '--granule', '16k']);
    expect(stdout).toContain('level 1 (PGD)  2040');
    expect(stdout.match(/page frame/g)).toHaveLength(2);
  });

  it('--json is one document', async () => {
    const { stdout } = await runVerb(run, ['esr', '0x96000007', '--json']);
    const { values } = JSON.parse(stdout);
    expect(values[0]).toMatchObject({ what: 'esr', value: '0x96000007' });
    expect(values[0].fields).toContainEqual({ name: 'DFSC', value: '0x07', words: 'translation fault, level 3' });
  });

  it.each([
    [['esr'], 'at least one value'],
    [[], 'name what to decode'],
    [['tcr', '0x1'], '"tcr" cannot be decoded; expected one of esr'],
    [['toString', '0x1'], 'cannot be decoded'],
    [['esr', 'zzz'], '"zzz" is no 64-bit value'],
    [['va', '0x1', '--granule', '8K'], '--granule: expected 4K, 16K, 64K'],
    [['va', '0x1', '--va-bits', '53'], '53 virtual address bits are not possible'],
    [['va', '0x1', '--va-bits', 'many'], '--va-bits: expected a number'],
    [['va', '0x1', '--kernel', 'tip'], '--kernel: expected a release such as v6.7'],
    [['va', '0x1', '--memstart', 'x'], '--memstart: expected a physical address'],
    [['va', '0x1', '--nonsense'], 'there is no option --nonsense'],
  ])('%j is refused with a reason', async (args, message) => {
    const result = await runVerb(run, args);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(message);
    expect(result.stdout).toBe('');
  });
});
