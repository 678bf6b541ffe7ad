/** Distinct runs of words, numbered. Equal runs get equal numbers. */
export class Blocks {
  private words: Int32Array<ArrayBuffer> = new Int32Array(1 << 8);
  private used = 0;
  private starts = new Int32Array(1 << 4);
  private hashes = new Int32Array(1 << 4);
  private table = new Int32Array(1 << 5).fill(-1);
  count = 0;

  /** The number of the run of `length` words of `from`. */
  intern(from: Int32Array, length: number): number {
    let hash = length;
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ (from[i] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    let mask = this.table.length - 1;
    let at = hash & mask;
    for (;;) {
      const id = this.table[at] as number;
      if (id < 0) break;
      if (this.hashes[id] === hash && this.equals(id, from, length)) return id;
      at = (at + 1) & mask;
    }
    if ((this.count + 1) * 2 > this.table.length) {
      this.rehash();
      mask = this.table.length - 1;
      at = hash & mask;
      while ((this.table[at] as number) >= 0) at = (at + 1) & mask;
    }
    const id = this.count++;
    this.table[at] = id;
    if (id + 2 > this.starts.length) {
      this.starts = doubled(this.starts);
      this.hashes = doubled(this.hashes);
    }
    while (this.used + length > this.words.length) this.words = doubled(this.words);
    for (let i = 0; i < length; i++) this.words[this.used + i] = from[i] as number;
    this.hashes[id] = hash;
    this.used += length;
    this.starts[id + 1] = this.used;
    return id;
  }

  private equals(id: number, from: Int32Array, length: number): boolean {
    const start = this.starts[id] as number;
    if ((this.starts[id + 1] as number) - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.words[start + i] !== from[i]) return false;
    return true;
  }

  private rehash(): void {
    const table = new Int32Array(this.table.length * 2).fill(-1);
    const mask = table.length - 1;
    for (let id = 0; id < this.count; id++) {
      let at = (this.hashes[id] as number) & mask;
      while ((table[at] as number) >= 0) at = (at + 1) & mask;
      table[at] = id;
    }
    this.table = table;
  }

  /** First word of a run in `data`, and its length. */
  start(id: number): number {
    return this.starts[id] as number;
  }

  length(id: number): number {
    return (this.starts[id + 1] as number) - (this.starts[id] as number);
  }

  get data(): Int32Array<ArrayBuffer> {
    return this.words;
  }

  get bytes(): number {
    return this.words.byteLength + this.starts.byteLength + this.hashes.byteLength + this.table.byteLength;
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
