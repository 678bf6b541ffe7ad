/** `hvo lsp`: the language server, for editors that start one themselves. */

import { startServer } from '../server/lsp/nodeServer';
import { misuse, parseArguments } from './arguments';
import type { ExitCode, Io } from './io';

export const usage = `usage: hvo lsp --stdio

The language server on standard input and output: diagnostics, outcomes (as inlay hints), hover, completion, lenses.
`;

/** Ends when the editor says so: the connection then ends the process. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    stdio: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'parsed' && parsed.values.help) {
    io.stdout(usage);
    return 0;
  }
  if (parsed.kind === 'problem') return misuse(io, 'lsp', parsed.message);
  if (!parsed.values.stdio) return misuse(io, 'lsp', 'the editor and the server speak over --stdio');
  startServer('stdio');
  return new Promise(() => {});
}
