/** How the tables measure and print. */

export interface Io {
  readonly readText: (path: string) => string;
}

/** Runs once and counts the CPU seconds of the process, compilation and garbage collection included. */
export function measured<T>(work: () => T): { readonly value: T; readonly cpuSeconds: number } {
  const before = process.cpuUsage();
  const value = work();
  const used = process.cpuUsage(before);
  return { value, cpuSeconds: (used.user + used.system) / 1e6 };
}

export function seconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0);
}

/** Columns aligned for a terminal. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((r) => r[i]?.length ?? 0)));
  return all
    .map((r) =>
      r
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
