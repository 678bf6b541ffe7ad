/** What differs between two states of an execution: page table entries in the page table dump's words, TLBs, memory. */

import type { DescriptorSnapshot, Snapshot } from '../../simulator/explore/snapshot';
import type { Level } from '../../simulator/machine/granule';
import { ptdumpLine } from '../../simulator/machine/ptdump';
import type { World } from '../language/elaborate/world';
import { descriptorName, entryName, formatOf, hex, shapeOf, wordName } from './addressNames';

export interface Change {
  /** Physical address of the word that it is about. */
  readonly word: bigint;
  readonly lines: readonly string[];
}

export function changesBetween(world: World, before: Snapshot, after: Snapshot): readonly Change[] {
  return [
    ...after.descriptors.flatMap((entry, i) => {
      const old = before.descriptors[i];
      const lines = old === undefined ? [] : entryChange(world, old, entry);
      return lines.length === 0 ? [] : [{ word: entry.physicalAddress, lines }];
    }),
    ...after.words.flatMap((word, i) => {
      const old = before.words[i];
      if (old === undefined || old.value === word.value) return [];
      const name = wordName(world, word.physicalAddress);
      return [{ word: word.physicalAddress, lines: [`${name}: ${hex(old.value)} -> ${hex(word.value)}`] }];
    }),
    ...after.pages.flatMap((page, i) => {
      const old = before.pages[i];
      if (old === undefined || old.state === page.state) return [];
      return [{ word: page.physicalAddress, lines: [`page ${hex(page.physicalAddress)} is ${page.state}`] }];
    }),
  ];
}

function entryChange(world: World, old: DescriptorSnapshot, now: DescriptorSnapshot): readonly string[] {
  const [place] = now.places;
  if (place === undefined) return [];
  const lines: string[] = [];
  const dump = (descriptor: bigint) =>
    ptdumpLine(shapeOf(world), formatOf(world), {
      start: place.base,
      end: place.base + place.bytes,
      level: place.level as Level,
      descriptor,
    });
  if (old.value !== now.value) {
    lines.push(`${entryName(world, place.level, place.base)}: ${hex(old.value)} -> ${hex(now.value)}`);
    lines.push(`- ${dump(old.value)}`, `+ ${dump(now.value)}`);
    for (const [value, cpus] of holdersOf(now, (cpu) => now.usable[cpu] ?? []))
      if (value !== now.value)
        lines.push(`  ${cpuList(world, cpus)} may still use ${descriptorName(world, place.level, value)}`);
    return lines;
  }
  const gone = holdersOf(now, (cpu) => (old.usable[cpu] ?? []).filter((value) => !now.usable[cpu]?.includes(value)));
  for (const [value, cpus] of gone)
    lines.push(
      `${entryName(world, place.level, place.base)}: no longer in the TLB of ${cpuList(world, cpus)}: ` +
        descriptorName(world, place.level, value),
    );
  return lines;
}

/** For each value the CPUs that `valuesOf` has it for. */
function holdersOf(
  { usable }: DescriptorSnapshot,
  valuesOf: (cpu: number) => readonly bigint[],
): ReadonlyMap<bigint, readonly number[]> {
  const holders = new Map<bigint, number[]>();
  usable.forEach((_, cpu) => {
    for (const value of valuesOf(cpu)) holders.set(value, [...(holders.get(value) ?? []), cpu]);
  });
  return holders;
}

/** `CPU0, CPU1` by the numbers of the scenario. */
export function cpuList(world: World, cpus: readonly number[]): string {
  return cpus.map((cpu) => `CPU${world.cpuNumbers[cpu] ?? cpu}`).join(', ');
}
