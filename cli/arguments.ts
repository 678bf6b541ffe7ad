import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

export type Parsed<T extends Options> =
  | {
      readonly kind: 'parsed';
      readonly values: ReturnType<
        typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>
      >['values'];
      readonly positionals: readonly string[];
    }
  | { readonly kind: 'problem'; readonly message: string };

/** Parses a verb's arguments; an unknown option or a missing value is a sentence, not an exception. */
export function parseArguments<T extends Options>(args: readonly string[], options: T): Parsed<T> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { kind: 'parsed', values, positionals };
  } catch (error) {
    // node:util reports every unusable argument by throwing a TypeError whose message is meant for the user.
    if (error instanceof TypeError) return { kind: 'problem', message: error.message };
    throw error;
  }
}
