/** Memory attributes: the bytes of MAIR_EL1, decoded (Arm ARM D24, MAIR_EL1). */

export type Cacheability = 'non-cacheable' | 'write-through' | 'write-back';

export type MemoryAttribute =
  | { readonly kind: 'device'; readonly type: 'nGnRnE' | 'nGnRE' | 'nGRE' | 'GRE' }
  | { readonly kind: 'normal'; readonly outer: Cacheability; readonly inner: Cacheability; readonly tagged: boolean }
  | { readonly kind: 'unpredictable' };

/** The byte of MAIR_EL1 that an attribute index selects. */
export function mairByte(mair: bigint, attrIndex: number): number {
  return Number((mair >> BigInt(attrIndex * 8)) & 0xffn);
}

const deviceTypes = ['nGnRnE', 'nGnRE', 'nGRE', 'GRE'] as const;

/** Decodes a MAIR byte. XS variants (FEAT_XS) count as the type that they refine. */
export function decodeAttribute(byte: number): MemoryAttribute {
  const outer = byte >> 4;
  const inner = byte & 15;
  if (outer === 0) {
    if ((inner & 2) !== 0) return { kind: 'unpredictable' };
    return { kind: 'device', type: deviceTypes[inner >> 2] ?? 'nGnRnE' };
  }
  if (inner === 0) {
    if (byte === 0xf0) return { kind: 'normal', outer: 'write-back', inner: 'write-back', tagged: true };
    if (byte === 0x40) return { kind: 'normal', outer: 'non-cacheable', inner: 'non-cacheable', tagged: false };
    if (byte === 0xa0) return { kind: 'normal', outer: 'write-through', inner: 'write-through', tagged: false };
    return { kind: 'unpredictable' };
  }
  return { kind: 'normal', outer: cacheability(outer), inner: cacheability(inner), tagged: false };
}

/** A 4-bit field: 0b0100 non-cacheable, 0b00RW and 0b10RW write-through, 0b01RW and 0b11RW write-back. */
function cacheability(bits: number): Cacheability {
  if (bits === 4) return 'non-cacheable';
  return (bits & 4) === 0 ? 'write-through' : 'write-back';
}

/** Device memory, and normal memory that is non-cacheable inside and outside: always outer shareable. */
export function forcedOuterShareable(attribute: MemoryAttribute): boolean {
  switch (attribute.kind) {
    case 'device':
      return true;
    case 'normal':
      return attribute.outer === 'non-cacheable' && attribute.inner === 'non-cacheable';
    case 'unpredictable':
      return false;
  }
}

/** A memory attribute in words: `Device-nGnRE`, `Normal write-back`, `Normal outer write-back, inner non-cacheable`. */
export function attributeWords(attribute: MemoryAttribute): string {
  switch (attribute.kind) {
    case 'device':
      return `Device-${attribute.type}`;
    case 'unpredictable':
      return 'reserved attribute encoding (unpredictable)';
    case 'normal': {
      const caches =
        attribute.outer === attribute.inner ? attribute.outer : `outer ${attribute.outer}, inner ${attribute.inner}`;
      return `Normal ${caches}${attribute.tagged ? ', tagged' : ''}`;
    }
  }
}

/** Shareability in words, from SH[1:0]. */
export function shareabilityWords(sh: number): string {
  return ['non-shareable', 'reserved shareability', 'outer shareable', 'inner shareable'][sh & 3] ?? '';
}
