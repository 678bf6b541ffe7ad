/** A `.hvo` file from its text to its scenarios, ready to be explored: what every host of a check begins with. */

import type { FunctionItem, Item, Span } from '../language/ast';
import { diagnosticsOf, elaborate } from '../language/elaborate/elaborate';
import { reachableBlocks } from '../language/elaborate/reach';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { LocatedDiagnostic, Source } from '../language/elaborate/source';
import { surroundingsOf } from '../language/kernelLibrary';
import { resolveNames } from '../language/names';
import { parse } from '../language/parse';
import { usedFiles } from '../language/used';
import { reportDiagnostic } from './places';
import { type FileReport, type ReportDiagnostic, type ScenarioReport, type Verdict, worst } from './report';
import { checkRulesOf } from './ruleDiagnostics';
import { type ScenarioCheck, type ScenarioCheckOptions, startCheck } from './scenarioCheck';

/** A text that another file may use. */
export type OpenUsed = (from: string, path: string) => Source | undefined;

export interface FileCheck {
  readonly source: Source;
  /** Of syntax, names, elaboration and rules, in the order of the text; those of used files behind them. */
  readonly diagnostics: readonly ReportDiagnostic[];
  readonly scenarios: readonly PlannedScenario[];
  report(scenarios: readonly ScenarioReport[]): FileReport;
}

export interface PlannedScenario {
  readonly name: string;
  /** Errors of the text that leave open what the scenario means: it is not explored. */
  readonly isBroken: boolean;
  start(options: ScenarioCheckOptions): ScenarioCheck;
}

export function sourceOf(path: string, text: string): Source {
  return { uri: path, parsed: parse(text), origin: 'user' };
}

export interface OpenOptions {
  /** Titles of the scenarios that are wanted; absent: all of them. */
  readonly only?: readonly string[] | undefined;
  /** Files that are used as if the file said so at its top. */
  readonly with?: readonly Source[];
}

export function openFile(source: Source, open: OpenUsed, options: OpenOptions = {}): FileCheck {
  const { only } = options;
  const files = usedFiles(source, open, options.with);
  const used = files.sources as readonly Source[];
  const surroundings = surroundingsOf(source, used);
  const names = resolveNames(source, surroundings);
  const ofText = [...source.parsed.diagnostics, ...files.diagnostics, ...names.diagnostics];
  const { scenarios } = elaborate(source, { used, ...(only === undefined ? {} : { only }) });
  const ofTexts: LocatedDiagnostic[] = [
    ...ofText.map((one): LocatedDiagnostic => ({ ...one, source })),
    ...used.flatMap((other) => mistakesOf(other, [source, ...used], surroundings.library)),
  ];
  const errors = ofTexts.filter((one) => one.severity === 'error');
  // What the elaboration says of a text with mistakes mostly follows from them.
  const sound = scenarios.filter((scenario) => !errors.some((error) => concerns(error, scenario, source)));
  const located = [...ofTexts, ...diagnosticsOf(sound)];
  const usable = scenarios.map((scenario) => (sound.includes(scenario) ? scenario : { ...scenario, isUsable: false }));
  const broken = checkRulesOf([source, ...used], usable);
  const planned = usable.map((scenario, i): PlannedScenario => {
    const textCodes = broken.codes[i] ?? [];
    return {
      name: scenario.name,
      isBroken: !scenario.isUsable,
      start: (options) =>
        startCheck(source, (unsettled) => again(source, used, scenario, unsettled), { textCodes, ...options }),
    };
  });
  const diagnostics = [...located.map((one) => reportDiagnostic(one, 'text')), ...broken.diagnostics].sort((a, b) =>
    inOrder(a, b, source.uri),
  );
  return {
    source,
    diagnostics,
    scenarios: planned,
    report: (reports) => fileReport(source.uri, diagnostics, reports),
  };
}

/** Errors of a used file, which may name what the files beside it declare. What nobody uses in it is not said. */
function mistakesOf(
  source: Source,
  together: readonly Source[],
  library: readonly Source[],
): readonly LocatedDiagnostic[] {
  const used = together.filter((other) => other !== source);
  return [...source.parsed.diagnostics, ...resolveNames(source, { used, library }).diagnostics]
    .filter((one) => one.severity === 'error')
    .map((one) => ({ ...one, source }));
}

/** The scenario with fewer assumptions; as it was where there are none to drop. */
function again(
  source: Source,
  used: readonly Source[],
  scenario: ElaboratedScenario,
  unsettled: ReadonlySet<bigint>,
): ElaboratedScenario {
  if (unsettled.size === 0) return scenario;
  const { scenarios } = elaborate(source, {
    used,
    only: [scenario.name],
    unsettled: new Map([[scenario.name, unsettled]]),
  });
  return scenarios.find((one) => one.span.start === scenario.span.start) ?? scenario;
}

/**
 * Whether an error of the text can change what a scenario means: it stands in the scenario, in a function that it calls,
 * or in another item at the top of a file. Text that is no item at all declares nothing, and whoever misses it says so; but
 * what belongs into a scenario may have been the next one's. Text of a used file that is not read may have declared anything,
 * such as another text of a kernel function.
 */
function concerns(error: LocatedDiagnostic, scenario: ElaboratedScenario, main: Source): boolean {
  if (error.source.parsed.isUnread === true) return true;
  const item = error.source.parsed.file.items.find((one) => holds(one.span, error.span));
  switch (item?.kind) {
    case undefined:
      return error.source !== main;
    case 'bad':
      return error.source !== main || (item.ofScenario === true && isBeside(item, scenario, main));
    case 'scenario':
      return error.source === main && holds(scenario.extent, error.span);
    case 'fn':
      return calls(scenario, item, main);
    case 'machine':
    case 'hugepage':
    case 'page':
    case 'lock':
    case 'var':
    case 'const':
    case 'use':
      return true;
  }
}

/** Whether the scenario is the one before the text, or the first one where there is none before. */
function isBeside(item: Item, { extent }: ElaboratedScenario, main: Source): boolean {
  const scenarios = main.parsed.file.items.filter((one) => one.kind === 'scenario');
  const nearest = scenarios.findLast((one) => one.span.end <= item.span.start) ?? scenarios[0];
  return nearest !== undefined && holds(nearest.span, extent);
}

function holds(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function calls(scenario: ElaboratedScenario, fn: FunctionItem, main: Source): boolean {
  const { functions } = scenario.world.declarations;
  if (functions.get(fn.name.name)?.item !== fn) return false;
  if (scenario.world.hook === fn.name.name) return true;
  const own = main.parsed.file.items.find(
    (item: Item) => holds(item.span, scenario.extent) && item.kind === 'scenario',
  );
  if (own?.kind !== 'scenario') return true;
  const bodies = own.members.flatMap((member) =>
    member.kind === 'cpu' || member.kind === 'interrupt' ? [member.body] : [],
  );
  const hook = scenario.world.hook === undefined ? undefined : functions.get(scenario.world.hook);
  const roots = hook === undefined ? bodies : [...bodies, hook.item.body];
  return reachableBlocks(roots, functions).includes(fn.body);
}

function inOrder(a: ReportDiagnostic, b: ReportDiagnostic, main: string): number {
  if (a.place.path !== b.place.path) return a.place.path === main ? -1 : b.place.path === main ? 1 : 0;
  return a.place.span.start - b.place.span.start;
}

/** The report of a file: what its text says, the scenarios that were explored, and the titles of those that were not, where it was stopped. */
export function fileReport(
  path: string,
  diagnostics: readonly ReportDiagnostic[],
  scenarios: readonly ScenarioReport[],
  leftOut?: readonly string[],
): FileReport {
  const ofText = diagnostics
    .filter((one) => one.severity === 'error')
    .map((one): Verdict => (one.of === 'text' ? 'error' : 'failed'));
  const ofRest: readonly Verdict[] = leftOut === undefined ? [] : ['unknown'];
  return {
    path,
    verdict: worst([...scenarios.map((one) => one.verdict), ...ofText, ...ofRest]),
    diagnostics,
    scenarios,
    ...(leftOut === undefined ? {} : { leftOut }),
  };
}
