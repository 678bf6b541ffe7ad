import { describe, expect, it } from 'vitest';
import { run } from '../../cli/walk';
import { maximumPrinted } from '../../server/features/walkText';
import { tcrFor } from './addressSpace';
import { runVerb } from './stringIo';

const tcr = `0x${tcrFor('4K', 48).toString(16)}`;

/** A line of the format: vmemmap of 4K pages at slot 504, its second page read-only, its third one broken. */
function line(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    id: 'mine-0',
    cls: 'example',
    granule: '4K',
    va_bits: 48,
    tcr,
    mair: '0x40044ffff',
    ttbr1: '0x1800000a0000000',
    tables: [
      { pa: '0xa0000000', entries: { '504': '0x10000000a0001003' } },
      { pa: '0xa0001000', entries: { '0': '0x10000000a0002003' } },
      { pa: '0xa0002000', entries: { '8': '0x10000000a0003003' } },
      { pa: '0xa0003000', entries: { '0': '0x680000a0010703', '1': '0x600000a0010783', '2': '0x0' } },
    ],
    va: '0xfffffc0001001020',
    size: 8,
    ...fields,
  });
}

const readOnly = {
  read: { ok: true, pa: '0xa0010020' },
  write: { ok: false, esr: '0x9600004f', far: '0xfffffc0001001020' },
  at_read: { par: '0xff000000a0010b80' },
  at_write: { par: '0x81f' },
};

describe('hvo walk on recorded walks', () => {
  it('agrees with a right recording', async () => {
    const result = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': `${line(readOnly)}\n` });
    expect(result.stdout).toBe('cases.jsonl: 1 case, 4 observations compared, 0 differences\n');
    expect(result.code).toBe(0);
  });

  it('a field whose name is nearly right is a mistake; others are not read, which is said once', async () => {
    const misspelt = line({ ...readOnly, sctrl: '0x80000' });
    const inner = line({ ...readOnly, read: { ok: true, paa: '0xa0010020' } });
    const own = line({ ...readOnly, note: 'mine', read: { ...readOnly.read, seen_at: '12:00' } });
    const files = { 'cases.jsonl': [misspelt, inner, own, own].join('\n') };
    const { code, stdout, stderr } = await runVerb(run, ['cases.jsonl'], files);
    expect(code).toBe(2);
    expect(stderr.split('\n')).toEqual([
      'cases.jsonl:1: "sctrl": there is no such field; did you mean "sctlr"?',
      'cases.jsonl:2: "paa": there is no such field; did you mean "pa"?',
      'cases.jsonl: fields that are not read: "read.seen_at", "note"',
      '',
    ]);
    expect(stdout).toBe('cases.jsonl: 2 cases, 8 observations compared, 0 differences\n');
  });

  it('what was recorded must not contradict itself', async () => {
    const text = [line({ ...readOnly, read: { ok: false, pa: '0xa0010020' } }), line({ suspect: 'yes' })].join('\n');
    const { code, stderr } = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': text });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^cases\.jsonl:1: "read": "ok" is true with "pa" and false with "esr" and "far", found /);
    expect(stderr).toContain('cases.jsonl:2: "suspect": expected true or false, found "yes"');
  });

  it('counts and shows what differs', async () => {
    const wrong = line({ ...readOnly, write: { ok: true, pa: '0xa0010020' }, at_write: { par: '0x80f' } });
    const result = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': wrong });
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('4 observations compared, 2 differences');
    expect(result.stdout).toContain('write     ESR 0x9600004f FAR 0xfffffc0001001020  (permission fault, level 3)');
    expect(result.stdout).toContain('recorded: PA 0xa0010020');
  });

  it('NS, and the shareability of Device memory, are not compared', async () => {
    const device = { '1': '0x600000a001078f' };
    const text = line({
      tables: [
        { pa: '0xa0000000', entries: { '504': '0x10000000a0001003' } },
        { pa: '0xa0001000', entries: { '0': '0x10000000a0002003' } },
        { pa: '0xa0002000', entries: { '8': '0x10000000a0003003' } },
        { pa: '0xa0003000', entries: device },
      ],
      at_read: { par: '0xa0010980' },
    });
    const result = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': text });
    expect(result.stdout).toContain('1 observation compared, 0 differences');
    const address = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': text.replace('0xa0010980', '0xa0011980') });
    expect(address.code).toBe(1);
  });

  it('a suspect line is shown with the answer of the architecture, and not counted', async () => {
    const suspect = line({ ...readOnly, write: { ok: true, pa: '0xa0010020' }, suspect: true });
    const result = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': suspect });
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('mine-0 example: VA 0xfffffc0001001020, 8 bytes (suspect');
    expect(result.stdout).toContain(
      '1 suspect lines not compared; the architecture contradicts 1 of their observations',
    );
  });

  it('prints the results of a line without recordings', async () => {
    const result = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': line({ va: '0xfffffc0001002000' }) });
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('read      ESR 0x96000007 FAR 0xfffffc0001002000  (translation fault, level 3)');
    expect(result.stdout).toContain('AT S1E1R  PAR 0x80f');
    expect(result.stdout).toContain('1 case without recorded results');
  });

  it('--print prints every line, --json one document', async () => {
    const files = { 'cases.jsonl': line(readOnly) };
    expect((await runVerb(run, ['cases.jsonl', '--print'], files)).stdout).toContain('read      PA 0xa0010020');
    const { files: results } = JSON.parse((await runVerb(run, ['cases.jsonl', '--json'], files)).stdout);
    expect(results[0]).toMatchObject({ path: 'cases.jsonl', format: 'walks', cases: 1, compared: 4, differences: 0 });
    expect(results[0].results[0].fields.write).toMatchObject({
      ok: false,
      esr: '0x9600004f',
      fault: 'permission fault, level 3',
      recorded: readOnly.write,
      differs: false,
    });
    expect(results[0].results[0].fields.read.walk.map((step: { level: number }) => step.level)).toEqual([0, 1, 2, 3]);
  });

  it('cuts a long list of differences, and says so', async () => {
    const wrong = line({ ...readOnly, at_write: { par: '0x80f' } });
    const text = `${wrong}\n`.repeat(maximumPrinted + 5);
    const { stdout } = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': text });
    expect(stdout).toContain('and 5 more lines that differ');
    expect(stdout).toContain(`${maximumPrinted + 5} differences`);
  });
});

describe('unusable input', () => {
  it.each([
    ['no JSON', '{"id": ', '1: expected one JSON object'],
    ['a list', '[1, 2]', '1: expected one JSON object'],
    ['a missing register', line({ tcr: undefined }), '1: "tcr": expected a 64-bit value'],
    ['a number in place of a string', line({ va: 12 }), '1: "va": expected a 64-bit value'],
    ['65 bits', line({ va: '0x1fffffc0001001020' }), '1: "va": expected a 64-bit value'],
    ['an odd size', line({ size: 3 }), '1: "size": expected 1, 2, 4, 8 or 16 bytes'],
    ['a granule that TCR does not select', line({ granule: '64K' }), '1: "granule" is 64K, but "tcr" selects 4K'],
    ['an unknown granule', line({ granule: '8K' }), '1: "granule": expected 4K, 16K or 64K'],
    ['another address size than TCR', line({ va_bits: 39 }), '1: "va_bits" is 39, but "tcr" gives 48'],
    ['a base register that is needed', line({ ttbr1: undefined }), '1: "ttbr1": the address is translated through it'],
    ['a table index beyond any table', line({ tables: [{ pa: '0x0', entries: { '8192': '0x0' } }] }), 'below 8192'],
    ['an observation that is none', line({ read: 5 }), '1: "read": expected an object'],
    ['a result without registers', line({ read: { ok: false } }), '1: "esr": expected a 64-bit value'],
  ])('%s', async (_, text, message) => {
    const result = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': `${text}\n` });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(message);
  });

  it('one bad line does not hide the others', async () => {
    const text = `${line(readOnly)}\n\nnonsense\n${line(readOnly)}\n`;
    const result = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': text });
    expect(result.code).toBe(2);
    expect(result.stderr).toBe(
      'cases.jsonl:3: expected one JSON object on this line, such as {"id": "…", "tcr": "0x…", …}\n',
    );
    expect(result.stdout).toContain('2 cases, 8 observations compared');
  });

  it('a file of another kind is told by its first lines', async () => {
    const result = await runVerb(run, ['a.txt'], { 'a.txt': 'lock a : spin\n'.repeat(20) });
    expect(result.code).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr.split('\n').length).toBe(7);
    expect(result.stderr).toContain('a.txt: and 15 more problems\n');
    const other = await runVerb(run, ['a.hvo'], { 'a.hvo': 'lock a : spin\n'.repeat(20) });
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toContain('it is a .hvo file; `hvo check` explores its scenarios');
  });

  it('deep nesting ends in a message', async () => {
    const result = await runVerb(run, ['cases.jsonl'], { 'cases.jsonl': '['.repeat(1_000_000) });
    expect(result.code).toBe(2);
  });

  it('files and arguments', async () => {
    expect((await runVerb(run, ['missing.jsonl'])).stderr).toBe('hvo walk: missing.jsonl: no such file\n');
    expect((await runVerb(run, ['empty'], { empty: '\n' })).stderr).toContain('the file is empty');
    expect((await runVerb(run, [])).code).toBe(2);
    expect((await runVerb(run, ['--nonsense'])).stderr).toContain('there is no option --nonsense');
    expect(await runVerb(run, ['--help'])).toMatchObject({ code: 0, stderr: '' });
  });
});
