import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { Method, type Report } from '../../server/lsp/protocol';
import { Editor } from './editor';

const fixture = (name: string): string => readFileSync(`test/vscode/fixtures/${name}`, 'utf8');

const reader = 'file:///texts/reader.hvo';
const explodes = 'file:///texts/explodes.hvo';
const waits = 'the reader waits and goes on';

let editor: Editor;
beforeAll(async () => {
  editor = await Editor.start();
});
afterAll(() => editor.stop());

describe('verdicts', () => {
  it('come after the list of scenarios, for the version that was opened', async () => {
    await editor.open(reader, fixture('reader.hvo'));
    const first = await editor.until('the first results', () => editor.results.find(({ uri }) => uri === reader));
    expect(first).toMatchObject({ version: 1, state: 'running' });
    expect(first.scenarios.map(({ name, verdict }) => [name, verdict])).toEqual([
      [waits, undefined],
      ['without the hook the reader dies', undefined],
    ]);
    const { scenarios, outcomes } = await editor.fresh(reader);
    expect(scenarios.map(({ verdict, text }) => `${verdict} ${text}`)).toEqual([
      expect.stringMatching(/^ok ok: [\d,]+ states$/),
      expect.stringMatching(/^ok ok: [\d,]+ states$/),
    ]);
    const load = editor
      .text(reader)
      .split('\n')
      .findIndex((line) => line.includes('load('));
    const outcome = outcomes.find(({ span }) => span.start.line === load);
    expect(outcome?.text).toMatch(/ok ×\d+.*fixed-up ×\d+/);
    expect(outcome?.severity).toBe('note');
    expect(
      outcome?.witnesses.every(({ uri, scenario, schedule }) => uri === reader && scenario === waits && schedule),
    ).toBe(true);
  });

  it('of a scenario that an edit does not touch are there at once, at their new place', async () => {
    await editor.fresh(reader);
    await editor.edit(reader, '// One tail', '// A line more.\n// One tail');
    const { scenarios, outcomes, version } = await editor.fresh(reader);
    expect(version).toBe(2);
    const lines = editor.text(reader).split('\n');
    for (const { name, span } of scenarios) expect(lines[span.start.line]).toContain(name);
    for (const { span } of outcomes) expect(lines[span.start.line]).toMatch(/load|vmemmap_update_pte/);
  });

  it('say nothing about any version but the one that they carry', async () => {
    await editor.fresh(reader);
    for (let i = 0; i < 30; i++) {
      await editor.edit(reader, 'never     oops', 'sometimes oops');
      await editor.edit(reader, 'sometimes oops', 'never     oops');
    }
    const last = await editor.fresh(reader);
    expect(last.version).toBe(editor.version(reader));
    expect(last.scenarios[0]?.verdict).toBe('ok');
    for (const { version, resultsVersion, state, scenarios } of editor.results) {
      if (state !== 'fresh' || scenarios[0]?.name !== waits || version < 3) continue;
      expect(resultsVersion).toBe(version);
      expect(scenarios[0].verdict).toBe(version % 2 === last.version % 2 ? 'ok' : 'failed');
    }
  });

  it('of the text before are told as stale while a scenario is broken', async () => {
    const before = await editor.fresh(reader);
    await editor.edit(reader, 'cpu 1 { r0', 'cpu 2 { r1 = load(\n  cpu 1 { r0');
    const stale = await editor.until('stale results', () =>
      editor.results.find(
        ({ uri, version, state }) => uri === reader && version === editor.version(reader) && state !== 'running',
      ),
    );
    expect(stale).toMatchObject({ state: 'stale', resultsVersion: before.version, outcomes: before.outcomes });
    await editor.edit(reader, 'cpu 2 { r1 = load(\n  ', '');
    expect((await editor.fresh(reader)).scenarios[0]?.verdict).toBe('ok');
  });
});

describe('commands', () => {
  it('run shows one execution', async () => {
    const dies = { uri: reader, scenario: 'without the hook the reader dies' };
    const expected = await editor.connection.sendRequest<Report>(Method.run, dies);
    expect(expected.text).toMatch(/^One execution of .*: the kernel oopses\n/);
    const report = await editor.connection.sendRequest<Report>(Method.run, { uri: reader, scenario: waits });
    expect(report.text).toContain(waits);
    expect(report.text).toMatch(/CPU0.*CPU1/);
    expect(report.schedule).toMatch(/^hvo1:/);
  });

  it('run follows a schedule, and says when it does not fit', async () => {
    const { outcomes } = await editor.fresh(reader);
    const witness = outcomes.flatMap(({ witnesses }) => witnesses).find(({ label }) => label.startsWith('oops'));
    const report = await editor.connection.sendRequest<Report>(Method.run, witness);
    expect(report.text).toMatch(/oops|Unable to handle/);
    const bad = editor.connection.sendRequest(Method.run, { ...witness, schedule: 'hvo1:z.z.z' });
    await expect(bad).rejects.toThrow(/does not fit/);
  });

  it('explore tells every execution', async () => {
    const report = await editor.connection.sendRequest<Report>(Method.explore, { uri: reader, scenario: waits });
    expect(report.text).toMatch(/\bok\b.*[\d,]+ states/s);
  });

  it('for a scenario that is gone say what there is', async () => {
    const gone = editor.connection.sendRequest(Method.run, { uri: reader, scenario: 'no such thing' });
    await expect(gone).rejects.toThrow(/the reader waits and goes on/);
  });
});

describe('a scenario that explodes', () => {
  it('blocks nothing: a hover is answered while it is explored', async () => {
    await editor.open(explodes, fixture('explodes.hvo'));
    await editor.until('progress', () => editor.progress.find(({ uri }) => uri === explodes));
    const hover = await editor.request('textDocument/hover', explodes, 'stadd');
    expect(JSON.stringify(hover)).toContain('stadd');
    expect(editor.results.some(({ uri, state }) => uri === explodes && state !== 'running')).toBe(false);
  });

  /** Progress is told five times a second: whoever is stopped at once tells it once more at most. */
  const progressOf = () => editor.progress.filter(({ uri }) => uri === explodes);

  it('is stopped at once, and what is known becomes the result', async () => {
    await editor.edit(explodes, '// Far', '// Very far');
    const before = progressOf().length;
    await editor.until('progress', () => progressOf()[before]);
    const told = progressOf().length;
    await editor.connection.sendNotification(Method.cancel, { uri: explodes });
    const { scenarios } = await editor.fresh(explodes);
    expect(progressOf().length).toBeLessThanOrEqual(told + 1);
    expect(scenarios[0]).toMatchObject({ verdict: 'unknown', text: expect.stringContaining('stopped') });
    expect(scenarios[0]?.states).toBeGreaterThanOrEqual(progressOf()[told - 1]?.states ?? 1);
    await editor.edit(explodes, '// Very far', '// Far');
  }, 20_000);

  it('is given up at once when the request for it is cancelled', async () => {
    const source = new CancellationTokenSource();
    const before = progressOf().length;
    const asked = editor.connection.sendRequest<Report>(Method.explore, { uri: explodes }, source.token);
    await editor.until('progress', () => progressOf()[before]);
    const told = progressOf().length;
    source.cancel();
    const report = await asked;
    expect(report.text).toMatch(/stopped/);
    expect(progressOf().length).toBeLessThanOrEqual(told + 1);
  }, 20_000);

  it('ends with its document', async () => {
    await editor.close(explodes);
    const count = editor.progress.length;
    await new Promise((done) => setTimeout(done, 600));
    expect(editor.progress.length).toBeLessThanOrEqual(count + 1);
  });
});
