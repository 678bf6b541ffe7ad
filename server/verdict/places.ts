/** Places of the elaboration as places of a report. */

import type { SiteInfo } from '../language/elaborate/sites';
import { userPlace } from '../language/elaborate/sites';
import type { LocatedDiagnostic, Place } from '../language/elaborate/source';
import { positionAt } from '../language/lines';
import type { RelatedPlace, ReportDiagnostic, ReportPlace } from './report';

/** A line of text in a report is cut here. */
const MAX_TEXT = 120;

export function reportPlace({ source, span }: Place): ReportPlace {
  const { text, lines } = source.parsed;
  const { line, character } = positionAt(lines, span.start);
  const first = text.slice(span.start, span.end).split(/[\r\n]/, 1)[0] ?? '';
  return {
    path: source.uri,
    origin: source.origin,
    span,
    line: line + 1,
    column: character + 1,
    text: first.trim().slice(0, MAX_TEXT),
  };
}

/** The innermost place on the way to a site that stands in a file of the user; none in the kernel's fault path. */
export function placeOfUser(info: SiteInfo): Place | undefined {
  const place = userPlace(info);
  return place === undefined || isNowhere(place) ? undefined : place;
}

/** The fault path is called by the hardware: its outermost call has an empty place. */
export function isNowhere({ span }: Place): boolean {
  return span.end === 0;
}

/** Where a site is for the user, or in the library where that is all there is. */
export function placeOfSite(info: SiteInfo): ReportPlace {
  return reportPlace(placeOfUser(info) ?? info);
}

/** The function that a site is in; undefined for the text of a CPU itself. */
export function functionOf(info: SiteInfo): string | undefined {
  return info.stack.at(-1)?.callee;
}

/** The way from the place that the user sees down to the site itself, and from there up to who called it. */
export function callsOf(info: SiteInfo): readonly RelatedPlace[] {
  const shown = placeOfUser(info);
  const related: RelatedPlace[] = [];
  const own = functionOf(info);
  if (shown !== undefined && shown !== info && own !== undefined)
    related.push({ place: reportPlace(info), message: `in ${own}()` });
  for (let i = info.stack.length - 1; i >= 0; i--) {
    const call = info.stack[i];
    if (call === undefined || call === shown || isNowhere(call)) continue;
    const caller = i === 0 ? info.context : `${info.stack[i - 1]?.callee ?? ''}()`;
    related.push({ place: reportPlace(call), message: `${caller} calls ${call.callee}()` });
  }
  return related;
}

/** `remap.hvo:14`, with the last part of a path only. */
export function shortPlace({ path, line }: ReportPlace): string {
  return `${path.split(/[\\/]/).at(-1) ?? path}:${line}`;
}

export function reportDiagnostic(one: LocatedDiagnostic, of: ReportDiagnostic['of']): ReportDiagnostic {
  const { source, code, severity, message, expected, fix } = one;
  return {
    of,
    code,
    severity,
    message,
    place: reportPlace({ source, span: one.span }),
    related: (one.related ?? []).map((related) => ({
      place: reportPlace({ source, span: related.span }),
      message: related.message,
    })),
    ...(expected === undefined ? {} : { alternatives: expected }),
    ...(fix === undefined ? {} : { fix }),
  };
}
