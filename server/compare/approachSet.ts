/**
 * The files of a comparison: readers, sizes, and the approaches that are compared. A file's name says what it is, and its
 * first line what it is about.
 */

import { type ParsedFile, parse } from '../language/parse';

export interface SetFile {
  readonly path: string;
  readonly text: string;
}

export interface Approach {
  readonly path: string;
  /** The file's name without its ending. */
  readonly name: string;
  /** The first line of the file's first comment; the name where there is none. */
  readonly title: string;
}

export interface ScenarioFile {
  readonly path: string;
  readonly scenarios: readonly string[];
}

export interface ApproachSet {
  /** Each of its scenarios is explored under each approach. */
  readonly readers: ScenarioFile | undefined;
  /** Each of its scenarios is executed once under each approach, and counted. */
  readonly sizes: ScenarioFile | undefined;
  /** In the order of their names. */
  readonly approaches: readonly Approach[];
}

export const readersName = 'readers.hvo';
export const sizesName = 'sizes.hvo';

/** Sorts the files of a folder out: a file that another one uses is a part of that one, and no approach. */
export function approachSet(files: readonly SetFile[]): ApproachSet {
  const parsed = files.map((file) => ({ path: file.path, parsed: parse(file.text) }));
  const parts = new Set(parsed.flatMap((file) => usedNames(file.parsed)));
  const scenariosOf = (name: string): ScenarioFile | undefined => {
    const file = parsed.find(({ path }) => baseName(path) === name);
    if (file === undefined) return undefined;
    const scenarios = file.parsed.file.items.flatMap((item) => (item.kind === 'scenario' ? [item.title.value] : []));
    return { path: file.path, scenarios };
  };
  return {
    readers: scenariosOf(readersName),
    sizes: scenariosOf(sizesName),
    approaches: files
      .map(({ path, text }): Approach => {
        const name = baseName(path).replace(/\.hvo$/, '');
        return { path, name, title: titleOf(text) ?? name };
      })
      .filter(({ name }) => ![readersName, sizesName].includes(`${name}.hvo`) && !parts.has(`${name}.hvo`))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function usedNames({ file }: ParsedFile): readonly string[] {
  return file.items.flatMap((item) => (item.kind === 'use' ? [baseName(item.path.value)] : []));
}

/** A set is one folder: the name of a file is enough. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function titleOf(text: string): string | undefined {
  return /^\/\/ *(.*\S)/.exec(text)?.[1]?.replace(/\.$/, '');
}
