/** TLB maintenance of the EL1&0 regime, stage 1 (Arm ARM C5.5), and AT. */

import { address, optional, type Primitive, value } from '../primitive';

/** What a TLBI operation invalidates, and where. */
export interface TlbiOperation {
  /** As written: `vaale1is`. */
  readonly name: string;
  /** `all`: every entry. `address`: those of one VA. `range`: those of a range of VAs. `asid`: non-global ones of an ASID. */
  readonly scope: 'all' | 'address' | 'range' | 'asid';
  /** Only last-level entries (pages and blocks); tables that walks remember stay. */
  readonly leafOnly: boolean;
  /** Whether entries of every ASID go; if not, global entries and those of the given ASID. Kernel entries are global. */
  readonly everyAsid: boolean;
  /** `nonShareable`: this CPU only. */
  readonly shareability: 'nonShareable' | 'innerShareable' | 'outerShareable';
  readonly doc: string;
}

const forms = [
  { name: 'vmalle1', scope: 'all', leafOnly: false, everyAsid: true, doc: 'every stage 1 entry' },
  { name: 'aside1', scope: 'asid', leafOnly: false, everyAsid: false, doc: 'the non-global entries of an ASID' },
  { name: 'vae1', scope: 'address', leafOnly: false, everyAsid: false, doc: 'entries of every level for one VA' },
  {
    name: 'vaae1',
    scope: 'address',
    leafOnly: false,
    everyAsid: true,
    doc: 'entries of every level for one VA, any ASID',
  },
  { name: 'vale1', scope: 'address', leafOnly: true, everyAsid: false, doc: 'last-level entries for one VA' },
  { name: 'vaale1', scope: 'address', leafOnly: true, everyAsid: true, doc: 'last-level entries for one VA, any ASID' },
  {
    name: 'rvae1',
    scope: 'range',
    leafOnly: false,
    everyAsid: false,
    doc: 'entries of every level for a range of VAs',
  },
  {
    name: 'rvaae1',
    scope: 'range',
    leafOnly: false,
    everyAsid: true,
    doc: 'entries of every level for a range of VAs, any ASID',
  },
  { name: 'rvale1', scope: 'range', leafOnly: true, everyAsid: false, doc: 'last-level entries for a range of VAs' },
  {
    name: 'rvaale1',
    scope: 'range',
    leafOnly: true,
    everyAsid: true,
    doc: 'last-level entries for a range of VAs, any ASID',
  },
] as const;

const reaches = [
  { suffix: '', shareability: 'nonShareable', doc: 'on this CPU only' },
  { suffix: 'is', shareability: 'innerShareable', doc: 'on all CPUs' },
  { suffix: 'os', shareability: 'outerShareable', doc: 'on all CPUs (outer shareable)' },
] as const;

/** With FEAT_XS each has a form that waits for no access with the XS attribute; vmemmap is never mapped so. */
const waits = [
  { suffix: '', doc: '' },
  { suffix: 'nxs', doc: ' Its completion does not wait for accesses with the XS attribute.' },
] as const;

export const tlbiOperations: readonly TlbiOperation[] = forms.flatMap(({ name, doc, ...form }) =>
  reaches.flatMap(({ suffix, shareability, doc: where }) =>
    waits.map((wait) => ({
      ...form,
      name: name + suffix + wait.suffix,
      shareability,
      doc: `Invalidates ${doc}, ${where}.${wait.doc}`,
    })),
  ),
);

/** TLBI operations that exist but belong to another regime or stage: what to write instead. */
export const otherTlbiOperations: ReadonlyMap<string, string> = new Map(
  [
    'vmalls12e1',
    'ipas2e1',
    'ipas2le1',
    'ripas2e1',
    'ripas2le1',
    'alle1',
    'alle2',
    'alle3',
    'vae2',
    'vale2',
    'vae3',
    'vale3',
  ]
    .flatMap((name) => ['', 'is', 'os'].map((suffix) => name + suffix))
    .map((name) => [
      name,
      'only stage 1 of the EL1&0 regime is modelled; `vmalle1is` invalidates all of it on every CPU',
    ]),
);

export const tlbPrimitives: readonly Primitive[] = [
  {
    name: 'tlbi',
    group: 'tlb',
    parameters: [
      { name: 'operation', kind: 'tlbi' },
      optional(address('va')),
      optional(value('end')),
      optional(value('ttl')),
    ],
    doc: 'TLB invalidation by its architectural name. One VA: `tlbi(vaale1is, va)`. A range: `tlbi(rvaale1is, start, end)`, `end` not included. All: `tlbi(vmalle1is)`. Behind these a level hint (TTL, 1 to 3) may stand. Complete only after a `dsb(ish)`; a store that is not visible yet is not covered: `dsb(ishst)` before it.',
    example: 'tlbi(vaale1is, H.tail(1))',
  },
  {
    name: 'at_s1e1r',
    group: 'tlb',
    parameters: [address('va')],
    result: 'PAR_EL1: bit 0 is set when the translation fails, with the fault status in bits 6:1',
    doc: 'Translates an address as a load would (AT S1E1R) without access or fault.',
    example: 'at_s1e1r(H.tail(1))',
  },
  {
    name: 'at_s1e1w',
    group: 'tlb',
    parameters: [address('va')],
    result: 'PAR_EL1: bit 0 is set when the translation fails, with the fault status in bits 6:1',
    doc: 'Translates an address as a store would (AT S1E1W) without access or fault.',
    example: 'at_s1e1w(H.tail(1))',
  },
];
