/**
 * The fields of one record. A field is written with its name, `(address 0x1000)`, or by its position alone; a record asks
 * for its fields in the order in which they stand when they have no names. What is wrong is noted and a harmless value given.
 */

import type { TraceError, TracePlace } from './record';
import type { Token } from './tokens';

/** A bare value, or one with a name. */
export interface Field {
  readonly name?: string;
  readonly value: Token;
}

const most64Bits = 1n << 64n;

export class Fields {
  readonly errors: TraceError[] = [];
  private readonly unused: Field[];

  constructor(
    private readonly record: string,
    private readonly place: TracePlace,
    fields: readonly Field[],
  ) {
    this.unused = [...fields];
  }

  /** The source, which is a string or, by name, a number; it may be absent and may stand anywhere. */
  source(): string | undefined {
    const index = this.unused.findIndex((field) => field.name === 'src' || field.value.kind === 'string');
    return index < 0 ? undefined : this.unused.splice(index, 1)[0]?.value.text;
  }

  /** A decimal number that counts something. */
  count(name: string, alias?: string): number {
    const token = this.take(name, alias);
    if (token === undefined) return 0;
    if (/^\d{1,15}$/.test(token.text)) return Number(token.text);
    this.wrong(token, name, 'a decimal number');
    return 0;
  }

  /** A number in hexadecimal, with or without 0x, of at most 64 bits. */
  hex(name: string): bigint {
    return this.toHex(name, this.take(name));
  }

  optionalHex(name: string): bigint | undefined {
    return this.has(name) ? this.hex(name) : undefined;
  }

  /** One of some words, in any case. */
  word<T extends string>(name: string, words: readonly T[]): T {
    const token = this.take(name);
    if (token === undefined) return words[0]!;
    const found = words.find((word) => word === token.text.toLowerCase());
    if (found !== undefined) return found;
    this.wrong(token, name, `one of ${words.join(', ')}`);
    return words[0]!;
  }

  /** Any word, in small letters. */
  anyWord(name: string): string {
    return this.take(name)?.text.toLowerCase() ?? '';
  }

  /** Call it last: whatever was not asked for does not belong here. */
  end(): void {
    for (const { name, value } of this.unused) {
      const what = name === undefined ? `'${value.text}'` : `a field '${name}'`;
      this.errors.push({ place: value.place, message: `a ${this.record} record has no place for ${what}` });
    }
  }

  private has(name: string): boolean {
    return this.unused.some((field) => field.name === undefined || field.name === name);
  }

  private take(name: string, alias = name): Token | undefined {
    const named = this.unused.findIndex((field) => field.name === name || field.name === alias);
    const index = named >= 0 ? named : this.unused.findIndex((field) => field.name === undefined);
    if (index < 0) {
      this.errors.push({
        place: this.place,
        message: `this ${this.record} record lacks its '${name}'; add (${name} …)`,
      });
      return undefined;
    }
    return this.unused.splice(index, 1)[0]!.value;
  }

  private toHex(name: string, token: Token | undefined): bigint {
    if (token === undefined) return 0n;
    const digits = token.text.replace(/^0x/i, '');
    const value = /^[0-9a-f]{1,20}$/i.test(digits) ? BigInt(`0x${digits}`) : most64Bits;
    if (value < most64Bits) return value;
    this.wrong(token, name, 'a hexadecimal number of at most 64 bits');
    return 0n;
  }

  private wrong(token: Token, name: string, expected: string): void {
    this.errors.push({
      place: token.place,
      message: `'${token.text}' is no '${name}' of a ${this.record} record; expected ${expected}`,
    });
  }
}
