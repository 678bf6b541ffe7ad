import { describe, expect, it } from 'vitest';
import { filesBelow, type Import, importsOf, textOf } from './imports';

/** Each room and the rooms that it may import from; rooms are path prefixes, the longest one counts. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  'simulator/machine': [],
  'simulator/steps': ['simulator/machine'],
  'simulator/explore': ['simulator/machine', 'simulator/steps'],
  'simulator/run': ['simulator/machine'],
  'server/language': ['simulator'],
  'server/litmus': ['simulator', 'server/rules'],
  'server/trace': ['simulator', 'server/rules'],
  'server/rules': ['simulator', 'server/language'],
  'server/verdict': ['simulator', 'server/language', 'server/rules'],
  'server/export': ['simulator', 'server/language', 'server/litmus', 'server/verdict'],
  'server/compare': ['simulator', 'server/language', 'server/verdict'],
  'server/features': ['simulator', 'server/language', 'server/rules', 'server/verdict'],
  'server/lsp': ['simulator', 'server/language', 'server/rules', 'server/verdict', 'server/compare', 'server/features'],
  cli: ['simulator', 'server'],
  client: ['server/lsp/protocol'],
  bench: ['simulator', 'server'],
};

function roomOf(path: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function isOwn(i: Import): boolean {
  return /^(simulator|server|cli|client|bench|test)\//.test(i.to);
}

const sources = ['simulator', 'server', 'cli', 'client', 'bench'].flatMap((folder) => filesBelow(folder));

describe('the house', () => {
  it('imports run one way', () => {
    const wrong = sources.flatMap(importsOf).filter((i) => {
      if (!isOwn(i)) return false;
      const from = roomOf(i.from);
      const to = roomOf(i.to);
      if (from === undefined || from === to) return false;
      return !(rooms[from] ?? []).some(
        (allowed) => i.to === allowed || i.to.startsWith(`${allowed}/`) || i.to.startsWith(allowed),
      );
    });
    expect(wrong.map((i) => `${i.from} -> ${i.to}`)).toEqual([]);
  });

  it('every source file stands in a room', () => {
    expect(sources.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  it('the simulator knows no platform, no clock, no chance, no console and nothing asynchronous', () => {
    const forbidden =
      /\bnode:|\bvscode|\bDate\b|Math\.random|\bconsole\.|\basync\b|\bawait\b|\bPromise\b|\bsetTimeout\b|\bprocess\.|\bperformance\b/;
    const wrong = filesBelow('simulator').flatMap((file) =>
      textOf(file)
        .split('\n')
        .map((line, n) => ({ line, at: `${file}:${n + 1}` }))
        .filter(({ line }) =>
          forbidden.test(
            line
              .replace(/\/\/.*$/, '')
              .replace(/^\s*\*.*$/, '')
              .replace(/^\/\*\*.*$/, ''),
          ),
        )
        .map(({ line, at }) => `${at} ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });

  it('LSP types are known to server/lsp and the client only', () => {
    const wrong = sources
      .filter((file) => !file.startsWith('server/lsp/') && !file.startsWith('client/'))
      .flatMap(importsOf)
      .filter((i) => i.to.startsWith('vscode-language') || i.to.startsWith('vscode-jsonrpc'));
    expect(wrong.map((i) => `${i.from} -> ${i.to}`)).toEqual([]);
  });

  it('VS Code is known to the client only', () => {
    const wrong = sources
      .filter((file) => !file.startsWith('client/'))
      .flatMap(importsOf)
      .filter((i) => i.to === 'vscode');
    expect(wrong.map((i) => i.from)).toEqual([]);
  });

  it('there are no default exports, no barrels, no leftovers', () => {
    const wrong = sources.flatMap((file) =>
      textOf(file)
        .split('\n')
        .map((line, n) => ({ line, at: `${file}:${n + 1}` }))
        .filter(({ line }) =>
          /^export default|^export \* from|\bTODO\b|\bFIXME\b|\bXXX\b|@ts-ignore|@ts-expect-error/.test(line),
        )
        .map(({ line, at }) => `${at} ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });
});
