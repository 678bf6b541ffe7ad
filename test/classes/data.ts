/** Contents of pages, their life, and what the readers of struct pages rely on. */

import type { Row } from './classRow';

const waits = ['fixed-up', 'spurious-warn'];
const onlyWrites = 'a read-only entry is no mistake by itself; it takes the write of somebody else';

export const dataClasses: readonly Row[] = [
  {
    id: 'D01',
    title: 'Head not copied before the make',
    text: [],
    hidden: 'what the page holds is a matter of who uses it',
    shows: ['BUG'],
    both: waits,
  },
  {
    id: 'D05',
    title: 'Split copies wrong attributes',
    text: [],
    hidden: onlyWrites,
    shows: ['oops-RO at L3'],
    both: waits,
  },
  {
    id: 'D07',
    title: 'Head mapped read-only',
    text: [],
    hidden: onlyWrites,
    shows: ['oops-RO at L3'],
    both: waits,
  },
  {
    id: 'D09',
    title: 'Fake head taken for a head',
    text: [],
    hidden: 'which struct page is an alias is known when it runs',
    shows: ['oops-RO at L3'],
  },
  {
    id: 'D10',
    title: 'Speculative reference to a fake head',
    text: [],
    hidden: 'which struct page is an alias is known when it runs',
    shows: ['oops-RO at L3'],
  },
  {
    id: 'D11',
    title: 'Grace period too early',
    text: [],
    hidden: 'it takes a reader that runs across the remap',
    shows: ['oops-RO at L3'],
    both: waits,
  },
  {
    id: 'D13',
    title: 'Pages for the restore allocated one by one',
    text: [],
    hidden: 'that an entry was restored before is known when it runs',
    shows: ['BUG'],
    both: waits,
  },
  {
    id: 'D14',
    title: 'First struct pages of a restored page not reset',
    text: [],
    hidden: 'what the page holds is a matter of who uses it',
    shows: ['BUG'],
  },
  {
    id: 'D15',
    title: 'Flag cleared before the restore is done',
    text: [],
    hidden: 'it takes a writer that believes the flag',
    shows: ['oops-RO at L3'],
    both: waits,
  },
  {
    id: 'D16',
    title: 'Rollback of too many entries',
    text: [],
    hidden: 'how many entries were remapped is known when it runs',
    shows: ['BUG'],
    both: waits,
  },
  {
    id: 'D18',
    title: 'Vmemmap page that describes itself',
    text: [],
    hidden: 'where the struct page of a page is mapped is known when it runs',
    shows: ['oops-RO at L3'],
  },
  {
    id: 'D22',
    title: 'Reuse of the old page under a third CPU',
    text: ['HVO113'],
    shows: ['use-after-free'],
    both: waits,
  },
  {
    id: 'D23',
    title: 'Access flag trick on a CPU that does not set the flag',
    text: [],
    hidden: 'the access flag fault is that of the reader',
    shows: ['oops-AF at L2'],
  },
];
