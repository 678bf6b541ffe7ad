/**
 * Which TLB entries a TLBI removes, and if it does not remove those of a given translation table entry, why not.
 * (Arm ARM D8.17 and the descriptions of the TLBI instructions.)
 */

import type { Level } from './granule';

/** EL1&0 and its stage 2, or EL2. */
export type TlbiRegime = 'el1' | 'el2';

export interface TlbiReach {
  readonly regime: TlbiRegime;
  /** TLBs may hold what stage 1 and stage 2 give together: to be rid of a stage 2 translation both must be invalidated. */
  readonly invalidates: 'stage1' | 'stage2' | 'both';
  /** Input addresses (64 bits, sign extended), both inclusive; absent: all of them. */
  readonly addresses?: { readonly first: bigint; readonly last: bigint };
  /** The L forms: only what leaf entries gave, nothing of the tables above. */
  readonly leafOnly: boolean;
  /** The IS and OS forms: on every CPU, not only on the one that executes it. */
  readonly broadcast: boolean;
  /** The TTL hint: only what entries of this level gave, for certain. */
  readonly level?: number;
  /** Only translations with this identifier; absent: whatever theirs is. */
  readonly vmid?: number;
  readonly asid?: number;
}

/** Where an entry stands in its tree: what the TLBs tag its copies with. */
export interface EntryPlace {
  readonly stage: 1 | 2;
  readonly regime: TlbiRegime;
  readonly level: Level;
  /** The input addresses that go through the entry, inclusive. */
  readonly first: bigint;
  readonly last: bigint;
  /** Absent: not known, and taken to be the TLBI's. */
  readonly vmid?: number;
  readonly asid?: number;
}

/** What the TLB copy came from. Global copies are tagged with no ASID. */
export interface CachedKind {
  readonly table: boolean;
  readonly global: boolean;
}

/** Why a TLBI does not remove every copy of an entry. */
export type TlbiShortfall =
  | 'otherRegime'
  | 'otherVmid'
  | 'otherAsid'
  | 'otherAddresses'
  | 'leafOnly'
  | 'otherLevel'
  | 'notBroadcast';

/**
 * Undefined when no CPU holds a copy of the entry any more once the TLBI is complete, as far as the stages go that it
 * invalidates. Of a table or a block one address is enough; what the entries below a table gave is theirs to be rid of.
 */
export function tlbiShortfall(tlbi: TlbiReach, place: EntryPlace, cached: CachedKind): TlbiShortfall | undefined {
  if (tlbi.regime !== place.regime) return 'otherRegime';
  if (differ(tlbi.vmid, place.vmid)) return 'otherVmid';
  if (tlbi.asid !== undefined && !removesAsid(tlbi, place, cached)) return 'otherAsid';
  if (tlbi.addresses && (tlbi.addresses.last < place.first || tlbi.addresses.first > place.last))
    return 'otherAddresses';
  if (tlbi.leafOnly && cached.table) return 'leafOnly';
  if (differ(tlbi.level, place.level)) return 'otherLevel';
  return tlbi.broadcast ? undefined : 'notBroadcast';
}

/** By address, a TLBI removes global copies whatever its ASID; by ASID alone it leaves them. */
function removesAsid(tlbi: TlbiReach, place: EntryPlace, cached: CachedKind): boolean {
  if (cached.global) return tlbi.addresses !== undefined;
  return !differ(tlbi.asid, place.asid);
}

function differ(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}
