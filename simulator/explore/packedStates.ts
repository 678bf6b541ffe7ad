/**
 * The set of states that were reached, each a fixed number of small numbers (of blocks), numbered in the order of their
 * first addition. Each component has the bits that its values so far need and a share of what is left of the words; when
 * one needs more, all states are packed anew. Equality is that of all components, exactly.
 */

const FIRST_BITS = 5;
/** Of 10 places of the index at most 7 are taken. */
const TAKEN = 0.7;
/** Places of the table of states that were looked for last, which is small enough to be near; from how many states on. */
const RECENT = 1 << 15;

export class PackedStates {
  count = 0;
  /** Whether the last addition was new. */
  isNew = false;
  private readonly bits: Int32Array;
  /** Bits without which a value that came so far has no room; they never become fewer. */
  private readonly needed: Int32Array;
  private readonly word: Int32Array;
  private readonly shift: Int32Array;
  private readonly mask: Int32Array;
  /** Words of a packed state. */
  private words = 1;
  private packed: Int32Array<ArrayBuffer>;
  /** By hash, with linear probing: state + 1 in the low bits, other bits of the hash in the high ones; 0: a free place. */
  private index = new Int32Array(1 << 6);
  private scale = 0;
  private numberMask = 0;
  /**
   * By hash, state + 1: most additions find a state that was added or found not long ago. The index is larger than a
   * processor's caches, so this saves most looks at it.
   */
  private recent: Int32Array<ArrayBuffer> | undefined;

  constructor(private readonly components: number) {
    this.bits = new Int32Array(components).fill(FIRST_BITS);
    this.needed = new Int32Array(components).fill(1);
    this.word = new Int32Array(components);
    this.shift = new Int32Array(components);
    this.mask = new Int32Array(components);
    this.place();
    this.packed = new Int32Array(this.words << 5);
    this.reindex(1 << 6);
  }

  /** Adds a state given by its components, if it is not there; its number. */
  add(ids: Int32Array): number {
    const { components, word, shift, mask, words } = this;
    const at = this.room();
    const { packed } = this;
    for (let i = 0; i < words; i++) packed[at + i] = 0;
    for (let c = 0; c < components; c++) {
      const id = ids[c] as number;
      if (id > (mask[c] as number)) {
        this.widen(c, id);
        return this.add(ids);
      }
      const w = at + (word[c] as number);
      packed[w] = (packed[w] as number) | (id << (shift[c] as number));
    }
    return this.intern(at);
  }

  /** Adds the state that differs from another one in its first component and in component `c`. */
  addChanged(from: number, first: number, c: number, id: number): number {
    const { word, shift, mask, words } = this;
    if (first > (mask[0] as number)) this.widen(0, first);
    if (id > (mask[c] as number)) this.widen(c, id);
    const at = this.room();
    const { packed } = this;
    for (let i = 0; i < words; i++) packed[at + i] = packed[from * words + i] as number;
    const w = at + (word[c] as number);
    packed[at] = ((packed[at] as number) & ~(mask[0] as number)) | first;
    packed[w] = ((packed[w] as number) & ~((mask[c] as number) << (shift[c] as number))) | (id << (shift[c] as number));
    return this.intern(at);
  }

  /** The components of a state. */
  get(state: number, ids: Int32Array): void {
    const { components, word, shift, mask, packed } = this;
    const at = state * this.words;
    for (let c = 0; c < components; c++)
      ids[c] = ((packed[at + (word[c] as number)] as number) >>> (shift[c] as number)) & (mask[c] as number);
  }

  get bytes(): number {
    return this.packed.byteLength + this.index.byteLength + (this.recent?.byteLength ?? 0);
  }

  /** Where the next state goes. */
  private room(): number {
    const at = this.count * this.words;
    if (at + this.words > this.packed.length) {
      const larger = new Int32Array(
        this.packed.length + Math.max(64, this.packed.length < 4096 ? this.packed.length : this.packed.length >> 2),
      );
      larger.set(this.packed);
      this.packed = larger;
    }
    return at;
  }

  private intern(at: number): number {
    const { words, packed, recent } = this;
    const h = hash(packed, at, words);
    if (recent === undefined) {
      const state = this.find(h, at);
      if (this.count === RECENT) this.recent = new Int32Array(RECENT);
      return state;
    }
    const place = h & (RECENT - 1);
    const from = ((recent[place] as number) - 1) * words;
    if (from >= 0) {
      let i = 0;
      while (i < words && packed[from + i] === packed[at + i]) i++;
      if (i === words) {
        this.isNew = false;
        return (recent[place] as number) - 1;
      }
    }
    const state = this.find(h, at);
    recent[place] = state + 1;
    return state;
  }

  /** Finds the state whose words stand at `at` in the index, or puts it there. */
  private find(h: number, at: number): number {
    const { words, packed, index, numberMask } = this;
    const size = index.length;
    const tag = tagOf(h) & ~numberMask;
    let place = Math.floor((h >>> 0) * this.scale);
    for (;;) {
      const entry = index[place] as number;
      if (entry === 0) break;
      if ((entry & ~numberMask) === tag) {
        const other = (entry & numberMask) - 1;
        const from = other * words;
        let i = 0;
        while (i < words && packed[from + i] === packed[at + i]) i++;
        if (i === words) {
          this.isNew = false;
          return other;
        }
      }
      if (++place === size) place = 0;
    }
    index[place] = ++this.count | tag;
    this.isNew = true;
    if (this.count > size * TAKEN) this.reindex(Math.ceil(size * (size < 4096 ? 4 : 1.5)));
    return this.count - 1;
  }

  private reindex(size: number): void {
    const { packed, words, count } = this;
    const index = new Int32Array(size);
    const numberMask = 2 ** (32 - Math.clz32(size)) - 1;
    this.index = index;
    this.scale = size / 2 ** 32;
    this.numberMask = numberMask;
    for (let state = 0; state < count; state++) {
      const h = hash(packed, state * words, words);
      let place = Math.floor((h >>> 0) * this.scale);
      while (index[place] !== 0) if (++place === size) place = 0;
      index[place] = (state + 1) | (tagOf(h) & ~numberMask);
    }
  }

  /** Gives component `c` the bits that it needs for `id`, and packs all states anew. */
  private widen(c: number, id: number): void {
    const { components, count, packed, words } = this;
    const before = { word: this.word.slice(), shift: this.shift.slice(), mask: this.mask.slice() };
    this.need(c, id);
    for (let i = 0; i < components; i++) this.need(i, this.largest(i));
    this.bits.set(this.needed);
    this.place();
    this.packed = new Int32Array((count + (count >> 2) + 16) * this.words);
    for (let state = 0; state < count; state++)
      for (let i = 0; i < components; i++) {
        const from = packed[state * words + (before.word[i] as number)] as number;
        const value = (from >>> (before.shift[i] as number)) & (before.mask[i] as number);
        const at = state * this.words + (this.word[i] as number);
        this.packed[at] = (this.packed[at] as number) | (value << (this.shift[i] as number));
      }
    this.reindex(this.index.length);
  }

  /** The share of the spare bits changes at each packing, so that the values that are yet to be added count too. */
  private need(c: number, id: number): void {
    this.needed[c] = Math.max(32 - Math.clz32(id), this.needed[c] as number);
  }

  private largest(c: number): number {
    const [word, shift, mask] = [this.word[c] as number, this.shift[c] as number, this.mask[c] as number];
    let largest = 1;
    for (let at = word; at < this.count * this.words; at += this.words)
      largest = Math.max(largest, ((this.packed[at] as number) >>> shift) & mask);
    return largest;
  }

  /** Decides where each component stands, the first one in the lowest bits; what is left over of a word is shared out. */
  private place(): void {
    const { components, bits } = this;
    const used: number[] = [];
    for (let c = 0; c < components; c++) {
      let w = used.findIndex((u) => u + (bits[c] as number) <= 32);
      if (w < 0) w = used.push(0) - 1;
      this.word[c] = w;
      used[w] = (used[w] as number) + (bits[c] as number);
    }
    this.words = used.length;
    for (let spare = true; spare; ) {
      spare = false;
      for (let c = 0; c < components; c++) {
        const w = this.word[c] as number;
        if ((used[w] as number) === 32 || (bits[c] as number) >= 31) continue;
        bits[c] = (bits[c] as number) + 1;
        used[w] = (used[w] as number) + 1;
        spare = true;
      }
    }
    used.fill(0);
    for (let c = 0; c < components; c++) {
      const w = this.word[c] as number;
      this.shift[c] = used[w] as number;
      this.mask[c] = 2 ** (bits[c] as number) - 1;
      used[w] = (used[w] as number) + (bits[c] as number);
    }
  }
}

function hash(words: Int32Array, at: number, count: number): number {
  let h = 0x2545f491;
  for (let i = 0; i < count; i++) {
    h = Math.imul(h ^ (words[at + i] as number), 0x85ebca6b);
    h ^= h >>> 15;
  }
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Bits of a hash that do not decide its place. */
function tagOf(h: number): number {
  return Math.imul(h, 0x27d4eb2f);
}
