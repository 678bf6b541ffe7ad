// Packages the extension as a user would install it.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A .vsix larger than this has something in it that does not belong there. */
const MAX_BYTES = 500 * 1024;

/** @returns {Promise<string>} the path of the .vsix, written to `path` */
export async function packageExtension(root, path) {
  const require = createRequire(import.meta.url);
  const vsce = join(dirname(require.resolve('@vscode/vsce/package.json')), 'vsce');
  // The README's links lead to pages beside it, and no repository is named that they could be rewritten to.
  const forms = ['--allow-missing-repository', '--no-rewrite-relative-links'];
  const args = [vsce, 'package', '--no-dependencies', ...forms, '--out', path];
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.status !== 0) throw new Error(`vsce could not package the extension:\n${result.stdout}${result.stderr}`);
  const { size } = statSync(path);
  console.log(`Packaged: ${(size / 1024).toFixed(0)} KB`);
  if (size > MAX_BYTES)
    throw new Error(`the .vsix has ${size} bytes; at most ${MAX_BYTES} are allowed:\n${result.stdout}`);
  return path;
}
