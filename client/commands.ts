import {
  commands,
  type Disposable,
  type Event,
  type LogOutputChannel,
  Position,
  Range,
  type TextEditor,
  Uri,
  window,
  workspace,
} from 'vscode';
import {
  type CancelParams,
  Command,
  type ExploreParams,
  Method,
  type PageTablesParams,
  type Progress,
  type RunParams,
} from '../server/lsp/protocol';
import { chooseCode, chooseScenario } from './choose';
import { comparedFolder } from './comparedFolder';
import { type Reports, showRule } from './readOnlyDocuments';
import { requestReport } from './requestReport';
import type { ResultsStore } from './resultsStore';
import type { Server } from './server';

/** What the commands work on. */
export interface Parts {
  readonly server: Server;
  readonly log: LogOutputChannel;
  readonly progress: Event<Progress>;
  readonly reports: Reports;
  readonly store: ResultsStore;
  /** The folder that it is installed in. */
  readonly extension: Uri;
}

/**
 * One row a command of package.json. A lens or a link gives the argument. A menu gives the resource, which is not one,
 * and the palette nothing: then the cursor tells, or the user is asked.
 */
export function registerCommands(parts: Parts): Disposable[] {
  const { server, log, store } = parts;
  return [
    commands.registerCommand(Command.run, async (given: unknown) => {
      const params = isRunParams(given) ? given : await chooseScenario(store);
      if (params) await requestReport(parts, Method.run, `Running “${params.scenario}”`, params);
    }),
    commands.registerCommand(Command.explore, async (given: unknown) => {
      const params = isExploreParams(given) ? given : await chooseScenario(store);
      const what = params?.scenario === undefined ? 'all scenarios' : `“${params.scenario}”`;
      if (params) await requestReport(parts, Method.explore, `Exploring ${what}`, params);
    }),
    commands.registerCommand(Command.explain, async (given: unknown) => {
      const code = typeof given === 'string' ? given : await chooseCode();
      if (code) await showRule(code);
    }),
    commands.registerCommand('hvo.showPageTables', async () => {
      const editor = activeScenarioEditor();
      if (!editor) return;
      const { line, character } = editor.selection.active;
      const params: PageTablesParams = { uri: editor.document.uri.toString(), position: { line, character } };
      await requestReport(parts, Method.pageTables, 'Page tables at the cursor', params);
    }),
    commands.registerCommand('hvo.compare', async () => {
      const params = await comparedFolder(parts.extension);
      await requestReport(parts, Method.compare, 'Comparing approaches', params);
    }),
    commands.registerCommand('hvo.scenarios', async () => {
      const target = await chooseScenario(store, { always: true });
      const scenario = store.get(target?.uri ?? '')?.scenarios.find(({ name }) => name === target?.scenario);
      if (!target || !scenario) return;
      const { start } = scenario.span;
      const at = new Position(start.line, start.character);
      const selection = new Range(at, at);
      await window.showTextDocument(Uri.parse(target.uri), { selection });
    }),
    commands.registerCommand('hvo.cancel', async () => {
      const editor = activeScenarioEditor();
      if (!editor) return;
      const params: CancelParams = { uri: editor.document.uri.toString() };
      await server.notify(Method.cancel, params);
    }),
    commands.registerCommand('hvo.toggleOutcomes', async () => {
      const settings = workspace.getConfiguration('hvo.outcomes');
      await settings.update('enabled', !settings.get<boolean>('enabled'), true);
    }),
    commands.registerCommand('hvo.restartServer', async () => {
      store.clear();
      await server.restart();
    }),
    commands.registerCommand('hvo.showLog', () => log.show()),
  ];
}

function activeScenarioEditor(): TextEditor | undefined {
  const editor = window.activeTextEditor;
  if (editor?.document.languageId === 'hvo') return editor;
  void window.showInformationMessage('Open a .hvo file first: this command works on the file in the active editor.');
  return undefined;
}

function isExploreParams(given: unknown): given is ExploreParams {
  return typeof given === 'object' && given !== null && 'uri' in given && typeof given.uri === 'string';
}

function isRunParams(given: unknown): given is RunParams {
  return isExploreParams(given) && typeof given.scenario === 'string';
}
