/** TLB maintenance and barriers. */

import type { Row } from './classRow';

export const tlbClasses: readonly Row[] = [
  {
    id: 'T01',
    title: 'Missing TLBI',
    text: ['HVO103'],
    shows: ['bbm', 'lost-update', 'use-after-free'],
    both: ['fixed-up', 'spurious-warn'],
  },
];
