/** Stage 1 access permissions: leaf bits combined with the limits that table descriptors put on everything below. */

import type { LeafDescriptor, TableDescriptor } from './descriptor';

/** Limits of the table descriptors above a leaf, accumulated from the top. */
export interface TablePermissions {
  readonly noEl0: boolean;
  readonly readOnly: boolean;
  readonly pxn: boolean;
  readonly uxn: boolean;
}

export const noTableLimits: TablePermissions = { noEl0: false, readOnly: false, pxn: false, uxn: false };

/** Adds the limits of one more table descriptor; with TCR.HPD tables limit nothing. */
export function limitBy(above: TablePermissions, table: TableDescriptor, disabled: boolean): TablePermissions {
  if (disabled) return above;
  return {
    noEl0: above.noEl0 || table.noEl0,
    readOnly: above.readOnly || table.readOnly,
    pxn: above.pxn || table.pxn,
    uxn: above.uxn || table.uxn,
  };
}

export interface Permissions {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** System state that changes permissions. */
export interface PermissionControls {
  /** SCTLR_EL1.WXN: what is writable is not executable. */
  readonly writableExecuteNever: boolean;
  /** PSTATE.PAN, for an access to which it applies: EL1 may not touch what EL0 may access. */
  readonly privilegedAccessNever: boolean;
  /** Effective TCR.HA and HD: a read-only leaf with DBM counts as writable, and a write makes it so. */
  readonly hardwareDirtyState: boolean;
}

/**
 * What EL1 or EL0 may do through a leaf (Arm ARM, AArch64.S1DirectBasePermissions): AP[2:1], PXN and UXN, limited by
 * the tables above. EL1 may always read, unless PAN applies; it never executes what EL0 may write.
 */
export function permissionsOf(
  leaf: LeafDescriptor,
  limits: TablePermissions,
  el: 0 | 1,
  controls: PermissionControls,
): Permissions {
  const readOnlyLeaf = (leaf.ap & 2) !== 0 && !(controls.hardwareDirtyState && leaf.dbm);
  const writable = !readOnlyLeaf && !limits.readOnly;
  const el0 = (leaf.ap & 1) !== 0 && !limits.noEl0;
  const el0Write = el0 && writable;
  if (el === 0) {
    const execute = !(leaf.uxn || limits.uxn);
    return { read: el0, write: el0Write, execute: execute && !(controls.writableExecuteNever && el0Write) };
  }
  const allowed = !(controls.privilegedAccessNever && el0);
  const write = writable && allowed;
  const execute = !(leaf.pxn || limits.pxn || el0Write);
  return { read: allowed, write, execute: execute && !(controls.writableExecuteNever && write) };
}
