/**
 * When a document's problems are sent. What the parser and the names say goes out at once. What elaboration and
 * exploration said of the text before is not taken back until they have spoken about this one, or for a moment at most:
 * an editor moves the old marks with the text, and a mark that goes and comes with each key is no help.
 */

import type { Problem } from '../features/problem';

/** How long the marks of the text before may stay. */
export const HOLD_MILLISECONDS = 2000;

export interface Problems {
  /** Known at once: of syntax and names. */
  readonly first: readonly Problem[];
  /** What elaboration and exploration have said so far. */
  readonly later: readonly Problem[];
  /** Nothing more will come for this text. */
  readonly isComplete: boolean;
}

interface Sent {
  readonly first: string;
  readonly later: ReadonlySet<string>;
}

export class DiagnosticsPush {
  private readonly sent = new Map<string, Sent>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly problemsOf: (uri: string) => Problems | undefined,
    private readonly send: (uri: string) => void,
  ) {}

  /** Something about the document's problems may have changed. */
  update(uri: string): void {
    const problems = this.problemsOf(uri);
    if (problems === undefined) return;
    const before = this.sent.get(uri);
    const isLess =
      before !== undefined && before.first === signature(problems.first) && onlyFewer(before, problems.later);
    if (!isLess || problems.isComplete) this.sendNow(uri);
    else if (!this.timers.has(uri))
      this.timers.set(
        uri,
        setTimeout(() => this.sendNow(uri), HOLD_MILLISECONDS),
      );
  }

  closed(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.delete(uri);
    this.sent.delete(uri);
  }

  private sendNow(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.delete(uri);
    const problems = this.problemsOf(uri);
    if (problems === undefined) return;
    this.sent.set(uri, { first: signature(problems.first), later: new Set(problems.later.map(nameOf)) });
    this.send(uri);
  }
}

const nameOf = ({ code, message }: Problem): string => `${code} ${message}`;

const signature = (problems: readonly Problem[]): string => problems.map(nameOf).join('\n');

function onlyFewer(before: Sent, now: readonly Problem[]): boolean {
  return now.length < before.later.size && now.every((one) => before.later.has(nameOf(one)));
}
