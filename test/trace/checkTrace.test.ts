import { describe, expect, it } from 'vitest';
import { traceReport } from '../../server/trace/traceReport';
import type { BbmLevel } from '../../simulator/machine/program';

/** Tables at 1000 (root), 2000, 3000, 4000; locks at e000 and f000. */
const setUp = `
mem-init 1000 1000
mem-init 2000 1000
mem-init 3000 1000
mem-init 4000 1000
hint set_root_lock 1000 f000
`;

/** EL2 stage 1: 1000 -> 2000 -> 3000, and one 2 MiB block in 3000 at index 1. */
const el2 = `${setUp}
mem-write plain 1000 2003
mem-write plain 2000 3003
mem-write plain 3008 40200701
sysreg-write ttbr0_el2 1000
lock f000
`;

/** The same as stage 2, under VMID 7. */
const stage2 = el2.replace('ttbr0_el2 1000', 'vttbr_el2 7000000001000');

/** Numbers the records, whose thread is 0 unless a line begins with `1:`, and writes them as a trace. */
function traceOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, id) => {
      const [, thread = '0', kind, rest] = /^(?:(\d):)?\s*(\S+)\s*(.*)$/.exec(line.trim())!;
      return `(${kind} ${id} ${thread} ${rest})`;
    })
    .join('\n');
}

function report(text: string, bbm: BbmLevel = 0) {
  return traceReport('t.log', traceOf(text), bbm);
}

/** Each finding: code, the record that it is about, the missing steps. The record is shown as it stands in the text. */
function check(text: string, bbm: BbmLevel = 0): string[] {
  const lines = traceOf(text).split('\n');
  const show = (line: number) => lines[line - 1]!.replace(/^\(([\w-]+) \d+ \d /, '$1 ').replace(/\)$/, '');
  const found = report(text, bbm);
  expect(found.errors).toEqual([]);
  return [
    ...found.findings.map(({ code, line, missing }) =>
      [`${code} at ${show(line)}`, ...missing.map(({ step, before }) => `${step} | ${show(before.line)}`)].join('; '),
    ),
    ...found.unsupported.map(({ feature }) => `unsupported: ${feature}`),
  ];
}

const block = { broken: 'mem-write plain 3008 0', made: 'mem-write plain 3008 60200701' };

/** Bits 43:0 of a by-VA operand are VA[55:12]: 200 is the 2 MiB at index 1. */
const flush = `
barrier dsb ishst
tlbi vae2is 200
barrier dsb ish
`;

describe('break-before-make of a block in EL2 tables', () => {
  it('is accepted with all its steps', () => {
    expect(check(`${el2}${block.broken}\n${flush}\n${block.made}\nunlock f000`)).toEqual([]);
    expect(report(`${el2}${block.broken}\n${flush}\n${block.made}`).verdict).toBe('accept');
  });

  const steps = ['barrier dsb ishst', 'tlbi vae2is 200', 'barrier dsb ish'];
  const missing = [
    'dsb(ishst) before the TLBI | tlbi vae2is 200',
    'TLBI | barrier dsb ish',
    'dsb(ish) after the TLBI | mem-write plain 3008 60200701',
  ];
  for (const [index, step] of steps.entries()) {
    it(`without ${step}: that is the step that is missing, and there it belongs`, () => {
      const left = steps.filter((other) => other !== step).join('\n');
      expect(check(`${el2}${block.broken}\n${left}\n${block.made}`)).toEqual([
        `make-too-early at mem-write plain 3008 60200701; ${missing[index]}`,
      ]);
    });
  }

  const inadequate: readonly (readonly [string, string, string])[] = [
    ['a TLBI on its own CPU only', 'vae2 200', 'broadcast TLBI'],
    ['a TLBI of another address', 'vae2is 400', 'TLBI that covers the entry'],
    ['a TLBI of another regime', 'vmalle1is', 'TLBI that covers the entry'],
    ['a level hint that is wrong', 'vae2is 700000000200', 'TLBI with the right level hint'],
  ];
  for (const [what, tlbi, step] of inadequate) {
    it(`with ${what}`, () => {
      const story = `${el2}${block.broken}\n${flush.replace('vae2is 200', tlbi)}\n${block.made}`;
      expect(check(story)).toEqual([`make-too-early at ${block.made}; ${step} | tlbi ${tlbi}`]);
    });
  }

  const adequate: readonly (readonly [string, string])[] = [
    ['of last-level entries', 'vale2is 200'],
    ['of another address in the block', 'vae2is 3ff'],
    ['of a range', 'rvae2is 578000000000'],
    ['of everything', 'alle2is'],
    ['outer shareable', 'vae2os 200'],
    ['with the right level hint', 'vae2is 600000000200'],
    ['that does not wait for XS accesses', 'vae2isnxs 200'],
  ];
  for (const [what, tlbi] of adequate) {
    it(`a TLBI ${what} will do`, () => {
      expect(check(`${el2}${block.broken}\n${flush.replace('vae2is 200', tlbi)}\n${block.made}`)).toEqual([]);
    });
  }

  it('says why a change needs it, with the rule of the Arm ARM', () => {
    const [finding] = report(`${el2}${block.made}`).findings;
    expect(finding?.message).toBe(
      'entry 0x3008 (level 2 of the EL2 stage 1 tables at 0x1000) is overwritten while it is valid, so that TLBs may hold the old and the new translation at once (the output address changes while the old or the new mapping is writable; Arm ARM RWHZWS 2)',
    );
    expect(finding?.missingText).toBe(
      'missing: invalid value, dsb(ishst) before the TLBI, TLBI, dsb(ish) after the TLBI, before line 11 (record 10)',
    );
  });

  it('is not needed for a change of permissions', () => {
    expect(check(`${el2}mem-write plain 3008 40200781`)).toEqual([]);
  });

  it('counts the barriers of the CPU that broke the entry, or of the one that took over its lock', () => {
    const others = flush.trim().replace(/^/gm, '1: ');
    expect(check(`${el2}${block.broken}\n${others}\n${block.made}`)).toHaveLength(1);
    expect(check(`${el2}${block.broken}\nunlock f000\n1: lock f000\n${others}\n1: ${block.made}`)).toEqual([
      'unlock-in-window at unlock f000; dsb(ishst) before the TLBI | unlock f000; TLBI | unlock f000; dsb(ish) after the TLBI | unlock f000',
    ]);
  });

  it('an unlock in the window is a warning, and the trace is accepted', () =>
    expect(report(`${el2}${block.broken}\nunlock f000`).verdict).toBe('accept'));
});

describe('a table entry', () => {
  const unlink = 'mem-write plain 2000 0';
  const all = 'barrier dsb ish\ntlbi alle2is\nbarrier dsb ish';

  it('may get another table after a flush of all', () => {
    expect(check(`${el2}${unlink}\n${all}\nmem-write plain 2000 4003`)).toEqual([]);
  });

  it('keeps what was below it in the TLBs when only one address is invalidated', () => {
    const one = 'barrier dsb ish\ntlbi vae2is 0\nbarrier dsb ish';
    expect(check(`${el2}${unlink}\n${one}\nmem-write plain 2000 4003`)).toEqual([
      'make-too-early at mem-write plain 2000 4003; TLBI that covers the entry | tlbi vae2is 0',
    ]);
    const both = 'barrier dsb ish\ntlbi vae2is 0\ntlbi vale2is 200\nbarrier dsb ish';
    expect(check(`${el2}${unlink}\n${both}\nmem-write plain 2000 4003`)).toEqual([]);
  });

  it('is not invalidated by a TLBI of last-level entries', () => {
    const leaf = 'barrier dsb ish\ntlbi vale2is 0\ntlbi vale2is 200\nbarrier dsb ish';
    expect(check(`${el2}${unlink}\n${leaf}\nmem-write plain 2000 4003`)).toEqual([
      'make-too-early at mem-write plain 2000 4003; TLBI of all levels | tlbi vale2is 0',
    ]);
  });

  it('may get the same table back at once', () => {
    expect(check(`${el2}${unlink}\nmem-write plain 2000 3003\n${block.broken}\n${flush}\n${block.made}`)).toEqual([]);
  });

  it('its table may not be written, linked elsewhere, released, freed or given away before the flush', () => {
    const missing = (at: string) => `dsb(ishst) before the TLBI | ${at}; TLBI | ${at}; dsb(ish) after the TLBI | ${at}`;
    const stories: readonly (readonly [string, string])[] = [
      ['write-to-unlinked-table', 'mem-write release 3010 80200701'],
      ['table-in-two-places', 'mem-write release 2008 3003'],
      ['release-too-early', 'hint release_table 3000 0'],
      ['release-too-early', 'mem-free 3000 1000'],
      ['release-too-early', 'hint set_owner_root 3000 0'],
    ];
    for (const [code, line] of stories) {
      expect(check(`${el2}${unlink}\n${line}`)).toEqual([`${code} at ${line}; ${missing(line)}`]);
      expect(check(`${el2}${unlink}\n${all}\n${line}`)).toEqual([]);
    }
  });

  it('may be linked once only, and given away only unlinked', () => {
    expect(check(`${el2}mem-write plain 2008 3003`)).toEqual(['table-in-two-places at mem-write plain 2008 3003']);
    expect(check(`${el2}mem-free 3000 1000`)).toEqual(['table-in-use at mem-free 3000 1000']);
  });

  it('a table that points to itself ends', () => {
    expect(check(`${setUp}mem-write plain 1000 1003\nsysreg-write ttbr0_el2 1000`)).toEqual([
      'table-in-two-places at sysreg-write ttbr0_el2 1000',
    ]);
  });

  it('split by hand: a block becomes a table of the same, which FEAT_BBM does not excuse when the trace cannot show it', () => {
    expect(check(`${el2}mem-write plain 3008 4003`, 2)).toHaveLength(1);
  });

  it('all entries of a table that is set to zero at once are broken', () => {
    expect(check(`${el2}mem-set 3000 1000 0\n${flush}\n${block.made}`)).toEqual([]);
    expect(check(`${el2}mem-init 3000 1000\n${block.made}`)).toHaveLength(1);
  });
});

describe('stage 2', () => {
  const story = (...between: string[]) =>
    `${stage2}${block.broken}\nbarrier dsb ish\n${between.join('\n')}\n${block.made}`;

  it('needs a TLBI of both stages, or of stage 2 by address and then of stage 1', () => {
    expect(check(story('tlbi alle1is', 'barrier dsb ish'))).toEqual([]);
    expect(check(story('tlbi vmalls12e1is', 'barrier dsb ish'))).toEqual([]);
    expect(check(story('tlbi ipas2e1is 200', 'barrier dsb ish', 'tlbi vmalle1is', 'barrier dsb ish'))).toEqual([]);
  });

  it('names what is missing of the two', () => {
    expect(check(story('tlbi ipas2e1is 200', 'barrier dsb ish'))).toEqual([
      `make-too-early at ${block.made}; TLBI of stage 1 | ${block.made}; dsb(ish) after the TLBI | ${block.made}`,
    ]);
    expect(check(story('tlbi ipas2e1is 200', 'tlbi vmalle1is', 'barrier dsb ish'))).toEqual([
      `make-too-early at ${block.made}; dsb(ish) between the TLBIs | tlbi vmalle1is`,
    ]);
  });

  it('is reached only under its VMID', () => {
    const other = 'sysreg-write vttbr_el2 8000000004000';
    expect(check(story(other, 'tlbi vmalls12e1is', 'barrier dsb ish'))).toEqual([
      `make-too-early at ${block.made}; TLBI of stage 2 | tlbi vmalls12e1is`,
    ]);
    expect(check(story(other, 'tlbi alle1is', 'barrier dsb ish'))).toEqual([]);
  });

  it('a VMID is of one root, and a root has one VMID', () => {
    expect(check(`${stage2}sysreg-write vttbr_el2 7000000004000`)).toEqual([
      'identifier-shared at sysreg-write vttbr_el2 7000000004000',
    ]);
    expect(check(`${stage2}sysreg-write vttbr_el2 8000000001000`)).toEqual([
      'identifier-changed at sysreg-write vttbr_el2 8000000001000',
    ]);
    expect(check(`${stage2}sysreg-write vttbr_el2 8000000004000\nsysreg-write vttbr_el2 7000000001000`)).toEqual([]);
  });

  it('a root is released when no CPU uses it and all of it is flushed; then its VMID and its pages are free', () => {
    const release = 'hint release_table 1000 0';
    const away = 'sysreg-write vttbr_el2 8000000004000';
    expect(check(`${stage2}${release}`)).toEqual([`table-in-use at ${release}`]);
    expect(check(`${stage2}${away}\n${release}\nsysreg-write vttbr_el2 7000000001000`)).toEqual([]);
    expect(check(`${stage2}${block.broken}\n${away}\n${release}`)).toEqual([
      `release-too-early at ${release}; dsb(ishst) before the TLBI | ${release}; TLBI | ${release}; dsb(ish) after the TLBI | ${release}`,
    ]);
    expect(check(`${stage2}exit-context\n${release}\nenter-context 1`)).toEqual([]);
  });
});

describe('EL1 tables', () => {
  /** TCR_EL1.T1SZ = 25: 39 bits, three levels, as Linux has them; a page at ffffff8000000000 + 3 * 4 KiB. */
  const kernel = `${setUp}
sysreg-write tcr_el1 80190000
mem-write plain 1000 2003
mem-write plain 2000 3003
mem-write plain 3018 68000040003703
sysreg-write ttbr1_el1 1000
lock f000
`;
  const make = 'mem-write plain 3018 60000050000783';

  it('a vmemmap page is remapped as the kernel does it', () => {
    const story = ['mem-write plain 3018 0', 'barrier dsb ishst', 'tlbi vaale1is ffff8000003', 'barrier dsb ish', make];
    expect(check(`${kernel}${story.join('\n')}\nunlock f000`)).toEqual([]);
    expect(check(`${kernel}${story.filter((line) => line !== 'barrier dsb ishst').join('\n')}`)).toEqual([
      `make-too-early at ${make}; dsb(ishst) before the TLBI | tlbi vaale1is ffff8000003`,
    ]);
  });

  it('a barrier of its own CPU is not enough, nor one that waits for less', () => {
    const story = [
      'mem-write plain 3018 0',
      'barrier dsb nshst',
      'tlbi vaae1is ffff8000003',
      'barrier dsb ishst',
      make,
    ];
    expect(check(`${kernel}${story.join('\n')}`)).toEqual([
      `make-too-early at ${make}; dsb(ishst) before the TLBI | barrier dsb nshst; dsb(ish) after the TLBI | barrier dsb ishst`,
    ]);
  });
});

describe('locks', () => {
  it('an entry is written under the lock of its tables, by the thread that holds it', () => {
    const unlocked = el2.replace('lock f000', '');
    expect(check(`${unlocked}mem-write plain 2008 0`)).toEqual(['lock-not-held at mem-write plain 2008 0']);
    expect(check(`${unlocked}lock e000\nmem-write plain 2008 0`)).toEqual(['lock-not-held at mem-write plain 2008 0']);
    expect(check(`${el2}1: mem-write plain 2008 0`)).toHaveLength(1);
    expect(check(`${el2.replace('hint set_root_lock 1000 f000', '')}mem-write plain 2008 0`)).toEqual([
      'no-lock at mem-write plain 2008 0',
    ]);
  });

  it('or by the thread that the entry belongs to', () => {
    const owned = `${el2.replace('lock f000', '')}hint set_pte_thread_owner 3010 1\n`;
    expect(check(`${owned}1: mem-write plain 3010 0`)).toEqual([]);
    expect(check(`${owned}mem-write plain 3010 0`)).toHaveLength(1);
  });

  it('before a register points to the tables nothing is asked of them', () => {
    expect(check(`${setUp}mem-write plain 1000 2003\nmem-write plain 1000 3003`)).toEqual([]);
    expect(report(setUp)).toMatchObject({ verdict: 'accept', roots: 0 });
  });

  it('a plain write that makes an entry valid is ordered after those before it, by a DSB or by being a release', () => {
    const first = 'mem-write plain 3010 80200701';
    const second = 'mem-write plain 3018 a0200701';
    expect(check(`${el2}${first}\n${second}`)).toEqual([`unordered-write at ${second}`]);
    expect(report(`${el2}${first}\n${second}`).findings[0]?.related.map(({ record }) => record)).toEqual([10]);
    expect(check(`${el2}${first}\nmem-write release 3018 a0200701`)).toEqual([]);
    expect(check(`${el2}${first}\nbarrier dsb ishst\n${second}`)).toEqual([]);
    expect(check(`${el2}${first}\n1:barrier dsb ishst\n${second}`)).toEqual([`unordered-write at ${second}`]);
    expect(check(`${el2}${first}\nunlock f000\nlock f000\n${second}`)).toEqual([]);
    expect(check(`${el2}${first}\nmem-write plain 3018 0\nmem-write plain 3008 0`)).toEqual([]);
    expect(check(`${el2}mem-write plain 3010 0\n${first}`)).toEqual([]);
  });

  it('a lock is taken when it is free, and released by its holder', () => {
    expect(check('lock f000\nlock f000')).toEqual(['lock-order at lock f000']);
    expect(check('lock f000\n1: lock f000')).toEqual(['lock-order at lock f000']);
    expect(check('lock f000\n1: unlock f000')).toEqual(['lock-order at unlock f000']);
    expect(check('unlock f000')).toEqual(['lock-order at unlock f000']);
    expect(check('lock f000\n1: trylock f000\nunlock f000\n1: trylock f000\n1: unlock f000')).toEqual([]);
    expect(check('lock f000\ntrylock f000\nunlock f000\nunlock f000')).toEqual([]);
  });
});

describe('registers', () => {
  it('EL2 alone has no ASID; with HCR_EL2.E2H it has', () => {
    const load = 'sysreg-write ttbr0_el2 5000000001000';
    expect(check(`${setUp}${load}`)).toEqual([`identifier-reserved at ${load}`]);
    expect(check(`${setUp}sysreg-write hcr_el2 400000000\n${load}`)).toEqual([]);
  });

  it('an address size that is not possible is told, and taken as 48 bits', () => {
    const story = el2.replace('sysreg-write ttbr0', 'sysreg-write tcr_el2 3\nsysreg-write ttbr0');
    expect(check(story)).toEqual(['control-register at sysreg-write ttbr0_el2 1000']);
    expect(check(`${story}${block.made}`)).toHaveLength(2);
  });

  it('stage 2 may start a level lower with several tables side by side', () => {
    // 40 bits: from level 1 with two tables, 2000 and 3000; the entry at 3000 is for 512 GiB.
    const story = `${setUp}
hint set_root_lock 2000 f000
mem-write plain 3000 40000701
sysreg-write vtcr_el2 58
sysreg-write vttbr_el2 7000000002000
lock f000
mem-write plain 3000 0
barrier dsb ish
tlbi ipas2e1is 8000000
barrier dsb ish
tlbi vmalle1is
barrier dsb ish
mem-write plain 3000 80000701`;
    expect(check(story)).toEqual([]);
    expect(check(story.replace('ipas2e1is 8000000', 'ipas2e1is 0'))).toHaveLength(1);
  });

  it('what is not known is not judged, but what was wrong before it is', () => {
    expect(check(`${setUp}sysreg-write ttbr0_el3 1000`)).toEqual(['unsupported: the register ttbr0_el3']);
    expect(report(`${setUp}tlbi paallos`).verdict).toBe('unsupported');
    expect(report(`${el2}${block.made}\ntlbi paallos`).verdict).toBe('reject');
    expect(report(`${el2}tlbi paallos\n${block.made}`).verdict).toBe('unsupported');
    expect(report(`${el2}tlbi vae2is`).verdict).toBe('unsupported');
  });
});

it('an unaligned write to a table is none that a walk could make sense of', () => {
  expect(check(`${el2}mem-write plain 300c 0`)).toEqual(['unaligned-write at mem-write plain 300c 0']);
});
