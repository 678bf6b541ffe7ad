/** A part of a tree as it stands in a text where it begins somewhere else. */

import type { Item } from './ast';
import type { Token } from './tokens';

/** What is inside is moved when somebody looks at it: most of a file is not looked at while one types. */
export function movedItem(item: Item, by: number): Item {
  return by === 0 ? item : (movedLater(item, by) as Item);
}

function movedLater(item: object, by: number): object {
  const moved: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(item)) {
    if (key === 'span' || typeof value !== 'object') {
      moved[key] = movedValue(value, by);
      continue;
    }
    let made: unknown;
    Object.defineProperty(moved, key, {
      enumerable: true,
      get: () => {
        made ??=
          key === 'members' ? (value as readonly object[]).map((one) => movedLater(one, by)) : movedValue(value, by);
        return made;
      },
    });
  }
  return moved;
}

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
