/**
 * What CPUs may still do from a state on, as learned footprints: the ground of the reductions. An effect that nobody
 * else can see or disturb is done at once instead of being interleaved. The footprints are what has been seen so far;
 * an instruction that leaves its footprint makes the exploration start again, so the last pass used sound ones.
 */

import { successorsOf } from './code';
import { CPU, ENTRY, FLAG, NEST, SLOT } from './layout';
import type { Footprint } from './learned';
import type { Machine } from './machine';
import { aroundFault } from './program';
import type { ValueId } from './values';

/**
 * What an instruction may do to an item: a location (READ, WRITE, WALK), a page (INVALIDATE) or a page frame (FRAME); or
 * without one: FAULT, and GRACE, begin a grace period.
 */
export const CLASS = { READ: 0, WRITE: 1, WALK: 2, INVALIDATE: 3, FAULT: 4, FRAME: 5, GRACE: 6 } as const;
const { READ, WRITE, WALK, INVALIDATE, FAULT, FRAME, GRACE } = CLASS;
const CLASSES = 7;

const leavesFootprints: ReadonlySet<string | undefined> = new Set([
  'access',
  'wait',
  'translate',
  'tlbi',
  'allocate',
  'free',
]);

interface CpuFuture {
  /** Words of one class of one instruction. */
  readonly own: Int32Array;
  /** The same for everything that is reachable from the instruction. */
  readonly later: Int32Array;
  readonly handlers: readonly number[];
  readonly interruptHandlers: readonly number[];
}

/** Of a descriptor: the pages that it covers, and the locations of descriptors of tables above. */
interface Surroundings {
  readonly pages: readonly number[];
  readonly above: readonly number[];
}

/** Of an access that has happened. */
const HAPPENED = FLAG.READ | FLAG.WRITTEN;

export class Future {
  /** Words of the set of one class. */
  readonly words: number;
  private readonly cpus: readonly CpuFuture[];
  private readonly pageIndex = new Map<ValueId, number>();
  private readonly frameIndex = new Map<ValueId, number>();
  /** What each CPU may still do, where it is known. */
  private readonly sets: readonly Int32Array[];
  private readonly isFound: Uint8Array;
  private isClosing = false;
  /** For each location, found when it is asked for. */
  private readonly surroundings: Surroundings[] = [];

  constructor(private readonly m: Machine) {
    m.learned.pages.forEach((page, i) => {
      this.pageIndex.set(page, i);
    });
    m.learned.frames.forEach((frame, i) => {
      this.frameIndex.set(frame, i);
    });
    const items = Math.max(m.layout.locations, m.learned.pages.length, m.learned.frames.length);
    this.words = Math.max(1, (items + 31) >> 5);
    const sends = m.program.cpus.some((c) => c.code.some((i) => i.kind === 'sendInterrupt'));
    this.cpus = m.cpus.map((_, t) => this.ofCpu(t, sends));
    this.sets = m.cpus.map(() => new Int32Array(this.possibleWords));
    this.isFound = new Uint8Array(m.cpus.length);
  }

  private ofCpu(t: number, sends: boolean): CpuFuture {
    const { m, words } = this;
    const { program, code } = m.cpus[t] as Machine['cpus'][number];
    const stride = words * CLASSES;
    const own = new Int32Array((code.length + 1) * stride);
    const updates = program.hardwareAccessFlag || program.hardwareDirtyState;
    for (let ip = 0; ip < code.length; ip++) {
      const instruction = code[ip]?.instruction;
      const kind = instruction?.kind;
      if (kind === 'svc') own[ip * stride + FAULT * words] = 1;
      if (instruction?.kind === 'rcu' && instruction.operation === 'synchronize') own[ip * stride + GRACE * words] = 1;
      if (!leavesFootprints.has(kind)) continue;
      const f: Footprint = m.footprint(t, ip);
      const at = ip * stride;
      const setAll = (set: Iterable<ValueId>, cls: number, index: (v: ValueId) => number): void => {
        for (const item of set) {
          const i = index(item);
          if (i >= 0) own[at + cls * words + (i >> 5)] = (own[at + cls * words + (i >> 5)] as number) | (1 << (i & 31));
        }
      };
      setAll(f.reads, READ, (v) => m.location(v));
      setAll(f.writes, WRITE, (v) => m.location(v));
      setAll(f.walks, WALK, (v) => m.location(v));
      if (updates) setAll(f.walks, WRITE, (v) => m.location(v));
      setAll(f.invalidates, INVALIDATE, (v) => this.pageIndex.get(v) ?? -1);
      setAll(f.frames, FRAME, (v) => this.frameIndex.get(v) ?? -1);
      if (f.faults) own[at + FAULT * words] = 1;
    }
    const later = own.slice();
    for (let changed = true; changed; ) {
      changed = false;
      for (let ip = code.length - 1; ip >= 0; ip--) {
        const instruction = code[ip]?.instruction;
        if (instruction === undefined) continue;
        for (const next of successorsOf(instruction, ip)) {
          if (next >= code.length) continue;
          for (let i = 0; i < stride; i++) {
            const before = later[ip * stride + i] as number;
            const after = before | (later[next * stride + i] as number);
            if (after !== before) {
              later[ip * stride + i] = after;
              changed = true;
            }
          }
        }
      }
    }
    const handlers = program.faults.kind === 'handler' ? program.faults.entries : [];
    const interruptHandlers = program.interrupts.filter((i) => i.times > 0 || sends).flatMap((i) => i.entries);
    return { own, later, handlers, interruptHandlers };
  }

  private bit(table: Int32Array, ip: number, cls: number, item: number): boolean {
    return ((table[(ip * CLASSES + cls) * this.words + (item >> 5)] as number) & (1 << (item & 31))) !== 0;
  }

  /** Whether CPU u may still do something of a class to an item. */
  private may(u: number, cls: number, item: number): boolean {
    const sets = this.sets[u] as Int32Array;
    if (!this.isClosing || this.isFound[u] === 0) {
      this.possible(u, sets);
      this.isFound[u] = 1;
    }
    return ((sets[cls * this.words + (item >> 5)] as number) & (1 << (item & 31))) !== 0;
  }

  /**
   * The closure begins, for which what CPUs may still do is found once and again when `forget` says so: until then what was
   * found may be too much, never too little.
   */
  begin(): void {
    this.isClosing = true;
    this.isFound.fill(0);
  }

  forget(u: number): void {
    this.isFound[u] = 0;
  }

  end(): void {
    this.isClosing = false;
  }

  /** Words of the set that `possible` fills. */
  get possibleWords(): number {
    return this.words * CLASSES;
  }

  /**
   * Everything that CPU u may still do, a bit for each class and item: what the reductions ask about a CPU.
   */
  possible(u: number, into: Int32Array): void {
    const { m, words } = this;
    const { w } = m;
    const { own, later, handlers, interruptHandlers } = this.cpus[u] as CpuFuture;
    const base = m.base(u);
    const end = later.length / (CLASSES * words) - 1;
    into.fill(0);
    const from = (ip: number): void => {
      if (ip < 0 || ip >= end) return;
      for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) | (later[ip * CLASSES * words + i] as number);
    };
    const unite = (ip: number, cls: number, as: number): void => {
      for (let i = 0; i < words; i++)
        into[as * words + i] = (into[as * words + i] as number) | (own[(ip * CLASSES + cls) * words + i] as number);
    };
    const touch = (location: number, cls: number): void => {
      const at = cls * words + (location >> 5);
      if (location >= 0) into[at] = (into[at] as number) | (1 << (location & 31));
    };
    if (w[base + CPU.DEAD] === 0) {
      from(w[base + CPU.PC] as number);
      for (let d = 1; d <= (w[base + CPU.DEPTH] as number); d++) from(w[m.nest(u, d) + NEST.ELR] as number);
      for (const ip of interruptHandlers) from(ip);
    }
    const program = m.cpus[u]?.program;
    // Where a fault is handled the access is tried again, and everything behind it is done anew.
    const faults = program?.faults.kind;
    const updates = program?.hardwareAccessFlag === true || program?.hardwareDirtyState === true;
    const tells = m.options.tellsAccesses && m.rules.staleAccess;
    const count = m.count(u);
    for (let j = 0; j < count; j++) {
      const slot = m.slot(u, j);
      const kind = w[slot + SLOT.KIND];
      const ip = w[slot + SLOT.IP] as number;
      const flags = w[slot + SLOT.FLAGS] as number;
      if (kind === ENTRY.TLBI && (flags & FLAG.DONE) === 0) unite(ip, INVALIDATE, INVALIDATE);
      if (kind !== ENTRY.ACCESS || (flags & FLAG.FAULTED) !== 0) continue;
      const location = w[slot + SLOT.PA] === 0 ? undefined : m.location((w[slot + SLOT.PA] as number) - 1);
      if ((flags & FLAG.WALKED) === 0) {
        if (this.bit(own, ip, FAULT, 0)) {
          const { first, next } = aroundFault(m.compiled(u, ip).instruction, ip);
          from(faults === 'fatal' ? end : faults === 'skip' ? next : first);
        }
        unite(ip, WALK, WALK);
        if (updates) unite(ip, WALK, WRITE);
      } else if (tells && (flags & FLAG.TRANSLATED) !== 0 && (flags & HAPPENED) !== HAPPENED) {
        // When it happens it is told whether its translation has been replaced.
        unite(ip, WALK, WALK);
      }
      if ((flags & FLAG.READ) === 0) {
        if (location === undefined) unite(ip, READ, READ);
        else touch(location, READ);
      }
      if ((flags & FLAG.WRITTEN) === 0) {
        if (location === undefined) unite(ip, WRITE, WRITE);
        else touch(location, WRITE);
      }
      if ((flags & FLAG.UPDATE_PENDING) !== 0) touch((w[slot + SLOT.UPDATE_CELL] as number) - 1, WRITE);
    }
    if (((into[FAULT * words] as number) & 1) !== 0) for (const ip of handlers) from(ip);
    into.fill(0, FAULT * words, (FAULT + 1) * words);
  }

  /** The locations that CPU u may still touch or walk, a bit each. */
  mayTouch(u: number, into: Int32Array): void {
    const set = this.sets[u] as Int32Array;
    this.possible(u, set);
    this.isFound[u] = 0;
    for (let i = 0; i < this.words; i++)
      into[i] =
        (set[READ * this.words + i] as number) |
        (set[WRITE * this.words + i] as number) |
        (set[WALK * this.words + i] as number);
  }

  private othersMay(t: number, cls: number, item: number): boolean {
    for (let u = 0; u < this.m.layout.cpus; u++) if (u !== t && this.may(u, cls, item)) return true;
    return false;
  }

  private anyoneMay(cls: number, item: number): boolean {
    for (let u = 0; u < this.m.layout.cpus; u++) if (this.may(u, cls, item)) return true;
    return false;
  }

  /**
   * A walk may be done at once when its outcome cannot depend on when it happens: nobody can still write a descriptor on
   * its path, and no other CPU can still invalidate the page (its DSB would wait for the access).
   */
  walkNow(t: number, address: ValueId, path: readonly number[]): boolean {
    const page = this.pageIndex.get(this.m.entries.page(address));
    const { m } = this;
    if (page === undefined) return false;
    if (path.length > 0 && (!m.reduces.walksAtOnce || m.hardwareUpdates)) return false;
    for (const location of path) if (this.anyoneMay(WRITE, location)) return false;
    if (m.reduces.walksAtOnce) return !this.othersMay(t, INVALIDATE, page);
    for (let u = 0; u < m.layout.cpus; u++) {
      const { own } = this.cpus[u] as CpuFuture;
      for (let ip = 0; ip * CLASSES * this.words < own.length; ip++)
        if (this.bit(own, ip, INVALIDATE, page)) return false;
    }
    return true;
  }

  /** Nobody else can still free or allocate the page of a word: whether its use is one after free is settled. */
  private frameIsSettled(t: number, word: ValueId, isReduced: boolean): boolean {
    const { m } = this;
    if (this.frameIndex.size === 0) return true;
    const frame = this.frameIndex.get(m.frameOfWord(word));
    if (frame === undefined) return true;
    return isReduced && !this.othersMay(t, FRAME, frame);
  }

  /**
   * Whether another CPU may still begin a grace period, or waits in one: else nobody asks what sections CPU t is in. It is
   * false for ever once it is false.
   */
  sectionsMatter(t: number): boolean {
    const { m } = this;
    return m.gracePeriods && (!m.reduces.sectionsOfInterest || this.othersMay(t, GRACE, 0));
  }

  /** A grace period behind a TLBI is later than the accesses that the DSB between them waits for: so it can tell when they were. */
  private beginsSection(t: number, slot: number): boolean {
    return this.m.gracePeriods && this.m.flag(slot, FLAG.TRANSLATED) && this.sectionsMatter(t);
  }

  /**
   * A read may be done at once when nobody else can still write the word or free its page, and no older store of its CPU may
   * hit it.
   */
  readNow(t: number, k: number, slot: number): boolean {
    const { m } = this;
    const word = m.w[slot + SLOT.PA] as number;
    const location = m.location(word - 1);
    if (this.beginsSection(t, slot) || !this.frameIsSettled(t, word - 1, m.reduces.readsAtOnce)) return false;
    if (location < 0) return true;
    if (!m.reduces.readsAtOnce) return false;
    if (m.hardwareUpdates && m.learned.cells.has(word - 1)) return false;
    if (this.othersMay(t, WRITE, location)) return false;
    for (let j = 0; j < k; j++) {
      const older = m.slot(t, j);
      if (m.w[older + SLOT.KIND] !== ENTRY.ACCESS) continue;
      const flags = m.w[older + SLOT.FLAGS] as number;
      if ((flags & (FLAG.FAULTED | FLAG.WRITTEN)) !== 0) continue;
      if (m.w[older + SLOT.PA] === 0 || m.w[older + SLOT.PA] === word) return false;
    }
    return true;
  }

  /** A store may be done at once when nobody else can still read or write the word, walk it, or free its page. */
  writeNow(t: number, slot: number): boolean {
    const { m } = this;
    const word = (m.w[slot + SLOT.PA] as number) - 1;
    const location = m.location(word);
    if (location < 0) return !this.beginsSection(t, slot) && this.frameIsSettled(t, word, m.reduces.writesAtOnce);
    if (!m.reduces.writesAtOnce || !this.isOnlyWalked(t, slot)) return false;
    return !(m.learned.cells.has(word) && this.anyoneMay(WALK, location));
  }

  /** Nobody else can still read or write the word of a store, unless a walk does, or free its page. */
  isOnlyWalked(t: number, slot: number): boolean {
    const { m } = this;
    const word = (m.w[slot + SLOT.PA] as number) - 1;
    const location = m.location(word);
    if (this.beginsSection(t, slot) || !this.frameIsSettled(t, word, true)) return false;
    if (m.hardwareUpdates && m.learned.cells.has(word)) return false;
    return !this.othersMay(t, WRITE, location) && !this.othersMay(t, READ, location);
  }

  /** Whether CPU u may still invalidate a page that the descriptor at a location covers, or write a descriptor of a table above. */
  mayUncover(u: number, location: number): boolean {
    const { pages, above } = this.surroundingsOf(location);
    return pages.some((page) => this.may(u, INVALIDATE, page)) || above.some((cell) => this.may(u, WRITE, cell));
  }

  /** Whether a location has a descriptor of a table above that of another one. */
  isAbove(cell: number, location: number): boolean {
    return this.surroundingsOf(location).above.includes(cell);
  }

  private surroundingsOf(location: number): Surroundings {
    let known = this.surroundings[location];
    if (known === undefined) {
      const { locations, cells, pages } = this.m.learned;
      const placesOf = (l: number) => cells.get(locations[l] as ValueId) ?? [];
      const places = placesOf(location);
      const covers = (page: ValueId): boolean => {
        const address = this.m.values.get(page);
        return places.some(({ base, bytes }) => address >= base && address < base + bytes);
      };
      known = {
        pages: [...pages.keys()].filter((i) => covers(pages[i] as ValueId)),
        above: [...locations.keys()].filter((l) => placesOf(l).some((p) => places.some((own) => p.level < own.level))),
      };
      this.surroundings[location] = known;
    }
    return known;
  }
}
