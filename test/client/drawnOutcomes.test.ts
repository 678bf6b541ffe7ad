import { describe, expect, it } from 'vitest';
import { drawnOutcomes } from '../../client/drawnOutcomes';
import type { OutcomeResult, Results } from '../../server/lsp/protocol';

const ALL_ON = { enabled: true, accesses: true, barriers: true, gutter: true };

function outcome(line: number, text: string, more: Partial<OutcomeResult> = {}): OutcomeResult {
  const span = { start: { line, character: 2 }, end: { line, character: 9 } };
  return { span, at: 'access', text, severity: 'good', markdown: '', witnesses: [], ...more };
}

function results(outcomes: readonly OutcomeResult[], more: Partial<Results> = {}): Results {
  return { uri: 'file:///a.hvo', version: 5, resultsVersion: 5, state: 'fresh', scenarios: [], outcomes, ...more };
}

function draw(given: Results, version = 5, switches = ALL_ON): readonly (readonly [number, string, string])[] {
  return drawnOutcomes(given, version, [], switches).map(({ line, look, text }) => [line, look, text]);
}

describe('inline outcomes', () => {
  it('are drawn as they are while the text is the one that was explored', () => {
    const given = results([outcome(4, 'ok ×2 | oops ×1', { severity: 'bad' }), outcome(2, 'ok ×3')]);
    expect(draw(given)).toEqual([
      [2, 'good', 'ok ×3'],
      [4, 'bad', 'ok ×2 | oops ×1'],
    ]);
  });

  it('are stale, without their severity, as soon as the text is newer', () => {
    const given = results([outcome(2, 'oops ×1', { severity: 'bad' })]);
    expect(draw(given, 6)).toEqual([[2, 'stale', 'oops ×1 (before this edit)']]);
  });

  it('of a version that could not be explored are stale', () => {
    const given = results([outcome(2, 'ok ×1')], { version: 5, resultsVersion: 3, state: 'stale' });
    expect(draw(given)).toEqual([[2, 'stale', 'ok ×1 (before this edit)']]);
  });

  it('say that they are not complete while exploration runs', () => {
    expect(draw(results([outcome(2, 'ok ×1')], { state: 'running' }))).toEqual([[2, 'good', 'ok ×1 (so far)']]);
  });

  it('share a line with the worst look of them', () => {
    const given = results([outcome(2, 'ok ×1'), outcome(2, 'fixed-up ×1', { severity: 'note' })]);
    expect(draw(given)).toEqual([[2, 'note', 'ok ×1; fixed-up ×1']]);
  });

  it('follow their lines, and go with them', () => {
    const given = results([outcome(2, 'ok ×1'), outcome(4, 'ok ×2')]);
    const removed = { version: 6, start: { line: 1, character: 0 }, end: { line: 3, character: 0 }, text: '' };
    expect(drawnOutcomes(given, 6, [removed], ALL_ON).map(({ line }) => line)).toEqual([2]);
  });

  it('are off by one switch, and by finer ones', () => {
    const given = results([outcome(2, 'ok ×1'), outcome(3, 'completes', { at: 'barrier' })]);
    expect(draw(given, 5, { ...ALL_ON, enabled: false })).toEqual([]);
    expect(draw(given, 5, { ...ALL_ON, accesses: false })).toEqual([[3, 'good', 'completes']]);
    expect(draw(given, 5, { ...ALL_ON, barriers: false })).toEqual([[2, 'good', 'ok ×1']]);
  });
});
