/**
 * Reads a casemate trace. Every text reads as some trace: a record that cannot be read is an error with its place, and
 * reading goes on at the next line that begins one.
 */

import { type Field, Fields } from './fields';
import {
  dsbKinds,
  hintKinds,
  MAX_TRACE_ERRORS,
  MAX_TRACE_RECORDS,
  type Trace,
  type TraceError,
  type TraceFailure,
  type TracePlace,
  type TraceRecord,
  writeOrders,
} from './record';
import { type Token, tokens } from './tokens';

/** What is left of a record when the fields that all have are taken out. */
type Body = TraceRecord extends infer R
  ? R extends TraceRecord
    ? Omit<R, 'id' | 'thread' | 'place' | 'source'>
    : never
  : never;

/** One row for each word that begins a record; the fields in the order in which they stand without names. */
const bodies: Readonly<Record<string, (fields: Fields) => Body>> = {
  'mem-write': (f) => ({
    kind: 'mem-write',
    order: f.word('mem-order', writeOrders),
    address: f.hex('address'),
    value: f.hex('value'),
  }),
  'mem-read': (f) => ({ kind: 'mem-read', address: f.hex('address'), value: f.hex('value') }),
  'mem-init': (f) => ({ kind: 'mem-init', address: f.hex('address'), size: f.hex('size') }),
  'mem-free': (f) => ({ kind: 'mem-free', address: f.hex('address'), size: f.hex('size') }),
  'mem-set': (f) => ({ kind: 'mem-set', address: f.hex('address'), size: f.hex('size'), value: f.hex('value') }),
  barrier: (f) =>
    f.word('barrier', ['isb', 'dsb']) === 'isb' ? { kind: 'isb' } : { kind: 'dsb', dsb: f.word('kind', dsbKinds) },
  tlbi: (f) => {
    const operation = f.anyWord('operation');
    const operand = f.optionalHex('value');
    return { kind: 'tlbi', operation, ...(operand === undefined ? {} : { operand }) };
  },
  'sysreg-write': sysregWrite,
  msr: sysregWrite,
  hint: (f) => ({ kind: 'hint', hint: f.word('kind', hintKinds), location: f.hex('location'), value: f.hex('value') }),
  lock: (f) => ({ kind: 'lock', address: f.hex('address') }),
  trylock: (f) => ({ kind: 'trylock', address: f.hex('address') }),
  unlock: (f) => ({ kind: 'unlock', address: f.hex('address') }),
  'exit-context': () => ({ kind: 'exit-context' }),
  'enter-context': (f) => ({ kind: 'enter-context', exceptionLevel: f.count('el') }),
};

function sysregWrite(f: Fields): Body {
  return { kind: 'sysreg-write', register: f.anyWord('sysreg'), value: f.hex('value') };
}

export function parseTrace(text: string): Trace {
  const records: TraceRecord[] = [];
  const errors: TraceError[] = [];
  let failure: TraceFailure | undefined;
  let expression: Token[] = [];
  let depth = 0;

  const wrong = (place: TracePlace, message: string) => {
    if (errors.length < MAX_TRACE_ERRORS) errors.push({ place, message });
  };
  const unclosed = () => wrong(expression[0]!.place, "this record is not closed; add ')'");

  for (const token of tokens(text)) {
    const begins = token.kind === 'open' && token.place.column === 1;
    if (begins && depth > 0) {
      unclosed();
      depth = 0;
    }
    if (token.kind === 'open') {
      if (depth === 0) expression = [];
      depth++;
    }
    if (depth > 0) {
      expression.push(token);
      if (token.kind === 'close' && --depth === 0) {
        if (records.length === MAX_TRACE_RECORDS) {
          wrong(token.place, `the trace has more than ${MAX_TRACE_RECORDS} records; split it`);
          break;
        }
        const { record, errors: more } = parseRecord(expression);
        if (record) records.push(record);
        for (const { place, message } of more) wrong(place, message);
      }
    } else if (token.kind === 'failure') {
      failure ??= { place: token.place, message: token.text };
    } else {
      wrong(token.place, `'${token.text}' is not in a record; expected '(' or a line that begins with '!'`);
    }
  }
  if (depth > 0) unclosed();
  return { records, errors, ...(failure ? { failure } : {}) };
}

/** The tokens of one record, brackets included. */
function parseRecord(expression: readonly Token[]): { record?: TraceRecord; errors: readonly TraceError[] } {
  const [open, head, ...rest] = expression;
  const place = open!.place;
  const kind = head?.kind === 'word' ? head.text.toLowerCase() : '';
  const body = Object.hasOwn(bodies, kind) ? bodies[kind] : undefined;
  if (body === undefined) {
    const found = kind === '' ? 'a record begins with its kind' : `there is no record '${kind}'`;
    return {
      errors: [{ place: head?.place ?? place, message: `${found}; expected ${Object.keys(bodies).join(', ')}` }],
    };
  }
  const { fields: list, errors } = fieldsOf(rest.slice(0, -1));
  const fields = new Fields(kind, place, list);
  const source = fields.source();
  const id = fields.count('id');
  const thread = fields.count('tid', 'thread');
  const record = { id, thread, place, ...(source === undefined ? {} : { source }), ...body(fields) } as TraceRecord;
  fields.end();
  errors.push(...fields.errors);
  return errors.length === 0 ? { record, errors } : { errors };
}

/** Bare values and `(name value)` pairs. */
function fieldsOf(inside: readonly Token[]): { fields: Field[]; errors: TraceError[] } {
  const fields: Field[] = [];
  const errors: TraceError[] = [];
  for (let at = 0; at < inside.length; at++) {
    const token = inside[at]!;
    if (token.unclosed) errors.push({ place: token.place, message: `this string is not closed; add '"'` });
    if (token.kind === 'word' || token.kind === 'string') {
      fields.push({ value: token });
      continue;
    }
    const [name, value, close] = inside.slice(at + 1, at + 4);
    const isPair =
      name?.kind === 'word' && (value?.kind === 'word' || value?.kind === 'string') && close?.kind === 'close';
    if (!isPair) {
      errors.push({
        place: token.place,
        message: 'expected a field with its name and one value, such as (address 0x1000)',
      });
      return { fields, errors };
    }
    fields.push({ name: name.text.toLowerCase(), value });
    at += 3;
  }
  return { fields, errors };
}
