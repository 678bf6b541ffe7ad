/** The project's source files and what they import, for the tests that hold the house in order. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** Source files below a folder of the project, as paths relative to the project. */
export function filesBelow(folder: string, endings: readonly string[] = ['.ts']): string[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    for (const name of readdirSync(join(root, path)).sort()) {
      if (name === 'node_modules' || name === 'dist') continue;
      const below = join(path, name);
      if (statSync(join(root, below)).isDirectory()) visit(below);
      else if (endings.some((e) => name.endsWith(e))) found.push(below);
    }
  };
  if (existsSync(join(root, folder))) visit(folder);
  return found;
}

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

export interface Import {
  readonly from: string;
  /** A path relative to the project for the project's own files, else the module's name. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const statement = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)';/gm;

export function importsOf(file: string): Import[] {
  return [...textOf(file).matchAll(statement)].map(([, type, name]) => ({
    from: file,
    to: name?.startsWith('.') ? relative(root, normalize(join(root, dirname(file), name))) : (name ?? ''),
    typeOnly: type !== undefined,
  }));
}
