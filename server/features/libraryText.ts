/** The standard library as documents. */

import { libraryFile } from '../language/stdlib/library';

/** The text behind `hvo-library:/v6.7/tlbflush.hvo`; undefined when there is no such file. */
export function standardLibraryText(uri: string): string | undefined {
  return libraryFile(uri)?.parsed.text;
}
