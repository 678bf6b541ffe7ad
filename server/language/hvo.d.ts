/** A `.hvo` file is imported as its text (esbuild's text loader; `vitest.config.mjs` does the same for tests). */
declare module '*.hvo' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: esbuild's text loader exports the text so.
  export default text;
}
