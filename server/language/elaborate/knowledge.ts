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
  /** Code that frees pages. */
  readonly freers: Set<string>;
  /** Words of physical memory that are written by an address that is known, and the code that does it. */
  readonly writers: Map<bigint, Set<string>>;
}

export function noRecord(): AccessRecord {
  return { pages: new Set(), offsets: new Set(), freers: new Set(), writers: new Map() };
}

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

function add(to: AccessRecord, { pages, offsets, freers, writers }: AccessRecord): void {
  for (const page of pages) to.pages.add(page);
  for (const offset of offsets) to.offsets.add(offset);
  for (const writer of freers) to.freers.add(writer);
  for (const [word, some] of writers) for (const writer of some) addWriter(to, word, writer);
}

function addWriter({ writers }: AccessRecord, word: bigint, writer: string): void {
  const some = writers.get(word);
  if (some === undefined) writers.set(word, new Set([writer]));
  else some.add(writer);
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
  private offsets: number | undefined;

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

  /** Offsets of the words that somebody accesses in pages of vmemmap, from the lowest on. */
  touchedOffsets(): readonly bigint[] {
    const { offsets } = this.round.known;
    this.offsets = offsets.size;
    return [...offsets].sort((a, b) => (a < b ? -1 : 1));
  }

  touch(page: bigint): void {
    this.own.pages.add(page);
    this.round.found.pages.add(page);
  }

  touchOffset(offset: bigint): void {
    this.own.offsets.add(offset);
    this.round.found.offsets.add(offset);
  }

  write(word: bigint): void {
    addWriter(this.own, word, this.writer);
    addWriter(this.round.found, word, this.writer);
  }

  free(): void {
    this.own.freers.add(this.writer);
    this.round.found.freers.add(this.writer);
  }

  /** Whether every question would be answered in a later round as it was. */
  holdsIn(round: Round): boolean {
    for (const word of this.notByOthers) if (this.othersWrite(round, word)) return false;
    for (const word of this.notWritten) if (isWrittenIn(round, word)) return false;
    for (const page of this.notTouched) if (round.known.pages.has(page)) return false;
    if (this.notFreed && this.hasOther(round.known.freers)) return false;
    return this.offsets === undefined || this.offsets === round.known.offsets.size;
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

function isWrittenIn({ known, found }: Round, word: bigint): boolean {
  return known.writers.has(word) || found.writers.has(word);
}
