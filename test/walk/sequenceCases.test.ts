import { describe, expect, it } from 'vitest';
import { run } from '../../cli/walk';
import { isSequenceFile, sequenceReport } from '../../server/features/sequenceCases';
import { tcrFor } from './addressSpace';
import { runVerb } from './stringIo';

const pages = ['0xfffffc0001000000', '0xfffffc0001001000'];
const old = ['0x68000090000703', '0x68000090001703'];
const head = '0x680000a0010703';
const readOnly = '0x600000a0010783';

/** A sequence that starts with two vmemmap pages, mapped read-write by pages (or by a block). */
function sequence(steps: readonly Readonly<Record<string, unknown>>[], { blocks = false, more = 0n } = {}): string {
  const first = {
    seq: 'mine',
    step: 0,
    action: 'initial',
    tcr: `0x${tcrFor('4K', 48, { more }).toString(16)}`,
    mair: '0x40044ffff',
    ttbr1: '0xa0000000',
    pages: pages.map((va, page) => ({ page, va })),
    tables: [
      { pa: '0xa0000000', entries: { '504': '0x10000000a0001003' } },
      { pa: '0xa0001000', entries: { '0': '0x10000000a0002003' } },
      { pa: '0xa0002000', entries: { '8': blocks ? '0x68000090000701' : '0x10000000a0003003' } },
      { pa: '0xa0003000', entries: { '0': old[0], '1': old[1] } },
    ],
  };
  const rest = steps.map((step, index) => ({ seq: 'mine', step: index + 1, action: `step ${index + 1}`, ...step }));
  return [first, ...rest].map((each) => JSON.stringify(each)).join('\n');
}

const pte = (index: number, value: string) => ({ pa: `0xa000300${index * 8}`, table: 'L3', index, new: value });
const pmd = (value: string) => ({ pa: '0xa0002040', table: 'L2', index: 8, new: value });
const ok = (page: number, pa: string) => ({ page, read: { ok: true, pa } });
const broken = (page: number, level: number) => {
  return { page, read: { ok: false, esr: `0x9600000${4 + level}`, far: pages[page] } };
};

/** Verdicts of the observations, and the number of results that were allowed for each. */
function verdicts(text: string): readonly string[] {
  const report = sequenceReport(text);
  expect(report.problems).toEqual([]);
  const steps = report.sequences.flatMap((each) => each.steps);
  return steps.flatMap((step) => step.observations).map((each) => `${each.verdict}/${each.allowed.length}`);
}

describe('sequences of table changes', () => {
  it('with break-before-make nothing is left to chance', () => {
    const text = sequence([
      { writes: [pte(1, '0x0')], tlbi: [`vaale1is ${pages[1]}`], observed: [broken(1, 3), ok(0, '0x90000000')] },
      { writes: [pte(1, readOnly)], observed: [ok(1, '0xa0010000')] },
    ]);
    expect(verdicts(text)).toEqual(['fresh/1', 'fresh/1', 'fresh/1']);
    expect(sequenceReport(text).sequences[0]?.steps.map((step) => step.unsafeChanges)).toEqual([0, 0, 0]);
  });

  it('without the invalidation both the old and the new page are allowed, another is not', () => {
    const text = (pa: string) => sequence([{ writes: [pte(1, readOnly)], tlbi: [], observed: [ok(1, pa)] }]);
    expect(verdicts(text('0x90001000'))).toEqual(['stale/2']);
    expect(verdicts(text('0xa0010000'))).toEqual(['fresh/2']);
    expect(verdicts(text('0x90002000'))).toEqual(['differs/2']);
    expect(sequenceReport(text('0x90001000')).sequences[0]?.steps[1]?.unsafeChanges).toBe(1);
  });

  it('a broken entry without invalidation: the old page or the fault', () => {
    const text = sequence([{ writes: [pte(1, '0x0')], tlbi: [], observed: [ok(1, '0x90001000'), broken(1, 3)] }]);
    expect(verdicts(text)).toEqual(['stale/2', 'fresh/2']);
  });

  it('an invalidation of another page leaves the old entry', () => {
    const text = sequence([
      { writes: [pte(1, readOnly)], tlbi: [`vaale1is ${pages[0]}`], observed: [ok(1, '0x90001000')] },
    ]);
    expect(verdicts(text)).toEqual(['stale/2']);
  });

  it('any address of a block invalidates the block', () => {
    const text = sequence(
      [{ writes: [pmd('0x0')], tlbi: [`vaale1is ${pages[1]}`], observed: [broken(0, 2), broken(1, 2)] }],
      { blocks: true },
    );
    expect(verdicts(text)).toEqual(['fresh/1', 'fresh/1']);
  });

  it('a leaf-only invalidation leaves an old table pointer, one of all levels does not', () => {
    const moved = (tlbi: string) =>
      sequence([
        {
          writes: [{ pa: '0xa0004000', table: 'L3b', index: 0, new: head }, pmd('0x10000000a0004003')],
          tlbi: [tlbi],
          observed: [ok(0, '0x90000000')],
        },
      ]);
    expect(verdicts(moved(`vaale1is ${pages[0]}`))).toEqual(['stale/2']);
    expect(verdicts(moved(`vaae1is ${pages[0]}`))).toEqual(['differs/1']);
    expect(verdicts(moved('vmalle1is'))).toEqual(['differs/1']);
  });

  it('an invalid entry is never held: making it valid needs no invalidation', () => {
    const text = sequence([
      { writes: [pte(0, '0x0')], tlbi: ['vmalle1is'], observed: [broken(0, 3)] },
      { writes: [pte(0, head)], tlbi: [], observed: [ok(0, '0xa0010000')] },
    ]);
    expect(verdicts(text)).toEqual(['fresh/1', 'fresh/1']);
  });

  it('a table that is not linked yet is not held either', () => {
    const text = sequence(
      [
        { writes: [pte(0, head)], tlbi: [] },
        { writes: [pmd('0x0')], tlbi: ['vmalle1is'] },
        { writes: [pmd('0x10000000a0003003')], tlbi: [], observed: [ok(0, '0xa0010000')] },
      ],
      { blocks: true },
    );
    expect(verdicts(text)).toEqual(['fresh/1']);
  });

  it('an entry without its access flag is not held; hardware that sets it writes the table', () => {
    const noFlag = '0x68000090000303';
    const ha = 1n << 39n;
    const text = sequence(
      [
        { writes: [pte(0, '0x0')], tlbi: ['vmalle1is'] },
        {
          writes: [pte(0, noFlag)],
          tlbi: [],
          observed: [ok(0, '0x90000000')],
          descriptor_after: { 'L3[0]': old[0] },
        },
      ],
      { more: ha },
    );
    expect(verdicts(text)).toEqual(['fresh/1']);
    expect(sequenceReport(text).differences).toBe(0);
    expect(sequenceReport(text.replace(`"L3[0]":"${old[0]}"`, `"L3[0]":"${noFlag}"`)).differences).toBe(1);
  });

  it('a recorded old value that the tables do not hold is a difference', () => {
    const text = sequence([{ writes: [{ ...pte(0, '0x0'), old: '0x1' }], tlbi: ['vmalle1is'] }]);
    expect(sequenceReport(text).differences).toBe(1);
  });
});

describe('hvo walk on sequences', () => {
  it('recognises the format by its first line', () => {
    expect(isSequenceFile(`\n${sequence([])}`)).toBe(true);
    expect(isSequenceFile('{"id": "a"}')).toBe(false);
    expect(isSequenceFile('')).toBe(false);
  });

  it('sums up each sequence, and shows what is not allowed', async () => {
    const text = sequence([
      { writes: [pte(1, readOnly)], tlbi: [], observed: [ok(1, '0x90001000'), ok(0, '0xdead0000')] },
    ]);
    const result = await runVerb(run, ['s.jsonl'], { 's.jsonl': text });
    expect(result.code).toBe(1);
    expect(result.stdout).toContain(
      'page 0 read at 0xfffffc0001000000: PA 0xdead0000 is not allowed; allowed: PA 0x90000000',
    );
    expect(result.stdout).toContain(
      'mine: 2 steps, 1 change without break-before-make; 0 observations as a fresh walk, 1 stale',
    );
    expect(result.stdout).toContain(
      '1 sequence, 2 observations: 1 with one allowed result, 1 through a stale entry, 1 difference',
    );
  });

  it('--json has every observation', async () => {
    const text = sequence([{ writes: [pte(1, readOnly)], tlbi: [], observed: [ok(1, '0x90001000')] }]);
    const { files } = JSON.parse((await runVerb(run, ['s.jsonl', '--json'], { 's.jsonl': text })).stdout);
    expect(files[0]).toMatchObject({ format: 'sequences', observations: 1, stale: 1, differences: 0 });
    expect(files[0].sequences[0].steps[1].observations[0]).toMatchObject({
      verdict: 'stale',
      allowed: [
        { ok: true, pa: '0xa0010000' },
        { ok: true, pa: '0x90001000' },
      ],
    });
  });

  it.each([
    ['an unknown invalidation', { tlbi: ['alle3'] }, '"tlbi": expected "vmalle1is"'],
    ['invalidations that are no list', { tlbi: 'vmalle1is' }, '"tlbi": expected an array'],
    ['a page that the sequence has not', { observed: [ok(7, '0x0')] }, 'no page 7'],
    ['a write without a value', { writes: [{ pa: '0xa0003000', table: 'L3', index: 0 }] }, '"new": expected a 64-bit'],
    [
      'more old values than are followed',
      {
        writes: Array.from({ length: 300 }, (_, index) =>
          pte(0, `0x${(0x68000080000703n + (BigInt(index) << 12n)).toString(16)}`),
        ),
        observed: [ok(0, '0x90000000')],
      },
      'more than 256 mixes',
    ],
    ['a descriptor that was never written', { descriptor_after: { 'L9[0]': '0x0' } }, 'L9[0] is no descriptor'],
  ])('%s is told with its line', async (_, step, message) => {
    const result = await runVerb(run, ['s.jsonl'], { 's.jsonl': sequence([step]) });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('s.jsonl:2: ');
    expect(result.stderr).toContain(message);
  });
});
