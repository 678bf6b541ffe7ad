/**
 * The break-before-make finding: a descriptor gets a new valid value while some CPU may still use an old one that must
 * not live beside it. It needs no access that runs into it (Arm ARM RWHZWS, RDDMVT).
 */

import type { Compiled } from '../machine/code';
import type { Event } from '../machine/events';
import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { changeNeedsBreak } from './descriptorConflict';
import { reachableTables, tableOf } from './reachableTables';
import { tell } from './tell';

/**
 * Called when a location has just got a new last value: written by an instruction of CPU t, or by the hardware, which sets
 * the access flag of a descriptor and so makes it one that can be cached.
 */
export function checkBreakBeforeMake(m: Machine, t: number, c: Compiled | undefined, location: number): void {
  const word = m.learned.locations[location] as ValueId;
  const places = m.learned.cells.get(word);
  if (places === undefined) return;
  const last = m.historyLength(location) - 1;
  const value = m.historyValue(location, last);
  for (const { level } of places) {
    const entry = m.entries.describe(value, level as Level);
    if (entry.kind === 'invalid' || !entry.cacheable) continue;
    for (let u = 0; u < m.layout.cpus; u++) {
      const tables = m.w[m.tableBound(u, location)] as number;
      const leaves = m.w[m.leafBound(u, location)] as number;
      for (let i = Math.min(tables, leaves); i < last; i++) {
        const oldValue = m.historyValue(location, i);
        if (oldValue === value) continue;
        const old = m.entries.describe(oldValue, level as Level);
        if (!old.cacheable || i < (old.kind === 'table' ? tables : leaves)) continue;
        const rule = changeNeedsBreak(m, oldValue, value, level as Level);
        if (rule === undefined || !reachableTables(m, u).has(tableOf(m, word))) continue;
        const finding: Omit<Event, 'cpu' | 'site'> = {
          kind: 'finding',
          outcome: 'bbm',
          rule,
          level,
          descriptor: m.values.get(word),
          oldValue: m.values.get(oldValue),
          newValue: m.values.get(value),
          otherCpu: u,
        };
        if (c === undefined) m.emit({ ...finding, cpu: t, site: -1 });
        else tell(m, t, c, finding);
      }
    }
  }
}
