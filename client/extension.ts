/** The extension on a desktop or a remote host. */
import type { ExtensionContext } from 'vscode';
import { type Extension, start, stop } from './start';

export function activate(context: ExtensionContext): Extension {
  return start(context, async (log) => (await import('./languageClient.js')).newLanguageClient(context, log));
}

export async function deactivate(): Promise<void> {
  await stop();
}
