/**
 * Coherence of one location as one CPU sees it: the accesses to a word follow program order in the order of the word's
 * versions. Reads and stores may happen in any order; an execution in which they then disagree is none.
 */

import type { Context } from './program';
import { isStoreExclusive, writes } from './program';
import type { Instance, TwinState } from './state';
import { instructionOf } from './values';

/** What an instance did: null nothing yet; a version, or the serial of a store that is still to be written. */
type Place = { readonly version: number } | { readonly store: number };

export function isCoherent(context: Context, state: TwinState, t: number): boolean {
  const { window } = state.cpus[t]!;
  const done = window.filter((instance) => instance.physical !== null && instance.fault === null);
  for (let y = 1; y < done.length; y++)
    for (let o = 0; o < y; o++)
      if (done[o]!.physical === done[y]!.physical && !inOrder(context, t, done[o]!, done[y]!)) return false;
  return true;
}

function inOrder(context: Context, t: number, older: Instance, younger: Instance): boolean {
  const o = { read: older.read?.source, write: writePlace(context, t, older) };
  const y = { read: younger.read?.source, write: writePlace(context, t, younger) };
  if (o.read !== undefined && y.read !== undefined && isAfter(o.read, y.read)) return false;
  if (o.write !== undefined && y.read !== undefined && isAfter(o.write, y.read)) return false;
  if (o.read !== undefined && y.write !== undefined && !isBefore(o.read, y.write)) return false;
  return o.write === undefined || y.write === undefined || isBefore(o.write, y.write);
}

/** Where the write of an access is in the order of versions, or will be; undefined when there is none. */
function writePlace(context: Context, t: number, instance: Instance): Place | undefined {
  const i = instructionOf(context, t, instance);
  if (i.kind !== 'access' || !writes(i) || instance.written === 0) return undefined;
  if (instance.written !== null) return { version: instance.written };
  // A compare-and-swap that has not read, and a store-exclusive, may turn out not to write.
  if (isStoreExclusive(i)) return undefined;
  if (i.operation === 'compareAndSwap' && instance.read === null) return undefined;
  return { store: instance.serial };
}

/** `a` is a later place than `b`: what is not written yet comes after everything that is. */
function isAfter(a: Place, b: Place): boolean {
  if ('version' in a) return 'version' in b && a.version > b.version;
  return 'version' in b || a.store > b.store;
}

function isBefore(a: Place, b: Place): boolean {
  return isAfter(b, a);
}
