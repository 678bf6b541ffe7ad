/** A `.hvo` file from its text to its scenarios, ready to be explored: what every host of a check begins with. */

import type { FunctionItem, Item, ScenarioItem, Span } from '../language/ast';
import { diagnosticsOf, elaborate } from '../language/elaborate/elaborate';
import { reachableBlocks } from '../language/elaborate/reach';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { LocatedDiagnostic, Place, Source } from '../language/elaborate/source';
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
  /** Among the scenarios of its file, from 0. */
  readonly place: number;
  /** Errors of the text that leave open what the scenario means: it is not explored. */
  readonly isBroken: boolean;
  start(options: ScenarioCheckOptions): ScenarioCheck;
}

export function sourceOf(path: string, text: string): Source {
  return { uri: path, parsed: parse(text), origin: 'user' };
}

export interface OpenOptions {
  /** Which scenarios are wanted, by their titles and places in the file; absent: all. Nothing is told of what the others say. */
  readonly only?: ((title: string, place: number) => boolean) | undefined;
  /**
   * What is told of the text outside every scenario: all; in functions only what a wanted scenario calls; or, where somebody
   * else tells it, only the errors that scenarios are broken by.
   */
  readonly outside?: 'all' | 'used' | 'errors';
  /** Files that are used as if the file said so at its top. */
  readonly with?: readonly Source[];
}

export function openFile(source: Source, open: OpenUsed, options: OpenOptions = {}): FileCheck {
  const { outside = options.only === undefined ? 'all' : 'used' } = options;
  const places = new Map(scenariosOf(source).map((item, place) => [item, place]));
  const isWanted = (item: ScenarioItem) => options.only?.(item.title.value, places.get(item) as number) ?? true;
  const wanted = [...places.keys()].filter(isWanted);
  const files = usedFiles(source, open, options.with);
  const used = files.sources as readonly Source[];
  const surroundings = surroundingsOf(source, used);
  const names = resolveNames(source, surroundings);
  const ofText = [...source.parsed.diagnostics, ...files.diagnostics, ...names.diagnostics];
  const { scenarios } = elaborate(source, { used, only: isWanted });
  const isTold = ({ source: text, span, severity }: LocatedDiagnostic): boolean => {
    const item = itemAt(text, span);
    if (text === source && item?.kind === 'scenario') return isWanted(item);
    return outside !== 'errors' || (severity === 'error' && wanted.length > 0);
  };
  const isRuleTold = ({ source: text, span }: Place): boolean => {
    const item = itemAt(text, span);
    if (text === source && item?.kind === 'scenario') return isWanted(item);
    if (outside !== 'used' || item?.kind !== 'fn') return outside === 'all';
    return scenarios.some((scenario) => calls(scenario, item, source));
  };
  const ofTexts = [
    ...ofText.map((one): LocatedDiagnostic => ({ ...one, source })),
    ...used.flatMap((other) => mistakesOf(other, [source, ...used], surroundings.library)),
  ].filter(isTold);
  const errors = ofTexts
    .filter((one) => one.severity === 'error')
    .map((error): LocatedError => ({ error, item: itemAt(error.source, error.span) }));
  // What the elaboration says of a text with mistakes mostly follows from them.
  const sound = scenarios.filter((scenario) => !errors.some((error) => concerns(error, scenario, source)));
  const located = [...ofTexts, ...diagnosticsOf(sound)];
  const isSound = new Set(sound);
  const usable = scenarios.map((scenario) => (isSound.has(scenario) ? scenario : { ...scenario, isUsable: false }));
  const broken = checkRulesOf([source, ...used], usable, isRuleTold);
  const planned = usable.map((scenario, i): PlannedScenario => {
    const textCodes = broken.codes[i] ?? [];
    return {
      name: scenario.name,
      place: places.get(wanted[i] as ScenarioItem) as number,
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
    only: ({ span }) => span.start === scenario.extent.start,
    unsettled: new Map([[scenario.name, unsettled]]),
  });
  return scenarios[0] ?? scenario;
}

function scenariosOf({ parsed }: Source): readonly ScenarioItem[] {
  return parsed.file.items.filter((item): item is ScenarioItem => item.kind === 'scenario');
}

/** The item at the top of a file that a place is in. */
function itemAt({ parsed }: Source, span: Span): Item | undefined {
  const { items } = parsed.file;
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((items[middle] as Item).span.end < span.end) from = middle + 1;
    else to = middle;
  }
  const item = items[from];
  return item !== undefined && holds(item.span, span) ? item : undefined;
}

interface LocatedError {
  readonly error: LocatedDiagnostic;
  /** That it stands in. */
  readonly item: Item | undefined;
}

/**
 * Whether an error of the text can change what a scenario means: it stands in the scenario, in a function that it calls,
 * or in another item at the top of a file. Text that is no item at all declares nothing, and whoever misses it says so; but
 * what belongs into a scenario may have been the next one's. Text of a used file that is not read may have declared anything,
 * such as another text of a kernel function.
 */
function concerns({ error, item }: LocatedError, scenario: ElaboratedScenario, main: Source): boolean {
  if (error.source.parsed.isUnread === true) return true;
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
  const scenarios = scenariosOf(main);
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
  const own = itemAt(main, scenario.extent);
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
