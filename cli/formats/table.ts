/** The forms in which `hvo check` prints its results. */

import { githubText } from './github';
import { jsonText } from './json';
import { junitText } from './junit';
import { filePrinter, type Printer, type PrintOptions, wholePrinter } from './printer';
import { sarifText } from './sarif';
import { textPrinter } from './text';

export const formats = {
  text: { printer: textPrinter, doc: 'for people' },
  json: { printer: () => wholePrinter(jsonText), doc: 'one JSON document with everything (docs/cli.md)' },
  sarif: { printer: () => wholePrinter(sarifText), doc: 'SARIF 2.1.0, for code scanning' },
  junit: { printer: () => wholePrinter(junitText), doc: 'JUnit XML, for test reports' },
  github: { printer: () => filePrinter(githubText), doc: 'annotations of GitHub Actions' },
} as const satisfies Readonly<
  Record<string, { readonly printer: (options: PrintOptions) => Printer; readonly doc: string }>
>;

export type Format = keyof typeof formats;

export function isFormat(name: string): name is Format {
  return Object.hasOwn(formats, name);
}
