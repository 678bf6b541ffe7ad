import type { OutcomeResult, Results, Settings } from '../server/lsp/protocol';
import { type Edit, followEdits } from './followEdits';

/** How an outcome looks. `stale` hides the severity: what an older text did is no claim about this one. */
export type Look = 'good' | 'note' | 'bad' | 'stale';

/** What stands behind one line of the editor. */
export interface DrawnOutcome {
  readonly line: number;
  readonly text: string;
  readonly look: Look;
  readonly outcomes: readonly OutcomeResult[];
}

type Switches = Settings['outcomes'];

/**
 * What to draw for a document: one row a line, in the order of lines.
 *
 * @param documentVersion the version that the editor shows now; results of an older one are drawn as stale
 * @param edits the edits since `results.resultsVersion`; `undefined` (too many) draws nothing
 */
export function drawnOutcomes(
  results: Results | undefined,
  documentVersion: number,
  edits: readonly Edit[] | undefined,
  switches: Switches,
): readonly DrawnOutcome[] {
  if (results === undefined || edits === undefined || !switches.enabled) return [];
  const state = results.version === documentVersion ? results.state : 'stale';
  const byLine = new Map<number, OutcomeResult[]>();
  for (const outcome of results.outcomes) {
    if (outcome.at === 'access' ? !switches.accesses : !switches.barriers) continue;
    const line = followEdits(outcome.span.start, edits)?.line;
    if (line === undefined) continue;
    byLine.set(line, [...(byLine.get(line) ?? []), outcome]);
  }
  return [...byLine].sort(([a], [b]) => a - b).map(([line, outcomes]) => row(line, outcomes, state));
}

function row(line: number, outcomes: readonly OutcomeResult[], state: Results['state']): DrawnOutcome {
  const text = outcomes.map((outcome) => outcome.text).join('; ');
  const worst = (['bad', 'note'] as const).find((look) => outcomes.some((outcome) => outcome.severity === look));
  switch (state) {
    case 'fresh':
      return { line, text, look: worst ?? 'good', outcomes };
    case 'running':
      return { line, text: `${text} (so far)`, look: worst ?? 'good', outcomes };
    case 'stale':
      return { line, text: `${text} (before this edit)`, look: 'stale', outcomes };
  }
}
