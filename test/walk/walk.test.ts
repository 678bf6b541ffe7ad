import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestCpu } from '../../simulator/machine/cpuFeatures';
import { descriptorFormat, mkBlock, mkPage } from '../../simulator/machine/descriptor';
import { decodeEsr } from '../../simulator/machine/esr';
import { faultStatusCode } from '../../simulator/machine/faultStatus';
import { entrySpan, type Granule, type Level, levelShift } from '../../simulator/machine/granule';
import { decodePar } from '../../simulator/machine/par';
import { AddressSpace } from './addressSpace';

/** vmemmap of Linux v6.7, 4K pages, 48 bits: the first struct page of a 2 MiB huge page at 4 GiB. */
const head = 0xfffffc0003000000n;
const tail = head + 0x1000n;
const kernel = 0x68000000000703n;
const kernelReadOnly = 0x60000000000783n;
const frame = 0x1_2345_6000n;

describe('faults of a walk', () => {
  it('a cleared PTE: level 3, for every byte of the page', () => {
    const space = new AddressSpace().put(head, 3, kernel | frame).put(tail, 3, 0n);
    expect(space.tell(head + 0x34n, 'load', 4)).toBe('PA 0x123456034');
    expect(space.tell(tail + 0x34n, 'load', 4)).toBe('translation L3 ESR 0x96000007');
    expect(space.tell(tail + 0xff8n, 'store')).toBe('translation L3 ESR 0x96000047');
  });

  it('a cleared PMD: level 2, for every byte of 2 MiB', () => {
    const space = new AddressSpace().put(head, 2, 0n);
    expect(space.tell(head)).toBe('translation L2 ESR 0x96000006');
    expect(space.tell(head + 0x1f_fff8n, 'store')).toBe('translation L2 ESR 0x96000046');
  });

  it('a PMD that points to a table of zeros: level 3', () => {
    const space = new AddressSpace().put(head, 3, 0n);
    expect(space.tell(head)).toBe('translation L3 ESR 0x96000007');
  });

  it('a page descriptor with bits 1:0 = 01: level 3', () => {
    const space = new AddressSpace().put(head, 3, 0x68000000000701n | frame);
    expect(space.tell(head)).toBe('translation L3 ESR 0x96000007');
  });

  it('a missing PUD: level 1', () => {
    expect(new AddressSpace().put(head, 1, 0n).tell(head)).toBe('translation L1 ESR 0x96000005');
  });

  it('a write to a read-only page: permission, level 3; to a block: level 2', () => {
    const space = new AddressSpace().put(tail, 3, kernelReadOnly | frame);
    expect(space.tell(tail, 'load')).toBe('PA 0x123456000');
    expect(space.tell(tail, 'store')).toBe('permission L3 ESR 0x9600004f');
    const block = new AddressSpace().put(head, 2, 0x60000000000781n | 0x1_2340_0000n);
    expect(block.tell(head + 0x12_3458n)).toBe('PA 0x123523458');
    expect(block.tell(head, 'store')).toBe('permission L2 ESR 0x9600004e');
  });

  it('no access flag: level 2 or 3, before permission', () => {
    expect(new AddressSpace().put(head, 2, 0x68000000000301n).tell(head)).toBe('accessFlag L2 ESR 0x9600000a');
    const space = new AddressSpace().put(head, 3, (kernelReadOnly | frame) & ~0x400n);
    expect(space.tell(head, 'store')).toBe('accessFlag L3 ESR 0x9600004b');
  });

  it('an output address beyond IPS: address size, before the access flag', () => {
    const space = new AddressSpace('4K', 48, { ips: 2n });
    space.put(head, 3, mkPage(descriptorFormat('4K', false, 48), 1n << 40n, { sh: 3 }));
    expect(space.tell(head)).toBe('addressSize L3 ESR 0x96000003');
    space.put(head, 2, 3n | (1n << 41n));
    expect(space.tell(head)).toBe('addressSize L2 ESR 0x96000002');
    space.context = { ...space.context, ttbr1: 1n << 42n };
    expect(space.tell(head)).toBe('addressSize L0 ESR 0x96000000');
  });

  it('an address out of range, and a disabled half: translation, level 0', () => {
    const space = new AddressSpace().put(head, 3, kernel | frame);
    expect(space.tell(0xff7f_fc00_0300_0000n)).toBe('translation L0 ESR 0x96000004');
    expect(space.tell(0xfffe_fc00_0300_0000n)).toBe('translation L0 ESR 0x96000004');
    expect(space.tell(0x0000_0000_0300_0000n)).toBe('translation L0 ESR 0x96000004');
    const disabled = new AddressSpace('4K', 48, { more: 1n << 23n });
    expect(disabled.put(head, 3, kernel | frame).tell(head)).toBe('translation L0 ESR 0x96000004');
  });

  it('TBI hides the top byte of the address, FAR keeps it', () => {
    const space = new AddressSpace('4K', 48, { more: 1n << 38n }).put(head, 3, kernel | frame);
    const tagged = (head & ~(0xffn << 56n)) | (0x5an << 56n);
    expect(space.tell(tagged)).toBe('PA 0x123456000');
    expect(space.access(tagged + 0x1000n)).toMatchObject({ far: tagged + 0x1000n });
  });

  it('no memory behind a table: external abort on the walk; behind a page: external abort', () => {
    const space = new AddressSpace().put(head, 2, 3n | (1n << 44n));
    expect(space.tell(head)).toBe('externalAbortOnWalk L3 ESR 0x96000017');
    space.put(tail, 1, 3n | (1n << 44n));
    expect(space.tell(tail, 'store')).toBe('externalAbortOnWalk L2 ESR 0x96000056');
    const nothing = new AddressSpace().put(head, 3, kernel | (1n << 44n));
    expect(nothing.tell(head)).toBe('externalAbort ESR 0x96000010');
    expect(nothing.tell(head, 'store')).toBe('externalAbort ESR 0x96000050');
  });
});

describe('permissions', () => {
  const user = 0x40000000000743n;

  it('tables limit what lies below, unless TCR.HPD says not to', () => {
    const limited = new AddressSpace().put(head, 3, kernel | frame, { readOnly: true });
    expect(limited.tell(head, 'store')).toBe('permission L3 ESR 0x9600004f');
    const free = new AddressSpace('4K', 48, { more: 1n << 42n }).put(head, 3, kernel | frame, { readOnly: true });
    expect(free.tell(head, 'store')).toBe('PA 0x123456000');
  });

  it('EL0 needs AP[1] and no APTable[0]; its aborts are of the lower class', () => {
    const space = new AddressSpace('4K', 48, { el: 0 }).put(head, 3, kernel | frame).put(tail, 3, user | frame);
    expect(space.tell(head)).toBe('permission L3 ESR 0x9200000f');
    expect(space.tell(tail, 'store')).toBe('PA 0x123456000');
    space.put(tail, 3, user | frame, { noEl0: true });
    expect(space.tell(tail)).toBe('permission L3 ESR 0x9200000f');
  });

  it('PAN keeps EL1 from what EL0 may access, but not AT S1E1R', () => {
    const space = new AddressSpace('4K', 48, { pan: true }).put(tail, 3, user | frame);
    expect(space.tell(tail)).toBe('permission L3 ESR 0x9600000f');
    expect(space.tell(tail, 'translateRead')).toBe('PA 0x123456000');
  });

  it('instruction fetch: PXN, what EL0 may write, WXN, Device', () => {
    const executable = 0x40000000000703n;
    const fetch = (raw: bigint, sctlr = 0n) =>
      new AddressSpace('4K', 48, { sctlr }).put(head, 3, raw | frame).tell(head, 'fetch', 4);
    expect(fetch(kernel)).toBe('permission L3 ESR 0x8600000f');
    expect(fetch(executable)).toBe('PA 0x123456000');
    expect(fetch(executable | (1n << 6n))).toBe('permission L3 ESR 0x8600000f');
    expect(fetch(executable, 1n << 19n)).toBe('permission L3 ESR 0x8600000f');
    expect(fetch(executable | (3n << 2n))).toBe('permission L3 ESR 0x8600000f');
    expect(new AddressSpace().tell(head, 'fetch', 4)).toBe('translation L0 ESR 0x86000004');
  });

  it('an atomic reports a write only when a read would not have faulted', () => {
    const space = new AddressSpace().put(head, 3, 0n).put(tail, 3, kernelReadOnly | frame);
    expect(space.tell(head, 'atomic', 4)).toBe('translation L3 ESR 0x96000007');
    expect(space.tell(tail, 'atomic', 4)).toBe('permission L3 ESR 0x9600004f');
    const unreadable = new AddressSpace('4K', 48, { el: 0 }).put(head, 3, kernel | frame);
    expect(unreadable.tell(head, 'atomic', 4)).toBe('permission L3 ESR 0x9200000f');
  });
});

describe('hardware access flag and dirty state', () => {
  const ha = 1n << 39n;
  const hd = 1n << 40n;
  const clean = 0x68000000000783n;

  it('with HA an access sets AF', () => {
    const space = new AddressSpace('4K', 48, { more: ha }).put(head, 3, (kernel | frame) & ~0x400n);
    const address = space.cell(head, 3);
    expect(space.access(head)).toMatchObject({
      kind: 'translated',
      updates: [{ address, from: (kernel | frame) & ~0x400n, to: kernel | frame }],
    });
  });

  it('with HD a write to a clean page makes it writable; a page without DBM still faults', () => {
    const space = new AddressSpace('4K', 48, { more: ha | hd }).put(head, 3, clean | frame);
    expect(space.access(head)).toMatchObject({ kind: 'translated', updates: [] });
    expect(space.access(head, 'store')).toMatchObject({ updates: [{ from: clean | frame, to: kernel | frame }] });
    space.put(tail, 3, kernelReadOnly | frame);
    expect(space.tell(tail, 'store')).toBe('permission L3 ESR 0x9600004f');
  });

  it('HD without HA has no effect', () => {
    const space = new AddressSpace('4K', 48, { more: hd }).put(head, 3, clean | frame);
    expect(space.tell(head, 'store')).toBe('permission L3 ESR 0x9600004f');
  });

  it('address translation instructions mark nothing dirty', () => {
    const space = new AddressSpace('4K', 48, { more: ha | hd }).put(head, 3, clean | frame);
    expect(space.access(head, 'translateWrite')).toMatchObject({ kind: 'translated', updates: [] });
  });

  it('a CPU without FEAT_HAFDBS ignores both', () => {
    const cpu = { ...largestCpu, hardwareAccessFlag: false };
    const space = new AddressSpace('4K', 48, { more: ha, cpu }).put(head, 3, (kernel | frame) & ~0x400n);
    expect(space.tell(head)).toBe('accessFlag L3 ESR 0x9600000b');
  });
});

describe('alignment', () => {
  const strict = 2n;
  const device = kernel | (3n << 2n);

  it('with SCTLR.A it comes before everything else', () => {
    const space = new AddressSpace('4K', 48, { sctlr: strict });
    expect(space.tell(head + 1n, 'load', 4)).toBe('alignment ESR 0x96000021');
    expect(space.tell(head + 1n, 'store', 4)).toBe('alignment ESR 0x96000061');
    expect(space.tell(head + 4n, 'load', 4)).toBe('translation L0 ESR 0x96000004');
  });

  it('to Device memory it comes after the access flag and before permission', () => {
    const space = new AddressSpace().put(head, 3, device | frame).put(tail, 3, kernelReadOnly | (3n << 2n) | frame);
    expect(space.tell(head + 2n, 'load', 4)).toBe('alignment ESR 0x96000021');
    expect(space.tell(tail + 2n, 'store', 4)).toBe('alignment ESR 0x96000061');
    space.put(head, 3, (device | frame) & ~0x400n);
    expect(space.tell(head + 2n, 'load', 4)).toBe('accessFlag L3 ESR 0x9600000b');
  });

  it('does not concern normal memory, and address translation instructions not at all', () => {
    const space = new AddressSpace().put(head, 3, kernel | frame).put(tail, 3, device | frame);
    expect(space.tell(head + 3n, 'load', 4)).toBe('PA 0x123456003');
    expect(space.tell(tail + 3n, 'translateRead')).toBe('PA 0x123456003');
  });

  it('an unaligned atomic faults as a read', () => {
    expect(new AddressSpace().put(head, 3, kernel | frame).tell(head + 2n, 'atomic', 4)).toBe(
      'alignment ESR 0x96000021',
    );
  });

  it('an access over a page boundary faults at the first byte of the page that is missing', () => {
    const space = new AddressSpace().put(head, 3, kernel | frame).put(tail, 3, 0n);
    expect(space.access(tail - 2n, 'load', 4)).toMatchObject({ kind: 'fault', far: tail, fault: { level: 3 } });
    space.put(tail, 3, kernelReadOnly | frame);
    expect(space.tell(tail - 2n, 'load', 4)).toBe('PA 0x123456ffe');
    expect(space.access(tail - 2n, 'store', 4)).toMatchObject({
      kind: 'fault',
      far: tail,
      fault: { kind: 'permission' },
    });
  });
});

describe('address translation instructions', () => {
  it('report faults in PAR_EL1', () => {
    const space = new AddressSpace().put(head, 3, 0n).put(tail, 3, kernelReadOnly | frame);
    expect(space.access(head, 'translateRead')).toMatchObject({ par: 0x80fn });
    expect(space.access(tail, 'translateWrite')).toMatchObject({ par: 0x81fn });
  });

  it('report the address, attributes and shareability', () => {
    const space = new AddressSpace().put(head, 3, kernel | frame);
    expect(space.access(head + 0x34n, 'translateRead')).toMatchObject({ par: 0xff00_0001_2345_6b80n });
  });

  it('Device and non-cacheable memory is outer shareable whatever the descriptor says', () => {
    const space = new AddressSpace()
      .put(head, 3, kernel | (4n << 2n) | frame)
      .put(tail, 3, kernel | (2n << 2n) | frame);
    expect(decodePar(space.access(head).par ?? 0n)).toMatchObject({ attribute: 0x04, shareability: 2 });
    expect(decodePar(space.access(tail).par ?? 0n)).toMatchObject({ attribute: 0x44, shareability: 2 });
  });

  it('take external aborts on the walk as an exception with CM and WnR, and do not touch the memory of the page', () => {
    const space = new AddressSpace().put(head, 2, 3n | (1n << 44n));
    expect(space.access(head, 'translateRead')).toMatchObject({ esr: 0x96000157n, far: head });
    expect(space.access(head, 'translateRead').par).toBeUndefined();
    const nothing = new AddressSpace().put(head, 3, kernel | (1n << 44n));
    expect(nothing.tell(head, 'translateRead')).toBe('PA 0x100000000000');
  });
});

describe('52-bit addresses', () => {
  const wide = { ips: 6n, ds: true };
  const top = 0xfff0_0000_0000_0000n;

  it('4K pages: the walk starts at level -1, whose faults have codes of their own', () => {
    const space = new AddressSpace('4K', 52, wide);
    expect(space.tell(top)).toBe('translation L-1 ESR 0x9600002b');
    space.put(top, -1, 3n | (1n << 47n));
    expect(space.tell(top)).toBe('externalAbortOnWalk L0 ESR 0x96000014');
    space.context = { ...space.context, ttbr1: 1n << 47n };
    expect(space.tell(top)).toBe('externalAbortOnWalk L-1 ESR 0x96000013');
    const narrow = new AddressSpace('4K', 52, { ips: 2n, ds: true }).put(top, -1, 3n | (1n << 41n));
    expect(narrow.tell(top)).toBe('addressSize L-1 ESR 0x96000029');
  });

  it('4K pages: blocks at level 0, faults at level 0', () => {
    const format = descriptorFormat('4K', true, 52);
    const space = new AddressSpace('4K', 52, wide).put(top, 0, mkBlock(format, 0, 0n, { af: true, pxn: true, ap: 2 }));
    expect(space.tell(top + 0x12_3456_7890n)).toBe('PA 0x1234567890');
    expect(space.tell(top, 'store')).toBe('permission L0 ESR 0x9600004c');
    space.put(top, 0, mkBlock(format, 0, 0n, {}));
    expect(space.tell(top)).toBe('accessFlag L0 ESR 0x96000008');
  });

  it('TCR.DS takes the shareability from TCR', () => {
    const format = descriptorFormat('4K', true, 52);
    const space = new AddressSpace('4K', 52, wide).put(top, 3, mkPage(format, frame, { af: true }));
    expect(space.access(top)).toMatchObject({ kind: 'translated', shareability: 3 });
  });

  it('bits 9:8 of a descriptor are address bits even where IPS has fewer: address size', () => {
    const space = new AddressSpace('4K', 48, { ds: true }).put(0xffff_8000_0000_0000n, 3, kernel | frame);
    expect(space.tell(0xffff_8000_0000_0000n)).toBe('addressSize L3 ESR 0x96000003');
  });

  it('bits 5:2 of TTBR are address bits with TCR.DS, and the table is aligned to 64 bytes at least', () => {
    const space = new AddressSpace('16K', 48, { ds: true });
    space.context = { ...space.context, ttbr1: space.context.ttbr1 | 4n };
    expect(space.tell(0xffff_8000_0000_0000n)).toBe('addressSize L0 ESR 0x96000000');
    space.context = { ...space.context, ttbr1: space.context.ttbr1 & ~4n };
    expect(space.tell(0xffff_8000_0000_0000n)).toBe('translation L0 ESR 0x96000004');
  });

  it('64K pages: bits 15:12 are address bits, and level 1 has blocks', () => {
    const space = new AddressSpace('64K', 52).put(top, 3, kernel | 0x1_2345_0000n | (1n << 12n));
    expect(space.tell(top)).toBe('addressSize L3 ESR 0x96000003');
    const blocks = new AddressSpace('64K', 52, { ips: 6n }).put(top, 1, 0x68000000000701n);
    expect(blocks.tell(top + 0x12_3456_7890n)).toBe('PA 0x1234567890');
    const cpu = { ...largestCpu, physicalAddressBits: 48 };
    const small = new AddressSpace('64K', 48, { cpu }).put(0xffff_0000_0000_0000n, 1, 0x68000000000701n);
    expect(small.tell(0xffff_0000_0000_0000n)).toBe('translation L1 ESR 0x96000005');
  });

  it('without FEAT_LVA a size of 52 bits faults at level 0', () => {
    const cpu = { ...largestCpu, largeVirtualAddress: false };
    expect(new AddressSpace('64K', 52, { cpu }).tell(top)).toBe('translation L0 ESR 0x96000004');
  });
});

describe('bits that are no address and no permission', () => {
  it('nT faults only where the CPU says so', () => {
    const raw = 0x68000000000701n | (1n << 16n);
    expect(new AddressSpace().put(head, 2, raw).tell(head)).toBe('PA 0x0');
    const cpu = { ...largestCpu, noTranslationFaults: true };
    expect(new AddressSpace('4K', 48, { cpu }).put(head, 2, raw).tell(head)).toBe('translation L2 ESR 0x96000006');
  });

  it('the Contiguous bit, software bits and reserved bits of a block change nothing', () => {
    const page = kernel | frame | (1n << 52n) | (0xffn << 55n);
    expect(new AddressSpace().put(head, 3, page).tell(head + 8n)).toBe('PA 0x123456008');
    const block = 0x68000000000701n | 0x1_2340_0000n | 0x1e_0000n;
    expect(new AddressSpace().put(head, 2, block).tell(head + 8n)).toBe('PA 0x123400008');
  });
});

describe('any mapping', () => {
  const shapes: readonly (readonly [Granule, number, Level])[] = [
    ['4K', 39, 3],
    ['4K', 48, 1],
    ['4K', 48, 2],
    ['16K', 36, 3],
    ['16K', 47, 2],
    ['64K', 42, 2],
    ['64K', 48, 3],
  ];

  it('translates to its output address plus the offset', () => {
    const address = fc.bigInt(0n, (1n << 43n) - 1n);
    fc.assert(
      fc.property(fc.constantFrom(...shapes), address, address, ([granule, vaBits, level], from, to) => {
        const shift = BigInt(levelShift(granule, level));
        const base = BigInt.asUintN(64, -(1n << BigInt(vaBits)));
        const va = base | (from & ((1n << BigInt(vaBits)) - 1n) & ~7n);
        const format = descriptorFormat(granule, false, 52);
        const target = ((to & ((1n << 43n) - 1n)) >> shift) << shift;
        const raw =
          level === 3
            ? mkPage(format, target, { af: true, sh: 3 })
            : mkBlock(format, level, target, { af: true, sh: 3 });
        const space = new AddressSpace(granule, vaBits).put(va, level, raw);
        expect(space.access(va)).toMatchObject({ pa: target | (va & (entrySpan(granule, level) - 1n)) });
      }),
    );
  });

  it('gives an ESR and a PAR that name the fault', () => {
    const raw = fc.bigInt(0n, (1n << 64n) - 1n);
    fc.assert(
      fc.property(
        raw,
        fc.constantFrom<AccessName>('load', 'store', 'atomic', 'translateRead', 'fetch'),
        (value, kind) => {
          const result = new AddressSpace().put(head, 3, value).access(head, kind);
          if (result.kind === 'translated') return;
          const code = faultStatusCode(result.fault);
          expect(decodeEsr(result.esr).abort?.status.code).toBe(code);
          if (result.par !== undefined) {
            expect(decodePar(result.par)).toMatchObject({ kind: 'fault', status: { code }, stage2: false });
          }
        },
      ),
    );
  });
});

type AccessName = 'load' | 'store' | 'atomic' | 'translateRead' | 'fetch';
