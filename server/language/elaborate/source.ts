/** A text and its tree, and what is said about a place in one of several texts. */

import type { Span } from '../ast';
import type { Diagnostic } from '../diagnostic';
import type { Source as NamedSource } from '../names/symbol';
import type { ElaborationCode } from './codes';

/** A `.hvo` file: the user's, one that it uses, or one of the standard library. */
export interface Source extends NamedSource {
  readonly origin: 'user' | 'library';
}

/** A place in one of the sources. */
export interface Place {
  readonly source: Source;
  readonly span: Span;
}

/** A diagnostic of the elaboration: in whichever file its place is. */
export interface LocatedDiagnostic extends Diagnostic {
  readonly source: Source;
}

/** Collects diagnostics; one that was already said of the same place is dropped, as unrolled code says things again. */
export class Diagnostics {
  readonly list: LocatedDiagnostic[] = [];
  private readonly said = new Set<string>();

  error(code: ElaborationCode, place: Place, message: string, expected?: readonly string[]): void {
    this.say('error', code, place, message, expected);
  }

  warning(code: ElaborationCode, place: Place, message: string, expected?: readonly string[]): void {
    this.say('warning', code, place, message, expected);
  }

  /** Takes over what others collected. */
  add({ list }: Diagnostics): void {
    for (const one of list) this.say(one.severity as 'error' | 'warning', one.code, one, one.message, one.expected);
  }

  private say(
    severity: 'error' | 'warning',
    code: string,
    place: Place,
    message: string,
    expected: readonly string[] | undefined,
  ): void {
    const key = `${code} ${place.source.uri} ${place.span.start} ${place.span.end} ${message}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.list.push({
      code,
      severity,
      source: place.source,
      span: place.span,
      message,
      ...(expected === undefined ? {} : { expected }),
    });
  }
}
