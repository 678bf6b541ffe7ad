/** The extension on a desktop or a remote host: the language server is a process of its own, beside the extension. */
import { type ExtensionContext, Uri } from 'vscode';
import { LanguageClient, type NodeModule, TransportKind } from 'vscode-languageclient/node';
import { clientOptions } from './clientOptions';
import { type Extension, start, stop } from './start';

export function activate(context: ExtensionContext): Extension {
  const module = Uri.joinPath(context.extensionUri, 'dist', 'server.js').fsPath;
  const server: NodeModule = { module, transport: TransportKind.ipc };
  return start(context, (log) => new LanguageClient('hvo', 'HVO', { run: server, debug: server }, clientOptions(log)));
}

export async function deactivate(): Promise<void> {
  await stop();
}
