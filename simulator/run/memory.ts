/** Physical memory of one execution, and translation by walks of what is in it: no TLB holds anything. */

import { type DescriptorFormat, decodeDescriptor, plainFormat } from '../machine/descriptor';
import { descriptorBytes, entrySpan, type Geometry, geometry, type Level, tableIndex } from '../machine/granule';
import type { Program } from '../machine/program';

/** What an access gets: a physical address, or the kind of fault and its level. */
export type Translated =
  | { readonly kind: 'address'; readonly physical: bigint }
  | { readonly kind: 'fault'; readonly fault: 'translation' | 'accessFlag' | 'permission'; readonly level: Level };

export interface Access {
  readonly write: boolean;
  /** By EL0. */
  readonly unprivileged: boolean;
  /** The hardware of this CPU sets the access flag, and makes read-only descriptors with DBM writable, by itself. */
  readonly setsAccessFlag: boolean;
  readonly setsDirtyState: boolean;
}

const READ_ONLY = 1n << 7n;
const ACCESS_FLAG = 1n << 10n;

export class RunMemory {
  private readonly words = new Map<bigint, bigint>();
  readonly shape: Geometry;
  readonly format: DescriptorFormat;

  constructor(
    readonly program: Program,
    /** Told every store to memory, by the aligned word. */
    private readonly onStore: (word: bigint, before: bigint, after: bigint) => void,
  ) {
    const { granule, virtualAddressBits } = program.translation;
    this.shape = geometry(granule, virtualAddressBits);
    this.format = plainFormat(granule);
  }

  read(physical: bigint, bytes: number): bigint {
    const word = this.word(physical & ~7n);
    return bytes === 8 ? word : (word >> ((physical & 7n) * 8n)) & ((1n << BigInt(bytes * 8)) - 1n);
  }

  write(physical: bigint, value: bigint, bytes: number): void {
    const at = physical & ~7n;
    const before = this.word(at);
    const shift = (physical & 7n) * 8n;
    const mask = ((1n << BigInt(bytes * 8)) - 1n) << shift;
    const after = bytes === 8 ? value : (before & ~mask) | ((value << shift) & mask);
    this.words.set(at, after);
    this.onStore(at, before, after);
  }

  private word(at: bigint): bigint {
    return this.words.get(at) ?? this.program.initialWord(at);
  }

  translate(va: bigint, access: Access): Translated {
    for (const range of this.program.translation.direct) {
      const offset = va - range.virtualBase;
      if (offset < 0n || offset >= range.bytes) continue;
      // The linear map has no access from EL0.
      if (access.unprivileged) return { kind: 'fault', fault: 'permission', level: 3 };
      return { kind: 'address', physical: range.physicalBase + offset };
    }
    let table = this.program.translation.root;
    let readOnly = false;
    let forEl0 = true;
    for (let level = this.shape.topLevel; ; level = (level + 1) as Level) {
      const at = table + BigInt(tableIndex(this.shape, level, va)) * descriptorBytes;
      const descriptor = decodeDescriptor(this.format, level, this.word(at));
      if (descriptor.kind === 'invalid' || descriptor.kind === 'reserved')
        return { kind: 'fault', fault: 'translation', level };
      if (descriptor.kind === 'table') {
        readOnly ||= descriptor.readOnly;
        forEl0 &&= !descriptor.noEl0;
        table = descriptor.nextTable;
        continue;
      }
      if (!descriptor.af) {
        if (!access.setsAccessFlag) return { kind: 'fault', fault: 'accessFlag', level };
        this.write(at, descriptor.raw | ACCESS_FLAG, 8);
      }
      if (access.unprivileged && !(forEl0 && (descriptor.ap & 1) !== 0))
        return { kind: 'fault', fault: 'permission', level };
      if (access.write && (readOnly || (descriptor.ap & 2) !== 0)) {
        if (readOnly || !descriptor.dbm || !access.setsDirtyState) return { kind: 'fault', fault: 'permission', level };
        this.write(at, this.word(at) & ~READ_ONLY, 8);
      }
      const span = entrySpan(this.program.translation.granule, level);
      return { kind: 'address', physical: descriptor.outputAddress + (va & (span - 1n)) };
    }
  }
}
