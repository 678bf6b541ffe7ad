/** The rules that a scenario's text breaks, remembered for as long as the scenario means the same. */

import { otherReportPlace, type Problem, withOthers } from '../features/problem';
import { type Move, moveBetween } from '../features/scenarioMeaning';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { Source } from '../language/elaborate/source';
import { lineAt } from '../language/lines';
import type { ReportDiagnostic } from '../verdict/report';
import { checkRulesOf } from '../verdict/ruleDiagnostics';
import { namesLine } from './movedReport';
import type { Prepared } from './scenarioWork';

export interface ScenarioRules {
  readonly problems: readonly RuleProblem[];
  /** Codes of the rules that it breaks, whether it expects that or not. */
  readonly codes: readonly string[];
}

/** `isExpected`: the scenario expects what comes of it. */
export interface RuleProblem {
  readonly problem: Problem;
  readonly isExpected: boolean;
}

/** What was found, for which program, and where its text stood then. */
export interface KnownRules extends ScenarioRules {
  readonly program: ElaboratedScenario['program'];
  readonly source: Source;
  readonly starts: readonly number[];
  /** A message is true for the lines on which the text stood. */
  readonly namesLines: boolean;
}

export function rulesOf({ analysis, meaning, cache, cached, scenario }: Prepared): ScenarioRules {
  const { source } = analysis;
  const { starts } = meaning;
  const { rules: known } = cached;
  if (
    known !== undefined &&
    known.program === scenario.program &&
    (!known.namesLines || isOnLines(known, source, starts))
  ) {
    const move = moveBetween(known.starts, starts);
    const problems = known.problems.map(({ problem, isExpected }) => ({ problem: moved(problem, move), isExpected }));
    return { problems, codes: known.codes };
  }
  cache.work.scenariosChecked++;
  const { diagnostics, codes } = checkRulesOf([], [scenario]);
  const problems = diagnostics
    .filter(({ place }) => place.path === source.uri)
    .map((one): RuleProblem => ({ problem: problemOf(one), isExpected: one.expected === true }));
  cached.rules = {
    problems,
    codes: codes[0] ?? [],
    program: scenario.program,
    source,
    starts,
    namesLines: problems.some(({ problem }) => textsOf(problem).some(namesLine)),
  };
  return cached.rules;
}

function textsOf({ message, related, fix }: Problem): readonly string[] {
  return [message, ...(related ?? []).map((one) => one.message), ...(fix === undefined ? [] : [fix.title])];
}

/** Whether the same tokens stood on the same lines of another text. */
export function isOnLines(
  known: { readonly source: Source; readonly starts: readonly number[] },
  source: Source,
  starts: readonly number[],
): boolean {
  const [before, now] = [known.source.parsed.lines, source.parsed.lines];
  return starts.every((start, i) => lineAt(now, start) === lineAt(before, known.starts[i] ?? 0));
}

/** The rules about a text as it stands, whatever it means. */
export function textRules(source: Source): readonly Problem[] {
  return checkRulesOf([source], []).diagnostics.map(problemOf);
}

/** What several scenarios show at one place is said once; it is expected where every one of them expects it. */
export function together(all: readonly ScenarioRules[]): readonly Problem[] {
  const found = new Map<string, RuleProblem>();
  for (const one of all.flatMap(({ problems }) => problems)) {
    const { code, span } = one.problem;
    const key = `${code} ${span.start}-${span.end}`;
    const known = found.get(key);
    if (known === undefined || (known.isExpected && !one.isExpected)) found.set(key, one);
  }
  return [...found.values()].map(({ problem }) => problem);
}

function problemOf({ code, severity, message, place, related, fix }: ReportDiagnostic): Problem {
  const here = related.filter((one) => one.place.path === place.path);
  const elsewhere = related.filter((one) => one.place.path !== place.path);
  return withOthers(
    {
      code,
      severity,
      message,
      span: place.span,
      related: here.map((one) => ({ span: one.place.span, message: one.message })),
      ...(fix === undefined ? {} : { fix }),
    },
    elsewhere.map((one) => otherReportPlace(one.place, one.message)),
  );
}

function moved(problem: Problem, move: Move): Problem {
  const { span, related, fix } = problem;
  return {
    ...problem,
    span: move(span),
    ...(related === undefined ? {} : { related: related.map((one) => ({ ...one, span: move(one.span) })) }),
    ...(fix === undefined
      ? {}
      : { fix: { ...fix, edits: fix.edits.map((edit) => ({ ...edit, span: move(edit.span) })) } }),
  };
}
