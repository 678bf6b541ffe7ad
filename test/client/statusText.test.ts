import { describe, expect, it } from 'vitest';
import { statusText } from '../../client/statusText';
import type { Results, ScenarioResult, Verdict } from '../../server/lsp/protocol';

function scenario(name: string, verdict?: Verdict): ScenarioResult {
  const span = { start: { line: 0, character: 0 }, end: { line: 0, character: 8 } };
  const known = verdict === undefined ? {} : { verdict };
  return { name, span, states: 12, milliseconds: 1, text: verdict ?? 'running', ...known };
}

function results(scenarios: readonly ScenarioResult[], state: Results['state'] = 'fresh'): Results {
  return { uri: 'file:///a.hvo', version: 5, resultsVersion: 5, state, scenarios, outcomes: [] };
}

describe('the status bar', () => {
  it('counts verdicts, the worst first', () => {
    const status = statusText(results([scenario('a', 'ok'), scenario('b', 'failed'), scenario('c', 'ok')]), 5);
    expect(status).toEqual({ text: '$(error) HVO: 1 failed, 2 ok', tooltip: 'a: ok\nb: failed\nc: ok', failed: true });
  });

  it('never calls a bound that was hit ok', () => {
    expect(statusText(results([scenario('a', 'ok'), scenario('b', 'unknown')]), 5).text).toBe(
      '$(question) HVO: 1 unknown, 1 ok',
    );
  });

  it('shows how many scenarios are done while exploration runs', () => {
    expect(statusText(results([scenario('a', 'ok'), scenario('b')], 'running'), 5).text).toBe('$(sync~spin) HVO 1/2');
  });

  it('does not show the verdicts of an older text as its own', () => {
    expect(statusText(results([scenario('a', 'failed')]), 6)).toMatchObject({
      text: '$(history) HVO: before this edit',
      failed: false,
    });
  });
});
