/** What hvo litmus says beside the verdict: TLBIs that miss, and where break-before-make is not kept. */

import { describe, expect, it } from 'vitest';
import { runLitmus } from '../../server/litmus/run';

/** A test with one writer of PTE(x), whose program is given row by row. */
function run(rows: readonly string[], initial = '0:X1=(oa:PA(y));', metadata: readonly string[] = []) {
  const source = [
    'AArch64 remarks',
    ...metadata,
    `{ 0:X0=(oa:PA(x), valid:0); 0:X2=PTE(x); 0:X3=x; 0:X5=y; 0:X6=PTE(y); 1:X3=x; ${initial} }`,
    ' P0 | P1 ;',
    ...rows.map((row, i) => ` ${row} | ${i === 0 ? 'LDR W4,[X3]' : ''} ;`),
    'exists (1:X4=1)',
  ].join('\n');
  const found = runLitmus(source, { faults: 'fatal', ets: 0 });
  if (found.kind === 'problem') throw new Error(found.problem.message);
  return { notes: found.lowered.notes, findings: found.findings(), flags: found.flags };
}

const brokenAndMade = (tlbi: readonly string[]) => ['STR X0,[X2]', 'DSB ISH', ...tlbi, 'DSB ISH', 'STR X1,[X2]'];

describe('a TLBI by address', () => {
  it('of the page whose entry changes is fine', () => {
    expect(run(brokenAndMade(['LSR X9,X3,#12', 'TLBI VAAE1IS,X9'])).notes).toEqual([]);
  });

  it('of everything is fine', () => {
    expect(run(brokenAndMade(['TLBI VMALLE1IS'])).notes).toEqual([]);
  });

  it.each([
    [
      'the address of the entry',
      ['TLBI VAAE1IS,X2'],
      /X2 is PTE\(x\).*no page of the test.*PTE\(x\).*shifted right by 12/,
    ],
    ['the entry, shifted', ['LSR X9,X2,#12', 'TLBI VAAE1IS,X9'], /no page of the test/],
    ['the address, not shifted', ['TLBI VALE1IS,X3'], /X3 is x,.*shifted right by 12/],
    ['another page', ['LSR X9,X5,#12', 'TLBI VAE1IS,X9'], /stands for the page of y; what changes is PTE\(x\)\.$/],
  ])('that is given %s misses', (_, tlbi, message) => {
    const { notes } = run(brokenAndMade(tlbi));
    expect(notes.map((note) => note.message)).toEqual([expect.stringMatching(message)]);
    expect(notes[0]).toMatchObject({ thread: 0, line: 5 + tlbi.length });
  });

  it('is left alone where a register is loaded, where entries are unknown and where none changes', () => {
    expect(run(brokenAndMade(['LDR X9,[X3]', 'TLBI VAAE1IS,X9'])).notes).toEqual([]);
    expect(run(['LDR X8,[X3]', 'STR X0,[X8]', 'TLBI VAAE1IS,X3']).notes).toEqual([]);
    expect(run(['LSR X9,X5,#12', 'TLBI VAAE1IS,X9']).notes).toEqual([]);
  });

  it('may be for what the hardware changes', () => {
    const rows = ['STR X0,[X2]', 'LSR X9,X5,#12', 'TLBI VAAE1IS,X9'];
    expect(run(rows).notes).toHaveLength(1);
    expect(run(rows, '[PTE(y)]=(af:0);', ['TTHM=P1:HA']).notes).toEqual([]);
  });
});

describe('a break-before-make finding', () => {
  it('says which CPU, which entry, who may still use it, which step is missing and where', () => {
    const { findings, flags } = run(['STR X0,[X2]', 'DSB ISH', 'STR X1,[X2]']);
    expect(flags).toEqual(['Warning-BBM-expected']);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ thread: 0, line: 6 });
    expect(findings[0]?.message).toMatch(/^P0 makes PTE\(x\) \(oa:PA\(y\)\) while P0, P1 may still use \(oa:PA\(x\)\)/);
    expect(findings[0]?.message).toMatch(/missing: .*TLBI.*before line 6 \(`STR X1,\[X2\]`\)$/);
  });

  it('asks for the TLBI beside one that is for another page', () => {
    const { findings } = run(brokenAndMade(['LSR X9,X5,#12', 'TLBI VAAE1IS,X9']));
    expect(findings[0]?.message).toMatch(/missing: TLBI, before line 8 \(`DSB ISH`\)$/);
  });

  it('is not there where the sequence is whole', () => {
    const { findings, flags } = run(brokenAndMade(['LSR X9,X3,#12', 'TLBI VAAE1IS,X9']));
    expect({ findings, flags }).toEqual({ findings: [], flags: [] });
  });
});
