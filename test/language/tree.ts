import type { ParsedFile } from '../../server/language/parse';

/** A tree as plain data without places and comments, for comparison. */
export function treeOf({ file }: ParsedFile): unknown {
  return JSON.parse(
    JSON.stringify(file.items, (key, value: unknown) => {
      if (key === 'span' || key === 'keyword' || key === 'comments') return undefined;
      return typeof value === 'bigint' ? `${value}n` : value;
    }),
  );
}
