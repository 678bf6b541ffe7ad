/** The register operand of a TLB invalidation, field by field. */

import { decodeAddressOperand, decodeRangeOperand } from '../../simulator/machine/tlbiOperand';
import type { DecodedField, DecodeOptions } from './decode';

function address(value: bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`;
}

/** An operand by address (VAE1 and its kin) or, with `range`, by range (RVAE1 and its kin). */
export function decodeTlbiFields(raw: bigint, options: DecodeOptions): readonly DecodedField[] {
  return options.range ? rangeFields(raw, options.ds) : addressFields(raw);
}

function addressFields(raw: bigint): readonly DecodedField[] {
  const { va, asid, hint } = decodeAddressOperand(raw);
  const ttl = Number((raw >> 44n) & 15n);
  return [
    {
      name: '43:0 VA[55:12]',
      value: address(va),
      words: 'the entries that map this address; always in units of 4 KiB',
    },
    {
      name: '47:44 TTL',
      value: `${ttl}`,
      words:
        hint === undefined
          ? 'no hint'
          : `level ${hint.level} of ${hint.granule} tables; a wrong hint may invalidate nothing`,
    },
    { name: '63:48 ASID', value: `${asid}`, words: 'of VAE1 and VALE1; VAAE1 and VAALE1 take every ASID' },
  ];
}

function rangeFields(raw: bigint, ds: boolean): readonly DecodedField[] {
  const range = decodeRangeOperand(raw, ds);
  if (range === undefined) {
    return [{ name: '47:46 TG', value: '0', words: 'reserved: the operation has no effect that can be relied on' }];
  }
  const bytes = BigInt(range.pages) << { '4K': 12n, '16K': 14n, '64K': 16n }[range.granule];
  const last = BigInt.asUintN(64, range.va + bytes);
  return [
    { name: '36:0 BaseADDR', value: address(range.va), words: 'first byte' },
    { name: '38:37 TTL', value: `${range.ttl}`, words: range.ttl === 0 ? 'no hint' : `level ${range.ttl}` },
    { name: '43:39 NUM', value: `${range.num}`, words: '' },
    { name: '45:44 SCALE', value: `${range.scale}`, words: `(NUM + 1) << (5 * SCALE + 1) = ${range.pages} pages` },
    {
      name: '47:46 TG',
      value: range.granule,
      words: 'granule; another than the one in use invalidates nothing for certain',
    },
    { name: '63:48 ASID', value: `${range.asid}`, words: 'of RVAE1 and RVALE1; RVAAE1 and RVAALE1 take every ASID' },
    { name: 'range', value: `${range.pages} pages`, words: `[${address(range.va)}, ${address(last)})` },
  ];
}
