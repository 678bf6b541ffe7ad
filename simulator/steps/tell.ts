/** Tells an event of an instruction of a CPU, and sets the marks of those who observe it. */

import type { Compiled } from '../machine/code';
import type { Event } from '../machine/events';
import { faultKind, faultLevel, faultOutcome } from '../machine/faults';
import type { Machine } from '../machine/machine';

export function tell(m: Machine, t: number, c: Compiled, what: Omit<Event, 'cpu' | 'site'>): void {
  tellEvent(m, t, { ...what, cpu: t, site: c.instruction.site });
}

export function tellEvent(m: Machine, t: number, event: Event): void {
  m.emit(event);
  if (!m.events.any) return;
  m.mark(t, m.events.marks(event));
}

const MAX_CPUS = 64;
const MAX_CODE = 1 << 17;

/**
 * Tells how the access at code index `ip` ended: `how` numbers the outcome (fault kind and level, or one of ENDED) and
 * `va` is the address as a value number + 1, 0 without one. The same end is the same object each time, which is cheap.
 */
export function tellAccess(m: Machine, t: number, ip: number, how: number, va: number): void {
  const { accesses } = m.events;
  const key = ((va * 256 + how) * MAX_CPUS + t) * MAX_CODE + ip;
  let known = accesses.get(key);
  if (known === undefined) {
    const event: Event = {
      kind: 'access',
      cpu: t,
      site: m.compiled(t, ip).instruction.site,
      ...(how < ENDED.OK
        ? { outcome: faultOutcome(faultKind(how)), level: faultLevel(how) }
        : { outcome: words[how - ENDED.OK] as string }),
      ...(va === 0 ? {} : { address: m.values.get(va - 1) }),
    };
    known = { event, marks: m.events.marks(event) };
    accesses.set(key, known);
  }
  m.emit(known.event);
  m.mark(t, known.marks);
}

/** Ends of an access that did not fault; smaller numbers are packed faults. */
export const ENDED = {
  OK: 200,
  STALE_READ: 201,
  LOST_UPDATE: 202,
  USE_AFTER_FREE: 203,
  UNPREDICTABLE: 204,
  UNINITIALISED: 205,
} as const;

const words = ['ok', 'stale-read', 'lost-update', 'use-after-free', 'unpredictable', 'uninitialised-read'];
