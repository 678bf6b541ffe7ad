/** Whether an old and a new descriptor must not live side by side, with what the machine knows of their pages. */

import { type ChangeContext, type ClassifiedChange, classifyChange } from '../machine/descriptorChange';
import type { Entry } from '../machine/entries';
import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import { MAX_VALUES, type ValueId } from '../machine/values';

/** The rule of the Arm ARM that asks for break-before-make, or undefined when the change needs none. */
export function changeNeedsBreak(m: Machine, oldValue: ValueId, newValue: ValueId, level: Level): string | undefined {
  const change = changeBetween(m, oldValue, newValue, level);
  return change.verdict === 'bbm' ? change.rule : undefined;
}

/** What the change from one value of a descriptor to another is, with the pages as they are now. */
export function changeBetween(m: Machine, oldValue: ValueId, newValue: ValueId, level: Level): ClassifiedChange {
  const old = m.entries.describe(oldValue, level);
  const now = m.entries.describe(newValue, level);
  const contents =
    old.kind === 'leaf' && now.kind === 'leaf' && old.readOnly && now.readOnly && sameContents(m, old, now, level);
  const mapping = old.kind !== now.kind && sameMapping(m, old, now, level);
  return classified(m, oldValue, newValue, level, contents, mapping);
}

/** Whether FEAT_BBM lets a block and a table take each other's place, as far as they map the same. */
export function mayChangeSize(m: Machine, oldValue: ValueId, newValue: ValueId, level: Level): boolean {
  return classified(m, oldValue, newValue, level, false, true).verdict !== 'bbm';
}

/**
 * Whether a leaf of a table needed break-before-make against the block whose place the table takes, for an address: whether
 * anything differs but their size, and what a TLBI is enough for.
 */
export function differsFromBlock(
  m: Machine,
  block: { readonly value: ValueId; readonly level: Level },
  leaf: { readonly value: ValueId; readonly level: Level },
  address: ValueId,
): boolean {
  const span = m.entries.span(leaf.level);
  const offset = m.values.get(address) & (m.entries.span(block.level) - 1n) & ~(span - 1n);
  const type = leaf.level === 3 ? PAGE_TYPE : BLOCK_TYPE;
  const attributes = m.values.get(block.value) & ATTRIBUTES;
  // The part of the block that the leaf maps, as an entry of the leaf's level.
  const part = m.values.of(attributes | type | (m.entries.describe(block.value, block.level).output + offset));
  const other = m.values.of(m.values.get(leaf.value) & ~CONTIGUOUS);
  return part !== other && changeNeedsBreak(m, part, other, leaf.level) !== undefined;
}

const PAGE_TYPE = 3n;
const BLOCK_TYPE = 1n;
const CONTIGUOUS = 1n << 52n;
/** Bits 63:50 and 11:2 of a leaf; what says how large it is, nT and Contiguous, left out. */
const ATTRIBUTES = 0xfffc_0000_0000_0ffcn & ~CONTIGUOUS;

function classified(
  m: Machine,
  oldValue: ValueId,
  newValue: ValueId,
  level: Level,
  contents: boolean,
  mapping: boolean,
): ClassifiedChange {
  const key = ((oldValue * MAX_VALUES + newValue) * 8 + level + 1) * 4 + (contents ? 2 : 0) + (mapping ? 1 : 0);
  const known = m.changes.get(key);
  if (known !== undefined) return known;
  const context: ChangeContext = {
    format: m.entries.format,
    level,
    stage: 1,
    bbm: m.program.switches.bbm,
    hardwareDirty: m.program.cpus.some((c) => c.hardwareDirtyState),
    sameContents: contents,
    sameMapping: mapping,
  };
  const change = classifyChange(m.values.raw(oldValue), m.values.raw(newValue), context);
  m.changes.set(key, change);
  checkFamilies(m, oldValue, newValue, context, change);
  return change;
}

/** What owned values stand for must be changes of the same kind. */
function checkFamilies(m: Machine, old: ValueId, now: ValueId, context: ChangeContext, change: ClassifiedChange): void {
  const { own } = m.values;
  const [olds, nows] = [own.familyOf(old), own.familyOf(now)];
  const isOne = own.ownerOf(old) === own.ownerOf(now);
  for (const a of olds?.values ?? [old])
    for (const b of nows?.values ?? [now]) {
      if (olds !== undefined && nows !== undefined && (own.ownerOf(a) === own.ownerOf(b)) !== isOne) continue;
      const like = classifyChange(m.values.raw(a), m.values.raw(b), context);
      if (like.row !== change.row || like.verdict !== change.verdict) own.isSpoiled = true;
    }
}

/**
 * The bytes that two leaves map are equal now: the words of the two pages that anybody reads or writes (a copy of a page
 * copies those), or, where nobody touches either page, all of what they start with.
 */
function sameContents(m: Machine, a: Entry, b: Entry, level: Level): boolean {
  if (a.output === b.output) return true;
  const bytes = m.entries.span(level);
  const equalAt = (offset: bigint): boolean => {
    const words = [m.values.of(a.output + offset), m.values.of(b.output + offset)] as const;
    // What is compared is looked at: a word that somebody writes has its value in the record from now on.
    for (const word of words) m.learned.observe(word);
    return m.values.plain(m.current(words[0])) === m.values.plain(m.current(words[1]));
  };
  const touched = new Set<bigint>();
  for (const words of [m.learned.observed, m.learned.written])
    for (const word of words)
      for (const page of [a.output, b.output]) {
        const offset = m.values.get(word) - page;
        if (offset >= 0n && offset < bytes) touched.add(offset);
      }
  if (touched.size > 0) return [...touched].every(equalAt);
  // Larger leaves are never remapped read-only in what is modelled; calling them different is on the safe side.
  if (level !== 3) return false;
  for (let offset = 0n; offset < bytes; offset += 4n) if (!equalAt(offset)) return false;
  return true;
}

/** A block and a table map the same pages, as far as any CPU looks at them. */
function sameMapping(m: Machine, a: Entry, b: Entry, level: Level): boolean {
  const block = a.kind === 'leaf' ? a : b;
  const table = a.kind === 'table' ? a : b;
  if (block.kind !== 'leaf' || table.kind !== 'table' || level >= 3) return false;
  const below = (level + 1) as Level;
  const span = m.entries.span(below);
  const count = m.entries.span(level) / span;
  for (let i = 0n; i < count; i++) {
    const word = m.values.of(table.output + i * 8n);
    if (m.location(word) < 0) continue;
    const entry = m.entries.describe(m.current(word), below);
    if (entry.kind !== 'leaf' || entry.output !== block.output + i * span || entry.readOnly !== block.readOnly)
      return false;
  }
  return true;
}
