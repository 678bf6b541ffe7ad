/**
 * The steps of a translation table walk of VMSAv8-64 stage 1 at EL1&0, one function each (Arm ARM, AArch64.S1Walk and
 * AArch64.S1Translate). They know no memory: `walk` reads descriptors from one, the explorer takes them from histories.
 */

import {
  type Descriptor,
  descriptorAddress,
  descriptorBit,
  type LeafDescriptor,
  type TableDescriptor,
} from './descriptor';
import type { Fault, WalkFaultClass } from './faultStatus';
import { type Level, levelShift, tableIndex } from './granule';
import { decodeAttribute, mairByte } from './memoryAttributes';
import { limitBy, noTableLimits, type Permissions, permissionsOf, type TablePermissions } from './permissions';
import { outOfRange, type TranslationControl, topTable } from './translationControl';

/** `atomic` reads and writes (CAS, LDADD, SWP); `translateRead` and `translateWrite` are AT S1E1R and S1E1W. */
export type AccessKind = 'load' | 'store' | 'atomic' | 'fetch' | 'translateRead' | 'translateWrite';

/** Where a walk stands: the next table to read, and the limits of the tables before it. */
export interface WalkPosition {
  readonly kind: 'position';
  readonly level: Level;
  readonly table: bigint;
  readonly limits: TablePermissions;
}

/** A fault, or where to read the first descriptor. Checks that come before any descriptor: size, range, EPD, base. */
export function startWalk(
  control: TranslationControl,
  ttbr: bigint,
  va: bigint,
  access: AccessKind,
  el: 0 | 1,
): WalkPosition | Fault {
  const faults =
    !control.sizeUsable ||
    outOfRange(control, va, access === 'fetch') ||
    (el === 0 && control.el0Disabled) ||
    control.walkDisabled;
  if (faults) return { kind: 'translation', level: 0 };
  const table = topTable(control, ttbr);
  if (tooLarge(control, table)) return { kind: 'addressSize', level: 0 };
  return { kind: 'position', level: control.geometry.topLevel, table, limits: noTableLimits };
}

/** Whether an output address has bits beyond the configured physical address size. */
export function tooLarge(control: TranslationControl, address: bigint): boolean {
  return address >> BigInt(control.outputAddressBits) !== 0n;
}

/** Index and physical address of the descriptor that a walk reads next. */
export function nextDescriptor(
  control: TranslationControl,
  position: WalkPosition,
  va: bigint,
): { readonly index: number; readonly address: bigint } {
  const index = tableIndex(control.geometry, position.level, va);
  return { index, address: descriptorAddress(position.table, index) };
}

/** What follows from a descriptor: the next table, a leaf that remains to be checked, or a fault. */
export function stepWalk(
  control: TranslationControl,
  position: WalkPosition,
  descriptor: Descriptor,
): WalkPosition | LeafDescriptor | Fault {
  switch (descriptor.kind) {
    case 'invalid':
    case 'reserved':
      return { kind: 'translation', level: position.level };
    case 'leaf':
      return descriptor;
    case 'table':
      return tableStep(control, position, descriptor);
  }
}

function tableStep(
  control: TranslationControl,
  position: WalkPosition,
  descriptor: TableDescriptor,
): WalkPosition | Fault {
  if (tooLarge(control, descriptor.nextTable)) return { kind: 'addressSize', level: position.level };
  return {
    kind: 'position',
    level: (position.level + 1) as Level,
    table: descriptor.nextTable,
    limits: limitBy(position.limits, descriptor, control.tablesLimitNothing),
  };
}

/** What the check of a leaf depends on, beside the leaf and its position. */
export interface LeafAccess {
  readonly kind: AccessKind;
  /** Whether the whole access, which may have begun in the page before, is unaligned to its size. */
  readonly misaligned: boolean;
  readonly mair: bigint;
  readonly el: 0 | 1;
  /** PSTATE.PAN, SCTLR_EL1.WXN. */
  readonly pan: boolean;
  readonly writableExecuteNever: boolean;
  /** Whether a block with nT set faults. */
  readonly noTranslationFaults: boolean;
}

export type LeafCheck =
  | {
      readonly kind: 'allowed';
      readonly pa: bigint;
      readonly permissions: Permissions;
      /** The descriptor after hardware management of access flag and dirty state; the same as before without. */
      readonly updated: bigint;
    }
  /** `readFaults`: a read would have faulted too, so that a read-modify-write reports WnR 0. */
  | { readonly kind: 'refused'; readonly fault: Fault; readonly readFaults: boolean };

/**
 * Checks a leaf in the order of the architecture: nT, output address size, access flag, alignment to Device memory,
 * permission. The Contiguous bit is a hint that this machine does not use: each entry translates by itself.
 */
export function checkLeaf(
  control: TranslationControl,
  position: WalkPosition,
  leaf: LeafDescriptor,
  va: bigint,
  access: LeafAccess,
): LeafCheck {
  const { level } = position;
  const refuse = (kind: WalkFaultClass, readFaults = true): LeafCheck => {
    return { kind: 'refused', fault: { kind, level }, readFaults };
  };
  if (leaf.nT && access.noTranslationFaults) return refuse('translation');
  if (tooLarge(control, leaf.outputAddress)) return refuse('addressSize');
  if (!leaf.af && !control.hardwareAccessFlag) return refuse('accessFlag');
  const device = decodeAttribute(mairByte(access.mair, leaf.attrIndex)).kind === 'device';
  if (device && access.misaligned) return { kind: 'refused', fault: { kind: 'alignment' }, readFaults: true };
  const permissions = permissionsOf(leaf, position.limits, access.el, {
    writableExecuteNever: access.writableExecuteNever,
    privilegedAccessNever: access.pan && isDataAccess(access.kind),
    hardwareDirtyState: control.hardwareDirtyState,
  });
  if (!permitted(permissions, access.kind, device)) return refuse('permission', !permissions.read);
  const shift = BigInt(levelShift(control.geometry.granule, level));
  const pa = leaf.outputAddress | (va & ((1n << shift) - 1n));
  return { kind: 'allowed', pa, permissions, updated: afterUse(control, leaf, access.kind) };
}

/** Loads, stores and atomics: neither fetches nor address translation instructions, which touch no data. */
export function isDataAccess(kind: AccessKind): boolean {
  return kind === 'load' || kind === 'store' || kind === 'atomic';
}

function permitted(permissions: Permissions, kind: AccessKind, device: boolean): boolean {
  switch (kind) {
    case 'load':
    case 'translateRead':
      return permissions.read;
    case 'store':
    case 'translateWrite':
      return permissions.write;
    case 'atomic':
      return permissions.read && permissions.write;
    case 'fetch':
      return permissions.execute && !device;
  }
}

/** Sets the access flag, and for a write to a clean page clears AP[2]; address translation never marks dirty. */
function afterUse(control: TranslationControl, leaf: LeafDescriptor, kind: AccessKind): bigint {
  const marked = control.hardwareAccessFlag ? leaf.raw | (1n << descriptorBit.accessFlag) : leaf.raw;
  const dirties = control.hardwareDirtyState && leaf.dbm && (kind === 'store' || kind === 'atomic');
  return dirties ? marked & ~(1n << descriptorBit.readOnly) : marked;
}
