/** Results of several files at once, printed as they come and yet in the order of the files and of the scenarios in each. */

import { fileReport } from '../server/verdict/fileCheck';
import type { FileReport, ReportDiagnostic, ScenarioReport } from '../server/verdict/report';
import type { FileTexts } from './files';
import type { FileHeading, Printer } from './formats/printer';

export interface ResultsInOrder {
  /** A file is open: what its text says. Only the first time counts. */
  readonly opened: (file: number, diagnostics: readonly ReportDiagnostic[]) => void;
  readonly explored: (file: number, scenario: number, report: ScenarioReport) => void;
  /** Prints what has been waiting for something that will not come any more. */
  readonly close: () => void;
}

/** `wanted`: for each file the places of its scenarios that are asked for. `done`: each file, when it has been printed. */
export function resultsInOrder(
  files: readonly FileTexts[],
  wanted: readonly (readonly number[])[],
  printer: Printer,
  print: (text: string) => void,
  done: (file: FileReport) => void,
): ResultsInOrder {
  const diagnosticsOf: (readonly ReportDiagnostic[] | undefined)[] = [];
  const reportsOf = files.map((): ScenarioReport[] => []);
  let current = 0;
  /** Of the current file, once it is open. */
  let known: FileHeading | undefined;
  let printed: ScenarioReport[] = [];
  let isBegun = false;
  const say = (text: string) => {
    if (text !== '') print(text);
  };
  const begin = (heading: FileHeading) => {
    if (!isBegun) say(printer.begin(heading));
    isBegun = true;
  };
  const end = ({ path, diagnostics }: FileHeading, leftOut: readonly string[] | undefined) => {
    const report = fileReport(path, diagnostics, printed, leftOut);
    say(printer.file(report));
    done(report);
    // What is printed is nobody's any more: there may be thousands of files.
    diagnosticsOf[current] = undefined;
    reportsOf[current] = [];
    known = undefined;
    printed = [];
    isBegun = false;
    current++;
  };
  /** Prints the current file, as far as it is there. False: it has to wait. `isOver`: nothing more comes. */
  const printCurrent = (isOver: boolean): boolean => {
    const { path, titles } = files[current] as FileTexts;
    const asked = wanted[current] as readonly number[];
    const diagnostics = diagnosticsOf[current];
    const isOpen = diagnostics !== undefined;
    const heading = known ?? { path, diagnostics: diagnostics ?? [], titles: asked.map((i) => titles[i] as string) };
    if (isOpen) known = heading;
    if (isOpen && (!isOver || asked.length === 0)) begin(heading);
    const leftOut: string[] = [];
    for (let at = printed.length; at < asked.length; at++) {
      const i = asked[at] as number;
      const report = reportsOf[current]?.[i];
      if (report === undefined && !isOver) return false;
      if (report === undefined) {
        leftOut.push(titles[i] as string);
        continue;
      }
      begin(heading);
      say(printer.scenario(report, heading));
      printed.push(report);
    }
    if (!isOpen && !isOver) return false;
    end(heading, isOpen && leftOut.length === 0 ? undefined : leftOut);
    return true;
  };
  const advance = (isOver: boolean) => {
    while (current < files.length && printCurrent(isOver));
  };
  return {
    opened: (file, diagnostics) => {
      if (file < current) return;
      diagnosticsOf[file] ??= diagnostics;
      if (file === current) advance(false);
    },
    explored: (file, scenario, report) => {
      (reportsOf[file] as ScenarioReport[])[scenario] = report;
      if (file === current) advance(false);
    },
    close: () => advance(true),
  };
}
