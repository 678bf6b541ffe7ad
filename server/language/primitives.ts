/**
 * Everything that a CPU of a scenario can do by a call and that is not text of the standard library: one row each.
 * The elaborator attaches to each name what it becomes; a test holds that both know the same names.
 */

import type { Primitive } from './primitive';
import { accessPrimitives } from './primitives/access';
import { barrierPrimitives } from './primitives/barriers';
import { kernelPrimitives } from './primitives/kernel';
import { listPrimitives } from './primitives/lists';
import { lockPrimitives } from './primitives/locks';
import { tlbPrimitives } from './primitives/tlb';

export const primitives: readonly Primitive[] = [
  ...accessPrimitives,
  ...barrierPrimitives,
  ...tlbPrimitives,
  ...lockPrimitives,
  ...kernelPrimitives,
  ...listPrimitives,
];

export const primitiveByName: ReadonlyMap<string, Primitive> = new Map(primitives.map((row) => [row.name, row]));
