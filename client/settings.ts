import { type TextDocument, workspace } from 'vscode';
import type { Settings } from '../server/lsp/protocol';

/** The switches of the inline outcomes. Their defaults stand in package.json alone, so a missing value means off. */
export function outcomeSwitches(document: TextDocument): Settings['outcomes'] {
  const settings = workspace.getConfiguration('hvo.outcomes', document);
  const on = (name: keyof Settings['outcomes']): boolean => settings.get<boolean>(name) ?? false;
  return { enabled: on('enabled'), accesses: on('accesses'), barriers: on('barriers'), gutter: on('gutter') };
}
