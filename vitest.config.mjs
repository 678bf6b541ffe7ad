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
  // A busy machine is slow; what hangs is found all the same.
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
