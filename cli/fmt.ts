/** `hvo fmt`: lays `.hvo` files out in their one form. */

import { diagnosticLine } from '../server/language/diagnosticText';
import { formatFile } from '../server/language/format';
import { parse } from '../server/language/parse';
import { misuse, parseArguments } from './arguments';
import { filesBelow } from './files';
import { type ExitCode, type Io, readFailure, writeFailure } from './io';

export const usage = `usage: hvo fmt [--check] PATH...

Lays .hvo files out in their one form, in place; a directory stands for all .hvo files below it. Only spaces, line ends
and missing semicolons change. A file with mistakes of syntax is left as it is.

  --check   change nothing; exit code 1 when a file would change, with the names of those files
`;

/** What happened to a file, in the order of getting worse. */
type Result = 'same' | 'changed' | 'unusable';

/** Exit code 0: laid out; 1: `--check` and a file would change; 2: a file cannot be used. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'problem') return misuse(io, 'fmt', parsed.message);
  if (parsed.values.help) {
    io.stdout(usage);
    return 0;
  }
  if (parsed.positionals.length === 0) return misuse(io, 'fmt', 'name at least one file or directory');
  const check = parsed.values.check === true;
  const results: Result[] = [];
  for (const path of parsed.positionals) {
    const files = await filesBelow(path, '.hvo', io, (unreadable, why) => {
      io.stderr(`hvo fmt: ${unreadable}: ${why}\n`);
      results.push('unusable');
    });
    for (const file of files) results.push(await formatOne(file, check, io));
  }
  if (results.includes('unusable')) return 2;
  return check && results.includes('changed') ? 1 : 0;
}

async function formatOne(path: string, check: boolean, io: Io): Promise<Result> {
  let text: string;
  try {
    text = await io.readText(path);
  } catch (error) {
    io.stderr(`hvo fmt: ${path}: ${readFailure(error)}\n`);
    return 'unusable';
  }
  const parsed = parse(text);
  const formatted = formatFile(parsed);
  if (formatted === undefined) {
    for (const one of parsed.diagnostics) io.stderr(`${diagnosticLine(path, parsed.lines, one)}\n`);
    return 'unusable';
  }
  if (formatted === text) return 'same';
  if (!check) {
    try {
      await io.writeText(path, formatted);
    } catch (error) {
      io.stderr(`hvo fmt: ${path}: ${writeFailure(error)}\n`);
      return 'unusable';
    }
  }
  io.stdout(`${path}\n`);
  return 'changed';
}
