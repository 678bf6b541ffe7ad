/** Whether a word of memory is somebody's hold on a page. */

import { type Machine, NOT_DIRECT } from '../machine/machine';
import type { ValueId } from '../machine/values';

const ADDRESS = 0xffff_ffff_f000n;

/** Whether a word holds a page's address: as a descriptor, as a physical address, as one of the linear map. */
export function holdsAddress(m: Machine, value: ValueId, page: ValueId): boolean {
  if (value === page) return true;
  const physical = m.direct(value);
  if (physical !== NOT_DIRECT) return m.frameOfWord(physical) === page;
  return (m.values.get(value) & ADDRESS & ~(m.program.pageBytes - 1n)) === m.values.get(page);
}
