/** Names of fields in JSON input: one that is nearly right is a mistake, and what is not read is told. */

import { nearest } from '../language/suggest';
import { asObject, refuse } from './jsonLines';

/** The fields of an object. `true`: a value, or what has no names of its own; a shape: an object, or an array of them. */
export interface Shape {
  readonly [name: string]: Shape | true;
}

/** Names that are not in the shape, with those of the objects around them: `read.page`. Refuses one that is nearly in it. */
export function unreadFields(from: Readonly<Record<string, unknown>>, shape: Shape): readonly string[] {
  const unread: string[] = [];
  for (const [name, value] of Object.entries(from)) {
    const inner = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (inner === undefined) {
      const meant = nearest(
        name,
        Object.keys(shape).filter((other) => from[other] === undefined),
      );
      if (meant !== undefined) refuse(`"${name}": there is no such field; did you mean "${meant}"?`);
      unread.push(name.slice(0, 40));
    } else if (inner !== true) {
      for (const one of Array.isArray(value) ? value : [value]) {
        const object = asObject(one);
        if (object !== undefined) unread.push(...unreadFields(object, inner).map((field) => `${name}.${field}`));
      }
    }
  }
  return unread;
}
