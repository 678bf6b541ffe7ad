/** The files of the workspace, what the extension makes of them, and waiting for it. */
import { strict as assert } from 'node:assert';
import {
  commands,
  type Diagnostic,
  extensions,
  languages,
  type Position,
  type TextDocument,
  type TextEditor,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { Extension } from '../../../client/start';
import type { Results } from '../../../server/lsp/protocol';

const POLL_MILLISECONDS = 25;
// A bound for what never comes; a busy machine is slow.
const WAIT_MILLISECONDS = 60_000;

const REPORT_SCHEMES = ['hvo-report', 'hvo-rule'];

export const EXTENSION_ID = 'hvo.hvo';

export async function extension(): Promise<Extension> {
  const found = extensions.getExtension<Extension>(EXTENSION_ID);
  assert.ok(found, `${EXTENSION_ID} is not installed`);
  return found.activate();
}

export function file(path: string): Uri {
  return Uri.joinPath(workspace.workspaceFolders![0]!.uri, path);
}

/** Opens a file of `test/vscode/fixtures` as it is on disk, whatever an earlier test typed into it. */
export async function openFixture(name: string): Promise<TextEditor> {
  const editor = await open(file(`fixtures/${name}`));
  await commands.executeCommand('workbench.action.files.revert');
  return editor;
}

export async function open(uri: Uri): Promise<TextEditor> {
  return window.showTextDocument(await workspace.openTextDocument(uri));
}

/** Asks until there is an answer; fails with what was waited for. */
export async function waitFor<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  milliseconds = WAIT_MILLISECONDS,
): Promise<Answer> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`waited ${milliseconds / 1000} s in vain for ${what}`);
    await new Promise((done) => setTimeout(done, POLL_MILLISECONDS));
  }
}

/** The results of the text as it is now, complete. */
export async function freshResults(document: TextDocument): Promise<Results> {
  const { results } = await extension();
  return waitFor(`fresh results of version ${document.version} of ${document.uri.path}`, () => {
    const now = results(document.uri);
    return now?.state === 'fresh' && now.version === document.version ? now : undefined;
  });
}

/** The problems that this extension reports for a document. */
export function problems(uri: Uri): readonly Diagnostic[] {
  return languages.getDiagnostics(uri).filter((problem) => problem.source === 'hvo');
}

export function codeOf(problem: Diagnostic): string {
  return String(typeof problem.code === 'object' ? problem.code.value : problem.code);
}

/** The middle of the first place where a text stands in a document. */
export function placeOf(document: TextDocument, text: string): Position {
  const offset = document.getText().indexOf(text);
  assert.ok(offset >= 0, `${document.uri.path} has no "${text}"`);
  return document.positionAt(offset + Math.floor(text.length / 2));
}

/** The tab of a report whose text has every one of the words. */
export async function reportWith(...words: readonly (string | RegExp)[]): Promise<TextDocument> {
  return waitFor(`a report with ${words.join(' and ')}`, () =>
    window.visibleTextEditors
      .map((editor) => editor.document)
      .filter((document) => REPORT_SCHEMES.includes(document.uri.scheme))
      .find((document) => words.every((word) => has(document.getText(), word))),
  );
}

function has(text: string, word: string | RegExp): boolean {
  return typeof word === 'string' ? text.includes(word) : word.test(text);
}
