/** A map that is copied when it is written to, not when it is handed on: ways part often and change little. */
export class CopyOnWriteMap<Key, Held> implements Iterable<[Key, Held]> {
  private isShared = false;

  constructor(private map: Map<Key, Held> = new Map()) {}

  get size(): number {
    return this.map.size;
  }

  has(key: Key): boolean {
    return this.map.has(key);
  }

  get(key: Key): Held | undefined {
    return this.map.get(key);
  }

  keys(): Iterable<Key> {
    return this.map.keys();
  }

  values(): Iterable<Held> {
    return this.map.values();
  }

  [Symbol.iterator](): Iterator<[Key, Held]> {
    return this.map[Symbol.iterator]();
  }

  set(key: Key, held: Held): void {
    this.own().set(key, held);
  }

  delete(key: Key): void {
    if (this.map.has(key)) this.own().delete(key);
  }

  clear(): void {
    this.map = new Map();
    this.isShared = false;
  }

  /** Another map with the same contents; whoever writes first copies them. */
  fork(): CopyOnWriteMap<Key, Held> {
    this.isShared = true;
    const other = new CopyOnWriteMap(this.map);
    other.isShared = true;
    return other;
  }

  /** Whether both still have the very same contents, which is quick to tell. */
  isForkOf(other: CopyOnWriteMap<Key, Held>): boolean {
    return this.map === other.map;
  }

  private own(): Map<Key, Held> {
    if (this.isShared) {
      this.map = new Map(this.map);
      this.isShared = false;
    }
    return this.map;
  }
}
