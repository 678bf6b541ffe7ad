/**
 * The standard library: the kernel's functions as text, one folder for each kernel release. Users read it, step into
 * it and replace functions of it.
 */

import type { KernelRelease } from '../../../simulator/machine/kernelRelease';
import type { Source } from '../elaborate/source';
import { parse } from '../parse';

import fault from './v6.7/fault.hvo';
import hugetlbVmemmap from './v6.7/hugetlbVmemmap.hvo';
import pageTables from './v6.7/pageTables.hvo';
import stopMachine from './v6.7/stopMachine.hvo';
import structPage from './v6.7/structPage.hvo';
import tlbflush from './v6.7/tlbflush.hvo';
import vmemmapFault from './v6.7/vmemmapFault.hvo';

/** Where the library's files are for those who show them: `hvo-library:/v6.7/tlbflush.hvo`. */
export const libraryScheme = 'hvo-library';

const v6_7: readonly (readonly [string, string])[] = [
  ['tlbflush', tlbflush],
  ['pageTables', pageTables],
  ['structPage', structPage],
  ['hugetlbVmemmap', hugetlbVmemmap],
  ['vmemmapFault', vmemmapFault],
  ['fault', fault],
  ['stopMachine', stopMachine],
];

let parsed: readonly Source[] | undefined;

/** The library of a kernel. Releases after v6.7 have its text where they have none of their own. */
export function standardLibrary(_kernel: KernelRelease): readonly Source[] {
  parsed ??= v6_7.map(([name, text]) => ({
    uri: `${libraryScheme}:/v6.7/${name}.hvo`,
    parsed: parse(text),
    origin: 'library',
  }));
  return parsed;
}
