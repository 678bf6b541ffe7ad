/** What a walk knows of the scenario beside its program: where struct pages of huge pages are, and what tells of HVO. */

import { entrySpan, pageBytes } from '../../../simulator/machine/granule';
import { physicalOf, structPageOf } from '../../language/elaborate/addressSpace';
import { sharedTail } from '../../language/elaborate/environment';
import type { World } from '../../language/elaborate/world';

export interface HugePageMark {
  readonly name: string;
  /** Virtual addresses of the vmemmap page that begins with the head, and behind its last tail. */
  readonly head: bigint;
  readonly end: bigint;
  /** Physical address of the page that huge pages of this size share for their tails, where the kernel has one. */
  readonly sharedTail?: bigint;
}

export interface Landmarks {
  readonly pageBytes: bigint;
  readonly hugePages: readonly HugePageMark[];
  /** Virtual address that a page of struct pages has at the start, by its physical address. */
  readonly shownAt: (page: bigint) => bigint | undefined;
  /** Virtual address of the struct page of a page frame. */
  readonly structPageOf: (page: bigint) => bigint;
  /** Physical address of hugetlb_optimize_vmemmap_key, in kernels that have it. */
  readonly key?: bigint;
}

/** No huge page and no key: for a program of which only the code is known. */
export const noLandmarks: Landmarks = {
  pageBytes: 4096n,
  hugePages: [],
  shownAt: () => undefined,
  structPageOf: () => 0n,
};

export function landmarksOf({ environment, objects }: World): Landmarks {
  const bytes = pageBytes(environment.configuration.granule);
  const hugePages = environment.hugePages.flatMap((huge): HugePageMark[] => {
    // A small huge page shares its vmemmap page with others: HVO has nothing to do there.
    if (huge.end - huge.start <= bytes) return [];
    const shared = sharedTail(environment, huge);
    const { name, start, end } = huge;
    return [{ name, head: start, end, ...(shared === undefined ? {} : { sharedTail: shared }) }];
  });
  const key = objects.get('hugetlb_optimize_vmemmap_key');
  const known = key?.kind === 'number' ? physicalOf(environment.space, key.value) : undefined;
  const structPage = (page: bigint) => structPageOf(environment.space, page);
  const span = entrySpan(environment.configuration.granule, 2);
  const shownAt = (page: bigint) => {
    const part = environment.parts.find(({ frames }) => page >= frames && page < frames + span);
    return part && part.start + (page - part.frames);
  };
  return {
    pageBytes: bytes,
    hugePages,
    shownAt,
    structPageOf: structPage,
    ...(known === undefined ? {} : { key: known }),
  };
}

/** The huge page whose head's struct pages begin at an address of vmemmap. */
export function headAt({ hugePages }: Landmarks, va: bigint): HugePageMark | undefined {
  return hugePages.find(({ head }) => head === va);
}

/** The huge page of which an address of vmemmap holds tails, in a page that HVO may take away. */
export function tailAt({ hugePages, pageBytes: bytes }: Landmarks, va: bigint): HugePageMark | undefined {
  return hugePages.find(({ head, end }) => va >= head + bytes && va < end);
}
