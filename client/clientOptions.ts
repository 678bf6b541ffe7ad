import { type Diagnostic, type LogOutputChannel, workspace } from 'vscode';
import type { LanguageClientOptions } from 'vscode-languageclient';
import { type ClientAbilities, Command } from '../server/lsp/protocol';
import { ruleUri } from './readOnlyDocuments';

const abilities: ClientAbilities = { outcomes: 'notifications' };

/** The same for every host of the server, a process or a worker. Any scheme: files, virtual workspaces, the library. */
export function clientOptions(log: LogOutputChannel): LanguageClientOptions {
  return {
    documentSelector: [{ language: 'hvo' }],
    initializationOptions: abilities,
    outputChannel: log,
    // A file that another one uses may change without being open.
    synchronize: { fileEvents: workspace.createFileSystemWatcher('**/*.hvo') },
    middleware: { handleDiagnostics: (uri, diagnostics, next) => next(uri, diagnostics.map(linkToRule)) },
    markdown: { isTrusted: { enabledCommands: [Command.run, Command.explore, Command.explain] } },
  };
}

/** Makes a diagnostic's code a link that explains its rule. */
function linkToRule(diagnostic: Diagnostic): Diagnostic {
  const { code } = diagnostic;
  if (typeof code === 'string') diagnostic.code = { value: code, target: ruleUri(code) };
  return diagnostic;
}
