/** Runs a command line as the program of the process, or what its threads do. */

import { exploringThread } from './exploringThread';
import { type ExitCode, type Io, ownMistake, type StoppingSignal, stoppingSignals } from './io';
import { nodeIo } from './nodeIo';
import { printable } from './printable';

/** `serveThread` resolves to false where this is no thread, whatever its argument says. */
export async function start(
  main: (args: readonly string[], io: Io) => Promise<ExitCode>,
  serveThread: () => Promise<boolean>,
): Promise<void> {
  const args = process.argv.slice(2);
  if (args[0] === exploringThread && (await serveThread())) return;
  const io = nodeIo();
  try {
    process.exitCode = await main(args, io);
    // Who started the process is to see what ended it, after everything was written.
    for (const [signal, code] of Object.entries(stoppingSignals) as [StoppingSignal, ExitCode][])
      if (process.exitCode === code) process.stdout.write('', () => process.kill(process.pid, signal));
  } catch (error) {
    io.stderr(printable(`hvo: ${ownMistake(error)}\n`));
    process.exitCode = 2;
  }
}
