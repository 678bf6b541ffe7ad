/**
 * The places of a program. An instruction carries the number of a site; a site is a statement (or a condition) of some
 * text together with the calls that led there, outermost first.
 */

import type { Site } from '../../../simulator/machine/program';
import type { Span } from '../ast';
import type { Place, Source } from './source';

/** One call on the way: the statement that holds the call, and the function that it calls. */
export interface CallPlace extends Place {
  readonly callee: string;
}

export interface SiteInfo extends Place {
  /** What runs: `cpu 0`, `irq tick on cpu 0`, `fault path`. */
  readonly context: string;
  /** The calls that led here, outermost first; empty for a statement of the `cpu` block itself. */
  readonly stack: readonly CallPlace[];
  /** The line of text, without blanks around it. */
  readonly text: string;
}

export class SiteTable {
  readonly infos: SiteInfo[] = [];
  private readonly numbers = new Map<string, Site>();

  site(context: string, source: Source, span: Span, stack: readonly CallPlace[]): Site {
    const key = `${context}|${source.uri}:${span.start}-${span.end}|${stack.map((c) => `${c.source.uri}:${c.span.start}:${c.callee}`).join('|')}`;
    let site = this.numbers.get(key);
    if (site === undefined) {
      site = this.infos.length;
      this.numbers.set(key, site);
      this.infos.push({ context, source, span, stack, text: lineText(source, span) });
    }
    return site;
  }
}

/** The first line of a span, at most 120 characters of it. */
function lineText(source: Source, span: Span): string {
  const text = source.parsed.text.slice(span.start, span.end);
  const line = text.split('\n', 1)[0] as string;
  return line.trim().slice(0, 120);
}

/** Whether a site belongs to a statement: it is in it, or was called from it. */
export function isWithin(info: SiteInfo, place: Place): boolean {
  const holds = (inner: Place) =>
    inner.source === place.source && inner.span.start >= place.span.start && inner.span.end <= place.span.end;
  return holds(info) || info.stack.some(holds);
}

/** The innermost place of a site that stands in a file of the user; undefined for the fault path of the library. */
export function userPlace(info: SiteInfo): Place | undefined {
  const places: readonly Place[] = [info, ...[...info.stack].reverse()];
  return places.find((place) => place.source.origin === 'user');
}
