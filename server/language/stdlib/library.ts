/**
 * The standard library: the kernel's functions as text. Users read it, step into it and replace functions of it. What a
 * release has differently is a file of its own in the folder of that release; everything else is written once.
 */

import { type KernelRelease, releaseAtLeast } from '../../../simulator/machine/kernelRelease';
import type { Source } from '../elaborate/source';
import { parseLibraryText } from './libraryText';
import changeEntry from './v6.7/changeEntry.hvo';
import compoundHead6_7 from './v6.7/compoundHead.hvo';
import entryBits from './v6.7/entryBits.hvo';
import fault from './v6.7/fault.hvo';
import flushKernelRange6_7 from './v6.7/flushKernelRange.hvo';
import hugetlbVmemmap from './v6.7/hugetlbVmemmap.hvo';
import kernelFault6_7 from './v6.7/kernelFault.hvo';
import makeWritable6_7 from './v6.7/makeWritable.hvo';
import pageRef6_7 from './v6.7/pageRef.hvo';
import pageTables from './v6.7/pageTables.hvo';
import setEntry6_7 from './v6.7/setEntry.hvo';
import stopMachine from './v6.7/stopMachine.hvo';
import structPage from './v6.7/structPage.hvo';
import tlbflush from './v6.7/tlbflush.hvo';
import vmemmapFault from './v6.7/vmemmapFault.hvo';
import vmemmapFolio6_7 from './v6.7/vmemmapFolio.hvo';
import vmemmapFolios6_7 from './v6.7/vmemmapFolios.hvo';
import vmemmapHook6_7 from './v6.7/vmemmapHook.hvo';
import vmemmapRemap6_7 from './v6.7/vmemmapRemap.hvo';
import vmemmapWalk6_7 from './v6.7/vmemmapWalk.hvo';
import kernelFault6_8 from './v6.8/kernelFault.hvo';
import vmemmapHook6_8 from './v6.8/vmemmapHook.hvo';
import vmemmapWalk6_8 from './v6.8/vmemmapWalk.hvo';
import pageRef6_11 from './v6.11/pageRef.hvo';
import vmemmapFolio6_11 from './v6.11/vmemmapFolio.hvo';
import vmemmapFolios6_11 from './v6.11/vmemmapFolios.hvo';
import compoundHead7_2 from './v7.2/compoundHead.hvo';
import flushKernelRange7_2 from './v7.2/flushKernelRange.hvo';
import makeWritable7_2 from './v7.2/makeWritable.hvo';
import setEntry7_2 from './v7.2/setEntry.hvo';
import vmemmapFolio7_2 from './v7.2/vmemmapFolio.hvo';
import vmemmapRemap7_2 from './v7.2/vmemmapRemap.hvo';

/** Where the library's files are for those who show them: `hvo-library:/v6.7/tlbflush.hvo`. */
export const libraryScheme = 'hvo-library';

/** A file of the library: its texts, each from a release on, the oldest first. */
interface LibraryFile {
  readonly name: string;
  readonly texts: readonly (readonly [since: KernelRelease, text: string])[];
}

const files: readonly LibraryFile[] = [
  { name: 'tlbflush', texts: [['v6.7', tlbflush]] },
  {
    name: 'flushKernelRange',
    texts: [
      ['v6.7', flushKernelRange6_7],
      ['v7.2', flushKernelRange7_2],
    ],
  },
  { name: 'pageTables', texts: [['v6.7', pageTables]] },
  {
    name: 'setEntry',
    texts: [
      ['v6.7', setEntry6_7],
      ['v7.2', setEntry7_2],
    ],
  },
  { name: 'changeEntry', texts: [['v6.7', changeEntry]] },
  { name: 'entryBits', texts: [['v6.7', entryBits]] },
  {
    name: 'makeWritable',
    texts: [
      ['v6.7', makeWritable6_7],
      ['v7.2', makeWritable7_2],
    ],
  },
  { name: 'structPage', texts: [['v6.7', structPage]] },
  {
    name: 'compoundHead',
    texts: [
      ['v6.7', compoundHead6_7],
      ['v7.2', compoundHead7_2],
    ],
  },
  {
    name: 'pageRef',
    texts: [
      ['v6.7', pageRef6_7],
      ['v6.11', pageRef6_11],
      ['v7.2', pageRef6_7],
    ],
  },
  { name: 'hugetlbVmemmap', texts: [['v6.7', hugetlbVmemmap]] },
  {
    name: 'vmemmapWalk',
    texts: [
      ['v6.7', vmemmapWalk6_7],
      ['v6.8', vmemmapWalk6_8],
    ],
  },
  {
    name: 'vmemmapRemap',
    texts: [
      ['v6.7', vmemmapRemap6_7],
      ['v7.2', vmemmapRemap7_2],
    ],
  },
  {
    name: 'vmemmapFolio',
    texts: [
      ['v6.7', vmemmapFolio6_7],
      ['v6.11', vmemmapFolio6_11],
      ['v7.2', vmemmapFolio7_2],
    ],
  },
  {
    name: 'vmemmapFolios',
    texts: [
      ['v6.7', vmemmapFolios6_7],
      ['v6.11', vmemmapFolios6_11],
      ['v7.2', vmemmapFolios6_7],
    ],
  },
  { name: 'vmemmapFault', texts: [['v6.7', vmemmapFault]] },
  {
    name: 'vmemmapHook',
    texts: [
      ['v6.7', vmemmapHook6_7],
      ['v6.8', vmemmapHook6_8],
    ],
  },
  { name: 'fault', texts: [['v6.7', fault]] },
  {
    name: 'kernelFault',
    texts: [
      ['v6.7', kernelFault6_7],
      ['v6.8', kernelFault6_8],
    ],
  },
  { name: 'stopMachine', texts: [['v6.7', stopMachine]] },
];

/** The releases that the library tells apart, the oldest first. */
export const libraryReleases = ['v6.7', 'v6.8', 'v6.11', 'v7.2'] as const satisfies readonly KernelRelease[];

const libraries = new Map<KernelRelease, readonly Source[]>();

/** The library of a kernel: of each file the text of the nearest release that is not younger. */
export function standardLibrary(kernel: KernelRelease): readonly Source[] {
  const release = libraryReleases.findLast((one) => releaseAtLeast(kernel, one)) ?? libraryReleases[0];
  const known = libraries.get(release);
  if (known !== undefined) return known;
  const library = files.map(({ name, texts }): Source => {
    const text = textOf(texts, release);
    return { uri: `${libraryScheme}:/${release}/${name}.hvo`, parsed: parseLibraryText(text), origin: 'library' };
  });
  libraries.set(release, library);
  return library;
}

function textOf(texts: LibraryFile['texts'], release: KernelRelease): string {
  const [first] = texts;
  const [, text] = texts.findLast(([since]) => releaseAtLeast(release, since)) ?? first ?? ['', ''];
  return text;
}

/** A file of the library by its address; undefined when there is no such file. */
export function libraryFile(uri: string): Source | undefined {
  const release = releaseOfLibrary(uri);
  return release && standardLibrary(release).find((source) => source.uri === uri);
}

/** The release whose library a file belongs to; undefined when it is no file of the library. */
export function releaseOfLibrary(uri: string): KernelRelease | undefined {
  return libraryReleases.find((release) => uri.startsWith(`${libraryScheme}:/${release}/`));
}

/** The releases whose library declares a name. */
export function releasesWith(name: string): readonly KernelRelease[] {
  const declaration = new RegExp(`^(fn|const|var|lock) ${name.replace(/\W/g, '')}\\b`, 'm');
  return libraryReleases.filter((release) => files.some(({ texts }) => declaration.test(textOf(texts, release))));
}

/** Which of the releases have which text of each file; equal texts together. */
export function libraryEditions(): readonly {
  readonly name: string;
  readonly releases: readonly KernelRelease[];
  readonly source: Source;
}[] {
  return files.flatMap(({ name, texts }) =>
    [...new Set(texts.map(([, text]) => text))].map((text) => {
      const releases = libraryReleases.filter((release) => textOf(texts, release) === text);
      const source = libraryFile(`${libraryScheme}:/${releases[0]}/${name}.hvo`) as Source;
      return { name, releases, source };
    }),
  );
}
