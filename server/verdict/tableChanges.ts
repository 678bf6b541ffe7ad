/** What differs between two states of an execution: page table entries in the page table dump's words, TLBs, memory. */

import type { DescriptorSnapshot, Snapshot } from '../../simulator/explore/snapshot';
import type { Level } from '../../simulator/machine/granule';
import { ptdumpLine } from '../../simulator/machine/ptdump';
import type { World } from '../language/elaborate/world';
import { descriptorName, entryName, formatOf, hex, shapeOf, wordName } from './addressNames';

/** `tlb`: TLBs lost an entry; `page`: it was allocated or freed. */
export interface Change {
  readonly kind: 'tlb' | 'page';
  /** Physical address of the word or page that it is about. */
  readonly word: bigint;
  readonly lines: readonly string[];
}

/** Another value of a word, as its name has it. */
export function valueChange(
  world: World,
  state: Snapshot,
  word: bigint,
  old: bigint,
  value: bigint,
): readonly string[] {
  const entry = state.descriptors.find((one) => one.physicalAddress === word);
  const place = entry?.places[0];
  if (place === undefined) return [`${wordName(world, word)}: ${hex(old)} -> ${hex(value)}`];
  const dump = (descriptor: bigint) =>
    ptdumpLine(shapeOf(world), formatOf(world), {
      start: place.base,
      end: place.base + place.bytes,
      level: place.level as Level,
      descriptor,
    });
  return [
    `${entryName(world, place.level, place.base)}: ${hex(old)} -> ${hex(value)}`,
    `- ${dump(old)}`,
    `+ ${dump(value)}`,
  ];
}

/** Which TLBs may hold another value of an entry than memory has. */
export function staleHolders(world: World, entry: DescriptorSnapshot): readonly string[] {
  const [place] = entry.places;
  if (place === undefined) return [];
  return [...holdersOf(entry.usable)].flatMap(([value, cpus]) =>
    value === entry.value
      ? []
      : [`  ${cpuList(world, cpus)} may still use ${descriptorName(world, place.level, value)}`],
  );
}

/** What TLBs lost, and pages that changed hands. Values of words are told where they are written. */
export function changesBetween(world: World, before: Snapshot, after: Snapshot): readonly Change[] {
  return [
    ...after.descriptors.flatMap((entry, i): readonly Change[] => {
      const old = before.descriptors[i];
      const lines = old === undefined ? [] : lostByTlbs(world, old, entry);
      return lines.length === 0 ? [] : [{ kind: 'tlb', word: entry.physicalAddress, lines }];
    }),
    ...after.pages.flatMap((page, i): readonly Change[] => {
      const old = before.pages[i];
      if (old === undefined || old.state === page.state) return [];
      return [
        { kind: 'page', word: page.physicalAddress, lines: [`page ${hex(page.physicalAddress)} is ${page.state}`] },
      ];
    }),
  ];
}

function lostByTlbs(world: World, old: DescriptorSnapshot, now: DescriptorSnapshot): readonly string[] {
  const [place] = now.places;
  if (place === undefined) return [];
  const gone = now.usable.map((values, cpu) =>
    (old.usable[cpu] ?? []).filter((value) => value !== now.value && !values.includes(value)),
  );
  return [...holdersOf(gone)].map(
    ([value, cpus]) =>
      `${entryName(world, place.level, place.base)}: no longer in the TLB of ${cpuList(world, cpus)}: ` +
      descriptorName(world, place.level, value),
  );
}

/** For each value the CPUs that have it. */
function holdersOf(perCpu: readonly (readonly bigint[])[]): ReadonlyMap<bigint, readonly number[]> {
  const holders = new Map<bigint, number[]>();
  perCpu.forEach((values, cpu) => {
    for (const value of values) holders.set(value, [...(holders.get(value) ?? []), cpu]);
  });
  return holders;
}

/** `CPU0, CPU1` by the numbers of the scenario. */
export function cpuList(world: World, cpus: readonly number[]): string {
  return cpus.map((cpu) => `CPU${world.cpuNumbers[cpu] ?? cpu}`).join(', ');
}
