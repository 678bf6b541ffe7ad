/**
 * Page table entries in the words and columns of Linux's page table dump (/sys/kernel/debug/kernel_page_tables,
 * arch/arm64/mm/ptdump.c).
 */

import { type Descriptor, type DescriptorFormat, decodeDescriptor, type LeafDescriptor } from './descriptor';
import { type Geometry, type Level, linuxLevelName } from './granule';
import { linuxMemoryTypes } from './linuxProtection';

/** Names of memory types in a dump, by Linux's MAIR index. */
const dumpedTypes: readonly string[] = [
  'MEM/NORMAL',
  'MEM/NORMAL-TAGGED',
  'MEM/NORMAL-NC',
  'DEVICE/nGnRnE',
  'DEVICE/nGnRE',
];

/** The memory type of a leaf as a dump names it; an index that Linux does not use shows as its number. */
export function memoryTypeName(attrIndex: number): string {
  return attrIndex < linuxMemoryTypes.length ? (dumpedTypes[attrIndex] ?? '') : `ATTR${attrIndex}`;
}

/** The flag columns of a valid leaf, each as wide as its longest word. */
function columns(leaf: LeafDescriptor): readonly string[] {
  const pick = (set: boolean, word: string) => (set ? word : ' '.repeat(word.length));
  return [
    ' ',
    pick((leaf.ap & 1) !== 0, 'USR'),
    (leaf.ap & 2) !== 0 ? 'ro' : 'RW',
    leaf.pxn ? 'NX' : 'x ',
    pick((leaf.sh & 3) === 3, 'SHD'),
    pick(leaf.af, 'AF'),
    pick(leaf.nG, 'NG'),
    pick(leaf.contiguous, 'CON'),
    pick(leaf.shape === 'block', 'BLK'),
    pick(leaf.uxn, 'UXN'),
    pick(leaf.gp, 'GP'),
    memoryTypeName(leaf.attrIndex),
  ];
}

export interface DumpedRange {
  /** First byte, and the byte after the last. */
  readonly start: bigint;
  readonly end: bigint;
  readonly level: Level;
  readonly descriptor: bigint;
}

const units = ['K', 'M', 'G', 'T', 'P', 'E'];

function sizeColumn(bytes: bigint): string {
  let unit = 0;
  let size = bytes >> 10n;
  while (size % 1024n === 0n && size > 0n && unit < units.length - 1) {
    size >>= 10n;
    unit++;
  }
  return `${String(size).padStart(9)}${units[unit] ?? ''}`;
}

function address(value: bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`;
}

/**
 * One line for an entry, or for neighbours with the same attributes: range, size, level, and the flags of a leaf in
 * their columns. An invalid entry shows its level only, or with other bits set `F` for invalid. A table, which a dump
 * descends into, shows where it points.
 */
export function ptdumpLine(shape: Geometry, format: DescriptorFormat, range: DumpedRange): string {
  const head = `${address(range.start)}-${address(range.end)}   ${sizeColumn(range.end - range.start)}`;
  const line = `${head} ${linuxLevelName(shape, range.level)}`;
  const descriptor = decodeDescriptor(format, range.level, range.descriptor);
  switch (descriptor.kind) {
    case 'invalid':
      return descriptor.none ? line : `${line} F invalid ${address(descriptor.raw)}`;
    case 'reserved':
      return `${line} F reserved ${address(descriptor.raw)}`;
    case 'table':
      return `${line} table ${address(descriptor.nextTable)}${limitWords(descriptor)}`;
    case 'leaf':
      return `${line} ${columns(descriptor).join(' ')}`.trimEnd();
  }
}

function limitWords(table: Extract<Descriptor, { kind: 'table' }>): string {
  const words = [
    table.readOnly ? 'ro' : '',
    table.noEl0 ? 'no EL0' : '',
    table.pxn ? 'PXNTable' : '',
    table.uxn ? 'UXNTable' : '',
    table.nonSecure ? 'NSTable' : '',
    table.af ? 'AF' : '',
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : ` ${words.join(' ')}`;
}

/** A descriptor in one sentence fragment: `page 0x41f3c000 ro NX SHD AF UXN MEM/NORMAL`, `table 0x…`, `none`. */
export function descriptorWords(descriptor: Descriptor): string {
  switch (descriptor.kind) {
    case 'invalid':
      return descriptor.none ? 'none' : 'invalid, with other bits set';
    case 'reserved':
      return descriptor.why === 'pageWithoutBit1'
        ? 'reserved encoding: bit 1 is clear at level 3; faults like an invalid entry'
        : 'reserved encoding: no blocks at this level; faults like an invalid entry';
    case 'table':
      return `table 0x${descriptor.nextTable.toString(16)}${limitWords(descriptor)}`;
    case 'leaf': {
      const flags = columns(descriptor)
        .map((column) => column.trim())
        .filter((column) => column !== '' && column !== 'BLK');
      const more = [descriptor.dbm ? 'DBM' : '', descriptor.nT ? 'nT' : ''].filter((word) => word !== '');
      return [`${descriptor.shape} 0x${descriptor.outputAddress.toString(16)}`, ...flags, ...more].join(' ');
    }
  }
}
