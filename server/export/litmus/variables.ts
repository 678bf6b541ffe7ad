/**
 * A scenario's pages as the variables of a litmus test. In herd7's world a variable is a page of virtual addresses with
 * one translation table entry, `PTE(x)`, and a page of physical memory, `PA(x)`; everything else is ordinary memory.
 */

import type { ValueId } from '../../../simulator/machine/values';
import type { World } from '../../language/elaborate/world';
import { mappedName, wordName } from '../../verdict/addressNames';
import { type Reach, translatesDirectly } from '../promela/reach';
import type { UnsaidList } from '../unsaid';

export interface Variable {
  readonly name: string;
  /** First virtual address of the page; absent for memory that no translation of the scenario leads to. */
  readonly page?: bigint;
  /** Physical address of the page's entry, and of the page that it maps at the start. */
  readonly entry?: ValueId;
  readonly frame: bigint;
  /** Bytes from the start of the page; several of them make an array. */
  readonly offsets: readonly bigint[];
}

export interface Variables {
  readonly list: readonly Variable[];
  /** `x`, `x[3]`: the name of a word that an address leads to at the start. */
  ofAddress(address: bigint): { readonly variable: Variable; readonly index: number } | undefined;
  ofWord(word: bigint): { readonly variable: Variable; readonly index: number } | undefined;
  /** The variable whose entry a physical word is. */
  ofEntry(word: ValueId): Variable | undefined;
  /** The variable whose page a physical page is. */
  ofFrame(frame: bigint): Variable | undefined;
  isArray(variable: Variable): boolean;
}

const PAGE = 4096n;
const pageOf = (address: bigint): bigint => address & ~(PAGE - 1n);

interface Draft {
  readonly name: string;
  readonly page?: bigint;
  readonly entry?: ValueId;
  readonly frame: bigint;
  readonly offsets: Set<bigint>;
}

/** The variables of what the scenario touches. `translated`: virtual addresses of its accesses, outside the linear map. */
export function variablesOf(reach: Reach, world: World, translated: readonly bigint[], unsaid: UnsaidList): Variables {
  const { values, entries, program } = reach;
  const drafts: Draft[] = [];
  const names = new Set<string>();
  const named = (wanted: string): string => {
    const plain = wanted
      .toLowerCase()
      .replace(/\(([^)]*)\)/g, '_$1')
      .replace(/\W+/g, '_')
      .replace(/^(?=\d)/, 'v')
      .replace(/_+$/, '');
    // Names of registers and of herd7's own functions are no names of variables.
    const safe = /^(?:[WX]\d+|P\d+|PTE|PA|TTD|pte_.*|phy_.*)$/i.test(plain) ? `v_${plain}` : plain;
    let name = safe;
    for (let n = 2; names.has(name); n++) name = `${safe}_${n}`;
    names.add(name);
    return name;
  };
  if (entries.granule !== '4K' || program.translation.virtualAddressBits !== 48)
    unsaid.leftOut('granule and size of addresses', 'herd7 knows neither; a page is a page');
  for (const address of translated) {
    const page = pageOf(address);
    const known = drafts.find((one) => one.page === page);
    if (known !== undefined) {
      known.offsets.add(address - page);
      continue;
    }
    const paths = reach.walker.paths(values.of(address), false);
    const cells = [...new Set(paths.flatMap((path) => path.tests.map((test) => test.cell)))];
    const levels = new Set(paths.flatMap((path) => path.tests.map((test) => test.level)));
    const entry = cells[0] ?? lastCell(reach, address);
    if (cells.length > 1 || [...levels].some((level) => level !== 3) || entry === undefined) {
      unsaid.prevented(
        `a change of a table or block that maps ${mappedName(world, 3, page)}`,
        'herd7 has one entry a page and no levels',
      );
      continue;
    }
    const initial = program.initialWord(values.get(entry));
    const frame = initial & 0xffff_ffff_f000n;
    drafts.push({ name: named(mappedName(world, 3, page)), page, entry, frame, offsets: new Set([address - page]) });
  }
  const isEntry = (word: ValueId): boolean => drafts.some((one) => one.entry === word);
  const addFrame = (frame: bigint): void => {
    if (!drafts.some((one) => one.frame === frame))
      drafts.push({ name: named(wordName(world, frame).replace(/ \(.*$/, '')), frame, offsets: new Set() });
  };
  for (const { entry } of [...drafts])
    for (const value of entry === undefined ? [] : reach.valuesOf(entry))
      if ((values.get(value) & 1n) !== 0n) addFrame(values.get(value) & 0xffff_ffff_f000n);
  for (const word of reach.touched.keys()) {
    if (isEntry(word)) continue;
    const frame = pageOf(values.get(word));
    // A word of the tables that no access of the scenario is translated by is memory like any other.
    addFrame(frame);
    drafts.find((one) => one.frame === frame)?.offsets.add(values.get(word) - frame);
  }
  const list = drafts.map(
    (draft): Variable => ({ ...draft, offsets: [...draft.offsets].sort((a, b) => (a < b ? -1 : 1)) }),
  );
  const at = (variable: Variable | undefined, offset: bigint) => {
    const index = variable?.offsets.indexOf(offset) ?? -1;
    return variable === undefined || index < 0 ? undefined : { variable, index };
  };
  return {
    list,
    ofAddress: (address) => {
      const direct = translatesDirectly(program, address);
      if (direct !== undefined) return at(byFrame(list, pageOf(direct)), direct - pageOf(direct));
      const page = pageOf(address);
      return at(
        list.find((one) => one.page === page),
        address - page,
      );
    },
    ofWord: (word) => at(byFrame(list, pageOf(word)), word - pageOf(word)),
    ofEntry: (word) => list.find((one) => one.entry === word),
    ofFrame: (frame) => byFrame(list, frame),
    isArray: ({ offsets }) => offsets.length > 1,
  };
}

function byFrame(list: readonly Variable[], frame: bigint): Variable | undefined {
  return list.find((one) => one.frame === frame);
}

/** The level 3 entry of an address whose walk never changes. */
function lastCell(reach: Reach, address: bigint): ValueId | undefined {
  const { values, entries, program } = reach;
  let table = program.translation.root;
  for (let level = entries.top; level <= 3; level = (level + 1) as typeof level) {
    const cell = entries.cell(table, address, level);
    const entry = entries.describe(values.of(program.initialWord(values.get(cell))), level);
    if (level === 3) return cell;
    if (entry.kind !== 'table') return undefined;
    table = entry.output;
  }
  return undefined;
}
