/** Ctrl-C during long work: what is done by then is printed, and what is not is told. */

import { now } from './clock';
import type { Io } from './io';

export interface Interruption {
  readonly happened: boolean;
  /** Resolves when it happens. */
  readonly arrival: Promise<void>;
  /** Called now and then by who works in this thread, so that it can happen. */
  readonly allow: () => Promise<void>;
  /** From now on Ctrl-C ends the process again. */
  readonly end: () => void;
}

/** Milliseconds between two moments in which it can happen. */
const ALLOWED_EVERY = 50;

/** It costs nothing for as long as nothing takes long: until the first of those moments Ctrl-C just ends the process. */
export function interruption(io: Io): Interruption {
  let happened = false;
  let arrive = () => {};
  let forget: (() => void) | undefined;
  let allowed = now();
  const listen = () => {
    forget ??= io.onInterrupt?.(() => {
      happened = true;
      arrive();
    });
  };
  return {
    get happened() {
      return happened;
    },
    get arrival() {
      listen();
      return new Promise<void>((resolve) => {
        arrive = resolve;
        if (happened) resolve();
      });
    },
    allow: async () => {
      if (now() - allowed < ALLOWED_EVERY) return;
      listen();
      await new Promise<void>((resolve) => setImmediate(resolve));
      allowed = now();
    },
    end: () => forget?.(),
  };
}
