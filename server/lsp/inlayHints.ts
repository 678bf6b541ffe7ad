/** Outcomes as inlay hints, for an editor that does not draw them itself. */

import type { InlayHint, Range } from 'vscode-languageserver';
import type { Results } from './protocol';

/** Stale results give none: what an older text did is no claim about this one. */
export function inlayHintsOf(results: Results | undefined, range: Range): InlayHint[] {
  if (results === undefined || results.state === 'stale') return [];
  return results.outcomes
    .filter(({ span }) => span.end.line >= range.start.line && span.start.line <= range.end.line)
    .map(({ span, text, markdown }) => ({
      position: span.end,
      label: results.state === 'running' ? `${text} (so far)` : text,
      paddingLeft: true,
      tooltip: { kind: 'markdown', value: markdown },
    }));
}
