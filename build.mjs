// Bundles the programs (command line, language server, its worker, extension) and the suites that run in VS Code.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { commandLine, node } from './bundles.mjs';

const suitesFolder = 'test/vscode/suites';
const suites = readdirSync(suitesFolder).filter((name) => name.endsWith('.suite.ts') || name === 'index.ts');

const client = {
  ...node,
  supported: { 'dynamic-import': false },
  external: ['vscode', './languageClient.js'],
  minify: true,
};

/** One row a bundle: where it starts, where it goes, what stays outside. */
const bundles = [
  ...commandLine('dist'),
  { ...node, entryPoints: ['cli/writeCodeCache.ts'], outfile: 'dist/writeCodeCache.js' },
  { ...node, entryPoints: ['server/lsp/main.ts'], outfile: 'dist/server.js', minify: true },
  { ...client, entryPoints: ['client/extension.ts'], outfile: 'dist/extension.js' },
  { ...client, entryPoints: ['client/languageClient.ts'], outfile: 'dist/languageClient.js' },
  { ...node, entryPoints: ['bench/main.ts'], outfile: 'dist/bench.js' },
  {
    ...node,
    entryPoints: suites.map((name) => `${suitesFolder}/${name}`),
    outdir: 'dist/test/vscode',
    external: ['vscode', 'mocha'],
  },
];

for (const name of ['hvo', 'check']) rmSync(`dist/${name}Program.cache`, { force: true });
// The server and its worker have most of their code in common.
mkdirSync('dist', { recursive: true });
writeFileSync('dist/explorerWorker.js', "require('./server.js');\n");
await Promise.all(bundles.filter((b) => existsSync(b.entryPoints[0])).map((b) => build(b)));

/** The code cache of a program is what it compiles for these arguments; the examples have scenarios that fail and that do not. */
const usual = [
  ['--version'],
  ['check', '--jobs', '1', 'examples/03-the-hook-waits.hvo', 'examples/08-missing-dsb.hvo'],
];
for (const args of usual) {
  const { status, stderr } = spawnSync(process.execPath, ['dist/writeCodeCache.js', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`hvo ${args.join(' ')}: exit code ${status}: ${stderr}`);
}
