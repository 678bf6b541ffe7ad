import { describe, expect, it } from 'vitest';
import { parseTrace } from '../../server/trace/parse';
import { MAX_TRACE_ERRORS } from '../../server/trace/record';

function errors(text: string): string[] {
  return parseTrace(text).errors.map(({ place, message }) => `${place.line}:${place.column} ${message}`);
}

describe('a trace', () => {
  it('has records whose fields have names, and numbers in hexadecimal', () => {
    const { records, errors } = parseTrace(
      '(mem-write (id 12) (tid 3) (mem-order release) (address 0xffff000012345008) (value 1f) (src "table.c:9"))\n',
    );
    expect(errors).toEqual([]);
    expect(records).toEqual([
      {
        kind: 'mem-write',
        id: 12,
        thread: 3,
        place: { line: 1, column: 1 },
        source: 'table.c:9',
        order: 'release',
        address: 0xffff_0000_1234_5008n,
        value: 0x1fn,
      },
    ]);
  });

  it('may leave the names out, write words in capitals, and put the source anywhere', () => {
    const { records, errors } = parseTrace(
      [
        '(MEM-WRITE 1 2 "a.c:1" RELEASE 42 93)',
        '(barrier 2 2 DSB ISH)',
        '(barrier 3 2 isb)',
        '(tlbi 4 2 vmalle1is)',
        '(tlbi 5 2 vae2is 10)',
        '(msr 6 2 TTBR0_EL2 1000 "a.c:2")',
        '(hint 7 2 SET_ROOT_LOCK 1000 2000)',
        '(lock 8 2 2000)',
        '(enter-context (id 9) (tid 2) (el 1))',
        '(exit-context (id 10) (tid 2) )',
      ].join('\n'),
    );
    expect(errors).toEqual([]);
    expect(records.map(({ id, thread, place, source, ...body }) => body)).toEqual([
      { kind: 'mem-write', order: 'release', address: 0x42n, value: 0x93n },
      { kind: 'dsb', dsb: 'ish' },
      { kind: 'isb' },
      { kind: 'tlbi', operation: 'vmalle1is' },
      { kind: 'tlbi', operation: 'vae2is', operand: 0x10n },
      { kind: 'sysreg-write', register: 'ttbr0_el2', value: 0x1000n },
      { kind: 'hint', hint: 'set_root_lock', location: 0x1000n, value: 0x2000n },
      { kind: 'lock', address: 0x2000n },
      { kind: 'enter-context', exceptionLevel: 1 },
      { kind: 'exit-context' },
    ]);
  });

  it('may have comments, empty lines, records of several lines, and the failure that the program reported', () => {
    const trace = parseTrace(
      '; made by hand\r\n\r\n(lock\r\n  (id 0) # the first\r\n  (tid 0)\r\n  (address 10))\r\n! BBM valid->valid\r\n',
    );
    expect(trace.errors).toEqual([]);
    expect(trace.records.map(({ kind, place }) => ({ kind, place }))).toEqual([
      { kind: 'lock', place: { line: 3, column: 1 } },
    ]);
    expect(trace.failure).toEqual({ place: { line: 7, column: 1 }, message: 'BBM valid->valid' });
  });

  it('may be empty', () => expect(parseTrace('')).toEqual({ records: [], errors: [] }));
});

describe('what cannot be read has a place and a reason', () => {
  const lock = '(lock (id 1) (tid 0) (address 10))';

  it('an unknown record', () => {
    expect(errors('(mem-wirte (id 0) (tid 0))')[0]).toMatch(
      /^1:2 there is no record 'mem-wirte'; expected mem-write, /,
    );
    expect(errors('()')[0]).toMatch(/^1:2 a record begins with its kind; expected /);
  });

  it('a missing field', () =>
    expect(errors('(lock (id 1) (tid 0))')).toEqual(["1:1 this lock record lacks its 'address'; add (address …)"]));

  it('a field too much', () => {
    expect(errors('(lock (id 1) (tid 0) (address 10) (value 3))')).toEqual([
      "1:42 a lock record has no place for a field 'value'",
    ]);
    expect(errors('(isb)')[0]).toMatch(/there is no record 'isb'/);
    expect(errors('(lock 1 0 10 11)')).toEqual(["1:14 a lock record has no place for '11'"]);
  });

  it('a number that is none, or too large', () => {
    expect(errors('(lock (id 1) (tid 0) (address 0xtable))')).toEqual([
      "1:31 '0xtable' is no 'address' of a lock record; expected a hexadecimal number of at most 64 bits",
    ]);
    expect(errors('(lock (id 1) (tid 0) (address 10000000000000000))')).toHaveLength(1);
    expect(errors('(lock (id one) (tid 0) (address 10))')).toEqual([
      "1:11 'one' is no 'id' of a lock record; expected a decimal number",
    ]);
  });

  it('a word that is none of its kind', () =>
    expect(errors('(barrier (id 1) (tid 0) dsb (kind ihs))')).toEqual([
      "1:35 'ihs' is no 'kind' of a barrier record; expected one of sy, st, ld, ish, ishst, ishld, nsh, nshst, nshld, osh, oshst, oshld",
    ]));

  it('a record that is not closed: the next line is read all the same', () => {
    const trace = parseTrace(`(lock (id 0) (tid 0) (address 10)\n${lock}\n(unlock (id 2`);
    expect(trace.records.map((record) => record.id)).toEqual([1]);
    expect(trace.errors.map(({ place }) => place.line)).toEqual([1, 3]);
  });

  it('text outside records, a string without its end, a field that is no pair', () => {
    expect(errors(`HEADER\n${lock}`)).toEqual([
      "1:1 'HEADER' is not in a record; expected '(' or a line that begins with '!'",
    ]);
    expect(errors('(lock 1 0 10 "a.c:1\n)')).toEqual([`1:14 this string is not closed; add '"'`]);
    expect(errors('(lock (id 1 2) (tid 0) (address 10))')[0]).toMatch(
      /^1:7 expected a field with its name and one value/,
    );
  });

  it('at most so many times', () => expect(errors('(nothing)\n'.repeat(100))).toHaveLength(MAX_TRACE_ERRORS));

  it('whatever the text', () => {
    const pieces = [
      '(',
      ')',
      '"',
      '!',
      ' ',
      '\n',
      'lock',
      '(id 1)',
      '0x',
      ';',
      '\u00e9',
      '(tid 0)',
      'tlbi',
      '((',
      '\t',
    ];
    let seed = 1;
    for (let round = 0; round < 500; round++) {
      let text = '';
      for (let piece = 0; piece < 20; piece++) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        text += pieces[seed % pieces.length];
      }
      expect(() => parseTrace(text)).not.toThrow();
    }
  });
});
