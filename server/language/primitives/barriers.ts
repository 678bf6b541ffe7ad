/** Barriers, and the words that they take. */

import type { BarrierType, Domain } from '../../../simulator/machine/program';
import type { Primitive } from '../primitive';

/** An option of DMB and DSB. */
export interface BarrierOption {
  readonly name: string;
  readonly domain: Domain;
  readonly type: BarrierType;
  readonly doc: string;
}

const domains = [
  { name: 'ish', domain: 'innerShareable', doc: 'in the inner shareable domain, which holds all CPUs' },
  { name: 'osh', domain: 'outerShareable', doc: 'in the outer shareable domain, which holds all CPUs and devices' },
  { name: 'nsh', domain: 'nonShareable', doc: 'on this CPU only' },
  { name: 'sy', domain: 'fullSystem', doc: 'in the full system' },
] as const;

const types = [
  { name: '', type: 'full', doc: 'Loads and stores' },
  { name: 'st', type: 'store', doc: 'Stores' },
  { name: 'ld', type: 'load', doc: 'Loads before it, and everything behind it,' },
] as const;

/** `sy`, `st` and `ld` are the full-system forms; the others are domain and type in one word. */
export const barrierOptions: readonly BarrierOption[] = domains.flatMap(({ name, domain, doc }) =>
  types.map((type) => ({
    name: name === 'sy' ? type.name || 'sy' : name + type.name,
    domain,
    type: type.type,
    doc: `${type.doc} ${doc}.`,
  })),
);

export const barrierPrimitives: readonly Primitive[] = [
  {
    name: 'dmb',
    group: 'barrier',
    parameters: [{ name: 'option', kind: 'barrier' }],
    doc: 'Data memory barrier: accesses before it happen before accesses behind it. It waits for no TLBI.',
    example: 'dmb(ish)',
  },
  {
    name: 'dsb',
    group: 'barrier',
    parameters: [{ name: 'option', kind: 'barrier' }],
    doc: 'Data synchronisation barrier: nothing behind it begins before what is older is complete. Only a DSB makes a store visible to the walkers before a `tlbi`, and only a DSB that covers loads and stores waits for a `tlbi`.',
    example: 'dsb(ishst)',
  },
  {
    name: 'isb',
    group: 'barrier',
    parameters: [],
    doc: 'Context synchronisation: what is younger is fetched and translated anew. It acts on its own CPU only.',
    example: 'isb()',
  },
  {
    name: 'smp_mb',
    group: 'barrier',
    parameters: [],
    doc: 'Full barrier between CPUs: `dmb(ish)`.',
    example: 'smp_mb()',
  },
  {
    name: 'smp_wmb',
    group: 'barrier',
    parameters: [],
    doc: 'Write barrier between CPUs: `dmb(ishst)`.',
    example: 'smp_wmb()',
  },
  {
    name: 'smp_rmb',
    group: 'barrier',
    parameters: [],
    doc: 'Read barrier between CPUs: `dmb(ishld)`.',
    example: 'smp_rmb()',
  },
];
