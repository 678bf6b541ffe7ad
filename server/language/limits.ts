/** Bounds of the front end. Each is reported where it is hit, and nothing beyond it costs more than one look. */

export const limits = {
  /** UTF-16 units of a file. */
  textLength: 2_000_000,
  /** Blocks, statements and parentheses inside each other. A block counts twice, as a statement and as a block. */
  nesting: 200,
  /** Operators, members and calls of one expression at one nesting level. */
  chain: 500,
  /** Diagnostics of one file; one more says that there are others. */
  diagnostics: 200,
  /** Digits of a number, which has to fit into 64 bits anyway. */
  numberLength: 80,
  /** Highest CPU number in a scenario. */
  cpu: 63,
  /** Files that `use` may bring in, directly and indirectly. */
  usedFiles: 64,
} as const;
