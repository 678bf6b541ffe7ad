/** How results are printed while they come: files in their order, in each its heading, its scenarios, its end. */

import type { FileReport, ScenarioReport } from '../../server/verdict/report';

export interface PrintOptions {
  /** Everything, also what is as expected. */
  readonly verbose: boolean;
  /** Files that went first (`--with`): a replay needs them too. */
  readonly first?: readonly string[];
  /** Only some scenarios were asked for. */
  readonly isPart?: boolean;
}

/** What is known of a file before its scenarios are explored. */
export interface FileHeading extends Pick<FileReport, 'path' | 'diagnostics'> {
  /** Titles of the scenarios that are asked for. */
  readonly titles: readonly string[];
}

/** Each gives the text that is printed then. */
export interface Printer {
  /** The file is opened. Not called for one that cannot be read, or of which nothing was explored before it was stopped. */
  readonly begin: (file: FileHeading) => string;
  /** The next of its scenarios is explored. */
  readonly scenario: (scenario: ScenarioReport, file: FileHeading) => string;
  /** It is done: all of it, or as much as there is. */
  readonly file: (file: FileReport) => string;
  /** Everything is done, or it was stopped. `milliseconds`: what the whole run took. */
  readonly end: (milliseconds: number) => string;
}

const silent = () => '';

/** A document can only be written as a whole. */
export function wholePrinter(print: (files: readonly FileReport[]) => string): Printer {
  const files: FileReport[] = [];
  return {
    begin: silent,
    scenario: silent,
    file: (file) => {
      files.push(file);
      return '';
    },
    end: () => print(files),
  };
}

/** Each file has a text of its own. */
export function filePrinter(print: (file: FileReport) => string): Printer {
  return { begin: silent, scenario: silent, file: print, end: silent };
}
