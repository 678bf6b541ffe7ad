/** The forms in which `hvo check` prints its results. */

import type { FileReport } from '../../server/verdict/report';
import { githubText } from './github';
import { jsonText } from './json';
import { junitText } from './junit';
import { sarifText } from './sarif';
import { reportText } from './text';

export interface PrintOptions {
  /** Everything, also what is as expected. */
  readonly verbose: boolean;
  /** Files that went first (`--with`): a replay needs them too. */
  readonly first?: readonly string[];
  /** Only some scenarios were asked for. */
  readonly isPart?: boolean;
  /** What the whole run took. */
  readonly milliseconds: number;
}

export type Print = (files: readonly FileReport[], options: PrintOptions) => string;

export const formats = {
  text: { print: reportText, doc: 'for people' },
  json: { print: jsonText, doc: 'one JSON document with everything (docs/cli.md)' },
  sarif: { print: sarifText, doc: 'SARIF 2.1.0, for code scanning' },
  junit: { print: junitText, doc: 'JUnit XML, for test reports' },
  github: { print: githubText, doc: 'annotations of GitHub Actions' },
} as const satisfies Readonly<Record<string, { readonly print: Print; readonly doc: string }>>;

export type Format = keyof typeof formats;

export function isFormat(name: string): name is Format {
  return Object.hasOwn(formats, name);
}
