/**
 * What executions leave behind: entries that are broken at the end, and pages that nobody has any more. Whether that is meant
 * the other executions tell: an entry that is whole at the end of another one, a page that somebody frees or keeps there.
 */

import { successorsOf } from '../machine/code';
import type { Level } from '../machine/granule';
import { FRAME, type Machine } from '../machine/machine';
import type { Instruction } from '../machine/program';
import type { ValueId } from '../machine/values';
import { holdsAddress } from '../steps/holdsAddress';
import { wordsOf } from '../steps/walk';

export interface Leftover {
  readonly kind: 'left-broken' | 'leak';
  /** The entry: its word of physical memory. Of a page that was mapped at the start: the entry that mapped it. */
  readonly word?: ValueId;
  readonly level?: number;
  readonly page?: ValueId;
  /** The final state that shows it. */
  readonly state: number;
}

/** First final states in which something is as it should be, and in which it is not. */
interface Ends {
  right?: number;
  wrong?: number;
}

export class Leftovers {
  private readonly entries = new Map<number, Ends>();
  private readonly pages = new Map<number, Ends>();

  clear(): void {
    this.entries.clear();
    this.pages.clear();
  }

  /** A final state, which the cursor is over. What a task that was killed leaves behind is another matter. */
  note(m: Machine, state: number): void {
    for (let t = 0; t < m.layout.cpus; t++) if (m.isDead(t)) return;
    for (let location = 0; location < m.layout.locations; location++) {
      const isWhole = wholeAtEnd(m, location);
      if (isWhole !== undefined) noteEnd(this.entries, location, isWhole, state);
    }
    for (let frame = 0; frame < m.layout.frameCount; frame++) {
      const isHad = hadAtEnd(m, frame);
      if (isHad !== undefined) noteEnd(this.pages, frame, isHad, state);
    }
  }

  /** Whether more has to be seen: who has a page that seems to be lost. */
  suspect(m: Machine): boolean {
    const { learned } = m;
    let more = false;
    for (const [frame, ends] of this.pages) {
      const page = learned.frames[frame] as ValueId;
      if (!isLost(m, page, ends) || learned.suspects.has(page)) continue;
      const owner = isOfPool(m, page) ? undefined : mappedAtStart(m, m.values.get(page));
      learned.suspects.set(page, owner === undefined ? -1 : m.values.of(owner));
      if (owner !== undefined) learned.observe(m.values.of(owner));
      more = true;
    }
    return more;
  }

  found(m: Machine): readonly Leftover[] {
    const found: Leftover[] = [];
    for (const [location, { right, wrong }] of this.entries) {
      if (right === undefined || wrong === undefined) continue;
      const word = m.learned.locations[location] as ValueId;
      const level = m.learned.cells.get(word)?.[0]?.level ?? 3;
      found.push({ kind: 'left-broken', word, level, state: wrong });
    }
    for (const [frame, ends] of this.pages) {
      const page = m.learned.frames[frame] as ValueId;
      if (!isLost(m, page, ends)) continue;
      const word = m.learned.suspects.get(page) ?? -1;
      found.push({ kind: 'leak', page, state: ends.wrong, ...(word < 0 ? {} : { word }) });
    }
    return found;
  }
}

function noteEnd(ends: Map<number, Ends>, key: number, isRight: boolean, state: number): void {
  const known = ends.get(key) ?? {};
  if (isRight) known.right ??= state;
  else known.wrong ??= state;
  ends.set(key, known);
}

/** Nobody has a page at the end of one execution, and in another one somebody keeps it or gives it back. */
function isLost(m: Machine, page: ValueId, ends: Ends): ends is Ends & { readonly wrong: number } {
  return ends.wrong !== undefined && (ends.right !== undefined || (isOfPool(m, page) && isGivenBack(m, page)));
}

/** Whether somebody frees a page in some execution: of one of the pool the end does not tell, since it was free at the start. */
function isGivenBack(m: Machine, page: ValueId): boolean {
  return m.program.cpus.some(({ code }, t) =>
    code.some((i, at) => i.kind === 'free' && m.footprint(t, at).frames.has(page)),
  );
}

/** Whether an entry that was valid at the start is valid; undefined for other words and for entries that no walk meets. */
function wholeAtEnd(m: Machine, location: number): boolean | undefined {
  const word = m.learned.locations[location] as ValueId;
  for (const { level, base } of m.learned.cells.get(word) ?? []) {
    const before = m.entries.describe(m.initialWord(word), level as Level);
    if (before.kind === 'invalid') continue;
    if (m.entries.describe(m.last(location), level as Level).kind !== 'invalid') return true;
    return wordsOf(m, m.values.of(base)).includes(word) ? false : undefined;
  }
  return undefined;
}

/** Whether a page that was taken is given back, mapped or kept; undefined for one that was never taken. */
function hadAtEnd(m: Machine, frame: number): boolean | undefined {
  const page = m.learned.frames[frame] as ValueId;
  const state = m.w[m.layout.frames + frame];
  // A page that several places may take is another one's each time.
  if (isOfPool(m, page))
    return (state === FRAME.REUSED || state === FRAME.ZEROED) && takers(m, page) === 1 ? isNamed(m, page) : undefined;
  // Given back, if only to be taken again.
  if (state !== FRAME.USED) return true;
  const owner = m.learned.suspects.get(page);
  // Until somebody looks closer: it is given back in some executions, and in this one it is not.
  if (owner === undefined) return false;
  if (owner < 0) return isAlwaysTaken(m, page) ? isNamed(m, page) : undefined;
  return m.location(owner) < 0 || isNamed(m, page);
}

/** The places that may take a page: those that name it, and those that name none. */
function takers({ program, values }: Machine, page: ValueId): number {
  const address = values.get(page);
  const mayTake = (i: Instruction) => i.kind === 'allocate' && (i.page === undefined || i.page === address);
  return program.cpus.reduce((n, { code }) => n + code.filter(mayTake).length, 0);
}

/** Whether no way leads around the place that takes a page for certain, whose being taken is not in the record. */
function isAlwaysTaken({ program, values }: Machine, page: ValueId): boolean {
  const address = values.get(page);
  return program.cpus.some(({ code }) => {
    let at = 0;
    for (let steps = 0; steps < code.length; steps++) {
      const i = code[at];
      if (i === undefined) return false;
      if (i.kind === 'allocate' && i.page === address) return true;
      const [next, ...others] = successorsOf(i, at);
      if (next === undefined || others.length > 0) return false;
      at = next;
    }
    return false;
  });
}

function isOfPool({ program, values }: Machine, page: ValueId): boolean {
  return program.freePages.includes(values.get(page));
}

function isNamed(m: Machine, page: ValueId): boolean {
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
