/**
 * The bundled program with V8's code cache beside it: what was compiled when the cache was written is not compiled again.
 * V8 itself rejects a cache of another version, or of other flags; the program then runs without.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import '../server/lsp/compilerFlags';

const program = 'program.js';
export const codeCache = 'program.cache';

/** The program of a folder, as a function of what Node gives every module. */
export function programScript(folder: string): Script {
  const filename = join(folder, program);
  // The bundle is ASCII, which is read soonest as Latin-1.
  const source = readFileSync(filename, 'latin1');
  const cachedData = readCache(folder);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename,
    ...(cachedData && { cachedData }),
  });
  return script;
}

function readCache(folder: string): Buffer | undefined {
  try {
    return readFileSync(join(folder, codeCache));
  } catch {
    return undefined;
  }
}
