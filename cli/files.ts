/** Files that a verb works on, and the texts that they use. */

import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { Source } from '../server/language/elaborate/source';
import { limits } from '../server/language/limits';
import { sourceOf } from '../server/verdict/fileCheck';
import type { Io } from './io';

/** Directories below each other, so that a circle of links comes to an end. */
const maximumDepth = 32;

/** The file itself, or all files with the ending below a directory, sorted. */
export async function filesBelow(path: string, ending: string, io: Io, depth = 0): Promise<readonly string[]> {
  if (!(await io.isDirectory(path))) return depth === 0 || path.endsWith(ending) ? [path] : [];
  if (depth >= maximumDepth) return [];
  const files: string[] = [];
  for (const name of await io.list(path)) {
    if (name === 'node_modules' || name.startsWith('.')) continue;
    files.push(...(await filesBelow(`${path.replace(/[\\/]$/, '')}/${name}`, ending, io, depth + 1)));
  }
  return files;
}

/** Where `use "other.hvo"` of a file leads: its path counts from the file. */
export function usedPath(from: string, path: string): string {
  return isAbsolute(path) ? normalize(path) : join(dirname(from), path);
}

/** The texts of the files that a source uses, directly and not, by path. One that cannot be read is not there. */
export async function readUsed(main: Source, io: Io): Promise<ReadonlyMap<string, Source>> {
  const found = new Map<string, Source>();
  const seen = new Set([main.uri]);
  const queue: Source[] = [main];
  for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
    for (const item of from.parsed.file.items) {
      if (item.kind !== 'use' || item.path.value === '' || found.size >= limits.usedFiles) continue;
      const path = usedPath(from.uri, item.path.value);
      if (seen.has(path)) continue;
      seen.add(path);
      const text = await io.readText(path).catch(() => undefined);
      if (text === undefined) continue;
      const source = sourceOf(path, text);
      found.set(path, source);
      queue.push(source);
    }
  }
  return found;
}
