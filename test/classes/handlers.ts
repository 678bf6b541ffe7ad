/** Defects of the fault path and of the hook in it. */

import type { Row } from './classRow';

const interleaving = 'the CPU that faults and the CPU that holds the lock are two';
/** Of any access in the window, which the hook waits for. */
const inTheWindow = ['fixed-up', 'spurious-warn'];

export const handlerClasses: readonly Row[] = [
  {
    id: 'H01',
    title: 'No hook',
    text: [],
    hidden: 'only a CPU that comes in the window faults',
    shows: ['oops-paging at L3'],
    both: inTheWindow,
  },
  {
    id: 'H02',
    title: 'Level filter too narrow',
    text: [],
    hidden: interleaving,
    shows: ['oops-paging at L2'],
    both: inTheWindow,
  },
  {
    id: 'H03',
    title: 'No filter by address',
    text: [],
    hidden: 'that the pointer is wild is known only when it is used',
    shows: ['self-deadlock'],
    both: ['oops-paging at L0', 'panic'],
  },
  {
    id: 'H04',
    title: 'Healthy by none()',
    text: ['HVO307'],
    shows: ['livelock'],
    both: [...inTheWindow, 'oops-paging at L3'],
  },
  {
    id: 'H05',
    title: 'Success without a look',
    text: ['HVO305'],
    shows: ['fixed-up', 'livelock'],
    both: ['oops-paging at L2'],
  },
  {
    id: 'X10',
    title: 'Look at another entry than the one that faulted',
    text: ['HVO305'],
    shows: ['livelock'],
    both: [...inTheWindow, 'oops-paging at L3'],
  },
  {
    id: 'X11',
    title: 'Hook that may sleep',
    text: ['HVO207'],
    shows: ['sleep-in-atomic'],
    both: inTheWindow,
  },
  {
    id: 'H06',
    title: 'Entry read before the lock',
    text: ['HVO306'],
    shows: ['oops-paging at L3'],
    both: inTheWindow,
  },
  {
    id: 'H07',
    title: 'Block taken for unhealthy',
    text: [],
    hidden: interleaving,
    shows: ['oops-paging at L2'],
    both: inTheWindow,
  },
  {
    id: 'H08',
    title: 'Walk through an upper level that is gone',
    text: [],
    hidden: interleaving,
    shows: ['oops-paging at L0'],
    both: ['oops-paging at L1', 'oops-paging at L3', 'spurious-warn'],
  },
  {
    id: 'H09',
    title: 'Hook before the exception table',
    text: [],
    hidden: 'the reader that has to have -EFAULT is an NMI',
    shows: ['self-deadlock'],
    both: ['nofault-EFAULT'],
  },
  {
    id: 'H10',
    title: 'Spurious check before the hook',
    text: [],
    hidden: 'the make lands between a fault and the look at it',
    shows: ['panic', 'spurious-warn'],
    both: ['fixed-up'],
  },
  {
    id: 'H11',
    title: 'A nofault reader does not wait',
    text: [],
    hidden: 'only a CPU that comes in the window faults',
    shows: ['nofault-EFAULT'],
  },
  {
    id: 'H12',
    title: 'Permission fault expected to be mended',
    text: ['HVO413'],
    shows: ['oops-RO at L3'],
  },
  {
    id: 'H13',
    title: 'TLB conflict expected to be mended',
    text: ['HVO101'],
    shows: ['bbm', 'oops-TLB-conflict', 'unpredictable'],
    both: inTheWindow,
  },
  {
    id: 'H14',
    title: 'The hook touches vmemmap under its lock',
    text: [],
    hidden: 'the hole is in memory and not in the text',
    shows: ['self-deadlock'],
    both: ['oops-paging at L2'],
  },
];
