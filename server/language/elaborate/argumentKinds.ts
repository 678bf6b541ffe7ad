/**
 * What library functions, and primitives that take pages, are given by the user's text. Numbers have no types: what an
 * argument is for is told by the name of its parameter, what it is by the part of the address space that it lies in.
 */

import { entrySpan, type Level } from '../../../simulator/machine/granule';
import type { CallExpression } from '../ast';
import { builtinFunctionByName } from '../builtins';
import { primitiveByName } from '../primitives';
import type { AddressSpace } from './addressSpace';
import { elaborationCodes } from './codes';
import { type Compiler, complain, type Frame } from './compiler';
import { describeKind, type Value } from './value';

type Kind = 'virtual' | 'entry' | 'physical' | 'frameNumber' | 'struct' | 'descriptor' | 'hugepage' | 'list';

/** Kinds of parameters by their names. */
const kinds: Readonly<Record<string, Kind>> = {
  addr: 'virtual',
  kaddr: 'virtual',
  start: 'virtual',
  end: 'virtual',
  reuse: 'virtual',
  reuse_addr: 'virtual',
  to: 'virtual',
  from: 'virtual',
  ptep: 'entry',
  pmdp: 'entry',
  pudp: 'entry',
  p4dp: 'entry',
  pgdp: 'entry',
  pgtable: 'entry',
  pa: 'physical',
  pfn: 'frameNumber',
  page: 'struct',
  reuse_page: 'struct',
  entry: 'descriptor',
  pte: 'descriptor',
  pmd: 'descriptor',
  h: 'hugepage',
  pages: 'list',
  folios: 'list',
};

/** What each kind is, and how a text gets one. */
const wanted: Readonly<Record<Kind, readonly [string, string]>> = {
  virtual: ['a virtual address', '`H.tail(1)`, or `__va(pa)` for a physical one'],
  entry: ['the address of an entry or a table', '`virt_to_kpte(addr)`, `pmd_off_k(addr)`'],
  physical: ['a physical address', '`H.frame(1)`, or `__pa(va)` for a virtual one'],
  frameNumber: ['a page frame number', '`pa >> PAGE_SHIFT`'],
  struct: ['the address of a struct page', '`H.page(1)`, `P.struct`, `phys_to_page(pa)`'],
  descriptor: ['a descriptor', '`mk_pte(pa, prot)`, `ptep_get(ptep)`'],
  hugepage: ['a huge page', 'its name'],
  list: ['a list', '`list()`'],
};

/** Primitives whose arguments are looked at; others take whatever address they are given, and fault. */
const pagePrimitives: ReadonlySet<string> = new Set(['free_page', 'copy_page', 'clear_page']);

export function parametersOf(name: string): readonly string[] {
  const primitive = pagePrimitives.has(name) ? primitiveByName.get(name) : undefined;
  return primitive?.parameters.map((one) => one.name) ?? builtinFunctionByName.get(name)?.parameters ?? [];
}

/** Whether every argument is of the kind that its parameter's name stands for; the first that is not is diagnosed. */
export function argumentsFit(
  compiler: Compiler,
  frame: Frame,
  call: CallExpression,
  name: string,
  parameters: readonly string[],
  given: readonly Value[],
): boolean {
  const { space } = compiler.world.environment;
  for (const [i, parameter] of parameters.entries()) {
    const [kind, value, expression] = [kinds[parameter], given[i], call.arguments[i]];
    if (kind === undefined || value === undefined || expression === undefined) continue;
    const what = unfit(space, kind, value) ?? unaligned(space, name, kind, value);
    if (what === undefined) continue;
    const [takes, by] = wanted[kind];
    const message = `\`${name}(${parameters.join(', ')})\` takes ${takes} as \`${parameter}\` (${by}); this is ${what}`;
    complain(compiler, frame, elaborationCodes.kind, expression.span, message);
    return false;
  }
  return true;
}

/** What a value is instead of a kind; undefined when it may be of it, as a number may be that is known only when it runs. */
function unfit(space: AddressSpace, kind: Kind, value: Value): string | undefined {
  if (kind === 'hugepage' || kind === 'list') return value.kind === kind ? undefined : describeKind(value);
  if (value.kind === 'register') return undefined;
  if (value.kind === 'page')
    return kind === 'physical' ? undefined : `the page ${value.page.name} by its physical address`;
  if (value.kind !== 'number') return describeKind(value);
  if (kind === 'physical' && value.value > 0n && value.value < space.memstart)
    return 'below the start of memory, as a page frame number is';
  if (kind === 'physical' && value.value >= 1n << 48n && partOf(space, value.value) === undefined)
    return `${hex(value.value)}, which has more than the 48 bits of one: those above would be attributes`;
  const part = partOf(space, value.value);
  return part === undefined || fitting[kind].includes(part.kind) ? undefined : part.text;
}

/** Functions that put a page's address into a descriptor: what is below the size of the page would be attributes. */
const levels: Readonly<Record<string, Level>> = { mk_pte: 3, mk_pmd_table: 3, mk_pmd_block: 2 };

function unaligned({ granule }: AddressSpace, name: string, kind: Kind, value: Value): string | undefined {
  const level = levels[name];
  if (kind !== 'physical' || level === undefined || value.kind !== 'number') return undefined;
  const bytes = entrySpan(granule, level);
  if ((value.value & (bytes - 1n)) === 0n) return undefined;
  return `${hex(value.value)}, which is no multiple of ${hex(bytes)}: what is below would be attributes`;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The parts of the address space that a kind may lie in. */
const fitting: Readonly<Record<Exclude<Kind, 'hugepage' | 'list'>, readonly string[]>> = {
  virtual: ['linear', 'vmemmap'],
  entry: ['linear'],
  physical: ['physical'],
  frameNumber: [],
  struct: ['vmemmap'],
  descriptor: ['descriptor'],
};

/** Where a number lies; undefined for small numbers and wild ones, which may be anything. */
function partOf(space: AddressSpace, value: bigint): { readonly kind: string; readonly text: string } | undefined {
  if (value >= space.vmemmapStart && value < space.vmemmapEnd)
    return { kind: 'vmemmap', text: 'an address in vmemmap' };
  if (value >= space.pageOffset && value < space.pageEnd)
    return { kind: 'linear', text: 'an address of the linear map' };
  if ((value & 1n) === 1n && value > 0xffffn) return { kind: 'descriptor', text: 'a descriptor' };
  if (value >= space.memstart && value < 1n << 48n) return { kind: 'physical', text: 'a physical address' };
  return undefined;
}
