import type { LogOutputChannel } from 'vscode';
import type { LanguageClientOptions } from 'vscode-languageclient';
import type { ClientAbilities } from '../server/lsp/protocol';

const abilities: ClientAbilities = { outcomes: 'notifications' };

/** The same for every host of the server, a process or a worker. Any scheme: files, virtual workspaces, the library. */
export function clientOptions(log: LogOutputChannel): LanguageClientOptions {
  return {
    documentSelector: [{ language: 'hvo' }],
    initializationOptions: abilities,
    outputChannel: log,
    markdown: { isTrusted: { enabledCommands: ['hvo.run', 'hvo.explore', 'hvo.explain'] } },
  };
}
