// Bundles the three programs: the command line, the language server (its worker is the same file) and the extension.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';

const shared = { bundle: true, sourcemap: false, target: 'node20', logLevel: 'warning', loader: { '.hvo': 'text' } };
const node = { ...shared, platform: 'node', format: 'cjs' };

/** One row a bundle: where it starts, where it goes, what stays outside. */
const bundles = [
  { ...node, entryPoints: ['cli/main.ts'], outfile: 'dist/hvo.js', minify: true, banner: { js: '#!/usr/bin/env node' } },
  { ...node, entryPoints: ['server/lsp/main.ts'], outfile: 'dist/server.js', minify: true },
  { ...node, entryPoints: ['server/lsp/explorerWorker.ts'], outfile: 'dist/explorerWorker.js', minify: true },
  { ...node, entryPoints: ['client/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'], minify: true },
  { ...node, entryPoints: ['bench/main.ts'], outfile: 'dist/bench.js' },
];

await Promise.all(bundles.filter((b) => existsSync(b.entryPoints[0])).map((b) => build(b)));
