import { describe, expect, it } from 'vitest';
import { plainFormat } from '../../simulator/machine/descriptor';
import { geometry } from '../../simulator/machine/granule';
import {
  type OopsInput,
  oopsLines,
  oopsReason,
  readDump,
  spuriousWarning,
  tableLines,
} from '../../simulator/machine/oops';
import { ptdumpLine } from '../../simulator/machine/ptdump';
import { AddressSpace } from './addressSpace';

const shape = geometry('4K', 48);
const format = plainFormat('4K');

describe('ptdump lines', () => {
  const line = (start: bigint, end: bigint, descriptor: bigint, level: 2 | 3 = 3) =>
    ptdumpLine(shape, format, { start, end, level, descriptor });

  it('have the columns of the kernel', () => {
    expect(line(0xfffffc0002000000n, 0xfffffc0002001000n, 0x68000102004703n)).toBe(
      '0xfffffc0002000000-0xfffffc0002001000           4K PTE       RW NX SHD AF            UXN    MEM/NORMAL',
    );
    expect(line(0xfffffc0002001000n, 0xfffffc0002008000n, 0x60000102004783n)).toBe(
      '0xfffffc0002001000-0xfffffc0002008000          28K PTE       ro NX SHD AF            UXN    MEM/NORMAL',
    );
    expect(line(0xfffffc0002000000n, 0xfffffc0002200000n, 0x68000090000701n, 2)).toBe(
      '0xfffffc0002000000-0xfffffc0002200000           2M PMD       RW NX SHD AF        BLK UXN    MEM/NORMAL',
    );
  });

  it('an empty entry shows only its level', () => {
    expect(line(0xfffffc0002008000n, 0xfffffc0002200000n, 0n)).toBe(
      '0xfffffc0002008000-0xfffffc0002200000        2016K PTE',
    );
  });

  it('a table, an invalid and a reserved entry say so', () => {
    expect(line(0n, 0x200000n, 0x10000000a0003003n, 2)).toContain('2M PMD table 0x00000000a0003000 UXNTable');
    expect(line(0n, 0x1000n, 0x68000090000700n)).toContain('PTE F invalid 0x0068000090000700');
    expect(line(0n, 0x1000n, 0x68000090000701n)).toContain('PTE F reserved');
  });

  it('every flag has its column', () => {
    const all = 0xff_0000_0000_0f_43n | (1n << 50n) | (3n << 53n) | (1n << 52n);
    expect(line(0n, 0x1000n, all)).toContain('USR RW NX SHD AF NG CON     UXN GP MEM/NORMAL');
  });
});

describe('the oops', () => {
  const far = 0xfffffc0003001034n;
  const space = new AddressSpace().put(far, 3, 0n);
  const dump = () => readDump(shape, format, space.context.ttbr1, far, (pa) => space.words.get(pa) ?? 0n);
  const input = (): OopsInput => ({
    esr: 0x96000007n,
    far,
    release: 'v6.7',
    shape,
    root: space.context.ttbr1,
    entries: dump(),
    count: 1,
    preemption: 'PREEMPT',
    inInterrupt: false,
    panicOnOops: false,
  });

  it('of a read in the window of v6.7', () => {
    expect(oopsLines(input())).toEqual([
      'Unable to handle kernel paging request at virtual address fffffc0003001034',
      'Mem abort info:',
      '  ESR = 0x0000000096000007',
      '  EC = 0x25: DABT (current EL), IL = 32 bits',
      '  SET = 0, FnV = 0',
      '  EA = 0, S1PTW = 0',
      '  FSC = 0x07: level 3 translation fault',
      'Data abort info:',
      '  ISV = 0, ISS = 0x00000007',
      '  CM = 0, WnR = 0',
      'swapper pgtable: 4k pages, 48-bit VAs, pgdp=0000000080000000',
      '[fffffc0003001034] pgd=0000000080001003, p4d=0000000080001003, pud=0000000080002003, ' +
        'pmd=0000000080003003, pte=0000000000000000',
      'Internal error: Oops: 0000000096000007 [#1] PREEMPT SMP',
    ]);
  });

  it('shows the syndrome that newer kernels print', () => {
    const lines = oopsLines({ ...input(), release: 'v6.12' });
    expect(lines).toContain('  ISV = 0, ISS = 0x00000007, ISS2 = 0x00000000');
    expect(lines).toContain('  CM = 0, WnR = 0, TnD = 0, TagAccess = 0');
    expect(lines).toContain('  GCS = 0, Overlay = 0, DirtyBit = 0, Xs = 0');
    expect(oopsLines({ ...input(), syndrome2: true })).toContain('  GCS = 0, Overlay = 0, DirtyBit = 0, Xs = 0');
  });

  it('reads the entries at dump time: a window that has closed shows a valid pte', () => {
    space.put(far, 3, 0x680000a0010703n);
    expect(tableLines(input())[1]).toContain('pte=00680000a0010703');
    space.put(far, 3, 0n);
  });

  it('stops at the first entry that is none or no table; folded levels repeat the top entry', () => {
    const block = new AddressSpace('4K', 39).put(0xfffffffe03000000n, 2, 0x68000090000701n);
    const three = geometry('4K', 39);
    const entries = readDump(
      three,
      format,
      block.context.ttbr1,
      0xfffffffe03000000n,
      (pa) => block.words.get(pa) ?? 0n,
    );
    expect(tableLines({ shape: three, root: block.context.ttbr1, far: 0xfffffffe03000000n, entries })).toEqual([
      'swapper pgtable: 4k pages, 39-bit VAs, pgdp=0000000080000000',
      '[fffffffe03000000] pgd=0000000080001003, p4d=0000000080001003, pud=0000000080001003, pmd=0068000090000701',
    ]);
    const two = geometry('64K', 42);
    const none = readDump(two, plainFormat('64K'), 0n, 0xffffffff00300000n, () => 0n);
    expect(tableLines({ shape: two, root: 0n, far: 0xffffffff00300000n, entries: none })[1]).toBe(
      `[ffffffff00300000] ${['pgd', 'p4d', 'pud', 'pmd'].map((name) => `${name}=0000000000000000`).join(', ')}`,
    );
  });

  it.each([
    [0x96000007n, 'paging request'],
    [0x9600004fn, 'write to read-only memory'],
    [0x9600000fn, 'read from unreadable memory'],
    [0x8600000fn, 'execute from non-executable memory'],
    [0x96000030n, 'TLB conflict abort'],
    [0x96000003n, 'level 3 address size fault'],
    [0x9600000bn, 'paging request'],
    [0x96000021n, 'paging request'],
    [0x96000008n, 'unknown 8'],
  ])('ESR 0x%s is reported by its kind', (esr, what) => {
    expect(oopsReason(esr, far, shape, 'v6.7')).toEqual({ kind: 'unhandled', what });
  });

  it('the first page is NULL', () => {
    expect(oopsReason(0x96000006n, 0x34n, shape, 'v6.7')).toEqual({
      kind: 'unhandled',
      what: 'NULL pointer dereference',
    });
  });

  it('an external abort dies under its name, without a dump', () => {
    expect(oopsLines({ ...input(), esr: 0x96000010n })).toEqual([
      'Internal error: synchronous external abort: 0000000096000010 [#1] PREEMPT SMP',
    ]);
  });

  it('ends in a panic in interrupt context, and with panic_on_oops', () => {
    expect(oopsLines({ ...input(), inInterrupt: true }).at(-1)).toBe(
      'Kernel panic - not syncing: Oops: Fatal exception in interrupt',
    );
    expect(oopsLines({ ...input(), panicOnOops: true }).at(-1)).toBe(
      'Kernel panic - not syncing: Oops: Fatal exception',
    );
  });

  it('names the task and the place when they are known', () => {
    const lines = oopsLines({
      ...input(),
      cpu: 1,
      task: { pid: 80, name: 'reader' },
      pc: 'put_page+0x18',
      lr: 'free_tail',
    });
    expect(lines.slice(-3)).toEqual(['CPU: 1 PID: 80 Comm: reader', 'pc : put_page+0x18', 'lr : free_tail']);
  });

  it('a fault that is gone when the handler looks is a warning', () => {
    expect(spuriousWarning(far)).toBe('Ignoring spurious kernel translation fault at virtual address fffffc0003001034');
  });
});
