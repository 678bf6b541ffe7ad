/** What a verb may do outside itself. The command line gives it the real thing, a test gives it strings. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** The text of a file (UTF-8). Rejects when it cannot be read; `readFailure` turns that into a sentence. */
  readonly readText: (path: string) => Promise<string>;
  readonly writeText: (path: string, text: string) => Promise<void>;
  readonly exists: (path: string) => Promise<boolean>;
  readonly isDirectory: (path: string) => Promise<boolean>;
  /** The program as a file that threads can run; absent: there are none. */
  readonly script?: string;
  /** Names in a directory, sorted. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /**
   * Calls `stop` at the first of the signals in place of ending the process, until what it returns is called; absent: it cannot.
   */
  readonly onInterrupt?: (stop: (code: StoppedCode) => void) => () => void;
}

/** A verb: takes its arguments, prints, and resolves to the exit code. */
export type Run = (args: readonly string[], io: Io) => Promise<ExitCode>;

/** 0: all as expected; 1: findings or unmet expectations; 2: unusable input or arguments; or it was stopped. */
export type ExitCode = 0 | 1 | 2 | StoppedCode;

/** Signals that ask a program to end (SIGINT is Ctrl-C), and a shell's exit codes for one that they ended. */
export const stoppingSignals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type StoppingSignal = keyof typeof stoppingSignals;
export type StoppedCode = (typeof stoppingSignals)[StoppingSignal];

/** Why a file could not be read, as the end of a sentence. */
export function readFailure(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'ENOTDIR':
      return 'no such file: part of its path is no directory';
    case 'EISDIR':
      return 'it is a directory; name a file';
    case 'EACCES':
      return 'reading it is not allowed';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** What is said of an error that nobody expected: it is no fault of what the user gave. */
export function ownMistake(error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `a mistake of hvo itself; please report it, with this input: ${what}`;
}

/** Why a file could not be written, as the end of a sentence. */
export function writeFailure(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'cannot be written: there is no space left for it';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'cannot be written: its directory does not exist';
    case 'EISDIR':
      return 'cannot be written: it is a directory';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'cannot be written: writing it is not allowed';
    default:
      return `cannot be written: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Problems of one file that are printed; a file of another kind has one in each line. */
const maximumProblems = 5;

/** The first lines, and how many more there are. */
export function firstFew(lines: readonly string[], of: string): string {
  const more = lines.length - maximumProblems;
  const shown = more > 1 ? lines.slice(0, maximumProblems) : lines;
  return [...shown, ...(more > 1 ? [`${of}: and ${more} more problems`] : [])].map((line) => `${line}\n`).join('');
}
