/** Tells an event of an instruction of a CPU, and sets the marks of those who observe it. */

import type { Compiled } from '../machine/code';
import type { Event } from '../machine/events';
import type { Machine } from '../machine/machine';

export function tell(m: Machine, t: number, c: Compiled, what: Omit<Event, 'cpu' | 'site'>): void {
  const event: Event = { ...what, cpu: t, site: c.instruction.site };
  m.emit(event);
  if (!m.events.any) return;
  const bits = m.events.marks(event);
  if (bits !== 0) m.mark(t, bits);
}
