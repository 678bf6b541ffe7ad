import { describe, expect, it } from 'vitest';
import { mkPage, mkTable, plainFormat } from '../../simulator/machine/descriptor';
import {
  type Entry,
  type EntryEvent,
  type EntryFinding,
  type EntryState,
  entryPhase,
  MAX_CACHED_VALUES,
  settledEntry,
  stepEntry,
} from '../../simulator/machine/entryProtocol';
import type { TlbiReach } from '../../simulator/machine/tlbiReach';

const format = plainFormat('4K');
const fields = { sh: 3, af: true, dbm: true, pxn: true, uxn: true };
const readOnlyFields = { ...fields, ap: 2, dbm: false };

/** Values by name, so that a story reads as one. */
const values: Readonly<Record<string, bigint>> = {
  invalid: 0n,
  old: mkPage(format, 0x1000n, fields),
  new: mkPage(format, 0x2000n, fields),
  oldReadOnly: mkPage(format, 0x1000n, readOnlyFields),
  newReadOnly: mkPage(format, 0x2000n, readOnlyFields),
  oldUnaccessed: mkPage(format, 0x1000n, { ...fields, af: false }),
  table: mkTable(format, 0x8000n),
  otherTable: mkTable(format, 0x9000n),
};

const pte: Entry = {
  place: { stage: 1, regime: 'el1', level: 3, first: 0xffff_8000_0000_0000n, last: 0xffff_8000_0000_0fffn },
  format,
  bbm: 0,
  hardwareAccessFlag: false,
  hardwareDirty: false,
};
const pmd: Entry = { ...pte, place: { ...pte.place, level: 2, last: 0xffff_8000_001f_ffffn } };
const stage2: Entry = { ...pte, place: { ...pte.place, stage: 2, level: 1, vmid: 7, first: 0n, last: 0x3fff_ffffn } };

const at = (first: bigint, last = first + 0xfffn) => ({ first, last });
const byAddress: TlbiReach = {
  regime: 'el1',
  invalidates: 'stage1',
  addresses: at(0xffff_8000_0000_0000n),
  leafOnly: false,
  broadcast: true,
};
const all: TlbiReach = { regime: 'el1', invalidates: 'stage1', leafOnly: false, broadcast: true };
const tlbis: Readonly<Record<string, TlbiReach>> = {
  'tlbi vaae1is': byAddress,
  'tlbi vaale1is': { ...byAddress, leafOnly: true },
  'tlbi vaae1': { ...byAddress, broadcast: false },
  'tlbi vaae1is next page': { ...byAddress, addresses: at(0xffff_8000_0000_1000n) },
  'tlbi vaae1is level 2': { ...byAddress, level: 2 },
  'tlbi aside1is': { ...all, asid: 1 },
  'tlbi vmalle1is': all,
  'tlbi alle2is': { ...all, regime: 'el2' },
  'tlbi ipas2e1is': { ...all, invalidates: 'stage2', addresses: at(0n), vmid: 7 },
  'tlbi ipas2e1is other vmid': { ...all, invalidates: 'stage2', addresses: at(0n), vmid: 8 },
  'tlbi vmalle1is vmid 7': { ...all, vmid: 7 },
  'tlbi alle1is': { ...all, invalidates: 'both' },
};

/** One word-for-word event a line; `cpu 1:` before it when another CPU does it. */
function event(line: string, place: number): EntryEvent {
  const [, other, text] = /^(cpu 1: )?(.*)$/.exec(line)!;
  const happened = { at: place, cpu: other ? 1 : 0 };
  const [verb, ...rest] = text!.split(' ');
  switch (verb) {
    case 'write':
      return {
        ...happened,
        kind: 'write',
        value: values[rest[0]!]!,
        ...(rest.includes('same-contents') ? { sameContents: true } : {}),
        ...(rest.includes('compared') ? { compared: true } : {}),
      };
    case 'dsb': {
      const [, name, kind] = /^(nsh|ish|osh|sy)(st|ld)?$/.exec(rest[0]!)!;
      const domain = ({ nsh: 'nonShareable', ish: 'innerShareable', osh: 'outerShareable', sy: 'fullSystem' } as const)[
        name as 'nsh' | 'ish' | 'osh' | 'sy'
      ];
      return { ...happened, kind: 'dsb', domain, type: kind === 'st' ? 'store' : kind === 'ld' ? 'load' : 'full' };
    }
    case 'tlbi':
      return { ...happened, kind: 'tlbi', reach: tlbis[text!]! };
    default:
      return { ...happened, kind: verb as 'isb' | 'lock' | 'unlock' | 'release' };
  }
}

function run(entry: Entry, initial: string, story: readonly string[]) {
  let state: EntryState = settledEntry(values[initial]!);
  const findings: EntryFinding[] = [];
  const phases: string[] = [];
  for (const [index, line] of story.entries()) {
    const step = stepEntry(entry, state, event(line, index));
    state = step.state;
    if (step.finding) findings.push(step.finding);
    phases.push(entryPhase(entry, state));
  }
  return { state, findings, phases };
}

/** A finding as a user would be told: its kind and line, and each missing step with the line before which it belongs. */
function told(entry: Entry, initial: string, story: readonly string[]): string[] {
  return run(entry, initial, story).findings.map(
    ({ kind, at: place, missing }) =>
      `${kind} at ${place}: ${missing.map((m) => `${m.step} before ${m.before}${m.because ? ` (${m.because})` : ''}`).join(', ')}`,
  );
}

describe('break-before-make of a page', () => {
  it('goes through the states of the automaton', () => {
    const story = ['write invalid', 'dsb ishst', 'tlbi vaale1is', 'dsb ish', 'write new'];
    const { phases, findings } = run(pte, 'old', story);
    expect(phases).toEqual(['unguarded', 'dsbed', 'tlbied', 'clean', 'valid']);
    expect(findings).toEqual([]);
  });

  it('says that the break is missing, and all that comes with it', () => {
    expect(told(pte, 'old', ['write new'])).toEqual([
      'noBreak at 0: invalid value before 0, dsb(ishst) before the TLBI before 0, TLBI before 0, dsb(ish) after the TLBI before 0',
    ]);
  });

  const missing: readonly (readonly [string, readonly string[], string])[] = [
    [
      'everything',
      ['write invalid', 'write new'],
      'dsb(ishst) before the TLBI before 1, TLBI before 1, dsb(ish) after the TLBI before 1',
    ],
    [
      'the DSB before the TLBI',
      ['write invalid', 'tlbi vaale1is', 'dsb ish', 'write new'],
      'dsb(ishst) before the TLBI before 1',
    ],
    ['the TLBI, between two DSBs', ['write invalid', 'dsb ishst', 'dsb ish', 'write new'], 'TLBI before 2'],
    [
      'the TLBI and its DSB',
      ['write invalid', 'dsb ish', 'write new'],
      'TLBI before 2, dsb(ish) after the TLBI before 2',
    ],
    [
      'the right address, after a DSB too many',
      ['write invalid', 'dsb ishst', 'dsb ish', 'tlbi vaae1is next page', 'dsb ish', 'write new'],
      'TLBI that covers the entry before 3 (otherAddresses)',
    ],
    [
      'the DSB after the TLBI',
      ['write invalid', 'dsb ishst', 'tlbi vaale1is', 'write new'],
      'dsb(ish) after the TLBI before 3',
    ],
    [
      'both DSBs',
      ['write invalid', 'tlbi vmalle1is', 'write new'],
      'dsb(ishst) before the TLBI before 1, dsb(ish) after the TLBI before 2',
    ],
    [
      'the broadcast',
      ['write invalid', 'dsb ishst', 'tlbi vaae1', 'dsb ish', 'write new'],
      'broadcast TLBI before 2 (notBroadcast)',
    ],
    [
      'the right address',
      ['write invalid', 'dsb ishst', 'tlbi vaae1is next page', 'dsb ish', 'write new'],
      'TLBI that covers the entry before 2 (otherAddresses)',
    ],
    [
      'the right regime',
      ['write invalid', 'dsb ishst', 'tlbi alle2is', 'dsb ish', 'write new'],
      'TLBI that covers the entry before 2 (otherRegime)',
    ],
    [
      'the right level',
      ['write invalid', 'dsb ishst', 'tlbi vaae1is level 2', 'dsb ish', 'write new'],
      'TLBI with the right level hint before 2 (otherLevel)',
    ],
    [
      'a TLBI of global entries',
      ['write invalid', 'dsb ishst', 'tlbi aside1is', 'dsb ish', 'write new'],
      'TLBI that covers the entry before 2 (otherAsid)',
    ],
    [
      'a DSB that reaches the other CPUs',
      ['write invalid', 'dsb nshst', 'tlbi vaae1is', 'dsb nsh', 'write new'],
      'dsb(ishst) before the TLBI before 1 (nonShareable), dsb(ish) after the TLBI before 3 (nonShareable)',
    ],
    [
      'a DSB that waits for the TLBI and not only for stores',
      ['write invalid', 'dsb ishst', 'tlbi vaae1is', 'dsb ishst', 'write new'],
      'dsb(ish) after the TLBI before 3 (storesOnly)',
    ],
    [
      'a DSB that waits for stores',
      ['write invalid', 'dsb ishld', 'tlbi vaae1is', 'dsb ish', 'write new'],
      'dsb(ishst) before the TLBI before 1 (loadsOnly)',
    ],
  ];
  for (const [what, story, steps] of missing) {
    it(`names what is missing: ${what}`, () => {
      expect(told(pte, 'old', story)).toEqual([`makeTooEarly at ${story.length - 1}: ${steps}`]);
    });
  }

  it('does not mind TLBIs that are too early or for other pages beside the right one', () => {
    const story = ['write invalid', 'tlbi vaae1is', 'dsb ishst', 'tlbi vaae1is next page', 'tlbi vaae1is', 'dsb ish'];
    expect(told(pte, 'old', [...story, 'write new'])).toEqual([]);
  });

  it('may put back what was there: old and new are the same', () => {
    expect(told(pte, 'old', ['write invalid', 'write old'])).toEqual([]);
  });

  it('takes an invalid value over another as no event', () => {
    expect(
      told(pte, 'old', ['write invalid', 'dsb ishst', 'write invalid', 'tlbi vaae1is', 'dsb ish', 'write new']),
    ).toEqual([]);
  });
});

describe('a change without break-before-make', () => {
  it('may be a change of permissions, and the old ones count until the TLBI', () => {
    expect(told(pte, 'old', ['write oldReadOnly', 'dsb ishst', 'tlbi vaale1is', 'dsb ish'])).toEqual([]);
    expect(run(pte, 'old', ['write oldReadOnly']).state.flush?.cached).toEqual([values.old]);
  });

  it('first read-only, then elsewhere: the TLBI between the two is needed', () => {
    const elsewhere = 'write newReadOnly same-contents';
    const flush = ['dsb ishst', 'tlbi vaale1is', 'dsb ish'];
    expect(told(pte, 'old', ['write oldReadOnly', ...flush, elsewhere])).toEqual([]);
    expect(told(pte, 'old', ['write oldReadOnly', 'dsb ish', elsewhere])).toEqual([
      'makeTooEarly at 2: TLBI before 2, dsb(ish) after the TLBI before 2',
    ]);
  });

  it('through a clear access flag, which nothing caches: clear it, flush, compare and swap', () => {
    const flush = ['dsb ishst', 'tlbi vaale1is', 'dsb ish'];
    expect(told(pte, 'old', ['write oldUnaccessed', ...flush, 'write new compared'])).toEqual([]);
    expect(told(pte, 'old', ['write oldUnaccessed', 'write new compared'])).toHaveLength(1);
    const hardware = { ...pte, hardwareAccessFlag: true };
    expect(told(hardware, 'old', ['write oldUnaccessed', ...flush, 'write new compared'])).toEqual([]);
    expect(told(hardware, 'old', ['write oldUnaccessed', ...flush, 'write new'])).toHaveLength(1);
  });
});

describe('a table entry', () => {
  it('is not invalidated by a leaf-only TLBI', () => {
    expect(told(pmd, 'table', ['write invalid', 'dsb ishst', 'tlbi vaale1is', 'dsb ish', 'write otherTable'])).toEqual([
      'makeTooEarly at 4: TLBI of all levels before 2 (leafOnly)',
    ]);
    expect(told(pmd, 'table', ['write invalid', 'dsb ishst', 'tlbi vaae1is', 'dsb ish', 'write otherTable'])).toEqual(
      [],
    );
  });

  it('may not be given away while walks may still go through it', () => {
    expect(told(pmd, 'table', ['write invalid', 'dsb ishst', 'release'])).toEqual([
      'releaseTooEarly at 2: TLBI before 2, dsb(ish) after the TLBI before 2',
    ]);
    expect(told(pmd, 'table', ['write invalid', 'dsb ishst', 'tlbi vaae1is', 'dsb ish', 'release'])).toEqual([]);
  });
});

describe('a stage 2 entry', () => {
  const story = (...between: string[]) => ['write invalid', 'dsb ish', ...between, 'write otherTable'];

  it('needs a TLBI of both stages, or of stage 2 and then of stage 1', () => {
    expect(told(stage2, 'table', story('tlbi alle1is', 'dsb ish'))).toEqual([]);
    const two = ['tlbi ipas2e1is', 'dsb ish', 'tlbi vmalle1is vmid 7', 'dsb ish'];
    expect(told(stage2, 'table', story(...two))).toEqual([]);
  });

  it('names the half that is missing', () => {
    expect(told(stage2, 'table', story('tlbi ipas2e1is', 'dsb ish'))).toEqual([
      'makeTooEarly at 4: TLBI of stage 1 before 4, dsb(ish) after the TLBI before 4',
    ]);
    expect(told(stage2, 'table', story('tlbi vmalle1is vmid 7', 'dsb ish'))).toEqual([
      'makeTooEarly at 4: TLBI of stage 2 before 2, dsb(ish) between the TLBIs before 2',
    ]);
    expect(told(stage2, 'table', story('dsb ish', 'tlbi vmalle1is vmid 7', 'dsb ish'))).toEqual([
      'makeTooEarly at 5: TLBI of stage 2 before 2',
    ]);
    expect(told(stage2, 'table', story('tlbi ipas2e1is', 'tlbi vmalle1is vmid 7', 'dsb ish'))).toEqual([
      'makeTooEarly at 5: dsb(ish) between the TLBIs before 3',
    ]);
    expect(told(stage2, 'table', story('dsb ish'))).toEqual(['makeTooEarly at 3: TLBI before 2']);
  });

  it('is not reached under another VMID', () => {
    expect(
      told(stage2, 'table', story('tlbi ipas2e1is other vmid', 'dsb ish', 'tlbi vmalle1is vmid 7', 'dsb ish')),
    ).toEqual(['makeTooEarly at 6: TLBI of stage 2 before 2 (otherVmid)']);
  });
});

describe('several CPUs', () => {
  it('what another CPU does is not what the breaking CPU must do', () => {
    expect(
      told(pte, 'old', ['write invalid', 'cpu 1: dsb ish', 'cpu 1: tlbi vaae1is', 'cpu 1: dsb ish', 'write new']),
    ).toEqual([
      'makeTooEarly at 4: dsb(ishst) before the TLBI before 4, TLBI before 4, dsb(ish) after the TLBI before 4',
    ]);
  });

  it('the next holder of the lock may carry on, but the window was open at the unlock', () => {
    const story = ['write invalid', 'unlock', 'cpu 1: lock', 'cpu 1: dsb ish', 'cpu 1: tlbi vaae1is', 'cpu 1: dsb ish'];
    expect(told(pte, 'old', [...story, 'cpu 1: write new'])).toEqual([
      'unlockInWindow at 1: dsb(ishst) before the TLBI before 1, TLBI before 1, dsb(ish) after the TLBI before 1',
    ]);
  });

  it('the writer itself needs a DSB and an ISB before it uses the new value', () => {
    const next = (...story: string[]) => run(pte, 'invalid', ['write new', ...story]).state.unpublished?.next;
    expect(next()).toBe('dsb(ishst)');
    expect(next('isb')).toBe('dsb(ishst)');
    expect(next('dsb ishst')).toBe('isb');
    expect(next('dsb ishst', 'cpu 1: isb')).toBe('isb');
    expect(next('dsb ishst', 'isb')).toBeUndefined();
  });
});

it('remembers a bounded number of old values', () => {
  let state = settledEntry(values.old!);
  for (let change = 0; change < 20; change++) {
    const value = mkPage(format, 0x1000n, { ...readOnlyFields, software: change % 16, pxn: change % 2 === 0 });
    state = stepEntry(pte, state, { kind: 'write', at: change, cpu: 0, value }).state;
  }
  expect(state.flush?.cached).toHaveLength(MAX_CACHED_VALUES);
  expect(state.flush?.cached[0]).toBe(values.old);
});
