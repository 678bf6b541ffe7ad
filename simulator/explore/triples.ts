/** Triples of numbers from 0 on, numbered in the order of their first mention. */
export class Triples {
  count = 0;
  private items = new Int32Array(3 << 4);
  /** Number + 1 by hash, 0 for a free place; at most half of the places are taken. */
  private table = new Int32Array(1 << 5);

  /** The number of a triple, or -1. */
  find(a: number, b: number, c: number): number {
    const { items, table } = this;
    const mask = table.length - 1;
    let place = hash(a, b, c) & mask;
    for (;;) {
      const i = (table[place] as number) - 1;
      if (i < 0) return -1;
      const at = i * 3;
      if (items[at] === a && items[at + 1] === b && items[at + 2] === c) return i;
      place = (place + 1) & mask;
    }
  }

  /** The number of a triple, which becomes known. */
  of(a: number, b: number, c: number): number {
    const known = this.find(a, b, c);
    if (known >= 0) return known;
    const at = this.count * 3;
    if (at === this.items.length) {
      const larger = new Int32Array(at * 2);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[at] = a;
    this.items[at + 1] = b;
    this.items[at + 2] = c;
    if ((this.count + 1) * 2 > this.table.length) {
      this.table = new Int32Array(this.table.length * 2);
      for (let i = 0; i < this.count; i++) this.insert(i);
    }
    this.insert(this.count);
    return this.count++;
  }

  private insert(i: number): void {
    const { items, table } = this;
    const mask = table.length - 1;
    let place = hash(items[i * 3] as number, items[i * 3 + 1] as number, items[i * 3 + 2] as number) & mask;
    while (table[place] !== 0) place = (place + 1) & mask;
    table[place] = i + 1;
  }

  get bytes(): number {
    return this.items.byteLength + this.table.byteLength;
  }
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
