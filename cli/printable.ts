/** What goes to a terminal: the characters of a file that would steer it are shown, not sent. */

import type { Io } from './io';

// C0 but tab and line feed, C1, and what turns the direction of writing or is not seen at all.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Each such character as `\u001b`, which is also how JSON writes it. */
export function printable(text: string): string {
  return text.replace(steering, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function printsPlainly(io: Io): Io {
  return {
    ...io,
    stdout: (text) => io.stdout(printable(text)),
    stderr: (text) => io.stderr(printable(text)),
  };
}
