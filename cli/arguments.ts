import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearestOrLonger } from '../server/language/suggest';
import type { Io } from './io';

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
    if (positionals.includes(''))
      return { kind: 'problem', message: 'an argument is empty; a variable of the shell may not be set' };
    return { kind: 'parsed', values, positionals };
  } catch (error) {
    // node:util reports every unusable argument by throwing a TypeError.
    if (error instanceof TypeError) return { kind: 'problem', message: problemOf(args, options) ?? error.message };
    throw error;
  }
}

/** What is wrong with the first option that cannot be used. */
function problemOf(args: readonly string[], options: Options): string | undefined {
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) return `there is no option ${rawName}${suggestionFor(name, options)}`;
    if (option.type === 'boolean' && value !== undefined) return `${rawName} takes no value, found "${value}"`;
    if (option.type === 'string' && value === undefined) return `${rawName} needs a value behind it`;
    if (option.type === 'string' && !inlineValue && value?.startsWith('-') && value.length > 1)
      return `${rawName} needs a value behind it, found the option ${value} (or write ${rawName}=${value})`;
  }
  return undefined;
}

function suggestionFor(name: string, options: Options): string {
  const near = nearestOrLonger(name, Object.keys(options));
  return near === undefined
    ? `; there are ${Object.keys(options)
        .map((one) => `--${one}`)
        .join(', ')}`
    : `; did you mean --${near}?`;
}

/** Arguments that cannot be used: one line, and where to read more. */
export function misuse(io: Io, verb: string, message: string): 2 {
  io.stderr(`hvo ${verb}: ${message}\nTry: hvo ${verb} --help\n`);
  return 2;
}
