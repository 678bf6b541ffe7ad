/** A trace is S-expressions: brackets, words, strings. Anything reads as some token; comments run from `;` or `#` to the end of a line. */

import type { TracePlace } from './record';

export interface Token {
  readonly kind: 'open' | 'close' | 'word' | 'string' | 'failure';
  /** A string without its quotes; of a failure line what follows the exclamation mark. */
  readonly text: string;
  readonly place: TracePlace;
  /** A string that the line ends instead of a quote. */
  readonly unclosed?: boolean;
}

const pattern = /(\s+)|([;#].*)|(!.*)|([()])|"([^"\n]*)("?)|([^\s()"]+)/y;

export function* tokens(text: string): Generator<Token> {
  let line = 0;
  for (const content of text.split('\n')) {
    line++;
    pattern.lastIndex = 0;
    while (pattern.lastIndex < content.length) {
      const place = { line, column: pattern.lastIndex + 1 };
      const match = pattern.exec(content);
      if (match === null) break;
      const [, , , failure, bracket, string, closing, word] = match;
      if (failure !== undefined) yield { kind: 'failure', text: failure.slice(1).trim(), place };
      else if (bracket !== undefined) yield { kind: bracket === '(' ? 'open' : 'close', text: bracket, place };
      else if (word !== undefined) yield { kind: 'word', text: word, place };
      else if (string !== undefined) {
        yield { kind: 'string', text: string, place, ...(closing === '' ? { unclosed: true } : {}) };
      }
    }
  }
}
