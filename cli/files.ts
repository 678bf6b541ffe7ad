/** Files that a verb works on, and the texts that they use. */

import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { Source } from '../server/language/elaborate/source';
import { whyNoText } from '../server/language/encoding';
import { limits } from '../server/language/limits';
import { type OpenOptions, sourceOf } from '../server/verdict/fileCheck';
import { type Io, readFailure } from './io';

/** Directories below each other, so that a circle of links comes to an end. */
const maximumDepth = 32;

/** Told of a path that cannot be read, and why. */
export type TellUnreadable = (path: string, why: string) => void;

/** The file itself, or all files with the ending below a directory, sorted. Says what is missing: a folder that cannot be read, or all. */
export async function filesBelow(
  path: string,
  ending: string,
  io: Io,
  tell: TellUnreadable,
): Promise<readonly string[]> {
  let told = false;
  const files = await walk(path, ending, io, (folder, why) => {
    told = true;
    tell(folder, why);
  });
  if (files.length === 0 && !told) tell(path, `there is no ${ending} file below it`);
  return files;
}

async function walk(path: string, ending: string, io: Io, tell: TellUnreadable, depth = 0): Promise<readonly string[]> {
  if (!(await io.isDirectory(path))) return depth === 0 || path.endsWith(ending) ? [path] : [];
  if (depth >= maximumDepth) return [];
  const files: string[] = [];
  const names = await io.list(path).catch((error) => {
    tell(path, readFailure(error));
    return [];
  });
  for (const name of names) {
    if (name === 'node_modules' || name.startsWith('.')) continue;
    const below = path === '.' ? name : `${path.replace(/[\\/]$/, '')}/${name}`;
    files.push(...(await walk(below, ending, io, tell, depth + 1)));
  }
  return files;
}

/** A text that another tool wrote. Rejects also when it is none, with what it seems to be. */
export async function readForeign(path: string, io: Io): Promise<string> {
  if (path.endsWith('.hvo') && (await io.exists(path)))
    throw new Error('it is a .hvo file; `hvo check` explores its scenarios');
  const text = await io.readText(path);
  const why = whyNoText(text);
  if (why !== undefined) throw new Error(why);
  return text;
}

/** Where `use "other.hvo"` of a file leads: its path counts from the file. */
export function usedPath(from: string, path: string): string {
  return isAbsolute(path) ? normalize(path) : join(dirname(from), path);
}

export interface FilePart {
  /** Scenarios by their places among those of the file. */
  readonly scenarios: readonly number[];
  /** What is told of the text outside them. */
  readonly outside: NonNullable<OpenOptions['outside']>;
}

/** A file and those that it uses, as texts: what a worker needs to know of them. */
export interface FileTexts {
  readonly path: string;
  readonly text: string;
  readonly used: readonly { readonly path: string; readonly text: string }[];
  /** Paths among `used` that are used as if the file said so at its top (`--with`). */
  readonly first: readonly string[];
  /** Of its scenarios, in the order of the text. */
  readonly titles: readonly string[];
  /** What of the file is asked for; absent: all. */
  readonly part?: FilePart;
}

/** Reads a file, those that go first, and what they use. Rejects when one that is named cannot be read. */
export async function readTexts(path: string, first: readonly string[], io: Io): Promise<FileTexts> {
  if (path.endsWith('.litmus') && (await io.exists(path))) throw new Error('it is a litmus test; `hvo litmus` runs it');
  const text = await io.readText(path);
  const named: Source[] = [];
  for (const one of first) named.push(sourceOf(normalize(one), await readNamed(one, io)));
  const main = sourceOf(path, text);
  const used = await readUsed([main, ...named], io);
  return {
    path,
    text,
    used: [...named, ...used.values()].map((source) => ({ path: source.uri, text: source.parsed.text })),
    first: named.map((source) => source.uri),
    titles: main.parsed.file.items.flatMap((item) => (item.kind === 'scenario' ? [item.title.value] : [])),
  };
}

async function readNamed(path: string, io: Io): Promise<string> {
  try {
    return await io.readText(path);
  } catch (error) {
    throw new Error(`--with ${path}: ${readFailure(error)}`);
  }
}

/** The texts of the files that sources use, directly and not, by path. One that cannot be read is not there. */
async function readUsed(mains: readonly Source[], io: Io): Promise<ReadonlyMap<string, Source>> {
  const found = new Map<string, Source>();
  const seen = new Set(mains.map((main) => main.uri));
  const queue: Source[] = [...mains];
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
