/** Lists of integers: they begin small, and large ones grow by a quarter, so that little is allocated and not used. */

const grown = (length: number): number => length + Math.max(16, length < 4096 ? length : length >> 2);

export class IntList {
  private items = new Int32Array(16);
  length = 0;

  push(value: number): void {
    if (this.length === this.items.length) {
      const larger = new Int32Array(grown(this.items.length));
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length++] = value;
  }

  at(index: number): number {
    return this.items[index] as number;
  }

  get bytes(): number {
    return this.items.byteLength;
  }
}

/** A list of small numbers from 0 on: two bytes each, and four once one of them needs it. */
export class SmallIntList {
  private items: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> = new Uint16Array(16);
  length = 0;

  push(value: number): void {
    if (value > 0xffff && this.items instanceof Uint16Array) this.items = new Uint32Array(this.items);
    if (this.length === this.items.length) {
      const size = grown(this.items.length);
      const larger = this.items instanceof Uint16Array ? new Uint16Array(size) : new Uint32Array(size);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length++] = value;
  }

  at(index: number): number {
    return this.items[index] as number;
  }

  get bytes(): number {
    return this.items.byteLength;
  }
}
