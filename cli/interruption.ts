/** Ctrl-C, or another request to end, during long work: what is done by then is printed, and what is not is told. */

import { now } from './clock';
import type { Io, StoppedCode } from './io';

export interface Interruption {
  readonly happened: boolean;
  /** The exit code for it, once it has happened. */
  readonly code: StoppedCode | undefined;
  /** Resolves when it happens. */
  readonly arrival: Promise<void>;
  /** Called now and then by who works in this thread, so that it can happen. */
  readonly allow: () => Promise<void>;
  /** From now on it ends the process again. */
  readonly end: () => void;
}

/** Milliseconds between two moments in which it can happen. */
const ALLOWED_EVERY = 50;

/** It costs nothing for as long as nothing takes long: until the first of those moments it just ends the process. */
export function interruption(io: Io): Interruption {
  let code: StoppedCode | undefined;
  let arrive = () => {};
  let forget: (() => void) | undefined;
  let allowed = now();
  const listen = () => {
    forget ??= io.onInterrupt?.((of) => {
      code = of;
      arrive();
    });
  };
  return {
    get happened() {
      return code !== undefined;
    },
    get code() {
      return code;
    },
    get arrival() {
      listen();
      return new Promise<void>((resolve) => {
        arrive = resolve;
        if (code !== undefined) resolve();
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
