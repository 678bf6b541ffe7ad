import type { Event } from '../../simulator/machine/events';
import type { Site } from '../../simulator/machine/program';

/** Where an event belongs: a report of the fault path belongs to the access that faulted. An interrupt has no syndrome. */
export function siteOf(event: Event): Site {
  return event.origin !== undefined && event.esr !== 0n ? event.origin : event.site;
}
