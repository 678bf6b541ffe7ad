/** What a store of a value that was made from an older one undoes of what somebody else has written to a descriptor since. */

const ACCESS_FLAG = 1n << 10n;
const READ_ONLY = 1n << 7n;
const DIRTY_BIT_MODIFIER = 1n << 51n;

/** Beside the bits that counted: what is stored was computed from all of them, as by an addition. */
export const COMPUTED = 1n << 64n;

/**
 * Bits that the store puts back to what they were. `held`: the value that the store assumes; `found`: the one that it
 * replaces; `counted`: the bits of what was read that went into `stored`. Marks of the hardware are lost with any store.
 */
export function undoneBits(held: bigint, found: bigint, stored: bigint, counted: bigint): bigint {
  if ((counted & COMPUTED) !== 0n) return held ^ found;
  return (held ^ found) & (stored ^ found) & (counted | marksOf(held, found));
}

/** Bits that say that an access was made: that it was is lost with them, wherever the new value has them from. */
function marksOf(held: bigint, found: bigint): bigint {
  const isAccessed = ~held & found & ACCESS_FLAG;
  const isWritten = held & found & DIRTY_BIT_MODIFIER ? held & ~found & READ_ONLY : 0n;
  return isAccessed | isWritten;
}

/** What the hardware may make of a valid leaf by itself, or undefined. `written`: by a store through the entry. */
export function hardwareMayMake(
  value: bigint,
  { accessFlag, dirtyState }: { readonly accessFlag: boolean; readonly dirtyState: boolean },
): { readonly value: bigint; readonly written: boolean } | undefined {
  if ((value & 1n) === 0n) return undefined;
  const isClean = dirtyState && (value & DIRTY_BIT_MODIFIER) !== 0n && (value & READ_ONLY) !== 0n;
  if (isClean) return { value: (value | ACCESS_FLAG) & ~READ_ONLY, written: true };
  if (accessFlag && (value & ACCESS_FLAG) === 0n) return { value: value | ACCESS_FLAG, written: false };
  return undefined;
}

const names: readonly (readonly [bigint, string])[] = [
  [1n, 'PTE_VALID'],
  [1n << 6n, 'PTE_USER'],
  [READ_ONLY, 'PTE_RDONLY'],
  [ACCESS_FLAG, 'PTE_AF'],
  [1n << 11n, 'PTE_NG'],
  [DIRTY_BIT_MODIFIER, 'PTE_WRITE'],
  [1n << 52n, 'PTE_CONT'],
  [1n << 53n, 'PTE_PXN'],
  [1n << 54n, 'PTE_UXN'],
  [1n << 55n, 'PTE_DIRTY'],
  [1n << 56n, 'PTE_SPECIAL'],
];
const ADDRESS = 0xffff_ffff_f000n;

/** `PTE_WRITE, PTE_RDONLY`, as Linux names bits of an entry; the address as `its page`. */
export function bitNames(bits: bigint): string {
  const named = names.filter(([bit]) => (bits & bit) !== 0n).map(([, name]) => name);
  const rest = bits & ~ADDRESS & ~names.reduce((all, [bit]) => all | bit, 0n);
  return [
    ...named,
    ...((bits & ADDRESS) === 0n ? [] : ['its page']),
    ...(rest === 0n ? [] : [`0x${rest.toString(16)}`]),
  ].join(', ');
}
