/** A report about a scenario whose text has moved since: the same verdict, other places. */

import type { Move } from '../features/scenarioMeaning';
import type { Source } from '../language/elaborate/source';
import { reportPlace } from '../verdict/places';
import type { ReportPlace, ScenarioReport } from '../verdict/report';

export function movedReport(report: ScenarioReport, to: Source, move: Move): ScenarioReport {
  return moved(report, (place) =>
    place.path === to.uri && place.origin === to.origin ? reportPlace({ source: to, span: move(place.span) }) : place,
  );
}

function moved<T>(value: T, placeOf: (place: ReportPlace) => ReportPlace): T {
  if (Array.isArray(value)) return value.map((one) => moved(one, placeOf)) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (isPlace(value)) return placeOf(value) as T;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, moved(part, placeOf)])) as T;
}

const isPlace = (value: object): value is ReportPlace => 'path' in value && 'span' in value && 'line' in value;

/** Whether a text names a line of a file: it is true for as long as that line does not move. */
export function namesLine(text: string): boolean {
  return /\bline \d|:\d/.test(text);
}

/** Whether something that a report says is true only where its lines are. */
export function reportNamesLines({ claims, findings }: ScenarioReport): boolean {
  const said = [
    ...claims.map(({ why }) => why),
    ...findings.flatMap(({ message, related }) => [message, ...related.map((one) => one.message)]),
  ];
  return said.some(namesLine);
}
