/** The program as the second machine looks at it. */

import type { CpuProgram, Instruction, Operand, Program } from '../../../simulator/machine/program';
import { cellOf, meaning } from './descriptor';
import type { Word } from './state';

export interface Context {
  readonly program: Program;
  /** First table of every walk, its level, and the bits of a VA. */
  readonly root: Word;
  readonly topLevel: number;
  /** For each CPU the pages that it may walk and that matter. */
  readonly pages: readonly (readonly Word[])[];
  /**
   * `explicit`: a TLB is filled and evicted by steps of their own. `full`: it is filled with all that it could hold as soon
   * as it could, which is the same, since a walk may go by memory whatever the TLB holds.
   */
  readonly tlb: 'explicit' | 'full';
  /** The words that some walk may read. */
  readonly descriptors: ReadonlySet<Word>;
  /** What memory holds at first, as far as anybody has asked. */
  readonly firstValues: Map<Word, Word>;
}

const PAGE = 4096;

export function contextOf(program: Program, tlb: Context['tlb']): Context {
  if (program.translation.granule !== '4K') throw new Error('the second machine has 4K pages');
  const levels = Math.ceil((program.translation.virtualAddressBits - 12) / 9);
  const root = word(program.translation.root);
  const pages = walkedPages(program);
  return {
    program,
    root,
    topLevel: 4 - levels,
    pages,
    tlb,
    descriptors: walkedWords(program, root, 4 - levels, new Set(pages.flat())),
    firstValues: new Map(),
  };
}

/**
 * Any CPU may walk any page. Only what its own code accesses matters to it, unless walks show in other ways: the hardware
 * sets access flags, a page is freed that some TLB may lead to.
 */
function walkedPages(program: Program): Word[][] {
  const own = program.cpus.map((cpu) => pagesOf(program, cpu));
  const shows = program.cpus.some((cpu) => managesAccessFlag(cpu) || cpu.code.some((i) => i.kind === 'free'));
  if (!shows) return own;
  const all = [...new Set(own.flat())].sort((a, b) => a - b);
  return own.map(() => all);
}

/** Tables that a word leads to are those of its first value and of all that the program stores there. */
function walkedWords(program: Program, root: Word, topLevel: number, pages: ReadonlySet<Word>): ReadonlySet<Word> {
  const stores = program.cpus.flatMap(({ code }) =>
    code.flatMap((i) => (i.kind === 'access' && i.access !== 'load' ? [i] : [])),
  );
  const found = new Set<Word>();
  const visit = (table: Word, level: number, page: Word): void => {
    const cell = cellOf(table, level, page);
    found.add(cell);
    const values = [program.initialWord(BigInt(cell))];
    for (const { base, value } of stores) {
      const isHere = base.kind === 'value' && direct(program, Number(base.value)) === cell;
      if (isHere && value?.kind === 'value') values.push(value.value);
    }
    for (const value of values) {
      const what = meaning(Number(value), level);
      if (what.kind === 'table') visit(what.table, level + 1, page);
    }
  };
  for (const page of pages) visit(root, topLevel, page);
  return found;
}

function pagesOf(program: Program, cpu: CpuProgram): Word[] {
  const pages = new Set<Word>();
  for (const i of cpu.code) {
    const base = i.kind === 'access' ? i.base : i.kind === 'wait' || i.kind === 'translate' ? i.address : undefined;
    if (base === undefined) continue;
    if (base.kind !== 'value') throw new Error('addresses of the second machine have a constant base');
    const address = word(base.value);
    if (direct(program, address) === undefined) pages.add(address - (address % PAGE));
  }
  return [...pages].sort((a, b) => a - b);
}

/** Walks may read the word: some table has it, at first or once a descriptor leads there. */
export function isDescriptor(context: Context, address: Word): boolean {
  return context.descriptors.has(address);
}

/** A value as a number; it has to fit. */
export function word(value: bigint): Word {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`${value} does not fit into the twin`);
  return Number(value);
}

/** The physical address of an address that is not translated. */
export function direct(program: Program, address: Word): Word | undefined {
  for (const range of program.translation.direct) {
    const offset = BigInt(address) - range.virtualBase;
    if (offset >= 0n && offset < range.bytes) return word(range.physicalBase + offset);
  }
  return undefined;
}

/** The register that an instruction writes. */
export function destination(i: Instruction): number | undefined {
  switch (i.kind) {
    case 'access':
      return isStoreExclusive(i) ? i.status : i.destination;
    case 'translate':
    case 'arithmetic':
    case 'allocate':
      return i.destination;
    case 'mask':
      return i.save;
    case 'systemRegister':
      return i.read;
    case 'lock':
      return i.taken;
    default:
      return undefined;
  }
}

/** The operands that make the address of an access. */
export function addressOperands(i: Instruction): readonly Operand[] {
  if (i.kind === 'access') return [i.base, i.offset];
  return i.kind === 'wait' || i.kind === 'translate' ? [i.address] : [];
}

/** STXR: it writes, or it fails, and its result says which. */
export function isStoreExclusive(i: Instruction): boolean {
  return i.kind === 'access' && i.exclusive === true && i.access === 'store';
}

export function managesAccessFlag(cpu: CpuProgram): boolean {
  return cpu.hardwareAccessFlag || cpu.hardwareDirtyState;
}

export function reads(i: Instruction): boolean {
  return i.kind === 'wait' || (i.kind === 'access' && i.access !== 'store');
}

export function writes(i: Instruction): boolean {
  return i.kind === 'access' && i.access !== 'load';
}
