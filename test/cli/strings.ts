import type { ExitCode, Io } from '../../cli/io';
import { main } from '../../cli/main';

export interface Printed {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line on files that are strings; a path with others below it is a directory. `pressesWhen`: somebody presses
 * Ctrl-C as soon as this is so of what stands on stdout.
 */
export async function hvo(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  pressesWhen: (stdout: string) => boolean = () => false,
): Promise<Printed> {
  let stdout = '';
  let stderr = '';
  let stop = () => {};
  const below = (path: string) => `${path.replace(/\/$/, '')}/`;
  const names = (path: string) => [
    ...new Set(
      Object.keys(files)
        .filter((file) => file.startsWith(below(path)))
        .map((file) => file.slice(below(path).length).split('/')[0] as string),
    ),
  ];
  const io: Io = {
    stdout: (text) => {
      stdout += text;
      if (pressesWhen(stdout)) stop();
    },
    stderr: (text) => {
      stderr += text;
    },
    readText: async (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return text;
    },
    writeText: async (path) => {
      if (path.includes('/')) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    },
    exists: async (path) => path in files || names(path).length > 0,
    isDirectory: async (path) => !(path in files) && names(path).length > 0,
    list: async (path) => names(path).sort(),
    onInterrupt: (told) => {
      stop = () => told(130);
      if (pressesWhen(stdout)) stop();
      return () => {
        stop = () => {};
      };
    },
  };
  const code = await main(args, io);
  return { code, stdout, stderr };
}

export const ok = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "fine" {
  cpu 0 { r0 = load(H.page(1).flags); }
  always r0 == initial(H.page(1).flags)
}
`;

export const failing = `lock a : spin
lock b : spin
scenario "one order" {
  cpu 0 { spin_lock(a); spin_lock(b); spin_unlock(b); spin_unlock(a); }
}
scenario "two orders" {
  cpu 0 { spin_lock(a); spin_lock(b); spin_unlock(b); spin_unlock(a); }
  cpu 1 { spin_lock(b); spin_lock(a); spin_unlock(a); spin_unlock(b); }
  never deadlock
}
`;

/** A scenario that is explored in no time, and one that takes longer than anybody waits. */
export const endless = `var x = 0
scenario "short" { cpu 0 { store(x, 1); } }
scenario "long" {
${[0, 1, 2, 3].map((cpu) => `  cpu ${cpu} { repeat 9 { store(x, ${cpu}); r0 = load(x); } }`).join('\n')}
}
`;

export const broken = 'scenario "typo" { cpu 0 { laod(1); } }\n';
