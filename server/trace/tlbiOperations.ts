/** The TLBI operations of EL1 and EL2 by name, and what their operands say (Arm ARM C5.5). */

import type { Granule } from '../../simulator/machine/granule';
import { pageShift } from '../../simulator/machine/granule';
import type { TlbiReach, TlbiRegime } from '../../simulator/machine/tlbiReach';

interface Operation {
  readonly regime: TlbiRegime;
  readonly invalidates: TlbiReach['invalidates'];
  readonly operand: 'none' | 'va' | 'ipa' | 'asid';
  /** The ASID of the operand counts; the AA forms are for every ASID, and EL2 alone has none. */
  readonly byAsid?: boolean;
  readonly leafOnly?: boolean;
  /** The R forms. */
  readonly range?: boolean;
  /** Every VMID, and not only the current one. */
  readonly everyVmid?: boolean;
}

const stage1 = { regime: 'el1', invalidates: 'stage1' } as const;
const stage2 = { regime: 'el1', invalidates: 'stage2' } as const;
const el2 = { regime: 'el2', invalidates: 'stage1' } as const;

/** Without the suffixes IS, OS and nXS. */
const byName: Readonly<Record<string, Operation>> = {
  vmalle1: { ...stage1, operand: 'none' },
  aside1: { ...stage1, operand: 'asid', byAsid: true },
  ...withRanges('vae1', { ...stage1, operand: 'va', byAsid: true }),
  ...withRanges('vaae1', { ...stage1, operand: 'va' }),
  ...withRanges('vale1', { ...stage1, operand: 'va', byAsid: true, leafOnly: true }),
  ...withRanges('vaale1', { ...stage1, operand: 'va', leafOnly: true }),
  ...withRanges('ipas2e1', { ...stage2, operand: 'ipa' }),
  ...withRanges('ipas2le1', { ...stage2, operand: 'ipa', leafOnly: true }),
  vmalls12e1: { regime: 'el1', invalidates: 'both', operand: 'none' },
  alle1: { regime: 'el1', invalidates: 'both', operand: 'none', everyVmid: true },
  alle2: { ...el2, operand: 'none' },
  ...withRanges('vae2', { ...el2, operand: 'va' }),
  ...withRanges('vale2', { ...el2, operand: 'va', leafOnly: true }),
};

function withRanges(name: string, operation: Operation): Record<string, Operation> {
  return { [name]: operation, [`r${name}`]: { ...operation, range: true } };
}

export type ReadTlbi =
  | { readonly kind: 'reach'; readonly reach: TlbiReach }
  | { readonly kind: 'problem'; readonly message: string };

/** What a TLBI reaches. `vmid`: the one that is current where it executes; absent: not known. */
export function readTlbi(name: string, operand: bigint | undefined, vmid: number | undefined): ReadTlbi {
  const [, base, shareability] = /^(.*?[123])(is|os)?(?:nxs)?$/.exec(name) ?? [];
  const operation = base !== undefined && Object.hasOwn(byName, base) ? byName[base] : undefined;
  if (operation === undefined) {
    return { kind: 'problem', message: `the TLBI operation '${name}' is not one of EL1 and EL2: ${names()}` };
  }
  if (operation.operand !== 'none' && operand === undefined) {
    return { kind: 'problem', message: `tlbi ${name} needs its operand; add (value …)` };
  }
  const value = operand ?? 0n;
  const addresses =
    operation.operand === 'va' || operation.operand === 'ipa' ? addressesOf(operation, value) : undefined;
  const level = addresses === undefined ? undefined : levelHint(operation, value);
  const usesVmid = operation.regime === 'el1' && !operation.everyVmid && vmid !== undefined;
  const reach: TlbiReach = {
    regime: operation.regime,
    invalidates: operation.invalidates,
    leafOnly: operation.leafOnly === true,
    broadcast: shareability !== undefined,
    ...(addresses ? { addresses } : {}),
    ...(level === undefined ? {} : { level }),
    ...(usesVmid ? { vmid } : {}),
    ...(operation.byAsid ? { asid: Number(bits(value, 63, 48)) } : {}),
  };
  return { kind: 'reach', reach };
}

/** One page from bits 43:0 (an IPA: 39:0); or a range: base, and (NUM + 1) * 2^(5 * SCALE + 1) granules. */
function addressesOf({ operand, range }: Operation, value: bigint): { first: bigint; last: bigint } {
  const signed = operand === 'va';
  if (!range) {
    const first = signed ? extended(bits(value, 43, 0) << 12n, 56) : bits(value, 39, 0) << 12n;
    return { first, last: first + 0xfffn };
  }
  const shift = BigInt(pageShift(granules[Number(bits(value, 47, 46))] ?? '4K'));
  const base = bits(value, 36, 0) << shift;
  const first = signed ? extended(base, 37 + Number(shift)) : base;
  const count = (bits(value, 43, 39) + 1n) << (5n * bits(value, 45, 44) + 1n);
  return { first, last: first + (count << shift) - 1n };
}

/** TTL: the level, when the granule beside it is not 0. The level 0 is reserved, or needs FEAT_LPA2, and counts as none. */
function levelHint({ range }: Operation, value: bigint): number | undefined {
  const level = Number(range ? bits(value, 38, 37) : bits(value, 45, 44));
  const hinted = range || bits(value, 47, 46) !== 0n;
  return hinted && level > 0 ? level : undefined;
}

const granules: readonly (Granule | undefined)[] = [undefined, '4K', '16K', '64K'];

function bits(value: bigint, high: number, low: number): bigint {
  return (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
}

/** A virtual address of so many bits as one of 64. */
function extended(address: bigint, width: number): bigint {
  return BigInt.asUintN(64, BigInt.asIntN(width, address));
}

function names(): string {
  return `${Object.keys(byName).join(', ')}, each also with is, os, nxs`;
}
