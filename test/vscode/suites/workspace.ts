/** The files of the workspace, and waiting for what the extension makes of them. */
import { type TextEditor, Uri, window, workspace } from 'vscode';

const POLL_MILLISECONDS = 50;
const WAIT_MILLISECONDS = 15_000;

export function fixture(name: string): Uri {
  return Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'fixtures', name);
}

export async function openFixture(name: string): Promise<TextEditor> {
  return window.showTextDocument(await workspace.openTextDocument(fixture(name)));
}

/** Asks until there is an answer; fails with what was waited for. */
export async function waitFor<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
): Promise<Answer> {
  const end = Date.now() + WAIT_MILLISECONDS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`waited ${WAIT_MILLISECONDS / 1000} s in vain for ${what}`);
    await new Promise((done) => setTimeout(done, POLL_MILLISECONDS));
  }
}
