/**
 * The world that a scenario starts in: the address space and its page tables, huge pages and named pages, and what
 * every word of physical memory holds.
 */

import { assert } from '../../../simulator/machine/assert';
import { type Geometry, levelsOf, pageBytes, pageShift } from '../../../simulator/machine/granule';
import { releaseAtLeast } from '../../../simulator/machine/kernelRelease';
import type { Translation } from '../../../simulator/machine/program';
import { hugePageSizes, structPageBytes } from '../../../simulator/machine/vmemmapLayout';
import { type AddressSpace, describedPage, structPageOf } from './addressSpace';
import type { Configuration } from './configuration';
import { type HugePage, vmemmapPage } from './hugePage';
import { buildKernelTables, type KernelTables, protectionOf, type VmemmapPart } from './kernelTables';
import { type MemoryPlan, maximumPool } from './memoryPlan';
import { initialStructPageWord, type PageUse } from './structPage';

export interface NamedPage {
  readonly name: string;
  readonly at: bigint;
}

export interface Environment {
  readonly configuration: Configuration;
  readonly space: AddressSpace;
  readonly plan: MemoryPlan;
  readonly tables: KernelTables;
  readonly parts: readonly VmemmapPart[];
  readonly hugePages: readonly HugePage[];
  readonly pages: readonly NamedPage[];
  /** Words of kernel data that do not start as 0, by physical address; filled while `var` items are elaborated. */
  readonly data: Map<bigint, bigint>;
}

/** Physical address of the n-th page that may be allocated from the start. */
export function poolPage(environment: Environment, n: number): bigint {
  return environment.plan.pool + BigInt(n) * pageBytes(environment.configuration.granule);
}

export function makeEnvironment(
  configuration: Configuration,
  space: AddressSpace,
  plan: MemoryPlan,
  parts: readonly VmemmapPart[],
  hugePages: readonly HugePage[],
  pages: readonly NamedPage[],
): Environment {
  const readOnly = protectionOf(configuration, 'PAGE_KERNEL_RO');
  const optimised = hugePages.filter((huge) => huge.optimised);
  const page = pageBytes(configuration.granule);
  const leafOf = (va: bigint): bigint | undefined => {
    const huge = optimised.find((one) => va >= one.start + page && va < one.end);
    return huge && (sharedTail({ configuration, plan }, huge) ?? headFrame(parts, huge)) | readOnly;
  };
  const tables = buildKernelTables(configuration, plan.tables, parts, leafOf);
  return { configuration, space, plan, tables, parts, hugePages, pages, data: new Map() };
}

/** Physical address of the frame that a part has for a virtual address of vmemmap. */
function frameIn(part: VmemmapPart, va: bigint): bigint {
  return part.frames + (va - part.start);
}

function partOf(parts: readonly VmemmapPart[], va: bigint): VmemmapPart {
  const part = [...parts].reverse().find((one) => va >= one.start);
  assert(part !== undefined, 'the vmemmap of every huge page lies in a part');
  return part;
}

function headFrame(parts: readonly VmemmapPart[], huge: HugePage): bigint {
  return frameIn(partOf(parts, huge.start), huge.start);
}

/** Physical address of the frame that backs vmemmap page i of a huge page at the start. */
export function frameAtStart(environment: Environment, huge: HugePage, i: bigint): bigint {
  const shared = huge.optimised && i > 0n ? sharedTail(environment, huge) : undefined;
  if (shared !== undefined) return shared;
  const va = vmemmapPage(environment.space, huge, huge.optimised ? 0n : i);
  return frameIn(partOf(environment.parts, va), va);
}

/** Physical address of the page of tails that huge pages of this one's size share; undefined where kernels have none. */
export function sharedTail({ configuration, plan }: Pick<Environment, 'configuration' | 'plan'>, huge: HugePage) {
  if (!releaseAtLeast(configuration.kernel, 'v7.2')) return undefined;
  const size = hugePageSizes(configuration.granule).findIndex(({ bytes }) => bytes === huge.bytes);
  return plan.tails + BigInt(size) * pageBytes(configuration.granule);
}

/** The part of the machine's contract that says how addresses are translated. */
export function translationOf(environment: Environment): Translation {
  const { space, tables, configuration } = environment;
  return {
    granule: configuration.granule,
    virtualAddressBits: configuration.va_bits,
    root: tables.root,
    direct: [{ virtualBase: space.pageOffset, physicalBase: space.memstart, bytes: space.pageEnd - space.pageOffset }],
  };
}

/** Names of the shifts and sizes that follow from the geometry; folded levels have the shift of the level below. */
export function levelShifts(shape: Geometry): {
  readonly pmd: number;
  readonly pud: number;
  readonly p4d: number;
  readonly pgd: number;
} {
  const bits = pageShift(shape.granule) - 3;
  const shift = (level: number) => bits * (4 - level) + 3;
  const top = levelsOf(shape)[0] as number;
  const at = (level: number) => shift(Math.max(level, top));
  return { pmd: at(2), pud: at(1), p4d: at(0), pgd: shift(top) };
}

/**
 * What the word at a physical address holds at the start. An address that is 4 modulo 8 names the upper half of its
 * 64-bit word, as `_refcount` does.
 */
export function initialWord(environment: Environment, physical: bigint): bigint {
  const offset = physical & 7n;
  if (offset === 0n) return initialDoubleWord(environment, physical);
  return initialDoubleWord(environment, physical - offset) >> (offset * 8n);
}

function initialDoubleWord(environment: Environment, physical: bigint): bigint {
  const descriptor = environment.tables.descriptorAt(physical);
  if (descriptor !== undefined) return descriptor;
  const part = environment.parts.find(
    (one) => physical >= one.frames && physical < one.frames + partBytes(environment),
  );
  const shared = environment.hugePages.find((huge) => {
    const at = sharedTail(environment, huge);
    return at !== undefined && physical >= at && physical < at + pageBytes(environment.configuration.granule);
  });
  if (shared !== undefined)
    return initialStructPageWord(0n, tailOf(environment, shared), physical & (structPageBytes - 1n));
  if (part === undefined) return environment.data.get(physical) ?? 0n;
  const va = part.start + (physical - part.frames);
  const described = describedPage(environment.space, va);
  const use = useOf(environment, described);
  return initialStructPageWord(described >> pageShiftOf(environment), use, va & (structPageBytes - 1n));
}

function partBytes(environment: Environment): bigint {
  return 1n << BigInt(pageShift(environment.configuration.granule) * 2 - 3);
}

function pageShiftOf(environment: Environment): bigint {
  return BigInt(pageShift(environment.configuration.granule));
}

function tailOf(environment: Environment, huge: HugePage): PageUse {
  return sharedTail(environment, huge) === undefined
    ? { kind: 'tail', head: structPageOf(environment.space, huge.at) }
    : { kind: 'maskedTail', bytes: huge.end - huge.start };
}

/** What the page at a physical address is used for. */
export function useOf(environment: Environment, physical: bigint): PageUse {
  const huge = environment.hugePages.find((one) => physical >= one.at && physical < one.at + one.bytes);
  if (huge !== undefined) {
    return physical === huge.at
      ? { kind: 'head', refcount: huge.refcount, optimised: huge.optimised }
      : tailOf(environment, huge);
  }
  if (environment.pages.some((one) => one.at === physical)) return { kind: 'named' };
  const { kernel, pool } = environment.plan;
  const isPool =
    physical >= pool && physical < pool + BigInt(maximumPool) * pageBytes(environment.configuration.granule);
  return physical >= kernel.start && physical < kernel.end && !isPool ? { kind: 'reserved' } : { kind: 'free' };
}
