import type { Results, ScenarioResult } from '../server/lsp/protocol';

/** What the status bar says about the document in the active editor. */
export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  readonly failed: boolean;
}

/** @param documentVersion the version that the editor shows now; verdicts of an older one are called stale */
export function statusText(results: Results | undefined, documentVersion: number): StatusText {
  if (results === undefined) return { text: 'HVO', tooltip: 'Nothing explored yet.', failed: false };
  const { scenarios } = results;
  const tooltip = scenarios.map((scenario) => `${scenario.name}: ${scenario.text}`).join('\n');
  const state = results.version === documentVersion ? results.state : 'stale';
  switch (state) {
    case 'running': {
      const known = scenarios.filter((scenario) => scenario.verdict !== undefined).length;
      return { text: `$(sync~spin) HVO ${known}/${scenarios.length}`, tooltip, failed: false };
    }
    case 'stale':
      return { text: '$(history) HVO: before this edit', tooltip, failed: false };
    case 'fresh':
      return freshText(scenarios, tooltip);
  }
}

function freshText(scenarios: readonly ScenarioResult[], tooltip: string): StatusText {
  if (scenarios.length === 0) return { text: 'HVO: no scenario', tooltip: 'This file has no scenario.', failed: false };
  const count = (verdict: ScenarioResult['verdict']): number =>
    scenarios.filter((scenario) => scenario.verdict === verdict).length;
  const counts = { failed: count('failed'), error: count('error'), unknown: count('unknown'), ok: count('ok') };
  const words = Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([verdict, number]) => `${number} ${verdict}`);
  const failed = counts.failed + counts.error > 0;
  const icon = failed ? 'error' : counts.unknown > 0 ? 'question' : 'check';
  return { text: `$(${icon}) HVO: ${words.join(', ')}`, tooltip, failed };
}
