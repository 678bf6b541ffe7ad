/**
 * Takes turns among pieces of work, in slices, so that whoever runs it stays free for messages between slices. Knows no
 * clock and no event loop: both are passed in.
 */

/** Work that can be interrupted at each `yield`, which must come every few milliseconds. */
export type Job = Generator<void, void, void>;

/** Jobs that somebody waits for go before those that nobody asked for. */
export type Urgency = 'asked' | 'background';

interface Entry {
  readonly key: string;
  readonly urgency: Urgency;
  readonly job: Job;
}

/** How long a slice may take before messages are looked at. */
export const SLICE_MILLISECONDS = 8;

export class Jobs {
  private entries: Entry[] = [];
  private scheduled = false;

  constructor(
    private readonly now: () => number,
    /** Runs the callback after what waits in the event loop. */
    private readonly later: (callback: () => void) => void,
    /** Called after each slice while work is left. */
    private readonly sliced: () => void,
  ) {}

  get isIdle(): boolean {
    return this.entries.length === 0;
  }

  has(key: string): boolean {
    return this.entries.some((entry) => entry.key === key);
  }

  /** Adds a job; one with the same key is dropped without another step. */
  start(key: string, urgency: Urgency, job: Job): void {
    this.drop(key);
    this.entries.push({ key, urgency, job });
    this.schedule();
  }

  drop(key: string): void {
    this.entries = this.entries.filter((entry) => entry.key !== key);
  }

  private schedule(): void {
    if (this.scheduled || this.isIdle) return;
    this.scheduled = true;
    this.later(() => {
      this.scheduled = false;
      this.slice();
      if (!this.isIdle) this.sliced();
      this.schedule();
    });
  }

  /** The first of the most urgent jobs works until the slice is over or the job is, and then goes to the end of the line. */
  private slice(): void {
    const entry = this.entries.find(({ urgency }) => urgency === 'asked') ?? this.entries[0];
    if (entry === undefined) return;
    const end = this.now() + SLICE_MILLISECONDS;
    do {
      if (entry.job.next().done) {
        this.entries = this.entries.filter((other) => other !== entry);
        return;
      }
    } while (this.now() < end);
    this.entries = [...this.entries.filter((other) => other !== entry), entry];
  }
}
