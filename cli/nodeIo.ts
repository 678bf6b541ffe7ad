import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Io } from './io';

/** Files and standard streams of the process. A reader that went away (`hvo … | head`) ends the process quietly. */
export function nodeIo(): Io {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return {
    script: __filename,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    // Nothing else happens meanwhile, and for many small files this takes a fraction of the time.
    readText: async (path) => readFileSync(path, 'utf8'),
    writeText: async (path, text) => writeFileSync(path, text),
    exists: async (path) => statOf(path) !== undefined,
    isDirectory: async (path) => statOf(path)?.isDirectory() ?? false,
    // A pipe, a socket or a device may never end; who means one names it.
    list: async (path) =>
      readdirSync(path, { withFileTypes: true })
        .filter((one) => one.isFile() || one.isDirectory() || one.isSymbolicLink())
        .map(({ name }) => name)
        .sort(),
    onInterrupt: (stop) => {
      process.once('SIGINT', stop);
      return () => process.off('SIGINT', stop);
    },
  };
}

/** Undefined when nothing of that name can be reached. */
function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
