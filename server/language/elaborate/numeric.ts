/** Values where a number belongs. */

import type { Span } from '../ast';
import { elaborationCodes } from './codes';
import { type Compiler, complain, type Frame } from './compiler';
import { describeKind, isNumeric, type Numeric, number, type Value, zero } from './value';

/** A named page is its physical address; anything else that is no number is diagnosed and counts as 0. */
export function asNumber(compiler: Compiler, frame: Frame, span: Span, value: Value): Numeric {
  if (isNumeric(value)) return value;
  if (value.kind === 'page') return number(value.page.at);
  complain(compiler, frame, elaborationCodes.kind, span, `this is ${describeKind(value)}, where a number belongs`);
  return zero;
}
