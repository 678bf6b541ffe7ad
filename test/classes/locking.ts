/** Locks around the window in which an entry is broken. */

import type { Row } from './classRow';

const waits = ['fixed-up', 'spurious-warn'];

export const lockingClasses: readonly Row[] = [
  {
    id: 'L01',
    title: 'Lock dropped inside the window',
    text: ['HVO202'],
    shows: ['oops-paging at L3'],
    both: waits,
  },
  {
    id: 'L02',
    title: 'No lock at all around break and make',
    text: ['HVO206'],
    shows: ['lockdep-splat', 'oops-paging at L2'],
    both: waits,
  },
  {
    id: 'L03',
    title: 'Two writers that nothing keeps apart',
    text: [],
    hidden: 'each of the two is right by itself',
    shows: ['left-broken', 'use-after-free'],
    both: ['nofault-EFAULT', 'spurious-warn'],
  },
  {
    id: 'L04',
    title: 'Recursive acquisition',
    text: ['HVO203'],
    shows: ['self-deadlock'],
    both: waits,
  },
  {
    id: 'L05',
    title: 'Interrupt on the CPU that has broken the entry',
    text: ['HVO301'],
    shows: ['self-deadlock'],
    both: waits,
  },
  {
    id: 'L06',
    title: 'Interrupts off, but a pseudo-NMI comes',
    text: ['HVO302'],
    shows: ['self-deadlock'],
    both: waits,
  },
  {
    id: 'L07',
    title: 'Lock with interrupts on under a lock that interrupts take',
    text: ['HVO303'],
    shows: ['ABBA-deadlock'],
    both: waits,
  },
  {
    id: 'L08',
    title: 'Plain inversion of two locks',
    text: ['HVO209'],
    shows: ['ABBA-deadlock'],
    both: waits,
  },
  {
    id: 'L09',
    title: 'Writer touches what it has broken',
    text: ['HVO208'],
    shows: ['self-deadlock'],
  },
  {
    id: 'L10',
    title: 'Sleeping inside the window',
    text: ['HVO207'],
    shows: ['sleep-in-atomic'],
    both: waits,
  },
  {
    id: 'L11',
    title: 'PREEMPT_RT: the lock of the fault path sleeps',
    text: [],
    hidden: 'that the access sleeps is seen only where it meets the window of another CPU and faults',
    shows: ['sleep-in-atomic'],
    both: waits,
  },
  {
    id: 'L12',
    title: 'Virtual CPU taken away between break and make',
    text: [],
    hidden: 'the text says how long a window is for the CPU, not for the hypervisor',
    shows: ['stall'],
    both: waits,
  },
  {
    id: 'L13',
    title: 'Lock convoy',
    outside: 'a cost and no error: hvo compare counts the windows, and the TLBIs in the longest one',
  },
  {
    id: 'L14',
    title: 'Reader dies with a lock held',
    text: ['HVO201'],
    shows: ['deadlock', 'oops-paging at L3'],
    both: waits,
  },
  {
    id: 'L15',
    title: 'Pause of all CPUs used wrongly',
    text: [],
    hidden: 'who is paused with which lock held takes an execution',
    shows: ['deadlock'],
  },
  {
    id: 'Y01',
    title: 'Lock taken in an interrupt of another CPU, and with interrupts on elsewhere',
    text: [],
    hidden: 'that the access of the interrupt faults takes the window of another CPU',
    shows: ['lockdep-splat'],
    both: waits,
  },
  {
    id: 'Y02',
    title: 'Two lock orders that never meet',
    text: ['HVO209'],
    shows: ['lockdep-splat'],
  },
];
