/** TLB maintenance and barriers. */

import type { Row } from './classRow';

/** What comes of an old translation that stays beside the new one, when its page is freed too. */
const oldEntryStays = ['bbm', 'lost-update', 'oops-TLB-conflict', 'unpredictable', 'use-after-free'];
/** Of any access in the window, which the hook waits for. */
const inTheWindow = ['fixed-up', 'spurious-warn'];

export const tlbClasses: readonly Row[] = [
  { id: 'T01', title: 'Missing TLBI', text: ['HVO103'], shows: oldEntryStays, both: inTheWindow },
  { id: 'T02', title: 'TLBI before the store', text: ['HVO103'], shows: oldEntryStays, both: inTheWindow },
  {
    id: 'T03',
    title: 'No DSB ISHST between break and TLBI',
    text: ['HVO104'],
    shows: oldEntryStays,
    both: inTheWindow,
  },
  { id: 'T04', title: 'No DSB ISH after the TLBI', text: ['HVO105'], shows: oldEntryStays, both: inTheWindow },
  { id: 'T05', title: 'DSB of the wrong domain or type', text: ['HVO105'], shows: oldEntryStays, both: inTheWindow },
  { id: 'T06', title: 'TLBI that is not broadcast', text: ['HVO112'], shows: oldEntryStays, both: inTheWindow },
  {
    id: 'T07',
    title: 'No DSB ISHST after the make',
    text: ['HVO106'],
    shows: ['oops-paging at L3', 'spurious-warn'],
  },
  { id: 'T08', title: 'No ISB after the make', text: ['HVO107'], shows: ['spurious-warn'] },
  { id: 'T09', title: 'Range too narrow', text: ['HVO108'], shows: oldEntryStays, both: inTheWindow },
  { id: 'T10', title: 'Range empty', text: ['HVO109'], shows: oldEntryStays, both: inTheWindow },
  { id: 'T11', title: 'Leaf-only TLBI for a table', text: ['HVO110'], shows: oldEntryStays },
  {
    id: 'T12',
    title: 'Wrong level hint',
    text: ['HVO111'],
    shows: ['bbm', 'oops-TLB-conflict', 'unpredictable'],
    both: inTheWindow,
  },
  {
    id: 'T13',
    title: 'Deferred flush that never comes',
    text: ['HVO101'],
    shows: ['bbm', 'oops-TLB-conflict', 'stale-read', 'unpredictable', 'use-after-free'],
    both: inTheWindow,
  },
  { id: 'T14', title: 'Freed before the flush', text: ['HVO113'], shows: ['use-after-free'], both: inTheWindow },
  {
    id: 'T15',
    title: 'Contiguous bit on one of a group',
    text: ['HVO114'],
    shows: ['lost-update', 'oops-TLB-conflict', 'unpredictable'],
  },
  {
    id: 'X01',
    title: 'One page flushed where a table goes away',
    text: ['HVO108'],
    shows: ['lost-update', 'oops-TLB-conflict', 'unpredictable'],
  },
  {
    id: 'X04',
    title: 'DSB on another CPU than the TLBI',
    text: ['HVO105'],
    shows: ['bbm', 'oops-TLB-conflict', 'stale-read', 'unpredictable'],
    both: ['nofault-EFAULT', 'spurious-warn'],
  },
  {
    id: 'X05',
    title: 'TLBI by ASID for a global entry',
    text: ['HVO103'],
    shows: ['bbm', 'oops-TLB-conflict', 'stale-read', 'unpredictable'],
    both: inTheWindow,
  },
];
