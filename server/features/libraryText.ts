/** The standard library as documents. */

import { standardLibrary } from '../language/stdlib/library';

/** The text behind `hvo-library:/v6.7/tlbflush.hvo`; undefined when there is no such file. */
export function standardLibraryText(uri: string): string | undefined {
  return standardLibrary('v6.7').find((source) => source.uri === uri)?.parsed.text;
}
