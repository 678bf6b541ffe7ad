/** How the tables measure: CPU seconds of whole work, in a process of its own where the start counts. */

import { spawnSync } from 'node:child_process';

/** CPU seconds of this process since it began, the start of Node included. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Runs once and counts the CPU seconds, compilation and garbage collection included. */
export function measured<T>(work: () => T): { readonly value: T; readonly cpuSeconds: number } {
  const before = cpuSeconds();
  const value = work();
  return { value, cpuSeconds: cpuSeconds() - before };
}

/** A figure that one measurement found, by name. */
export type Figures = Readonly<Record<string, string | number>>;

/**
 * Measures in a new process, cold: `table` and `what` say what, as `main.ts` takes them behind --measure. `cpuSeconds` of the
 * figures is that of the whole process.
 */
export function measuredAlone(table: string, ...what: readonly string[]): Figures {
  return measuredBy(['--measure', table, ...what]);
}

/** The same in a thread of a new process, as the explorer of the language server and those of `hvo check` are. */
export function measuredInThread(table: string, ...what: readonly string[]): Figures {
  return measuredBy(['--thread', '--measure', table, ...what]);
}

/** The same in several new processes at once: on cores that share caches each takes more than it does alone. */
export function measuredTogether(table: string, whats: readonly (readonly string[])[]): readonly Figures[] {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const commands = whats.map((what) =>
    [process.execPath, process.argv[1] ?? '', '--measure', table, ...what].map(quoted).join(' '),
  );
  const run = spawnSync('sh', ['-c', `${commands.map((command) => `(${command}; echo) &`).join(' ')} wait`], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const lines = run.stdout.split('\n').filter((line) => line !== '');
  if (lines.length !== whats.length) throw new Error(`bench ${table} failed: ${run.stderr}`);
  return lines.map((line) => JSON.parse(line) as Figures);
}

function measuredBy(args: readonly string[]): Figures {
  const run = spawnSync(process.execPath, [process.argv[1] ?? '', ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`bench ${args.join(' ')} failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as Figures;
}

/** CPU seconds of a shell command and its children, and what it printed; undefined when it fails. */
export function commandSeconds(
  command: string,
  folder: string,
): { readonly cpuSeconds: number; readonly output: string } | undefined {
  const run = spawnSync('sh', ['-c', `${command}; status=$?; echo; times; exit $status`], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (run.status !== 0) return undefined;
  // The last line of `times` is that of the children: user and system time.
  const [user, system] = run.stdout.trim().split('\n').slice(-1)[0]?.split(' ').map(inSeconds) ?? [];
  return user === undefined || system === undefined ? undefined : { cpuSeconds: user + system, output: run.stdout };
}

/** "0m1.25s" */
function inSeconds(text: string): number {
  const match = /^(\d+)m([\d.]+)s$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
}
