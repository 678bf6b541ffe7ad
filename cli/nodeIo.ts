import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { Io } from './io';

/** Files and standard streams of the process. A reader that went away (`hvo … | head`) ends the process quietly. */
export function nodeIo(): Io {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    readText: (path) => readFile(path, 'utf8'),
    writeText: (path, text) => writeFile(path, text),
    exists: async (path) => (await statOf(path)) !== undefined,
    isDirectory: async (path) => (await statOf(path))?.isDirectory() ?? false,
    list: async (path) => (await readdir(path)).sort(),
  };
}

/** Undefined when nothing of that name can be reached. */
async function statOf(path: string) {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}
