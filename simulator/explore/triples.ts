/** Triples of numbers from 0 on, numbered in the order of their first mention. */
export class Triples {
  count = 0;
  /** Four words a place: a triple and its number + 1, 0 for a free place; at most half of the places are taken. */
  private table = new Int32Array(4 << 5);
  private mask = (1 << 5) - 1;

  /** The number of a triple, or -1. */
  find(a: number, b: number, c: number): number {
    const { table, mask } = this;
    let at = (hash(a, b, c) & mask) << 2;
    for (;;) {
      const number = table[at + 3] as number;
      if (number === 0) return -1;
      if (table[at] === a && table[at + 1] === b && table[at + 2] === c) return number - 1;
      at = (at + 4) & ((mask << 2) | 3);
    }
  }

  /** The number of a triple, which becomes known. */
  of(a: number, b: number, c: number): number {
    const known = this.find(a, b, c);
    if (known >= 0) return known;
    if ((this.count + 1) * 2 > this.mask + 1) this.grow();
    this.insert(a, b, c, ++this.count);
    return this.count - 1;
  }

  private insert(a: number, b: number, c: number, number: number): void {
    const { table, mask } = this;
    let at = (hash(a, b, c) & mask) << 2;
    while (table[at + 3] !== 0) at = (at + 4) & ((mask << 2) | 3);
    table[at] = a;
    table[at + 1] = b;
    table[at + 2] = c;
    table[at + 3] = number;
  }

  private grow(): void {
    const before = this.table;
    this.table = new Int32Array(before.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let at = 0; at < before.length; at += 4) {
      const number = before[at + 3] as number;
      if (number === 0) continue;
      this.insert(before[at] as number, before[at + 1] as number, before[at + 2] as number, number);
    }
  }

  get bytes(): number {
    return this.table.byteLength;
  }
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
