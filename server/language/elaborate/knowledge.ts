/**
 * What one code of the program knows of all the others. A program is made in rounds, until what its codes assumed of each
 * other is what they do; a code is made again only where a question that it asked has another answer now.
 */

import type { Assumption } from './compiler';

/** What a round of elaboration found out about accesses; the next round uses it. */
export interface AccessRecord {
  /** Pages of vmemmap that are accessed by an address that is known, by VA. */
  readonly pages: Set<bigint>;
  /** Offsets of the words in a page, for pages that hold struct pages of huge pages. */
  readonly offsets: Set<bigint>;
  /** Offsets of the words that are read in pages of physical memory, by page; those of the kernel's page tables are not among them. */
  readonly words: Map<bigint, Set<bigint>>;
  /** Physical pages that a descriptor of a table was stored of: walks look at them. */
  readonly tables: Set<bigint>;
  /** Code that frees pages. */
  readonly freers: Set<string>;
  /** Words of physical memory that are written by an address that is known, and the code that does it. */
  readonly writers: Map<bigint, Set<string>>;
}

export function noRecord(): AccessRecord {
  return {
    pages: new Set(),
    offsets: new Set(),
    words: new Map(),
    tables: new Set(),
    freers: new Set(),
    writers: new Map(),
  };
}

/** Stands for every page whose address is known only when the program runs. */
export const SOME_PAGE = -1n;

/** One round: what the rounds before found, what this one finds, and the pool's pages that were given for good. */
export interface Round {
  readonly known: AccessRecord;
  readonly found: AccessRecord;
  readonly given: { pages: number };
}

export function firstRound(): Round {
  return { known: noRecord(), found: noRecord(), given: { pages: 0 } };
}

/** The round after one; undefined when it would find what the last one knew. */
export function nextRound({ known, found }: Round): Round | undefined {
  return isWithin(found, known) ? undefined : { ...firstRound(), known: together(known, found) };
}

function isWithin(found: AccessRecord, known: AccessRecord): boolean {
  for (const page of found.pages) if (!known.pages.has(page)) return false;
  for (const offset of found.offsets) if (!known.offsets.has(offset)) return false;
  for (const table of found.tables) if (!known.tables.has(table)) return false;
  for (const [page, words] of found.words)
    for (const word of words) if (known.words.get(page)?.has(word) !== true) return false;
  for (const writer of found.freers) if (!known.freers.has(writer)) return false;
  for (const [word, writers] of found.writers) {
    for (const writer of writers) if (known.writers.get(word)?.has(writer) !== true) return false;
  }
  return true;
}

function together(known: AccessRecord, found: AccessRecord): AccessRecord {
  const all = noRecord();
  for (const record of [known, found]) add(all, record);
  return all;
}

function add(to: AccessRecord, { pages, offsets, words, tables, freers, writers }: AccessRecord): void {
  for (const page of pages) to.pages.add(page);
  for (const offset of offsets) to.offsets.add(offset);
  for (const [page, some] of words) for (const word of some) addTo(to.words, page, word);
  for (const table of tables) to.tables.add(table);
  for (const writer of freers) to.freers.add(writer);
  for (const [word, some] of writers) for (const writer of some) addTo(to.writers, word, writer);
}

function addTo<T>(sets: Map<bigint, Set<T>>, key: bigint, item: T): void {
  const some = sets.get(key);
  if (some === undefined) sets.set(key, new Set([item]));
  else some.add(item);
}

/**
 * What one code asked, and what it found itself. What is known only grows from round to round, so a yes stays a yes: the
 * questions whose answer was no are remembered.
 */
export class Knowledge {
  readonly assumptions = new Map<bigint, Assumption>();
  private readonly own = noRecord();
  private readonly notByOthers = new Set<bigint>();
  private readonly notWritten = new Set<bigint>();
  private readonly notTouched = new Set<bigint>();
  private notFreed = false;
  /** How much was known when it was asked what a copy has to move. */
  private copied: number | undefined;

  constructor(
    private readonly round: Round,
    /** Which of the program's codes this is. */
    private readonly writer: string,
    /** Equal CPUs have one code, and are others to each other. */
    private readonly shared: boolean,
    /** Words of which nothing may be assumed. */
    private readonly unsettled: ReadonlySet<bigint>,
  ) {}

  /** Whether code other than this one writes a word of physical memory. */
  isWrittenByOthers(word: bigint): boolean {
    const answer = this.othersWrite(this.round, word);
    if (!answer) this.notByOthers.add(word);
    return answer;
  }

  /** Whether any code writes a word, this one included. */
  isWritten(word: bigint): boolean {
    const answer = isWrittenIn(this.round, word);
    if (!answer) this.notWritten.add(word);
    return answer;
  }

  /** Whether other code frees pages. */
  othersFree(): boolean {
    const answer = this.hasOther(this.round.known.freers);
    if (!answer) this.notFreed = true;
    return answer;
  }

  /** Whether a page of vmemmap is accessed by an address that is known. */
  isTouched(page: bigint): boolean {
    const answer = this.round.known.pages.has(page);
    if (!answer) this.notTouched.add(page);
    return answer;
  }

  /**
   * Offsets of the words that somebody may look at in a physical page (undefined: in any that it may be), by an address in
   * vmemmap or another one.
   */
  touchedOffsets(page: bigint | undefined): Set<bigint> {
    const { offsets, words } = this.round.known;
    this.copied = extent(this.round.known);
    const found = new Set(offsets);
    for (const one of page === undefined ? words.keys() : [page, SOME_PAGE])
      for (const offset of words.get(one) ?? []) found.add(offset);
    return found;
  }

  /** Whether the code copied or cleared a page. */
  get copies(): boolean {
    return this.copied !== undefined;
  }

  /** Whether walks look at a physical page: a descriptor of a table was made of its address. */
  isLinked(page: bigint): boolean {
    this.copied = extent(this.round.known);
    return this.round.known.tables.has(page);
  }

  /** The pages of vmemmap that are accessed by an address that is known. */
  touchedPages(): Iterable<bigint> {
    this.copied = extent(this.round.known);
    return this.round.known.pages;
  }

  touch(page: bigint): void {
    this.own.pages.add(page);
    this.round.found.pages.add(page);
  }

  touchOffset(offset: bigint): void {
    this.own.offsets.add(offset);
    this.round.found.offsets.add(offset);
  }

  /** A read of a word of a physical page; what every copy moves anyway need not be noted. */
  touchWord(page: bigint, offset: bigint): void {
    if (this.round.known.offsets.has(offset)) return;
    addTo(this.own.words, page, offset);
    addTo(this.round.found.words, page, offset);
  }

  linkTable(page: bigint): void {
    this.own.tables.add(page);
    this.round.found.tables.add(page);
  }

  write(word: bigint): void {
    addTo(this.own.writers, word, this.writer);
    addTo(this.round.found.writers, word, this.writer);
  }

  free(): void {
    this.own.freers.add(this.writer);
    this.round.found.freers.add(this.writer);
  }

  /** A page that is freed is somebody else's: what stands in it is not known any more, nor is reading it without harm. */
  freePage(page: bigint): void {
    this.write(wholePage(page));
  }

  /** Whether some code frees a page by an address that is known. */
  isFreed(page: bigint): boolean {
    return this.isWritten(wholePage(page));
  }

  /** Whether every question would be answered in a later round as it was. */
  holdsIn(round: Round): boolean {
    for (const word of this.notByOthers) if (this.othersWrite(round, word)) return false;
    for (const word of this.notWritten) if (isWrittenIn(round, word)) return false;
    for (const page of this.notTouched) if (round.known.pages.has(page)) return false;
    if (this.notFreed && this.hasOther(round.known.freers)) return false;
    return this.copied === undefined || this.copied === extent(round.known);
  }

  /** Tells a later round what was found. */
  tell(round: Round): void {
    add(round.found, this.own);
  }

  private othersWrite({ known }: Round, word: bigint): boolean {
    if (this.unsettled.has(word)) return true;
    const writers = known.writers.get(word);
    return writers !== undefined && this.hasOther(writers);
  }

  private hasOther(writers: ReadonlySet<string>): boolean {
    for (const writer of writers) if (writer !== this.writer || this.shared) return true;
    return false;
  }
}

/** Stands for all words of a page, and is the address of none. */
function wholePage(page: bigint): bigint {
  return page | 1n;
}

/** How much is known of what accesses look at: it only grows. */
function extent({ pages, offsets, words, tables }: AccessRecord): number {
  let count = pages.size + offsets.size + tables.size;
  for (const some of words.values()) count += some.size;
  return count;
}

function isWrittenIn({ known, found }: Round, word: bigint): boolean {
  return known.writers.has(word) || found.writers.has(word);
}
