/** One way through a code, up to a point: what is in registers, memory, page tables and hands there. */

import type { EntryState } from '../../../simulator/machine/entryProtocol';
import type { CodeIndex, LockId, Register } from '../../../simulator/machine/program';
import type { TlbiReach } from '../../../simulator/machine/tlbiReach';
import type { HeldLock, Window } from './observation';
import type { EntryRead } from './overwrites';
import type { TablePlace } from './tables';
import { isKnown, type Word } from './word';

export class Path {
  readonly registers = new Map<Register, Word>();
  /** What branches have told of symbols. */
  readonly facts = new Map<number, bigint | 'nonzero'>();
  /** 64-bit words of physical memory that this way has written or read and that differ from the start. */
  readonly memory = new Map<bigint, Word>();
  readonly entries = new Map<bigint, EntryState>();
  /** Entries whose automaton waits for something: a flush, or the barriers after a make. */
  readonly active = new Set<bigint>();
  /** Tables that were linked here, and (null) unlinked. */
  readonly tables = new Map<bigint, TablePlace | null>();
  readonly windows = new Map<bigint, Window>();
  /** TLBIs that had nothing to remove, the last few. */
  idleTlbis: readonly { readonly at: CodeIndex; readonly reach: TlbiReach }[] = [];
  /** For an entry that waits for its flush: the idle TLBI that came before the change. */
  readonly earlierTlbi = new Map<bigint, CodeIndex>();
  /** The DSB behind a make that still needs its ISB. */
  readonly drainedAt = new Map<bigint, CodeIndex>();
  /** The last write of an entry, where it wrote only some of its bytes. */
  readonly partlyWritten = new Map<bigint, CodeIndex>();
  /** Entries whose old or new value has the Contiguous bit, and the last write of each. */
  readonly contiguous = new Map<bigint, CodeIndex>();
  /** The locks that were held when an entry was made valid. */
  readonly madeUnder = new Map<bigint, readonly HeldLock[]>();
  held: readonly HeldLock[] = [];
  readonly lastRelease = new Map<LockId, CodeIndex>();
  irqsMasked = false;
  irqsMaskedSince: CodeIndex | undefined;
  nmisMasked = false;
  preemptionOff: readonly CodeIndex[] = [];
  readSections: readonly CodeIndex[] = [];
  /** Words of memory that are no entries, with the store that wrote each last; in the order of these stores. */
  readonly stored = new Map<bigint, CodeIndex>();
  readonly entryReads = new Map<bigint, EntryRead>();
  /** The last write of each entry. */
  readonly wroteAt = new Map<bigint, CodeIndex>();
  /** Huge pages, by their head, whose mark of being optimised was cleared, and where. */
  readonly unmarked = new Map<bigint, CodeIndex>();
  /** What a handler has read with a lock held, and where; and the last read without one. */
  looks: readonly { readonly at: CodeIndex; readonly value: Word }[] = [];
  lookedBefore: CodeIndex | undefined;
  /** The words that a handler has read, with a lock or without; undefined: it cannot be told which. */
  lookedAt: readonly (bigint | undefined)[] = [];
  /** Pages whose contents were written through the linear map with no barrier since, and the last such store. */
  readonly contents = new Map<bigint, CodeIndex>();
  readonly allocated = new Map<bigint, CodeIndex>();
  /** Allocated pages whose address was stored somewhere: somebody else may free them. */
  readonly handedOn = new Set<bigint>();
  readonly freed = new Map<bigint, CodeIndex>();
  /** Pages that were allocated, those that were freed again included. */
  readonly taken = new Set<bigint>();
  /** Interrupts were sent to other CPUs; and then they were waited for. */
  sent = false;
  othersWait = false;
  /** Something was waited for that only another CPU does: memory is not as it was at the start any more. */
  waited = false;
  /** A load is taken to have found what another code stores: several of these together need not be possible. */
  guessed = false;
  /** The addresses of `memory` in their order, and that as text: none is ever taken out of it. */
  private ordered: { readonly addresses: readonly bigint[]; readonly text: string } = { addresses: [], text: '' };
  /** Values as keys have them, over all ways of a walk. */
  private texts = new Map<bigint, string>();

  constructor(public at: CodeIndex) {}

  fork(at: CodeIndex): Path {
    const copy = new Path(at);
    copyMap(this.registers, copy.registers);
    copyMap(this.facts, copy.facts);
    copyMap(this.memory, copy.memory);
    copyMap(this.entries, copy.entries);
    for (const word of this.active) copy.active.add(word);
    copyMap(this.tables, copy.tables);
    copyMap(this.windows, copy.windows);
    copyMap(this.madeUnder, copy.madeUnder);
    copyMap(this.earlierTlbi, copy.earlierTlbi);
    copyMap(this.drainedAt, copy.drainedAt);
    copyMap(this.contiguous, copy.contiguous);
    copyMap(this.partlyWritten, copy.partlyWritten);
    copy.idleTlbis = this.idleTlbis;
    copyMap(this.lastRelease, copy.lastRelease);
    copyMap(this.contents, copy.contents);
    copyMap(this.stored, copy.stored);
    copyMap(this.entryReads, copy.entryReads);
    copyMap(this.wroteAt, copy.wroteAt);
    copyMap(this.unmarked, copy.unmarked);
    copy.looks = this.looks;
    copy.lookedBefore = this.lookedBefore;
    copy.lookedAt = this.lookedAt;
    copyMap(this.allocated, copy.allocated);
    copyMap(this.freed, copy.freed);
    for (const page of this.taken) copy.taken.add(page);
    for (const page of this.handedOn) copy.handedOn.add(page);
    copy.held = this.held;
    copy.irqsMasked = this.irqsMasked;
    copy.irqsMaskedSince = this.irqsMaskedSince;
    copy.nmisMasked = this.nmisMasked;
    copy.preemptionOff = this.preemptionOff;
    copy.readSections = this.readSections;
    copy.sent = this.sent;
    copy.othersWait = this.othersWait;
    copy.waited = this.waited;
    copy.guessed = this.guessed;
    copy.ordered = this.ordered;
    copy.texts = this.texts;
    return copy;
  }

  /** A word with what branches have told of it. */
  resolve(word: Word): Word {
    if (isKnown(word)) return word;
    const fact = this.facts.get(word);
    return fact === undefined || fact === 'nonzero' ? word : fact;
  }

  /** Whether a word is not 0; undefined when that is open. */
  truth(word: Word): boolean | undefined {
    const resolved = this.resolve(word);
    if (isKnown(resolved)) return resolved !== 0n;
    return this.facts.get(resolved) === 'nonzero' ? true : undefined;
  }

  /**
   * Two ways with the same key at the same place go on alike, as far as rules can tell. Symbols are numbered by where they
   * stand, so that a loop which loads anew in each round comes back to where it was. `live`: registers that are read later.
   */
  key(live: readonly Register[]): string {
    const names = new Map<number, number>();
    const name = (word: Word): string => {
      const resolved = this.resolve(word);
      if (isKnown(resolved)) return this.textOf(resolved);
      let number = names.get(resolved);
      if (number === undefined) {
        number = names.size;
        names.set(resolved, number);
      }
      return `#${number}${this.facts.get(resolved) === 'nonzero' ? '!' : ''}`;
    };
    const parts: string[] = [String(this.at)];
    for (const register of live) {
      const word = this.registers.get(register);
      parts.push(word === undefined ? '' : name(word));
    }
    const { addresses, text } = this.inOrder();
    parts.push(text, addresses.map((address) => name(this.memory.get(address) as Word)).join(','));
    for (const word of [...this.active].sort()) {
      const { flush, unpublished } = this.entries.get(word) as EntryState;
      const assumed = flush?.assumed.missing.map((step) => `${step.step}@${step.before}`).join('+') ?? '';
      parts.push(
        `${word}:${flush ? `${flush.since}/${flush.done}/${flush.cached.join('.')}/${assumed}` : ''}:${unpublished?.next ?? ''}`,
      );
    }
    parts.push([...this.windows].map(([word, { breakAt }]) => `${word}@${breakAt}`).join(','));
    parts.push(this.held.map((one) => `${one.lock}@${one.since}`).join(','));
    parts.push(`${this.irqsMasked}${this.nmisMasked}${this.preemptionOff.length}${this.readSections.length}`);
    parts.push([...this.contents.keys()].join(','), [...this.allocated.keys()].join(','));
    parts.push([...this.unmarked.keys()].join(','), this.looks.map(({ at }) => at).join(','), this.lookedAt.join(','));
    parts.push([...this.freed.keys()].join(','), `${this.sent}${this.othersWait}${this.waited}${this.guessed}`);
    return parts.join('|');
  }

  private textOf(value: bigint): string {
    let text = this.texts.get(value);
    if (text === undefined) {
      text = value.toString(36);
      this.texts.set(value, text);
    }
    return text;
  }

  private inOrder(): Path['ordered'] {
    if (this.ordered.addresses.length !== this.memory.size) {
      const addresses = [...this.memory.keys()].sort((a, b) => (a < b ? -1 : 1));
      this.ordered = { addresses, text: addresses.map((address) => address.toString(36)).join(',') };
    }
    return this.ordered;
  }
}

function copyMap<Key, Value>(from: ReadonlyMap<Key, Value>, to: Map<Key, Value>): void {
  for (const [key, value] of from) to.set(key, value);
}
