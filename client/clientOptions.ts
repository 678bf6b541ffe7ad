import { type LogOutputChannel, workspace } from 'vscode';
import type { LanguageClientOptions } from 'vscode-languageclient';
import type { ClientAbilities } from '../server/lsp/protocol';

const abilities: ClientAbilities = { outcomes: 'notifications' };

/** The same for every host of the server, a process or a worker. Any scheme: files, virtual workspaces, the library. */
export function clientOptions(log: LogOutputChannel): LanguageClientOptions {
  return {
    documentSelector: [{ language: 'hvo' }],
    initializationOptions: abilities,
    outputChannel: log,
    // A file that another one uses may change without being open.
    synchronize: { fileEvents: workspace.createFileSystemWatcher('**/*.hvo') },
    markdown: { isTrusted: { enabledCommands: ['hvo.run', 'hvo.explore', 'hvo.explain'] } },
  };
}
