/** JSON Lines input: parsed with a place for every mistake, and the field readers that its formats share. */

/** Longest line and most lines that are read; more is refused with a message. */
export const maximumLineCharacters = 16_000_000;
export const maximumLines = 1_000_000;

export interface JsonLine {
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A mistake in the input: line from 1, and a sentence that says what was expected. */
export interface InputProblem {
  readonly line: number;
  readonly message: string;
}

export interface JsonLines {
  readonly lines: readonly JsonLine[];
  readonly problems: readonly InputProblem[];
}

/** Splits and parses; blank lines are allowed and ignored. */
export function parseJsonLines(text: string): JsonLines {
  const lines: JsonLine[] = [];
  const problems: InputProblem[] = [];
  const rows = text.split('\n');
  if (rows.length > maximumLines) {
    problems.push({ line: maximumLines + 1, message: `more than ${maximumLines} lines; split the file` });
  }
  for (const [index, row] of rows.slice(0, maximumLines).entries()) {
    if (row.trim() === '') continue;
    const line = index + 1;
    const parsed = row.length > maximumLineCharacters ? undefined : parseObject(row);
    if (parsed === undefined) {
      problems.push({ line, message: 'expected one JSON object on this line, such as {"id": "…", "tcr": "0x…", …}' });
    } else {
      lines.push({ line, value: parsed });
    }
  }
  return { lines, problems };
}

function parseObject(row: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(row));
  } catch {
    return undefined;
  }
}

/** A wrong field: caught once per line, so that readers can be written as plain expressions. */
class FieldError extends Error {}

/** Runs a reader of one line; a field that is missing or wrong becomes a problem. */
export function readLine<T>(line: number, read: () => T): T | InputProblem {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldError) return { line, message: error.message };
    throw error;
  }
}

/** Whether `readLine` gave a problem. */
export function isProblem<T extends object>(result: T | InputProblem): result is InputProblem {
  return 'message' in result && 'line' in result;
}

/** Stops the reading of a line with a message. */
export function refuse(message: string): never {
  throw new FieldError(message);
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** An object field. */
export function objectField(from: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  return asObject(from[name]) ?? refuse(`"${name}": expected an object, found ${shown(from[name])}`);
}

/** An array of objects; an absent field is an empty array. */
export function objectsField(
  from: Readonly<Record<string, unknown>>,
  name: string,
): readonly Readonly<Record<string, unknown>>[] {
  const value = from[name] ?? [];
  if (!Array.isArray(value)) return refuse(`"${name}": expected an array, found ${shown(value)}`);
  return value.map((item) => asObject(item) ?? refuse(`"${name}": expected objects in it, found ${shown(item)}`));
}

/** A 64-bit value written as a string, such as "0x96000007". */
export function word(value: unknown, name: string): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,16}$/.test(value)) {
    return refuse(`"${name}": expected a 64-bit value in a string such as "0x96000007", found ${shown(value)}`);
  }
  return BigInt(value);
}

export function wordField(from: Readonly<Record<string, unknown>>, name: string): bigint {
  return word(from[name], name);
}

export function wordFieldOr(from: Readonly<Record<string, unknown>>, name: string, otherwise: bigint): bigint {
  return from[name] === undefined ? otherwise : word(from[name], name);
}

export function textField(from: Readonly<Record<string, unknown>>, name: string): string {
  const value = from[name];
  return typeof value === 'string' ? value : refuse(`"${name}": expected a string, found ${shown(value)}`);
}

/** A whole number that is not negative. */
export function numberField(from: Readonly<Record<string, unknown>>, name: string): number {
  const value = from[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : refuse(`"${name}": expected a whole number, found ${shown(value)}`);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** A 64-bit value as the formats write it: lower-case hexadecimal without leading zeros. */
export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
