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
  /** What runs: `cpu 0`, `irq tick`, `fault path`. */
  readonly context: string;
  /** The calls that led here, outermost first; empty for a statement of the `cpu` block itself. */
  readonly stack: readonly CallPlace[];
  /** The line of text, without blanks around it. */
  readonly text: string;
}

/** The calls that are open at some point, one object for each way to get there. */
export interface CallStack {
  readonly context: string;
  readonly calls: readonly CallPlace[];
  readonly deeper: Map<Source, Map<number, CallStack[]>>;
  readonly sites: Map<Source, Map<number, Site>>;
  /** The sites by the very spans that were asked for: a tree's spans are asked for again and again. */
  readonly quick: Map<Span, Site>;
}

/** Spans as numbers: texts are shorter than 2^24. */
function spanKey(span: Span): number {
  return span.start * 2 ** 24 + span.end;
}

export class SiteTable {
  readonly infos: SiteInfo[] = [];
  /** The sites that were asked for since the list was begun, each once, and for each site the last list that has it. */
  private asked: Site[] = [];
  private readonly lists: Site[][] = [];
  private readonly roots = new Map<string, CallStack>();

  /** The stack of a piece of code that nobody calls. */
  root(context: string): CallStack {
    let stack = this.roots.get(context);
    if (stack === undefined) {
      stack = { context, calls: [], deeper: new Map(), sites: new Map(), quick: new Map() };
      this.roots.set(context, stack);
    }
    return stack;
  }

  /** The stack inside a call. */
  call(stack: CallStack, call: CallPlace): CallStack {
    const bySpan = entry(stack.deeper, call.source, () => new Map<number, CallStack[]>());
    const candidates = entry(bySpan, spanKey(call.span), () => []);
    let inside = candidates.find((one) => one.calls[one.calls.length - 1]?.callee === call.callee);
    if (inside === undefined) {
      inside = {
        context: stack.context,
        calls: [...stack.calls, call],
        deeper: new Map(),
        sites: new Map(),
        quick: new Map(),
      };
      candidates.push(inside);
    }
    return inside;
  }

  site(stack: CallStack, source: Source, span: Span): Site {
    const known = stack.quick.get(span);
    if (known !== undefined) return this.note(known);
    const bySpan = entry(stack.sites, source, () => new Map<number, Site>());
    const site = entry(bySpan, spanKey(span), () => {
      const { context, calls } = stack;
      this.infos.push({ context, source, span, stack: calls, text: lineText(source, span) });
      return this.infos.length - 1;
    });
    stack.quick.set(span, site);
    return this.note(site);
  }

  /** Begins a list of the sites that are asked for from now on. */
  collect(): readonly Site[] {
    this.asked = [];
    return this.asked;
  }

  private note(site: Site): Site {
    if (this.lists[site] === this.asked) return site;
    this.lists[site] = this.asked;
    this.asked.push(site);
    return site;
  }
}

function entry<Key, Held>(map: Map<Key, Held>, key: Key, make: () => Held): Held {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
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
