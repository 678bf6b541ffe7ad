/**
 * Page tables and TLBs at a place of a scenario: the walk of an address level by level as it is at the start, and over
 * all explored states what the entries on its way may be, and what each CPU's TLB may still hold of them.
 */

import type { DescriptorThere, There } from '../../simulator/explore/atSite';
import { decodeDescriptor } from '../../simulator/machine/descriptor';
import { type Level, levelsOf, linuxLevelName, tableIndex } from '../../simulator/machine/granule';
import { ptdumpLine } from '../../simulator/machine/ptdump';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { World } from '../language/elaborate/world';
import { addressName, descriptorName, entryName, formatOf, hex, shapeOf, wordName } from '../verdict/addressNames';
import { grouped } from '../verdict/counts';
import type { Subject } from './subjectAt';

/** One descriptor that a walk reads. */
export interface WalkRow {
  readonly level: Level;
  readonly index: number;
  /** Physical address of the descriptor. */
  readonly at: bigint;
  readonly descriptor: bigint;
  readonly words: string;
}

export interface WalkView {
  readonly address: bigint;
  readonly rows: readonly WalkRow[];
  /** Undefined: it does not translate. */
  readonly physicalAddress?: bigint;
}

/** The walk of an address from memory as it is at the start. */
export function walkAtStart({ world, program }: ElaboratedScenario, address: bigint): WalkView {
  const shape = shapeOf(world);
  const format = formatOf(world);
  const rows: WalkRow[] = [];
  let table = program.translation.root;
  for (const level of levelsOf(shape)) {
    const index = tableIndex(shape, level, address);
    const at = table + BigInt(index) * 8n;
    const raw = program.initialWord(at);
    const descriptor = decodeDescriptor(format, level, raw);
    rows.push({ level, index, at, descriptor: raw, words: descriptorName(world, level, raw) });
    if (descriptor.kind === 'leaf') {
      const inside = address & ((1n << BigInt(spanBits(shape.granule, level))) - 1n);
      return { address, rows, physicalAddress: descriptor.outputAddress + inside };
    }
    if (descriptor.kind !== 'table') return { address, rows };
    table = descriptor.nextTable;
  }
  return { address, rows };
}

function spanBits(granule: '4K' | '16K' | '64K', level: Level): number {
  const page = { '4K': 12, '16K': 14, '64K': 16 }[granule];
  return page + (page - 3) * (3 - level);
}

/** Markdown for a hover. `there` is absent while nothing is explored. */
export function pageTableMarkdown(
  scenario: ElaboratedScenario,
  subjects: readonly Subject[],
  there: There | undefined,
): string {
  const shown = subjects.slice(0, MAX_SUBJECTS).map((subject) => subjectMarkdown(scenario, subject, there));
  const more = subjects.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more values of it`] : [])].join('\n\n');
}

/** Values of one parameter that a hover shows. */
const MAX_SUBJECTS = 3;

function subjectMarkdown(scenario: ElaboratedScenario, subject: Subject, there: There | undefined): string {
  const { world } = scenario;
  const by = subject.calls.length === 0 ? '' : ` in ${code(subject.calls.join(' → '))}`;
  switch (subject.kind) {
    case 'address': {
      const walk = walkAtStart(scenario, subject.address);
      const known = addressName(world, subject.address);
      const name = known === subject.text || known === `${subject.text}.flags` ? '' : ` (${known})`;
      return [
        `**${subject.text}** = ${code(hex(subject.address))}${name}${by}`,
        `The walk at the start of “${scenario.name}” ${endOfWalk(walk)}:`,
        walkTable(world, walk),
        tlbMarkdown(world, there, covering(there, subject.address)),
      ].join('\n\n');
    }
    case 'entry': {
      const value = scenario.program.initialWord(subject.physicalAddress);
      const words = descriptorName(world, subject.level, value);
      const mine = (there?.descriptors ?? []).filter((one) => one.physicalAddress === subject.physicalAddress);
      const name = `**${subject.text}**: level ${subject.level} entry at ${code(hex(subject.physicalAddress))}${by}`;
      return [
        `${name}, at the start of “${scenario.name}” ${code(hex16(value))} ${words}`,
        tlbMarkdown(world, there, mine),
      ].join('\n\n');
    }
    case 'frame':
      return `**${subject.text}**: physical address ${code(hex(subject.physicalAddress))}${by}, ${wordName(world, subject.physicalAddress)}`;
    case 'descriptor': {
      const words = descriptorName(world, subject.level, subject.value);
      return `**${subject.text}**: level ${subject.level} descriptor ${code(hex16(subject.value))}${by}, ${words}`;
    }
  }
}

const code = (text: string): string => `\`${text}\``;

function hex16(value: bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`;
}

function walkTable(world: World, { rows }: WalkView): string {
  const shape = shapeOf(world);
  return [
    '| level | index | descriptor | says |',
    '| --- | ---: | --- | --- |',
    ...rows.map(
      ({ level, index, descriptor, words }) =>
        `| L${level} ${linuxLevelName(shape, level)} | ${index} | ${code(hex16(descriptor))} | ${words} |`,
    ),
  ].join('\n');
}

function endOfWalk({ physicalAddress, rows }: WalkView): string {
  if (physicalAddress !== undefined) return `leads to physical address ${code(hex(physicalAddress))}`;
  return `ends in a level ${rows.at(-1)?.level ?? 0} translation fault`;
}

/** Entries that change in the program, and that a walk of the address may go through. */
function covering(there: There | undefined, address: bigint): readonly DescriptorThere[] {
  return (there?.descriptors ?? []).filter(({ places }) =>
    places.some(({ base, bytes }) => address >= base && address < base + bytes),
  );
}

function tlbMarkdown(world: World, there: There | undefined, entries: readonly DescriptorThere[]): string {
  if (there === undefined)
    return 'TLB: at the start each CPU may hold these entries; what it may hold here is shown when the scenario is explored.';
  if (entries.length === 0) return `TLB: each CPU may hold these entries at any time; none of them changes.`;
  return [`**TLBs ${whenThere(there)}**`, ...entries.map((entry) => entryMarkdown(world, entry))].join('\n\n');
}

function whenThere({ states, looked, of }: There): string {
  const all = looked < of ? `the first ${grouped(looked)}` : 'all';
  return states === 0
    ? `at any time, over ${all} ${grouped(of)} states`
    : `here, over the ${grouped(states)} of ${all} ${grouped(of)} states in which this waits`;
}

function entryMarkdown(world: World, entry: DescriptorThere): string {
  const [place] = entry.places;
  if (place === undefined) return '';
  const words = (value: bigint): string => `${code(hex(value))} ${descriptorName(world, place.level, value)}`;
  const list = (values: readonly bigint[]): string =>
    values.length === 0 ? 'nothing of it' : values.map(words).join(' *or* ');
  return [
    `${entryName(world, place.level, place.base)} (level ${place.level}):`,
    `- memory has ${list(entry.current)}`,
    ...entry.usable.map((values, cpu) => `- CPU${world.cpuNumbers[cpu] ?? cpu}'s TLB may hold ${list(values)}`),
  ].join('\n');
}

/** The same for a read-only document, with every entry that changes in the page table dump's lines. */
export function pageTableText(
  scenario: ElaboratedScenario,
  subjects: readonly Subject[],
  there: There | undefined,
): string {
  const parts = subjects.map((subject) => subjectMarkdown(scenario, subject, there));
  const dumped = (there?.descriptors ?? []).flatMap((entry) => entryDump(scenario.world, entry));
  if (there !== undefined)
    parts.push(
      `## Every entry that changes, ${whenThere(there)}`,
      dumped.length === 0 ? 'None.' : ['```', ...dumped, '```'].join('\n'),
    );
  return `# Page tables and TLBs in “${scenario.name}”\n\n${parts.join('\n\n')}\n`;
}

function entryDump(world: World, entry: DescriptorThere): readonly string[] {
  const [place] = entry.places;
  if (place === undefined) return [];
  const line = (descriptor: bigint): string =>
    ptdumpLine(shapeOf(world), formatOf(world), {
      start: place.base,
      end: place.base + place.bytes,
      level: place.level as Level,
      descriptor,
    });
  return [
    `${entryName(world, place.level, place.base)}, entry at ${hex(entry.physicalAddress)}`,
    ...entry.current.map((value) => `  memory    ${line(value)}`),
    ...entry.usable.flatMap((values, cpu) =>
      values.map((value) => `  TLB CPU${world.cpuNumbers[cpu] ?? cpu}  ${line(value)}`),
    ),
    '',
  ];
}
