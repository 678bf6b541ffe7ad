/**
 * Descriptors as the explorer meets them: decoded once for each value and level, and the cells that a walk of a virtual
 * address goes through.
 */

import { type DescriptorFormat, decodeDescriptor, plainFormat } from './descriptor';
import {
  descriptorBytes,
  entrySpan,
  type Geometry,
  type Granule,
  geometry,
  type Level,
  pageBytes,
  tableIndex,
} from './granule';
import type { Translation } from './program';
import { MAX_VALUES, type ValueId, type Values } from './values';

/** What a 64-bit descriptor says at its level, as far as a walk needs it. */
export interface Entry {
  readonly kind: 'invalid' | 'table' | 'leaf';
  /** Next table, or first byte that a leaf maps. */
  readonly output: bigint;
  readonly accessFlag: boolean;
  /** AP[2], or APTable[1] of a table. */
  readonly readOnly: boolean;
  /** Dirty bit modifier. */
  readonly dirtyModifier: boolean;
  /** AP[1] of a leaf; for a table: EL0 access is not taken away by APTable[0]. */
  readonly el0: boolean;
  /** nT of a block, the Contiguous bit of a leaf. */
  readonly noTranslation: boolean;
  readonly contiguous: boolean;
  /** May be held in a TLB: valid, and with the access flag set where it has one. */
  readonly cacheable: boolean;
}

const INVALID: Entry = {
  kind: 'invalid',
  output: 0n,
  accessFlag: false,
  readOnly: false,
  dirtyModifier: false,
  el0: false,
  noTranslation: false,
  contiguous: false,
  cacheable: false,
};

export class Entries {
  readonly granule: Granule;
  readonly shape: Geometry;
  readonly format: DescriptorFormat;
  readonly top: Level;
  /** Some leaf that was decoded has the Contiguous bit. */
  anyContiguous = false;
  private readonly decoded: Entry[][] = [];
  private readonly cells = new Map<bigint, ValueId>();
  private readonly physicals = new Map<number, ValueId>();
  private readonly pages = new Map<ValueId, ValueId>();

  constructor(
    readonly translation: Translation,
    private readonly values: Values,
  ) {
    this.granule = translation.granule;
    this.shape = geometry(translation.granule, translation.virtualAddressBits);
    this.format = plainFormat(translation.granule);
    this.top = this.shape.topLevel;
  }

  /** Decodes a descriptor at a level. */
  describe(value: ValueId, level: Level): Entry {
    let ofLevel = this.decoded[level + 1];
    if (ofLevel === undefined) {
      ofLevel = [];
      this.decoded[level + 1] = ofLevel;
    }
    let entry = ofLevel[value];
    if (entry === undefined) {
      entry = decode(this.format, level, this.values.raw(value));
      ofLevel[value] = entry;
      this.checkFamily(value, level, entry);
      if (entry.contiguous) this.anyContiguous = true;
    }
    return entry;
  }

  /** The values of a family must be descriptors that differ in their pages only. */
  private checkFamily(value: ValueId, level: Level, entry: Entry): void {
    const { own } = this.values;
    for (const other of own.familyOf(value)?.values ?? []) {
      const like = decode(this.format, level, this.values.raw(other));
      if (entry.kind === 'table' || !isLike(like, entry)) own.isSpoiled = true;
    }
  }

  /** Notes whether a descriptor that no walk has met has the Contiguous bit. */
  note(raw: bigint, level: Level): void {
    if (decode(this.format, level, raw).contiguous) this.anyContiguous = true;
  }

  /** Physical address of the descriptor of `va` in the table at `table`, as a value number. */
  cell(table: bigint, va: bigint, level: Level): ValueId {
    const address = table + BigInt(tableIndex(this.shape, level, va)) * descriptorBytes;
    let id = this.cells.get(address);
    if (id === undefined) {
      id = this.values.of(address);
      this.cells.set(address, id);
    }
    return id;
  }

  /** The physical address of a virtual one through a leaf descriptor, as a value number. */
  physical(value: ValueId, level: Level, address: ValueId): ValueId {
    const key = value * MAX_VALUES + address;
    let physical = this.physicals.get(key);
    if (physical === undefined) {
      const offset = this.values.get(address) & (this.span(level) - 1n);
      physical = this.values.found(value, (leaf) => this.describe(leaf, level).output + offset);
      this.physicals.set(key, physical);
    }
    return physical;
  }

  /** First address that an entry of this level covers. */
  coveredBase(va: bigint, level: Level): bigint {
    return va & ~(entrySpan(this.granule, level) - 1n) & 0xffff_ffff_ffff_ffffn;
  }

  span(level: Level): bigint {
    return entrySpan(this.granule, level);
  }

  /** The page of a virtual address in granule units, as the value number of its first address. */
  page(address: ValueId): ValueId {
    let page = this.pages.get(address);
    if (page === undefined) {
      page = this.values.of(this.values.get(address) & ~(pageBytes(this.granule) - 1n) & 0xffff_ffff_ffff_ffffn);
      this.pages.set(address, page);
    }
    return page;
  }
}

/** Whether two entries differ in their output addresses only. */
function isLike(a: Entry, b: Entry): boolean {
  return (Object.keys(a) as (keyof Entry)[]).every((field) => field === 'output' || a[field] === b[field]);
}

function decode(format: DescriptorFormat, level: Level, value: bigint): Entry {
  const descriptor = decodeDescriptor(format, level, value);
  switch (descriptor.kind) {
    case 'invalid':
    case 'reserved':
      return INVALID;
    case 'table':
      return {
        kind: 'table',
        output: descriptor.nextTable,
        accessFlag: true,
        readOnly: descriptor.readOnly,
        dirtyModifier: false,
        el0: !descriptor.noEl0,
        noTranslation: false,
        contiguous: false,
        cacheable: true,
      };
    case 'leaf':
      return {
        kind: 'leaf',
        output: descriptor.outputAddress,
        accessFlag: descriptor.af,
        readOnly: (descriptor.ap & 2) !== 0,
        dirtyModifier: descriptor.dbm,
        el0: (descriptor.ap & 1) !== 0,
        noTranslation: descriptor.nT,
        contiguous: descriptor.contiguous,
        cacheable: descriptor.af,
      };
  }
}
