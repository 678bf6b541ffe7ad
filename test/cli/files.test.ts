import { describe, expect, it } from 'vitest';
import { filesBelow } from '../../cli/files';
import type { Io } from '../../cli/io';

/** Folders by name; one that has no names in it may not be read. */
const folders: Readonly<Record<string, readonly string[] | undefined>> = {
  all: ['a.hvo', 'locked', 'notes.txt', 'deep', 'node_modules', '.hidden'],
  'all/deep': ['b.hvo'],
  'all/locked': undefined,
  none: ['notes.txt'],
};

const io: Io = {
  stdout: () => {},
  stderr: () => {},
  readText: async () => '',
  writeText: async () => {},
  exists: async () => true,
  isDirectory: async (path) => path in folders,
  list: async (path) => {
    const names = folders[path];
    if (names === undefined) throw Object.assign(new Error(`scandir ${path}`), { code: 'EACCES' });
    return names;
  },
};

async function found(path: string): Promise<readonly string[]> {
  const told: string[] = [];
  const files = await filesBelow(path, '.hvo', io, (at, why) => told.push(`${at}: ${why}`));
  return [...files, ...told];
}

describe('the files below a folder', () => {
  it('are found beside a folder that cannot be read, which is told', async () => {
    expect(await found('all')).toEqual(['all/a.hvo', 'all/deep/b.hvo', 'all/locked: reading it is not allowed']);
    expect(await found('all/locked')).toEqual(['all/locked: reading it is not allowed']);
  });

  it('may be none, which is told', async () => {
    expect(await found('none')).toEqual(['none: there is no .hvo file below it']);
  });

  it('are a file itself, whatever its name', async () => {
    expect(await found('notes.txt')).toEqual(['notes.txt']);
  });
});
