/** Small programs built by hand, for tests of the machine that stand below the language. */

import { mkPage, mkTable, plainFormat } from '../../simulator/machine/descriptor';
import type {
  AccessInstruction,
  BarrierInstruction,
  CpuProgram,
  Instruction,
  Operand,
  Program,
  Switches,
  TlbiInstruction,
} from '../../simulator/machine/program';

const format = plainFormat('4K');

/** Physical addresses: the level 0 to 3 tables, frames 0, 1, …; descriptors of pages 0, 1, … lie in the level 3 table. */
export const ROOT = 0x4000_0000n;
const L1 = ROOT + 0x1000n;
const L2 = ROOT + 0x2000n;
export const L3 = ROOT + 0x3000n;
export const FRAMES = 0x5000_0000n;
/** Virtual address of page 0; the linear map of the physical memory above. */
export const PAGES = 0xffff_8000_0000_0000n;
const LINEAR = 0xffff_0000_0000_0000n;

export function frame(n: number): bigint {
  return FRAMES + BigInt(n) * 0x1000n;
}

/** Physical address of the level 3 descriptor of page n. */
export function descriptor(n: number): bigint {
  return L3 + BigInt(n) * 8n;
}

/** A valid page descriptor for frame n. */
export function mapped(n: number, readOnly = false): bigint {
  return mkPage(format, frame(n), { af: true, sh: 3, ap: readOnly ? 2 : 0, uxn: true, dbm: !readOnly });
}

export function value(v: bigint): Operand {
  return { kind: 'value', value: v };
}

export function register(r: number): Operand {
  return { kind: 'register', register: r };
}

let site = 0;

/** Load of the first word of page n. */
export function load(n: number, destination: number): AccessInstruction {
  return {
    kind: 'access',
    access: 'load',
    base: value(PAGES + BigInt(n) * 0x1000n),
    offset: value(0n),
    bytes: 8,
    destination,
    site: site++,
  };
}

export function loadWord(physical: bigint, destination: number): AccessInstruction {
  return {
    kind: 'access',
    access: 'load',
    base: value(LINEAR + physical),
    offset: value(0n),
    bytes: 8,
    destination,
    site: site++,
  };
}

export function store(n: number, v: bigint): AccessInstruction {
  return {
    kind: 'access',
    access: 'store',
    base: value(PAGES + BigInt(n) * 0x1000n),
    offset: value(0n),
    bytes: 8,
    value: value(v),
    site: site++,
  };
}

/** Store of a word of physical memory through the linear map. */
export function storeWord(physical: bigint, v: bigint): AccessInstruction {
  return {
    kind: 'access',
    access: 'store',
    base: value(LINEAR + physical),
    offset: value(0n),
    bytes: 8,
    value: value(v),
    site: site++,
  };
}

export function dsb(type: 'full' | 'store' = 'full'): BarrierInstruction {
  return { kind: 'dsb', type, domain: 'innerShareable', site: site++ };
}

export function tlbi(n: number, more: Partial<TlbiInstruction> = {}): TlbiInstruction {
  const page = ((PAGES + BigInt(n) * 0x1000n) >> 12n) & ((1n << 44n) - 1n);
  return {
    kind: 'tlbi',
    scope: 'address',
    innerShareable: true,
    leafOnly: true,
    operand: value(page),
    site: site++,
    ...more,
  };
}

export function isb(): Instruction {
  return { kind: 'isb', site: site++ };
}

export function lock(id = 0): Instruction {
  return { kind: 'lock', lock: id, mode: 'exclusive', site: site++ };
}

export function unlock(id = 0): Instruction {
  return { kind: 'unlock', lock: id, mode: 'exclusive', site: site++ };
}

export function end(): Instruction {
  return { kind: 'end', site: site++ };
}

export function cpu(code: readonly Instruction[], more: Partial<CpuProgram> = {}): CpuProgram {
  return {
    name: 'cpu',
    code: [...code, end()],
    registers: 4,
    initial: new Map(),
    faults: { kind: 'fatal' },
    interrupts: [],
    hardwareAccessFlag: false,
    hardwareDirtyState: false,
    ...more,
  };
}

const plain: Switches = {
  bbm: 0,
  enhancedTranslationSynchronisation: 0,
  exceptionEntrySynchronises: true,
  exceptionReturnSynchronises: true,
  conflictsHappen: false,
};

/** Pages 0..7 map frames 0..7, which hold 100, 101, …; `memory` overrides words. */
export function program(
  cpus: readonly CpuProgram[],
  more: Partial<Program> & { memory?: ReadonlyMap<bigint, bigint> } = {},
): Program {
  const memory = new Map<bigint, bigint>([
    [ROOT + 256n * 8n, mkTable(format, L1)],
    [L1, mkTable(format, L2)],
    [L2, mkTable(format, L3)],
  ]);
  for (let n = 0; n < 8; n++) {
    memory.set(descriptor(n), mapped(n));
    memory.set(frame(n), 100n + BigInt(n));
  }
  for (const [word, v] of more.memory ?? []) memory.set(word, v);
  return {
    switches: plain,
    translation: {
      granule: '4K',
      virtualAddressBits: 48,
      root: ROOT,
      direct: [{ virtualBase: LINEAR, physicalBase: 0n, bytes: 1n << 40n }],
    },
    locks: [{ name: 'init_mm.page_table_lock', kind: 'spin' }],
    initialWord: (pa) => memory.get(pa) ?? 0n,
    freePages: [],
    pageBytes: 0x1000n,
    observe: [],
    ...more,
    cpus,
  };
}
