/** The printable form of a path: `hvo1:` and the ordinals in base 36, runs of one ordinal shortened. */

const PREFIX = 'hvo1:';

/** 0 0 0 1 12 -> "hvo1:0*3.1.c". */
export function printSchedule(path: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < path.length; ) {
    let run = 1;
    while (path[i + run] === path[i]) run++;
    const ordinal = (path[i] as number).toString(36);
    parts.push(run > 2 ? `${ordinal}*${run}` : Array(run).fill(ordinal).join('.'));
    i += run;
  }
  return PREFIX + parts.join('.');
}

/** Steps of a schedule that a reader accepts. */
export const MAX_SCHEDULE_STEPS = 1_000_000;

/** The path of a schedule string, or what is wrong with it. */
export function parseSchedule(text: string): readonly number[] | { readonly problem: string } {
  if (!text.startsWith(PREFIX)) return { problem: `a schedule starts with ${PREFIX}` };
  const path: number[] = [];
  const body = text.slice(PREFIX.length);
  if (body === '') return path;
  for (const part of body.split('.')) {
    const match = /^([0-9a-z]{1,6})(?:\*([1-9][0-9]{0,6}))?$/.exec(part);
    if (match === null)
      return { problem: `"${part}" is not a step of a schedule; expected a base-36 number, or number*count` };
    const run = match[2] === undefined ? 1 : Number(match[2]);
    if (path.length + run > MAX_SCHEDULE_STEPS)
      return { problem: `a schedule has at most ${MAX_SCHEDULE_STEPS} steps` };
    for (let i = 0; i < run; i++) path.push(Number.parseInt(match[1] as string, 36));
  }
  return path;
}
