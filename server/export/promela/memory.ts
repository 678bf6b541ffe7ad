/** What happens when a store of an exported model reaches memory. */

import { classifyChange } from '../../../simulator/machine/descriptorChange';
import type { Entry } from '../../../simulator/machine/entries';
import type { Level } from '../../../simulator/machine/granule';
import type { ValueId } from '../../../simulator/machine/values';
import type { UnsaidList } from '../unsaid';
import { all, any, equals, not } from './expression';
import type { EventNumbers, Names } from './names';
import type { Cell, Plan } from './plan';
import type { Translation } from './translate';

export interface ModelParts {
  readonly plan: Plan;
  readonly names: Names;
  readonly events: EventNumbers;
  readonly translation: Translation;
  readonly unsaid: UnsaidList;
  /** The words that an address may lead to. */
  readonly wordsOf: (address: ValueId) => readonly ValueId[];
}

/**
 * The statements that go with `value` (an expression) becoming the value of a word by CPU `cpu`. `addresses`: the virtual
 * addresses that the store came through.
 */
export function arrival(
  parts: ModelParts,
  cpu: number,
  word: ValueId,
  value: string,
  addresses: readonly ValueId[],
): readonly string[] {
  const { plan, names } = parts;
  const cell = plan.cells.find((one) => one.word === word);
  const lines = [...accessChecks(parts, cpu, word, addresses, undefined)];
  const known = [...plan.reach.valuesOf(word)].map((one) => equals(names.memory(word), plan.number(one)));
  const asserted = plan.reach.dropped.has(word) ? [`assert(${any(known)})`] : [];
  if (cell === undefined) return [...lines, `${names.memory(word)} = ${value}`, ...asserted];
  const broken = conflicts(parts, cell);
  for (const { old, now, of, unless } of broken)
    lines.push(
      `if :: ${all([equals(value, plan.number(now)), any(of.map((u) => equals(names.tlb(u, word), plan.number(old) + 1))), not(unless)])} -> ${parts.events.tell('bbm', cpu)} :: else fi`,
    );
  lines.push(`${names.memory(word)} = ${value}`, ...asserted);
  if (!plan.ets) {
    const faulting = faultingValues(plan, cell);
    if (faulting.length > 0)
      for (const u of cell.walkers)
        lines.push(
          `if :: ${any(faulting.map((v) => equals(names.memory(word), plan.number(v))))} -> ${names.early(u, word)} = ${names.memory(word)} + 1 :: else fi`,
        );
  }
  return lines;
}

/** Pairs of values that must not be used side by side, unless something is so that makes them the same to a reader. */
function conflicts(parts: ModelParts, cell: Cell) {
  const { reach, program } = parts.plan;
  const found: {
    readonly old: ValueId;
    readonly now: ValueId;
    readonly of: readonly number[];
    readonly unless: string;
  }[] = [];
  const possible = [...reach.valuesOf(cell.word)];
  for (const { level } of cell.places)
    for (const old of possible)
      for (const now of possible) {
        if (old === now) continue;
        const before = reach.entries.describe(old, level as Level);
        const after = reach.entries.describe(now, level as Level);
        if (!before.cacheable || !after.cacheable) continue;
        const needsBreak = (same: 'sameContents' | 'sameMapping' | undefined): boolean =>
          classifyChange(reach.values.get(old), reach.values.get(now), {
            format: reach.entries.format,
            level: level as Level,
            stage: 1,
            bbm: program.switches.bbm,
            hardwareDirty: false,
            ...(same === undefined ? {} : { [same]: true }),
          }).verdict === 'bbm';
        if (!needsBreak(undefined)) continue;
        const unless = needsBreak('sameContents')
          ? needsBreak('sameMapping')
            ? 'false'
            : sameMapping(parts, before, after, level as Level)
          : sameContents(parts, before, after, level as Level);
        if (unless !== 'true' && !found.some((one) => one.old === old && one.now === now))
          found.push({ old, now, of: cell.tlbs, unless });
      }
  if (found.length > 0)
    parts.unsaid.leftOut(
      'what an access does that runs into two entries which must not live together',
      'the model tells `bbm` where the second one is made, and neither `unpredictable` nor TLB conflict aborts',
    );
  return found;
}

/** Two read-only pages have the same bytes: those words of them that are accessed; all of them where none is. */
function sameContents({ plan, names }: ModelParts, a: Entry, b: Entry, level: Level): string {
  const { reach, words, program } = plan;
  if (a.kind !== 'leaf' || b.kind !== 'leaf' || !a.readOnly || !b.readOnly) return 'false';
  if (a.output === b.output) return 'true';
  const bytes = reach.entries.span(level);
  const offsets = new Set<bigint>();
  for (const word of words)
    for (const { output } of [a, b]) {
      const offset = reach.values.get(word) - output;
      if (offset >= 0n && offset < bytes) offsets.add(offset);
    }
  const text = (address: bigint): string => {
    const word = reach.values.of(address);
    return words.includes(word)
      ? names.memory(word)
      : String(plan.number(reach.values.of(program.initialWord(address))));
  };
  if (offsets.size > 0) return all([...offsets].map((o) => `${text(a.output + o)} == ${text(b.output + o)}`));
  if (level !== 3) return 'false';
  for (let o = 0n; o < bytes; o += 4n)
    if (program.initialWord(a.output + o) !== program.initialWord(b.output + o)) return 'false';
  return 'true';
}

/** A block and a table map the same pages, as far as anybody looks at them. */
function sameMapping({ plan, names }: ModelParts, a: Entry, b: Entry, level: Level): string {
  const { reach, words } = plan;
  const block = a.kind === 'leaf' ? a : b;
  const table = a.kind === 'table' ? a : b;
  if (block.kind !== 'leaf' || table.kind !== 'table' || level >= 3) return 'false';
  const below = (level + 1) as Level;
  const span = reach.entries.span(below);
  const count = reach.entries.span(level) / span;
  const tests: string[] = [];
  for (let i = 0n; i < count; i++) {
    const word = reach.values.of(table.output + i * 8n);
    if (!words.includes(word)) continue;
    const same = [...reach.valuesOf(word)].filter((value) => {
      const entry = reach.entries.describe(value, below);
      return entry.kind === 'leaf' && entry.output === block.output + i * span && entry.readOnly === block.readOnly;
    });
    tests.push(any(same.map((value) => equals(names.memory(word), plan.number(value)))));
  }
  return all(tests);
}

/** Values of a descriptor on which a walk faults, and which no TLB holds. */
export function faultingValues({ reach }: Plan, cell: Cell): readonly ValueId[] {
  return [...reach.valuesOf(cell.word)].filter((value) =>
    cell.places.some(({ level }) => !reach.entries.describe(value, level as Level).cacheable),
  );
}

/**
 * What an access that has come to a word finds: the page is free, or the translation has been replaced. `read`: the value
 * that a load got; absent for a store.
 */
export function accessChecks(
  parts: ModelParts,
  cpu: number,
  word: ValueId,
  addresses: readonly ValueId[],
  read: string | undefined,
): readonly string[] {
  const { plan, names, events, translation } = parts;
  const { values, frames } = plan.reach;
  const page = values.of(values.get(word) & ~(plan.program.pageBytes - 1n));
  const moved = addresses.flatMap((address) => translation.movedTo(address, word));
  const stale = any(moved.map(({ when }) => when));
  const differs = any(
    moved.map(({ when, word: other }) =>
      read === undefined ? when : all([when, `${names.memory(other)} != ${read}`]),
    ),
  );
  const other =
    differs === 'false'
      ? 'skip'
      : `if :: ${differs} -> ${events.tell(read === undefined ? 'lost-update' : 'stale-read', cpu)} :: else fi`;
  if (!frames.has(page)) return other === 'skip' ? [] : [other];
  const frame = names.frame(page);
  const freed = any([`${frame} == 1`, all([`${frame} == 2`, stale])]);
  return [`if :: ${freed} -> ${events.tell('use-after-free', cpu)} :: else -> ${other} fi`];
}
