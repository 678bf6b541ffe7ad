import type { ExitCode, Io, Run } from '../../cli/io';

export interface Printed {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a verb on files that are strings, and returns what it printed. */
export async function runVerb(
  run: Run,
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Printed> {
  let stdout = '';
  let stderr = '';
  const io: Io = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    readText: async (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return text;
    },
    writeText: async () => {},
    exists: async (path) => path in files,
    isDirectory: async () => false,
    list: async () => Object.keys(files).sort(),
  };
  const code = await run(args, io);
  return { code, stdout, stderr };
}
