/**
 * A bundled program with V8's code cache beside it: what was compiled when the cache was written is not compiled again.
 * V8 itself rejects a cache of another version, or of other flags; the program then runs without.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import '../server/lsp/compilerFlags';
import { exploringThread } from './exploringThread';

/** `check` is a part of `hvo`: what is begun most often. */
type Program = 'hvo' | 'check';

export function programOf(verb: string | undefined): Program {
  return verb === 'check' || verb === exploringThread ? 'check' : 'hvo';
}

export const codeCacheOf = (program: Program): string => `${program}Program.cache`;

/** The program of a folder, as a function of what Node gives every module: the bundle is such a function. */
export function programScript(folder: string, program: Program): Script {
  const filename = join(folder, `${program}Program.js`);
  const cachedData = readCache(join(folder, codeCacheOf(program)));
  // The bundle is ASCII, which is read soonest as Latin-1.
  return new Script(readFileSync(filename, 'latin1'), { filename, ...(cachedData && { cachedData }) });
}

function readCache(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
