/** Loads, stores, exclusives and atomics. */

import { address, type Primitive, place, value } from '../primitive';

interface Width {
  readonly suffix: string;
  readonly bits: number;
}

const widths: readonly Width[] = [
  { suffix: '', bits: 64 },
  { suffix: '32', bits: 32 },
  { suffix: '16', bits: 16 },
  { suffix: '8', bits: 8 },
];

/** Widths of exclusives and atomics: what Linux uses on counters and words. */
const words = widths.slice(0, 2);

const plain: readonly Primitive[] = widths.flatMap(({ suffix, bits }): Primitive[] => [
  {
    name: `load${suffix}`,
    group: 'access',
    parameters: [address()],
    result: `the ${bits} bits at the address`,
    doc: `Plain load of ${bits} bits (LDR). It may fault, and nothing orders it but dependencies and barriers.`,
    example: `load${suffix}(H.page(1).flags)`,
  },
  {
    name: `store${suffix}`,
    group: 'access',
    parameters: [address(), value()],
    doc: `Plain store of ${bits} bits (STR).`,
    example: `store${suffix}(H.page(1).flags, 1)`,
  },
]);

const ordered: readonly Primitive[] = words.flatMap(({ suffix, bits }): Primitive[] => [
  {
    name: `load${suffix}_acquire`,
    group: 'access',
    parameters: [address()],
    result: `the ${bits} bits at the address`,
    doc: `Load-acquire of ${bits} bits (LDAR), as \`smp_load_acquire\`: what is younger happens after it.`,
    example: `load${suffix}_acquire(V)`,
  },
  {
    name: `load${suffix}_acquire_pc`,
    group: 'access',
    parameters: [address()],
    result: `the ${bits} bits at the address`,
    doc: `Load-acquire of ${bits} bits of the weaker, processor-consistent kind (LDAPR): an older store-release to another address may be later.`,
    example: `load${suffix}_acquire_pc(V)`,
  },
  {
    name: `store${suffix}_release`,
    group: 'access',
    parameters: [address(), value()],
    doc: `Store-release of ${bits} bits (STLR), as \`smp_store_release\`: what is older happened before it.`,
    example: `store${suffix}_release(V, 1)`,
  },
]);

const once: readonly Primitive[] = [
  {
    name: 'READ_ONCE',
    group: 'access',
    parameters: [place()],
    result: 'the value of the place',
    doc: 'One load of a place: `*p`, a `var`, or a field of a struct page. No ordering beyond that of the plain load.',
    example: 'READ_ONCE(*pmd_off_k(H.start))',
  },
  {
    name: 'WRITE_ONCE',
    group: 'access',
    parameters: [place(), value()],
    doc: 'One store to a place: `*p`, a `var`, or a field of a struct page.',
    example: 'WRITE_ONCE(*V, 1)',
  },
  {
    name: 'nofault_load',
    group: 'access',
    parameters: [address()],
    result: 'the 64 bits at the address, or `-EFAULT`',
    doc: 'Load with an entry in the exception table, as `copy_from_kernel_nofault`: a fault that nobody mends gives `-EFAULT` instead of an oops.',
    example: 'nofault_load(H.page(1).flags)',
  },
];

const exclusives: readonly Primitive[] = words.flatMap(({ suffix, bits }): Primitive[] => [
  {
    name: `ldxr${suffix}`,
    group: 'exclusive',
    parameters: [address()],
    result: `the ${bits} bits at the address`,
    doc: `Load-exclusive of ${bits} bits (LDXR): begins a pair with the next store-exclusive.`,
    example: `ldxr${suffix}(V)`,
  },
  {
    name: `ldaxr${suffix}`,
    group: 'exclusive',
    parameters: [address()],
    result: `the ${bits} bits at the address`,
    doc: `Load-acquire exclusive of ${bits} bits (LDAXR).`,
    example: `ldaxr${suffix}(V)`,
  },
  {
    name: `stxr${suffix}`,
    group: 'exclusive',
    parameters: [address(), value()],
    result: '0 when it stored, 1 when it did not',
    doc: `Store-exclusive of ${bits} bits (STXR): stores when nobody wrote there since the load-exclusive.`,
    example: `stxr${suffix}(V, 1)`,
  },
  {
    name: `stlxr${suffix}`,
    group: 'exclusive',
    parameters: [address(), value()],
    result: '0 when it stored, 1 when it did not',
    doc: `Store-release exclusive of ${bits} bits (STLXR).`,
    example: `stlxr${suffix}(V, 1)`,
  },
]);

const orders = [
  { suffix: '', doc: 'Fully ordered, as the kernel function without a suffix.' },
  { suffix: '_relaxed', doc: 'Orders nothing.' },
  { suffix: '_acquire', doc: 'What is younger happens after it.' },
  { suffix: '_release', doc: 'What is older happened before it.' },
] as const;

const operations = [
  { name: 'xchg', doc: 'Exchanges' },
  { name: 'fetch_add', doc: 'Adds the value to' },
  { name: 'fetch_or', doc: 'Sets the bits of the value in' },
  { name: 'fetch_andnot', doc: 'Clears the bits of the value in' },
  { name: 'fetch_xor', doc: 'Flips the bits of the value in' },
] as const;

const atomics: readonly Primitive[] = words.flatMap(({ suffix, bits }) =>
  orders.flatMap((order): Primitive[] => [
    ...operations.map(
      (operation): Primitive => ({
        name: `${operation.name}${suffix}${order.suffix}`,
        group: 'atomic',
        parameters: [address(), value()],
        result: 'the value before',
        doc: `${operation.doc} the ${bits} bits at the address in one step. ${order.doc} Needs write permission.`,
        example: `${operation.name}${suffix}${order.suffix}(V, 1)`,
      }),
    ),
    {
      name: `cmpxchg${suffix}${order.suffix}`,
      group: 'atomic',
      parameters: [address(), value('old'), value('new')],
      result: 'the value before; it was stored when that is `old`',
      doc: `Stores \`new\` when the ${bits} bits at the address are \`old\`, in one step. ${order.doc} Needs write permission even when the values differ.`,
      example: `cmpxchg${suffix}${order.suffix}(V, 0, 1)`,
    },
  ]),
);

const stores = [
  { name: 'stadd', doc: 'Adds the value to' },
  { name: 'stset', doc: 'Sets the bits of the value in' },
  { name: 'stclr', doc: 'Clears the bits of the value in' },
  { name: 'steor', doc: 'Flips the bits of the value in' },
] as const;

const atomicStores: readonly Primitive[] = words.flatMap(({ suffix, bits }) =>
  stores.map(
    (store): Primitive => ({
      name: `${store.name}${suffix}`,
      group: 'atomic',
      parameters: [address(), value()],
      doc: `${store.doc} the ${bits} bits at the address in one step, without a result (${store.name.toUpperCase()}). Orders nothing, and \`dmb(ishld)\` does not wait for its read.`,
      example: `${store.name}${suffix}(V, 1)`,
    }),
  ),
);

export const accessPrimitives: readonly Primitive[] = [
  ...plain,
  ...once,
  ...ordered,
  ...exclusives,
  ...atomics,
  ...atomicStores,
];
