import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type Io, type StoppingSignal, stoppingSignals, writeFailure } from './io';

/** Files and standard streams of the process. It ends where what it prints goes nowhere. */
export function nodeIo(): Io {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') endOfPipe();
    process.stderr.write(`hvo: what it prints ${writeFailure(error)}\n`, () => process.exit(2));
  });
  // There is nobody left to be told.
  process.stderr.on('error', () => {});
  return {
    script: __filename,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    // Nothing else happens meanwhile, and for many small files this takes a fraction of the time.
    readText: async (path) => readFileSync(path, 'utf8'),
    writeText: async (path, text) => writeFileSync(path, text),
    exists: async (path) => statOf(path) !== undefined,
    isDirectory: async (path) => statOf(path)?.isDirectory() ?? false,
    // A pipe, a socket or a device may never end; who means one names it.
    list: async (path) =>
      readdirSync(path, { withFileTypes: true })
        .filter((one) => one.isFile() || one.isDirectory() || one.isSymbolicLink())
        .map(({ name }) => name)
        .sort(),
    onInterrupt: (stop) => {
      const signals = Object.keys(stoppingSignals) as StoppingSignal[];
      const stopped = (signal: StoppingSignal) => {
        forget();
        stop(stoppingSignals[signal]);
      };
      const forget = () => {
        for (const signal of signals) process.off(signal, stopped);
      };
      for (const signal of signals) process.on(signal, stopped);
      return forget;
    },
  };
}

/** A reader that went away (`hvo … | head`) ends the process quietly, as it ends any other: what it would have said is not known. */
function endOfPipe(): never {
  if (process.platform !== 'win32') {
    // Node ignores the signal for as long as nobody has listened to it.
    const listen = () => {};
    process.on('SIGPIPE', listen).off('SIGPIPE', listen);
    process.kill(process.pid, 'SIGPIPE');
  }
  process.exit(2);
}

/** Undefined when nothing of that name can be reached. */
function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
