/** What happens when a store of an exported model reaches memory. */

import { classifyChange } from '../../../simulator/machine/descriptorChange';
import type { Level } from '../../../simulator/machine/granule';
import type { ValueId } from '../../../simulator/machine/values';
import type { UnsaidList } from '../unsaid';
import { all, any, equals } from './expression';
import type { EventNumbers, Names } from './names';
import type { Cell, Plan } from './plan';
import type { Translation } from './translate';

export interface ModelParts {
  readonly plan: Plan;
  readonly names: Names;
  readonly events: EventNumbers;
  readonly translation: Translation;
  readonly unsaid: UnsaidList;
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
  if (cell === undefined) return [...lines, `${names.memory(word)} = ${value}`];
  const broken = conflicts(parts, cell);
  for (const { old, now, of } of broken)
    lines.push(
      `if :: ${all([equals(value, plan.number(now)), any(of.map((u) => equals(names.tlb(u, word), plan.number(old) + 1)))])} -> ${parts.events.tell('bbm', cpu)} :: else fi`,
    );
  lines.push(`${names.memory(word)} = ${value}`);
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

/** Pairs of values that must not be used side by side. */
function conflicts({ plan, unsaid }: ModelParts, cell: Cell) {
  const { reach, program } = plan;
  const found: { readonly old: ValueId; readonly now: ValueId; readonly of: readonly number[] }[] = [];
  const possible = [...reach.valuesOf(cell.word)];
  for (const { level } of cell.places)
    for (const old of possible)
      for (const now of possible) {
        if (old === now) continue;
        const before = reach.entries.describe(old, level as Level);
        const after = reach.entries.describe(now, level as Level);
        if (!before.cacheable || !after.cacheable) continue;
        const verdict = (same: boolean) =>
          classifyChange(reach.values.get(old), reach.values.get(now), {
            format: reach.entries.format,
            level: level as Level,
            stage: 1,
            bbm: program.switches.bbm,
            hardwareDirty: false,
            sameContents: same,
            sameMapping: same,
          }).verdict;
        if (verdict(false) !== 'bbm') continue;
        if (verdict(true) !== 'bbm')
          unsaid.leftOut(
            'whether two entries map the same bytes',
            'they count as different, so the model may tell `bbm` where none is',
          );
        if (!found.some((one) => one.old === old && one.now === now)) found.push({ old, now, of: cell.tlbs });
      }
  return found;
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
