/** A translation table descriptor, field by field. */

import {
  type Descriptor,
  decodeDescriptor,
  descriptorFormat,
  type LeafDescriptor,
  leafBits,
  type TableDescriptor,
} from '../../simulator/machine/descriptor';
import { contiguousEntries, type Level } from '../../simulator/machine/granule';
import { linuxMemoryTypes, protections } from '../../simulator/machine/linuxProtection';
import { shareabilityWords } from '../../simulator/machine/memoryAttributes';
import { descriptorWords } from '../../simulator/machine/ptdump';
import type { DecodedField, DecodeOptions } from './decode';

const softwareDirty = 1n << 55n;
const nonGlobal = 1n << 11n;

/** Everything that a descriptor says at a level, the summary in ptdump's words first. */
export function decodeDescriptorFields(level: Level, raw: bigint, options: DecodeOptions): readonly DecodedField[] {
  const format = descriptorFormat(options.granule, options.ds, options.granule === '64K' || options.ds ? 52 : 48);
  const descriptor = decodeDescriptor(format, level, raw);
  const type = Number(raw & 3n);
  const summary = { name: 'summary', value: '', words: descriptorWords(descriptor) };
  return [
    summary,
    { name: '1:0 type', value: `0b${type.toString(2).padStart(2, '0')}`, words: typeWords(descriptor) },
    ...fieldsOf(descriptor, options, level),
  ];
}

function typeWords(descriptor: Descriptor): string {
  switch (descriptor.kind) {
    case 'invalid':
      return 'invalid: every access takes a translation fault';
    case 'reserved':
      return 'reserved: every access takes a translation fault';
    case 'table':
      return 'table';
    case 'leaf':
      return descriptor.shape;
  }
}

function fieldsOf(descriptor: Descriptor, options: DecodeOptions, level: Level): readonly DecodedField[] {
  switch (descriptor.kind) {
    case 'invalid':
    case 'reserved':
      return [];
    case 'table':
      return tableFields(descriptor);
    case 'leaf':
      return leafFields(descriptor, options, level);
  }
}

function flag(name: string, value: boolean, set: string, clear: string): DecodedField {
  return { name, value: value ? '1' : '0', words: value ? set : clear };
}

function tableFields(table: TableDescriptor): readonly DecodedField[] {
  return [
    { name: 'next table', value: `0x${table.nextTable.toString(16)}`, words: 'physical address of the next table' },
    flag('59 PXNTable', table.pxn, 'EL1 executes nothing below', ''),
    flag('60 UXNTable', table.uxn, 'EL0 executes nothing below', ''),
    flag('61 APTable[0]', table.noEl0, 'no access from EL0 below', ''),
    flag('62 APTable[1]', table.readOnly, 'read-only below', ''),
    flag('63 NSTable', table.nonSecure, 'Non-secure below; ignored in the Non-secure state', ''),
  ];
}

function leafFields(leaf: LeafDescriptor, options: DecodeOptions, level: Level): readonly DecodedField[] {
  const name = linuxName(leaf);
  const group = contiguousEntries(options.granule, level);
  const addressBits = options.ds && options.granule !== '64K';
  const fields: DecodedField[] = [
    { name: 'address', value: `0x${leaf.outputAddress.toString(16)}`, words: 'physical address of the first byte' },
    {
      name: '4:2 AttrIndx',
      value: `${leaf.attrIndex}`,
      words: linuxMemoryTypes[leaf.attrIndex] ?? 'an index of MAIR_EL1 that Linux does not use',
    },
    { name: '7:6 AP[2:1]', value: `${leaf.ap}`, words: accessWords(leaf.ap) },
    addressBits
      ? { name: '9:8', value: '', words: 'address bits 51:50; the shareability is in TCR_EL1' }
      : { name: '9:8 SH', value: `${leaf.sh}`, words: shareabilityWords(leaf.sh) },
    flag('10 AF', leaf.af, 'accessed', 'not accessed: the first use takes an access flag fault'),
    flag('11 nG', leaf.nG, 'non-global: for one ASID', 'global'),
    flag('50 GP', leaf.gp, 'guarded: BTI applies', ''),
    flag('51 DBM', leaf.dbm, 'PTE_WRITE: the hardware may clear AP[2] on a write', ''),
    flag('52 Contiguous', leaf.contiguous, `one of ${group} entries that a TLB may join`, ''),
    flag('53 PXN', leaf.pxn, 'EL1 does not execute it', 'EL1 may execute it'),
    flag('54 UXN', leaf.uxn, 'EL0 does not execute it', 'EL0 may execute it'),
    { name: '58:55 software', value: `${leaf.software}`, words: softwareWords(leaf.software) },
  ];
  if (leaf.shape === 'block') fields.push(flag('16 nT', leaf.nT, 'not to be cached in a TLB (FEAT_BBM level 1)', ''));
  if (name !== undefined) fields.push({ name: 'Linux', value: name, words: 'the protection with these bits' });
  return fields;
}

function accessWords(ap: number): string {
  return ['EL1 reads and writes', 'EL1 and EL0 read and write', 'EL1 reads', 'EL1 and EL0 read'][ap & 3] ?? '';
}

function softwareWords(bits: number): string {
  const names = ['dirty', 'special', 'devmap', 'software bit 58'];
  return names.filter((_, index) => ((bits >> index) & 1) === 1).join(', ');
}

/** The named protection that a leaf has, whatever its software dirty and nG bits are. */
function linuxName(leaf: LeafDescriptor): string | undefined {
  const type = leaf.shape === 'page' ? 3n : 1n;
  const bits = (leafBits(leaf) | type) & ~softwareDirty & ~nonGlobal;
  return protections.find((protection) => protection.kind === leaf.shape && protection.bits === bits)?.name;
}
