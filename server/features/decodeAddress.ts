/** A virtual address: the half and the table indices, and what Linux keeps there. */

import {
  type Geometry,
  geometry,
  levelShift,
  levelsOf,
  linuxLevelName,
  pageBytes,
  pageShift,
  tableIndex,
} from '../../simulator/machine/granule';
import { type KernelRelease, releaseAtLeast } from '../../simulator/machine/kernelRelease';
import {
  inVmemmap,
  layoutProblem,
  memstartOf,
  newLayout,
  pfnOfStructPage,
  structPageBytes,
  type VmemmapLayout,
  vmemmapLayout,
} from '../../simulator/machine/vmemmapLayout';
import type { DecodedField, DecodeOptions } from './decode';

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** Base register, an index for each level, the offset; then vmemmap or linear map when the kernel has them there. */
export function decodeAddressFields(va: bigint, options: DecodeOptions): readonly DecodedField[] {
  const shape = geometry(options.granule, options.vaBits);
  const fields = [halfField(va, shape), ...indexFields(va, shape)];
  const problem = layoutProblem(options.granule, options.vaBits, options.release);
  if (problem !== undefined) return [...fields, { name: 'Linux', value: '', words: `no such kernel: ${problem}` }];
  const layout = vmemmapLayout(options.granule, options.vaBits, options.release);
  return [...fields, ...placeFields(va, layout, options)];
}

function halfField(va: bigint, shape: Geometry): DecodedField {
  const upper = ((va >> 55n) & 1n) === 1n;
  const high = va >> BigInt(shape.vaBits);
  const all = (1n << BigInt(64 - shape.vaBits)) - 1n;
  const inRange = high === (upper ? all : 0n);
  return {
    name: 'base',
    value: upper ? 'TTBR1_EL1' : 'TTBR0_EL1',
    words: inRange
      ? `${shape.vaBits}-bit address, ${shape.levels} levels`
      : `out of range for ${shape.vaBits} bits: translation fault, level 0 (unless TBI hides the top byte)`,
  };
}

function indexFields(va: bigint, shape: Geometry): readonly DecodedField[] {
  const indices = levelsOf(shape).map((level): DecodedField => {
    const low = levelShift(shape.granule, level);
    const high =
      level === shape.topLevel ? shape.vaBits - 1 : levelShift(shape.granule, (level - 1) as typeof level) - 1;
    return {
      name: `level ${level} (${linuxLevelName(shape, level)})`,
      value: `${tableIndex(shape, level, va)}`,
      words: `bits ${high}:${low}`,
    };
  });
  const offset = va & (pageBytes(shape.granule) - 1n);
  return [...indices, { name: 'offset', value: hex(offset), words: `bits ${pageShift(shape.granule) - 1}:0` }];
}

function placeFields(va: bigint, layout: VmemmapLayout, options: DecodeOptions): readonly DecodedField[] {
  const memstart = memstartOf(layout.granule, options.memstart);
  const shift = BigInt(pageShift(layout.granule));
  const range = (start: bigint, end: bigint) => `[${hex(start)}, ${hex(end)}) of Linux ${layout.release}`;
  if (inVmemmap(layout, va)) {
    const pfn = pfnOfStructPage(layout, memstart, va);
    const page = layout.start + ((va - layout.start) / structPageBytes) * structPageBytes;
    return [
      { name: 'vmemmap', value: '', words: range(layout.start, layout.end) },
      { name: 'struct page', value: hex(page), words: `byte ${hex(va - page)} of it` },
      { name: 'page frame', value: hex(pfn), words: `physical address ${hex(pfn << shift)}` },
    ];
  }
  if (va >= layout.pageOffset && va < layout.pageEnd) {
    const pa = va - layout.pageOffset + memstart;
    return [
      { name: 'linear map', value: hex(pa), words: `physical address; ${range(layout.pageOffset, layout.pageEnd)}` },
    ];
  }
  if (((va >> 55n) & 1n) === 0n)
    return [{ name: 'user space', value: '', words: 'translated through TTBR0_EL1: nothing of the kernel is here' }];
  const where = `vmemmap is ${range(layout.start, layout.end)}, the linear map [${hex(layout.pageOffset)}, ${hex(layout.pageEnd)})`;
  return [
    { name: 'elsewhere', value: '', words: `${where}` },
    ...otherKernels(va, layout).map(
      (release): DecodedField => ({ name: 'vmemmap', value: '', words: `of Linux ${release} (--kernel ${release})` }),
    ),
  ];
}

/** The layout of vmemmap has changed once: a release of each, where the other one has vmemmap at the address. */
function otherKernels(va: bigint, { granule, vaBits, release }: VmemmapLayout): readonly KernelRelease[] {
  const others: readonly KernelRelease[] = ['v6.7', newLayout];
  return others.filter(
    (other) =>
      releaseAtLeast(other, newLayout) !== releaseAtLeast(release, newLayout) &&
      layoutProblem(granule, vaBits, other) === undefined &&
      inVmemmap(vmemmapLayout(granule, vaBits, other), va),
  );
}
