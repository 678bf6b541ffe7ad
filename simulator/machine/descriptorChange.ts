/**
 * Which changes of a translation table entry need break-before-make, which need only a TLBI afterwards, and which need
 * nothing. One row for each kind of change, with the rule of the Arm ARM (DDI 0487, D8.17) that decides it. A change of
 * several fields at once needs what the most demanding of its rows needs.
 */

import {
  type Descriptor,
  type DescriptorFormat,
  decodeDescriptor,
  descriptorBit,
  type LeafDescriptor,
  type TableDescriptor,
} from './descriptor';
import type { Level } from './granule';
import { linuxMemoryTypes } from './linuxProtection';
import type { BbmLevel } from './program';

/** `tlbi`: the old translation may be used until a TLBI, which is no violation. `bbm`: old and new must never both be usable. */
export type ChangeVerdict = 'nothing' | 'tlbi' | 'bbm';

export interface ChangeContext {
  readonly format: DescriptorFormat;
  readonly level: Level;
  readonly stage: 1 | 2;
  readonly bbm: BbmLevel;
  /** The hardware manages the dirty state (TCR.HD), so that DBM makes a read-only entry writable. */
  readonly hardwareDirty: boolean;
  /** The bytes at the old and at the new output address are known to be equal, and to stay so. */
  readonly sameContents?: boolean;
  /** The tables below the old and the new entry are known to map the same addresses with the same attributes. */
  readonly sameMapping?: boolean;
}

export interface ClassifiedChange {
  readonly verdict: ChangeVerdict;
  /** The row that decided. */
  readonly row: ChangeRow['name'];
  /** A rule identifier of the Arm ARM. */
  readonly rule: string;
  /** The change, as a clause: "the output address changes while a mapping is writable". */
  readonly change: string;
}

/** One valid leaf over another, or one table over another, or anything else. */
interface Change {
  readonly old: Descriptor;
  readonly new: Descriptor;
  readonly context: ChangeContext;
}

export interface ChangeRow {
  readonly name: string;
  readonly change: string;
  /** RWHZWS n: on the list of changes that need break-before-make, as its item n; RWHZWS alone: not on it. */
  readonly rule: string;
  readonly applies: (change: Change) => boolean;
  readonly verdict: ChangeVerdict | ((change: Change) => ChangeVerdict);
}

/**
 * Classifies the replacement of one descriptor by another at the same place, both as 64-bit values. The old one is taken to
 * be live: that a leaf with a clear access flag is in no TLB is for the caller to know (`entryProtocol.ts`).
 */
export function classifyChange(oldValue: bigint, newValue: bigint, context: ChangeContext): ClassifiedChange {
  const change: Change = {
    old: decodeDescriptor(context.format, context.level, oldValue),
    new: decodeDescriptor(context.format, context.level, newValue),
    context,
  };
  let decided: ClassifiedChange | undefined;
  for (const row of changeRows) {
    if (!row.applies(change)) continue;
    const verdict = typeof row.verdict === 'function' ? row.verdict(change) : row.verdict;
    if (decided === undefined || strength(verdict) > strength(decided.verdict)) {
      decided = { verdict, row: row.name, rule: row.rule, change: row.change };
    }
  }
  return (
    decided ?? { verdict: 'tlbi', row: 'other', rule: 'RGPPYH', change: 'bits without a rule of their own change' }
  );
}

/** Whether a walk can use the descriptor: the reserved encodings fault like invalid ones. */
export function isValid(descriptor: Descriptor): descriptor is LeafDescriptor | TableDescriptor {
  return descriptor.kind === 'leaf' || descriptor.kind === 'table';
}

/** FEAT_BBM as a number; `2-noabort` is level 2 whose TLB conflict aborts an implementation promises not to take. */
export function bbmNumber(bbm: BbmLevel): number {
  return bbm === '2-noabort' ? 2 : bbm;
}

const memoryTypeBits = range(4, 2);

/** In the order in which a reader looks them up: validity, then the fields of a leaf, then tables. */
export const changeRows: readonly ChangeRow[] = [
  {
    name: 'invalidToInvalid',
    change: 'an invalid value replaces an invalid one',
    rule: 'RRVJDB',
    applies: (c) => !isValid(c.old) && !isValid(c.new),
    verdict: 'nothing',
  },
  {
    name: 'invalidToValid',
    change: 'the entry becomes valid',
    // An invalid entry is never cached. The writer needs DSB and ISB before its own first use.
    rule: 'IWZCBG',
    applies: (c) => !isValid(c.old) && isValid(c.new),
    verdict: 'nothing',
  },
  {
    name: 'validToInvalid',
    change: 'the entry becomes invalid',
    rule: 'RDDMVT',
    applies: (c) => isValid(c.old) && !isValid(c.new),
    verdict: 'tlbi',
  },
  {
    name: 'identical',
    change: 'the same value is written again',
    rule: 'RWHZWS',
    applies: (c) => isValid(c.old) && c.old.raw === c.new.raw,
    verdict: 'nothing',
  },
  leafBits('softwareBits', 'bits that the hardware ignores change', 'RWHZWS', 'nothing', { bits: range(58, 55) }),
  leafBits('writePermission', 'the write permission changes', 'RGPPYH', 'tlbi', { bits: bit(descriptorBit.readOnly) }),
  {
    ...leafBits('dirtyBitModifier', 'the dirty bit modifier changes', 'RGPPYH', 'tlbi', {
      bits: bit(descriptorBit.dirtyBitModifier),
    }),
    // Without hardware management of the dirty state the bit belongs to software (Linux: PTE_WRITE).
    verdict: (c) => (c.context.hardwareDirty ? 'tlbi' : 'nothing'),
  },
  leafBits('privilegedExecute', 'the privileged execute permission changes', 'RGPPYH', 'tlbi', {
    bits: bit(descriptorBit.privilegedExecuteNever),
  }),
  leafBits('execute', 'the execute permission changes', 'RGPPYH', 'tlbi', {
    bits: bit(descriptorBit.unprivilegedExecuteNever),
  }),
  leafBits('el0Access', 'the access from EL0 changes', 'RGPPYH', 'tlbi', { bits: bit(descriptorBit.el0), stage: 1 }),
  leafBits('readPermission', 'the stage 2 read permission changes', 'RGPPYH', 'tlbi', {
    bits: bit(descriptorBit.el0),
    stage: 2,
  }),
  leafBits('accessFlagSet', 'the access flag is set', 'IWZCBG', 'nothing', {
    // An entry with the access flag clear is never cached, so there is nothing to invalidate.
    bits: bit(descriptorBit.accessFlag),
    becomes: 1,
  }),
  leafBits('accessFlagCleared', 'the access flag is cleared', 'RGPPYH', 'tlbi', {
    bits: bit(descriptorBit.accessFlag),
    becomes: 0,
  }),
  leafBits('becomesNonGlobal', 'a global entry becomes non-global', 'RGPPYH', 'tlbi', {
    bits: bit(descriptorBit.nonGlobal),
    becomes: 1,
    stage: 1,
  }),
  leafBits('becomesGlobal', 'a non-global entry becomes global', 'RWHZWS 4', 'bbm', {
    bits: bit(descriptorBit.nonGlobal),
    becomes: 0,
    stage: 1,
  }),
  leafBits('forceNotXs', 'the XS attribute is forced or no longer forced', 'RGPPYH', 'tlbi', {
    bits: bit(descriptorBit.nonGlobal),
    stage: 2,
  }),
  {
    ...leafBits('memoryType', 'the memory type changes', 'RWHZWS 1', 'bbm', { bits: memoryTypeBits, stage: 1 }),
    applies: (c) => changesMemoryType(c) && !isTagged(c),
  },
  {
    ...leafBits('taggedMemory', 'normal memory becomes tagged, or no longer', 'RGPPYH', 'tlbi', {
      bits: memoryTypeBits,
      stage: 1,
    }),
    // Tagged counts as a permission: aliases that differ in it are no mismatched ones (Linux: pgattr_change_is_safe).
    applies: (c) => changesMemoryType(c) && isTagged(c),
  },
  leafBits('stage2MemoryType', 'the stage 2 memory type changes', 'RWHZWS 1', 'bbm', { bits: range(5, 2), stage: 2 }),
  {
    ...leafBits('shareability', 'the shareability changes', 'RWHZWS 1', 'bbm', { bits: range(9, 8) }),
    applies: (c) => !c.context.format.ds && bothLeaves(c) && differs(c, range(9, 8)),
  },
  {
    name: 'outputAddressWritable',
    change: 'the output address changes while the old or the new mapping is writable',
    rule: 'RWHZWS 2',
    applies: (c) => movesLeaf(c) && (isWritable(c.old, c.context) || isWritable(c.new, c.context)),
    verdict: 'bbm',
  },
  {
    name: 'outputAddressDifferentContents',
    change: 'the output address changes between pages whose contents may differ',
    rule: 'RWHZWS 2',
    applies: (c) => movesLeaf(c) && !c.context.sameContents,
    verdict: 'bbm',
  },
  {
    name: 'outputAddressSameContents',
    change: 'the output address changes between read-only pages with the same contents',
    rule: 'RGPPYH',
    applies: (c) => movesLeaf(c) && c.context.sameContents === true,
    verdict: 'tlbi',
  },
  {
    name: 'reservedAddressBits',
    change: 'address bits below the size of the block change, which must be zero',
    // What the hardware makes of them is not defined; whoever writes them means another address.
    rule: 'RWHZWS 2',
    applies: (c) => bothLeaves(c) && !movesLeaf(c) && differs(c, range(47, 12) & ~bit(descriptorBit.noTranslation)),
    verdict: 'bbm',
  },
  leafBits('addressSpace', 'the output address space changes', 'IWZRHR', 'bbm', {
    bits: bit(descriptorBit.nonSecure),
    stage: 1,
  }),
  {
    ...leafBits('contiguous', 'the Contiguous bit changes', 'RNGLXZ', 'bbm', { bits: bit(descriptorBit.contiguous) }),
    // From FEAT_BBM level 1 on it may change alone, like a size; nothing else may change with it (RPVTFW).
    verdict: (c) => (bbmNumber(c.context.bbm) >= 1 && onlyDiffers(c, contiguousMayChange) ? 'tlbi' : 'bbm'),
  },
  leafBits('noTranslation', 'the nT bit of a block changes', 'RKFLJB', 'tlbi', {
    bits: bit(descriptorBit.noTranslation),
  }),
  leafBits('guardedPage', 'the guarded page bit changes', 'RGPPYH', 'tlbi', {
    bits: bit(descriptorBit.guarded),
    stage: 1,
  }),
  {
    name: 'blockToTable',
    change: 'a block is replaced by a table',
    rule: 'RWHZWS 3',
    applies: (c) => c.old.kind === 'leaf' && c.new.kind === 'table',
    verdict: (c) => sizeChange(c, c.old.kind === 'leaf' && c.old.nT),
  },
  {
    name: 'tableToBlock',
    change: 'a table is replaced by a block',
    rule: 'RWHZWS 3',
    applies: (c) => c.old.kind === 'table' && c.new.kind === 'leaf',
    verdict: (c) => sizeChange(c, c.new.kind === 'leaf' && c.new.nT),
  },
  {
    name: 'otherTable',
    change: 'a table is replaced by another table',
    rule: 'RWHZWS 2',
    applies: (c) => c.old.kind === 'table' && c.new.kind === 'table' && c.old.nextTable !== c.new.nextTable,
    verdict: (c) => (c.context.sameMapping ? 'tlbi' : 'bbm'),
  },
  {
    name: 'tablePermissions',
    change: 'the hierarchical permissions of a table change',
    rule: 'RGPPYH',
    applies: (c) => c.old.kind === 'table' && c.new.kind === 'table' && differs(c, range(62, 59)),
    verdict: 'tlbi',
  },
  {
    name: 'tableAddressSpace',
    change: 'the address space of the tables below changes',
    rule: 'IWZRHR',
    applies: (c) => c.old.kind === 'table' && c.new.kind === 'table' && differs(c, bit(descriptorBit.nonSecureTable)),
    verdict: 'bbm',
  },
];

/** FEAT_BBM lets a size change, alone: level 1 through a block with nT, from level 2 on directly (RKFLJB, RPVTFW). */
function sizeChange({ context }: Change, blockHasNoTranslation: boolean): ChangeVerdict {
  if (!context.sameMapping) return 'bbm';
  const level = bbmNumber(context.bbm);
  return level >= 2 || (level === 1 && blockHasNoTranslation) ? 'tlbi' : 'bbm';
}

interface BitsOfLeaf {
  readonly bits: bigint;
  /** Only for this stage; the other stage gives the bits another meaning, and another row. */
  readonly stage?: 1 | 2;
  /** Only when the (single) bit becomes this. */
  readonly becomes?: 0 | 1;
}

function leafBits(
  name: string,
  change: string,
  rule: string,
  verdict: ChangeVerdict,
  { bits, stage, becomes }: BitsOfLeaf,
): ChangeRow {
  const applies = (c: Change) =>
    bothLeaves(c) &&
    (stage === undefined || stage === c.context.stage) &&
    differs(c, bits) &&
    (becomes === undefined || ((c.new.raw & bits) === 0n ? 0 : 1) === becomes);
  return { name, change, rule, applies, verdict };
}

function bothLeaves(c: Change): boolean {
  return c.old.kind === 'leaf' && c.new.kind === 'leaf';
}

function changesMemoryType(c: Change): boolean {
  return c.context.stage === 1 && bothLeaves(c) && differs(c, memoryTypeBits);
}

/** Only between MT_NORMAL and MT_NORMAL_TAGGED, by their indices in Linux's MAIR_EL1. */
function isTagged({ old, new: now }: Change): boolean {
  return [old, now].every(
    (one) => one.kind === 'leaf' && /^MT_NORMAL(_TAGGED)?$/.test(linuxMemoryTypes[one.attrIndex] ?? ''),
  );
}

function movesLeaf(c: Change): boolean {
  return c.old.kind === 'leaf' && c.new.kind === 'leaf' && c.old.outputAddress !== c.new.outputAddress;
}

/** AP[2] of stage 1 forbids writing, S2AP[1] of stage 2 allows it; they are the same bit. */
function isWritable(descriptor: Descriptor, { stage, hardwareDirty }: ChangeContext): boolean {
  if (descriptor.kind !== 'leaf') return false;
  const bitSet = (descriptor.raw & bit(descriptorBit.readOnly)) !== 0n;
  return (stage === 1 ? !bitSet : bitSet) || (descriptor.dbm && hardwareDirty);
}

const contiguousMayChange = bit(descriptorBit.contiguous) | range(58, 55);

function differs(c: Change, mask: bigint): boolean {
  return ((c.old.raw ^ c.new.raw) & mask) !== 0n;
}

function onlyDiffers(c: Change, mask: bigint): boolean {
  return ((c.old.raw ^ c.new.raw) & ~mask) === 0n;
}

function bit(position: bigint): bigint {
  return 1n << position;
}

function range(high: number, low: number): bigint {
  return ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
}

function strength(verdict: ChangeVerdict): number {
  return ['nothing', 'tlbi', 'bbm'].indexOf(verdict);
}
