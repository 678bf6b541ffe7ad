/** A part of a tree as it stands in a text where it begins somewhere else. */

import type { Item } from './ast';
import type { Token } from './tokens';

/** What is inside is moved when somebody looks at it: most of a file is not looked at while one types. */
export function movedItem(item: Item, by: number): Item {
  return by === 0 ? item : (movedLater(item, by) as Item);
}

const original = Symbol('original');
const distance = Symbol('distance');
const parts = Symbol('parts');

/** A node that moves its members when they are asked for, each once. */
interface Moved {
  [original]: Readonly<Record<string, unknown>>;
  [distance]: number;
  [parts]: Record<string, unknown> | undefined;
}

function movedLater(item: object, by: number): object {
  const moved = Object.create(prototypeOf(item)) as Moved;
  moved[original] = item as Record<string, unknown>;
  moved[distance] = by;
  moved[parts] = undefined;
  return moved;
}

/** By the names of their members: nodes of one kind share one, and are small. */
const prototypes = new Map<string, object>();

function prototypeOf(item: object): object {
  const names = Object.keys(item);
  const shape = names.join(' ');
  const known = prototypes.get(shape);
  if (known !== undefined) return known;
  const made = {};
  for (const name of names) {
    Object.defineProperty(made, name, {
      enumerable: true,
      get(this: Moved) {
        const value = this[original][name];
        if (typeof value !== 'object') return value;
        this[parts] ??= {};
        this[parts][name] ??=
          name === 'members' ? membersLater(value, this[distance]) : movedValue(value, this[distance]);
        return this[parts][name];
      },
    });
  }
  prototypes.set(shape, made);
  return made;
}

const membersLater = (members: unknown, by: number): readonly object[] =>
  (members as readonly object[]).map((one) => movedLater(one, by));

export function movedToken(token: Token, by: number): Token {
  return by === 0 ? token : { ...token, start: token.start + by, end: token.end + by };
}

/** In trees, numbers that are named `start` and `end` are offsets, and no others are. */
function movedValue(value: unknown, by: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => movedValue(one, by));
  const moved: Record<string, unknown> = {};
  for (const key in value) {
    const part = (value as Record<string, unknown>)[key];
    moved[key] = key === 'start' || key === 'end' ? (part as number) + by : movedValue(part, by);
  }
  return moved;
}
