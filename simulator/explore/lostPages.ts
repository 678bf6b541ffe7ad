/**
 * Pages that were taken and are lost: an execution loses one when at its end nothing maps it, names it or has
 * given it back, and another execution shows that somebody should have.
 */

import type { Level } from '../machine/granule';
import { FRAME, type Machine } from '../machine/machine';
import type { Instruction } from '../machine/program';
import type { ValueId } from '../machine/values';
import { holdsAddress } from '../steps/holdsAddress';

/** First final states in which somebody has a page, and in which nobody has. */
interface Ends {
  had?: number;
  lost?: number;
}

export interface LostPage {
  readonly page: ValueId;
  /** The entry that mapped it at the start, if one did. */
  readonly word?: ValueId;
  readonly state: number;
}

export class LostPages {
  private readonly ends = new Map<ValueId, Ends>();

  clear(): void {
    this.ends.clear();
  }

  /** A final state, which the cursor is over. */
  note(m: Machine, state: number): void {
    for (let frame = 0; frame < m.layout.frameCount; frame++) {
      const isHad = hadAtEnd(m, frame);
      if (isHad !== undefined) this.noteEnd(m.learned.frames[frame] as ValueId, isHad, state);
    }
    for (const page of onePagesOf(m)) if (m.frameWord(page) < 0) this.noteEnd(page, isNamed(m, page), state);
  }

  private noteEnd(page: ValueId, isHad: boolean, state: number): void {
    const ends = this.ends.get(page) ?? {};
    if (isHad) ends.had ??= state;
    else ends.lost ??= state;
    this.ends.set(page, ends);
  }

  /** Whether more has to be seen: who has a page that seems to be lost. */
  suspect(m: Machine): boolean {
    const { learned } = m;
    let more = false;
    for (const [page, ends] of this.ends) {
      if (learned.suspects.has(page)) continue;
      if (!mayBeLost(m, page, ends) && (m.frameWord(page) < 0 || !isLost(m, page, ends))) continue;
      const owner = isOfPool(m, page) || m.frameWord(page) < 0 ? undefined : mappedAtStart(m, m.values.get(page));
      if (owner !== undefined) learned.observe(m.values.of(owner));
      suspectLost(m, page, owner);
      more = true;
    }
    return more;
  }

  found(m: Machine): readonly LostPage[] {
    return [...this.ends].flatMap(([page, ends]) => {
      if (m.frameWord(page) < 0 || !isLost(m, page, ends)) return [];
      const word = m.learned.suspects.get(page) ?? -1;
      return [{ page, state: ends.lost, ...(word < 0 ? {} : { word }) }];
    });
  }
}

/**
 * Nobody is known to have a page at the end of one execution, and somebody stores its address in some: of words that nobody
 * reads nothing is in the record.
 */
function mayBeLost(m: Machine, page: ValueId, ends: Ends): boolean {
  return ends.lost !== undefined && (m.frameWord(page) < 0 || isOfPool(m, page)) && isHandedOn(m, page);
}

/** Nobody has a page at the end of one execution, and in another one somebody keeps it or gives it back. */
function isLost(m: Machine, page: ValueId, ends: Ends): ends is Ends & { readonly lost: number } {
  return ends.lost !== undefined && (ends.had !== undefined || (isOfPool(m, page) && isGivenBack(m, page)));
}

/** Whether somebody frees a page in some execution: of one of the pool the end does not tell, since it was free at the start. */
function isGivenBack(m: Machine, page: ValueId): boolean {
  return m.program.cpus.some(({ code }, t) =>
    code.some((i, at) => i.kind === 'free' && m.footprint(t, at).frames.has(page)),
  );
}

/** Whether somebody writes the address of a page to memory in some execution. */
function isHandedOn(m: Machine, page: ValueId): boolean {
  return m.program.cpus.some(({ code }, t) =>
    code.some((_, at) => {
      for (const values of m.footprint(t, at).stored.values())
        for (const value of values) if (holdsAddress(m, value, page)) return true;
      return false;
    }),
  );
}

/** A page seems to be lost. Notes at once what executions would show with it in the record: who takes it, and the words that get its address. */
export function suspectLost(m: Machine, page: ValueId, owner?: bigint): void {
  m.learned.suspects.set(page, owner === undefined ? -1 : m.values.of(owner));
  m.learned.addFrame(page);
  m.program.cpus.forEach(({ code }, t) => {
    code.forEach((i, at) => {
      const footprint = m.footprint(t, at);
      if (i.kind === 'allocate' && i.page === m.values.get(page)) m.learned.touch(footprint.frames, page);
      for (const [word, values] of footprint.stored)
        for (const value of values) if (holdsAddress(m, value, page)) m.learned.observe(word);
    });
  });
}

/** The pages that one allocation gives for certain. */
export function onePagesOf({ program, values }: Machine): readonly ValueId[] {
  return program.cpus.flatMap(({ code }) =>
    code.flatMap((i) => (i.kind === 'allocate' && i.page !== undefined ? [values.of(i.page)] : [])),
  );
}

/** Whether a page that was taken is given back, mapped or kept; undefined for one that was never taken. */
function hadAtEnd(m: Machine, frame: number): boolean | undefined {
  const page = m.learned.frames[frame] as ValueId;
  const state = m.w[m.layout.frames + frame];
  // A page that several places of the code may take is another one's each time.
  if (isOfPool(m, page))
    return (state === FRAME.REUSED || state === FRAME.ZEROED) && takers(m, page) === 1 ? isNamed(m, page) : undefined;
  if (state === FRAME.TAKEN) return isNamed(m, page);
  // Given back, if only to be taken again.
  if (state !== FRAME.USED) return true;
  const owner = m.learned.suspects.get(page);
  // Until somebody looks closer: it is given back in some executions, and in this one it is not.
  if (owner === undefined) return isOneTaken(m, page) ? undefined : false;
  // One that no entry mapped, and that nobody has taken, is no business of this execution.
  if (owner < 0) return undefined;
  return m.location(owner) < 0 || isNamed(m, page);
}

/** The places of the code that may take a page: those that name it, and those that name none. CPUs with the same code have the same ones. */
function takers({ program, values, classes }: Machine, page: ValueId): number {
  const address = values.get(page);
  const mayTake = (i: Instruction) => i.kind === 'allocate' && (i.page === undefined || i.page === address);
  return program.cpus.reduce((n, { code }, t) => (classes[t] === t ? n + code.filter(mayTake).length : n), 0);
}

/** Whether an allocation gives this page and no other: whether it was taken is in the record. */
function isOneTaken({ program, values }: Machine, page: ValueId): boolean {
  const address = values.get(page);
  return program.cpus.some(({ code }) => code.some((i) => i.kind === 'allocate' && i.page === address));
}

function isOfPool({ program, values }: Machine, page: ValueId): boolean {
  return program.freePages.includes(values.get(page));
}

/** Whether a word of the record holds the address of a page. */
export function isNamed(m: Machine, page: ValueId): boolean {
  for (let location = 0; location < m.layout.locations; location++)
    if (holdsAddress(m, m.last(location), page)) return true;
  return false;
}

/** The word of the tables as they are at the start that maps a page; undefined when none does. */
function mappedAtStart(m: Machine, page: bigint): bigint | undefined {
  const { program, entries } = m;
  const bytes = program.pageBytes;
  const below = (table: bigint, level: Level): bigint | undefined => {
    for (let word = table; word < table + bytes; word += 8n) {
      const value = program.initialWord(word);
      if (value === 0n) continue;
      const entry = entries.describe(m.values.of(value), level);
      if (entry.kind === 'invalid') continue;
      if (entry.kind === 'leaf') {
        if (entry.output === page && level === 3) return word;
        continue;
      }
      const found = below(entry.output, (level + 1) as Level);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return below(program.translation.root, entries.top);
}
