// How TypeScript becomes what Node runs: the options of esbuild, for the build and for the tests of what is shipped.

const shared = { bundle: true, sourcemap: false, target: 'node20', logLevel: 'warning', loader: { '.hvo': 'text' } };
export const node = { ...shared, platform: 'node', format: 'cjs' };
// A function of what Node gives every module: cli/launch.ts runs it, and only `require` can be used in it.
const program = {
  ...node,
  supported: { 'dynamic-import': false },
  minify: true,
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
};

/** The command line: what starts it, and its programs. `dist`: the folder that they go to. */
export const commandLine = (dist) => [
  { ...node, entryPoints: ['cli/launch.ts'], outfile: `${dist}/hvo.js`, banner: { js: '#!/usr/bin/env node' } },
  { ...program, entryPoints: ['cli/main.ts'], outfile: `${dist}/hvoProgram.js` },
  { ...program, entryPoints: ['cli/checkMain.ts'], outfile: `${dist}/checkProgram.js` },
];
