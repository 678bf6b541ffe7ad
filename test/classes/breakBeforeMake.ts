/** Changes of live entries that break the rules of break-before-make. */

import type { Row } from './classRow';

const conflict = ['bbm', 'oops-TLB-conflict', 'unpredictable'];
/** Of any access in the window, which the hook waits for. */
const inTheWindow = ['fixed-up', 'spurious-warn'];

export const breakBeforeMakeClasses: readonly Row[] = [
  {
    id: 'B01',
    title: 'Another output address, one side writable',
    text: ['HVO101'],
    shows: [...conflict, 'lost-update'],
    both: inTheWindow,
  },
  {
    id: 'B02',
    title: 'Block to table in place at FEAT_BBM level 0',
    text: ['HVO101'],
    shows: conflict,
    both: inTheWindow,
  },
  {
    id: 'B03',
    title: 'Level 2 on a CPU that may abort',
    text: ['HVO102'],
    shows: ['oops-TLB-conflict'],
  },
  {
    id: 'B04',
    title: 'Level 2 taken to cover the remap',
    text: ['HVO101'],
    shows: [...conflict, 'stale-read'],
    both: inTheWindow,
  },
  {
    id: 'B05',
    title: 'nT in the wrong order',
    text: ['HVO103'],
    shows: conflict,
    both: inTheWindow,
  },
  { id: 'B06', title: 'Memory type in place', text: ['HVO101'], shows: conflict, both: inTheWindow },
  {
    id: 'B07',
    title: 'Read-only to read-only, other contents',
    text: ['HVO101'],
    shows: [...conflict, 'stale-read'],
  },
  { id: 'B08', title: 'Permission and output address in one step', text: ['HVO101'], shows: conflict },
  {
    id: 'B09',
    title: 'Writers let in before the flush of an upgrade',
    text: ['HVO119'],
    shows: ['oops-RO at L3'],
  },
  {
    id: 'B10',
    title: 'A break that is none',
    text: ['HVO101'],
    shows: [...conflict, 'stale-read'],
    both: inTheWindow,
  },
  {
    id: 'B11',
    title: 'A make in two halves',
    text: ['HVO115'],
    shows: [...conflict, 'lost-update'],
    both: inTheWindow,
  },
  {
    id: 'X09',
    title: 'Block in TLBs behind the flush of one of its pages',
    text: [],
    hidden: 'the TLBI is right for the page; that TLBs have the block too comes of the split before',
    shows: ['stale-read', 'unpredictable'],
    both: inTheWindow,
  },
];
