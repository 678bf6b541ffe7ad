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
}

/** A verb: takes its arguments, prints, and resolves to the exit code. */
export type Run = (args: readonly string[], io: Io) => Promise<ExitCode>;

/** 0: all as expected; 1: findings or unmet expectations; 2: unusable input or arguments. */
export type ExitCode = 0 | 1 | 2;

/** Why a file could not be read, as the end of a sentence. */
export function readFailure(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EISDIR':
      return 'it is a directory; name a file';
    case 'EACCES':
      return 'reading it is not allowed';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
