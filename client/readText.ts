import { FileSystemError, Uri, workspace } from 'vscode';
import type { ReadTextAnswer, ReadTextParams } from '../server/lsp/protocol';

/** Reads a file of the workspace for the server, wherever the workspace is. */
export async function readText({ uri }: ReadTextParams): Promise<ReadTextAnswer> {
  try {
    const bytes = await workspace.fs.readFile(Uri.parse(uri, true));
    return { text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (error instanceof FileSystemError) return {};
    throw error;
  }
}
