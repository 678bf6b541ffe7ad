/** The folder that a comparison is about: the one of the file in the editor if it is a set of approaches, or the shipped set. */
import { FileType, Uri, window, workspace } from 'vscode';
import type { CompareParams } from '../server/lsp/protocol';

/** Files of a set; a folder with more is something else. */
const MAX_FILES = 200;

/** Files that make a folder a set of approaches. */
const MARKS = ['readers.hvo', 'sizes.hvo'];

export async function comparedFolder(extension: Uri): Promise<CompareParams> {
  const document = window.activeTextEditor?.document;
  const here = document?.languageId === 'hvo' ? Uri.joinPath(document.uri, '..') : undefined;
  const names = here === undefined ? [] : await namesIn(here);
  const isSet = here !== undefined && names.some((name) => MARKS.includes(name));
  const folder = isSet ? here : Uri.joinPath(extension, 'approaches');
  const shown = isSet ? workspace.asRelativePath(folder, false) : 'approaches';
  const files = await Promise.all(
    (isSet ? names : await namesIn(folder)).slice(0, MAX_FILES).map(async (name) => {
      const uri = Uri.joinPath(folder, name);
      // What is typed and not saved yet counts.
      const open = workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
      const text = open?.getText() ?? new TextDecoder().decode(await workspace.fs.readFile(uri));
      return { path: `${shown}/${name}`, text };
    }),
  );
  return { uri: folder.toString(), title: isSet ? `Compared: ${shown}` : 'Compared: the shipped approaches', files };
}

async function namesIn(folder: Uri): Promise<readonly string[]> {
  try {
    const entries = await workspace.fs.readDirectory(folder);
    return entries
      .filter(([name, type]) => name.endsWith('.hvo') && (type & FileType.File) !== 0)
      .map(([name]) => name)
      .sort();
  } catch {
    // A file that was never saved has no folder that could be read.
    return [];
  }
}
