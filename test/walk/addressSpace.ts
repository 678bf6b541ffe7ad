import { largestCpu } from '../../simulator/machine/cpuFeatures';
import { descriptorAddress, descriptorFormat, mkTable, type TableFields } from '../../simulator/machine/descriptor';
import { type Granule, geometry, type Level, levelsOf, pageBytes, tableIndex } from '../../simulator/machine/granule';
import { kernelTcr } from '../../simulator/machine/translationControl';
import { type WalkContext, type WalkResult, walk } from '../../simulator/machine/walk';
import type { AccessKind } from '../../simulator/machine/walkSteps';

const outputSizes = [32, 36, 40, 42, 44, 48, 52];

/** TCR_EL1 for the upper half: 48-bit output addresses unless `ips` says else. */
export function tcrFor(granule: Granule, vaBits: number, { ips = 5n, ds = false, more = 0n } = {}): bigint {
  const outputAddressBits = outputSizes[Number(ips)] ?? 48;
  const off = { hardwareAccessFlag: false, hardwareDirtyState: false };
  return kernelTcr({ granule, vaBits, outputAddressBits, ds, ...off }) | more;
}

/** An address space whose tables are made on demand at 0x80000000 and up. Memory answers below 2^44. */
export class AddressSpace {
  readonly words = new Map<bigint, bigint>();
  readonly tables = new Map<string, bigint>();
  context: WalkContext;
  private next = 0x8000_0000n;

  constructor(
    readonly granule: Granule = '4K',
    readonly vaBits = 48,
    options: { ips?: bigint; ds?: boolean; more?: bigint } & Partial<WalkContext> = {},
  ) {
    const { ips = 5n, ds = false, more = 0n, ...rest } = options;
    const root = this.table('root');
    this.context = {
      tcr: tcrFor(granule, vaBits, { ips, ds, more }),
      mair: 0x4_0044_ffffn,
      ttbr0: 0n,
      ttbr1: root,
      sctlr: 0n,
      el: 1,
      pan: false,
      cpu: largestCpu,
      readDescriptor: (pa) => (pa < 1n << 44n ? (this.words.get(pa) ?? 0n) : 'external-abort'),
      answers: (pa) => pa < 1n << 44n,
      ...rest,
    };
  }

  private table(name: string): bigint {
    const known = this.tables.get(name);
    if (known !== undefined) return known;
    const address = this.next;
    this.next += pageBytes(this.granule);
    this.tables.set(name, address);
    return address;
  }

  /** Physical address of the descriptor of a level for an address, with the tables above it made as needed. */
  cell(va: bigint, level: Level, limits: TableFields = {}): bigint {
    const shape = geometry(this.granule, this.vaBits);
    let table = this.table('root');
    let path = '';
    for (const each of levelsOf(shape)) {
      const index = tableIndex(shape, each, va);
      const address = descriptorAddress(table, index);
      if (each === level) return address;
      path += `/${index}`;
      table = this.table(path);
      this.words.set(address, mkTable(descriptorFormat(this.granule, false, 52), table, limits));
    }
    throw new Error('no such level');
  }

  /** Stores a descriptor for an address at a level. */
  put(va: bigint, level: Level, raw: bigint, limits: TableFields = {}): this {
    this.words.set(this.cell(va, level, limits), raw);
    return this;
  }

  access(va: bigint, kind: AccessKind = 'load', size = 8): WalkResult {
    return walk(this.context, va, { kind, size });
  }

  /** The result in one word: the physical address, or class, level and ESR of the fault. */
  tell(va: bigint, kind: AccessKind = 'load', size = 8): string {
    const result = this.access(va, kind, size);
    if (result.kind === 'translated') return `PA 0x${result.pa.toString(16)}`;
    const level = 'level' in result.fault ? ` L${result.fault.level}` : '';
    return `${result.fault.kind}${level} ESR 0x${result.esr.toString(16)}`;
  }
}
