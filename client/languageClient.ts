/** The language server is a process of its own, beside the extension; this is a bundle of its own, loaded after activation. */
import { type ExtensionContext, type LogOutputChannel, Uri } from 'vscode';
import { LanguageClient, type NodeModule, TransportKind } from 'vscode-languageclient/node';
import { clientOptions } from './clientOptions';

export function newLanguageClient(context: ExtensionContext, log: LogOutputChannel): LanguageClient {
  const module = Uri.joinPath(context.extensionUri, 'dist', 'server.js').fsPath;
  const server: NodeModule = { module, transport: TransportKind.ipc };
  return new LanguageClient('hvo', 'HVO', { run: server, debug: server }, clientOptions(log));
}
