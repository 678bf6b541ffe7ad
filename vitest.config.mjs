import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Imports `.hvo` files as their text, as the bundles do. */
const hvoAsText = {
  name: 'hvo-as-text',
  enforce: 'pre',
  load(id) {
    if (!id.endsWith('.hvo')) return undefined;
    return `export default ${JSON.stringify(readFileSync(id, 'utf8'))};`;
  },
};

// biome-ignore lint/style/noDefaultExport: vitest takes its configuration from the default export.
export default defineConfig({
  plugins: [hvoAsText],
  test: {
    include: ['test/**/*.test.ts'],
    // Modules hold no state that a test changes: they are loaded once for all files of one worker.
    isolate: false,
    // A bound for what hangs; a busy machine is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
