import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scenarioLine } from '../../server/features/scenarioView';
import type { Span } from '../../server/language/ast';
import type { ExploreLimits, FromWorker } from '../../server/lsp/explorerMessages';
import { ExplorerSession } from '../../server/lsp/explorerSession';
import { MAX_EXPLORATION_BYTES } from '../../server/lsp/verdicts';
import { type Work, workSince } from '../../server/lsp/work';

const limits: ExploreLimits = { states: 100_000, milliseconds: 1e9, bytes: MAX_EXPLORATION_BYTES };

/** A worker whose event loop is turned by hand, and whose clock moves whenever it is looked at by as much as a step takes. */
function world() {
  let [time, revision] = [0, 0];
  const queue: (() => void)[] = [];
  const told: FromWorker[] = [];
  const session = new ExplorerSession({
    post: (message) => told.push(message),
    now: () => (time += 3),
    later: (callback) => queue.push(callback),
  });
  const turn = (): boolean => {
    const next = queue.shift();
    next?.();
    return next !== undefined;
  };
  const follow = (uri: string, text: string, explores: boolean, errors: readonly Span[] = [], bounds = limits) => {
    revision++;
    session.handle({ kind: 'follow', document: { uri, text, revision, used: [], errors }, limits: bounds, explores });
    return revision;
  };
  /** Turns until the message has come; how often. */
  const until = (kind: FromWorker['kind'], of: number): number => {
    for (let turns = 0; ; turns++) {
      if (told.some((one) => one.kind === kind && 'revision' in one && one.revision === of)) return turns;
      if (!turn()) throw new Error(`no ${kind} of ${of}`);
    }
  };
  /** What is done to the end for a text. */
  const done = (text: string, errors: readonly Span[] = []): Work => {
    const before = { ...session.work };
    until('explored', follow('file:///a.hvo', text, true, errors));
    return workSince(before, session.work);
  };
  return { session, told, turn, follow, until, done };
}

const nothing: Work = {
  itemsRead: 0,
  itemsResolved: 0,
  scenariosElaborated: 0,
  scenariosChecked: 0,
  scenariosReported: 0,
  statesExplored: 0,
};

const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

// One.
fn peek(addr) { return load(addr); }

scenario "one" {
  cpu 0 { r0 = peek(H.page(64).flags); }
  cpu 1 { stadd(H.page(64).flags, 1); }
  always r0 == initial(H.page(64).flags)
}

scenario "two" {
  cpu 0 { r0 = load(H.page(65).flags); }
  cpu 1 { WRITE_ONCE(H.page(65).flags, 1); }
  sometimes r0 == 1
}
`;

const explodes = readFileSync('test/vscode/fixtures/explodes.hvo', 'utf8');

describe('the worker, after an edit', () => {
  it('elaborates, checks and explores the scenario that the edit is in, and no other', () => {
    const { done } = world();
    const first = done(text);
    expect(first).toMatchObject({ itemsRead: 4, scenariosElaborated: 2, scenariosChecked: 2, scenariosReported: 2 });
    const second = done(text.replace('sometimes r0 == 1', 'sometimes r0 == 2'));
    expect(second).toMatchObject({ itemsRead: 1, scenariosElaborated: 1, scenariosChecked: 1, scenariosReported: 1 });
    expect(second.statesExplored).toBeGreaterThan(0);
    expect(second.statesExplored).toBeLessThan(first.statesExplored);
  });

  it('of a function explores the scenarios that reach it', () => {
    const { done } = world();
    done(text);
    const changed = done(text.replace('return load(addr)', 'return load(addr + 8)'));
    expect(changed).toMatchObject({ itemsRead: 1, scenariosElaborated: 1, scenariosReported: 1 });
  });

  it('of a comment does nothing but read what stands before it', () => {
    const { done } = world();
    done(text);
    expect(done(text.replace('// One.', '// Two.'))).toEqual({ ...nothing, itemsRead: 1 });
  });

  it('that is taken back explores nothing', () => {
    const { done, told } = world();
    done(text);
    done(text.replace('sometimes r0 == 1', 'sometimes r0 == 2'));
    expect(done(text)).toEqual({ ...nothing, itemsRead: 1 });
    const verdicts = told.flatMap((one) => (one.kind === 'scenario' ? [one.report.verdict] : []));
    expect(verdicts.slice(-2)).toEqual(verdicts.slice(0, 2));
  });

  it('by a line more explores nothing, and names the lines as they are now', () => {
    const { done, told } = world();
    done(text);
    const moved = `// A line more.\n${text}`;
    expect(done(moved)).toMatchObject({ scenariosElaborated: 0, statesExplored: 0 });
    const fresh = world();
    fresh.done(moved);
    const reports = (all: readonly FromWorker[]) =>
      all.flatMap((one) => (one.kind === 'scenario' ? [{ ...one.report, milliseconds: 0 }] : [])).slice(-2);
    expect(reports(told)).toEqual(reports(fresh.told));
  });

  it('that leaves a scenario half written does not elaborate it', () => {
    const { done, told } = world();
    done(text);
    const half = text.replace('load(H.page(65).flags)', 'load(H.page(65');
    const at = half.indexOf('load(H.page(65');
    expect(done(half, [{ start: at, end: at + 5 }])).toEqual({ ...nothing, itemsRead: 1 });
    expect(told.findLast(({ kind }) => kind === 'scenario')).toMatchObject({ report: { verdict: 'error' } });
  });
});

describe('a scenario that explodes', () => {
  const a = 'file:///a.hvo';
  const b = 'file:///b.hvo';

  it('takes no step more once its text has changed, and its result is never told', () => {
    const { session, told, turn, follow, until } = world();
    const old = follow(a, explodes, true);
    for (let i = 0; i < 40; i++) turn();
    expect(session.work.statesExplored).toBeGreaterThan(0);
    const before = session.work.statesExplored;
    const now = follow(a, explodes.replace('// Far', '// Very far'), false);
    until('elaborated', now);
    while (turn());
    expect(session.work.statesExplored).toBe(before);
    expect(told.some((one) => one.kind === 'scenario' && one.revision === old)).toBe(false);
  });

  it('does not delay the diagnostics of another text by more than a turn of its own', () => {
    const { turn, follow, until } = world();
    const alone = world();
    const slices = alone.until('elaborated', alone.follow(b, text, false));
    follow(a, explodes, true);
    for (let i = 0; i < 40; i++) turn();
    expect(until('elaborated', follow(b, text, false))).toBeLessThanOrEqual(2 * slices + 1);
  });

  it('that is stopped says at its next slice what is known', () => {
    const { session, told, turn, follow, until } = world();
    const revision = follow(a, explodes, true);
    for (let i = 0; i < 40; i++) turn();
    const { statesExplored } = session.work;
    session.handle({ kind: 'stop', uri: a });
    expect(until('explored', revision)).toBeLessThanOrEqual(2);
    const found = told.findLast((one) => one.kind === 'scenario');
    expect(found).toMatchObject({ report: { verdict: 'unknown', bound: 'cancelled' } });
    if (found?.kind !== 'scenario') return;
    expect(found.report.states).toBeGreaterThanOrEqual(statesExplored);
    expect(scenarioLine(found.report)).toMatch(/^unknown up to [\d,]+ states \(stopped\)$/);
  });

  it.each([
    ['states', { ...limits, states: 500 }, 'most states: hvo.maxStates'],
    ['memory', { ...limits, bytes: 50_000 }, 'bound: memory'],
    ['time', { ...limits, milliseconds: 50 }, 'out of time: hvo.timeoutSeconds'],
  ])('ends at its bound of %s, and says so', (bound, bounds, words) => {
    const { told, follow, until } = world();
    until('explored', follow(a, explodes, true, [], bounds));
    const found = told.find((one) => one.kind === 'scenario');
    expect(found).toMatchObject({ report: { verdict: 'unknown', bound } });
    if (found?.kind === 'scenario')
      expect(scenarioLine(found.report)).toBe(
        `unknown up to ${found.report.states.toLocaleString('en')} states (${words})`,
      );
  });
});
