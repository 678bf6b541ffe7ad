/**
 * The break-before-make finding: a descriptor gets a new valid value while some CPU may still use an old one that must
 * not live beside it. It needs no access that runs into it (Arm ARM RWHZWS, RDDMVT).
 */

import type { Compiled } from '../machine/code';
import type { Event } from '../machine/events';
import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import { MAX_VALUES, type ValueId } from '../machine/values';
import { changeNeedsBreak } from './descriptorConflict';
import { reachableTables, tableOf } from './reachableTables';
import { tellEvent } from './tell';

/**
 * Called when a location has just got a new last value: written by an instruction of CPU t, or by the hardware, which sets
 * the access flag of a descriptor and so makes it one that can be cached.
 */
export function checkBreakBeforeMake(m: Machine, t: number, c: Compiled | undefined, location: number): void {
  const word = m.learned.locations[location] as ValueId;
  const places = m.learned.cells.get(word);
  if (places === undefined || !m.rules.breakBeforeMake) return;
  const last = m.historyLength(location) - 1;
  const value = m.historyValue(location, last);
  for (const { level } of places) {
    const entry = m.entries.describe(value, level as Level);
    if (entry.kind === 'invalid' || !entry.cacheable) continue;
    if (hasOtherBefore(m, location, last, level as Level)) m.looksAbroad = true;
    for (let u = 0; u < m.layout.cpus; u++) {
      const tables = m.w[m.tableBound(u, location)] as number;
      const leaves = m.w[m.leafBound(u, location)] as number;
      for (let i = Math.min(tables, leaves); i < last; i++) {
        const oldValue = m.historyValue(location, i);
        if (oldValue === value) continue;
        const old = m.entries.describe(oldValue, level as Level);
        if (!old.cacheable || i < (old.kind === 'table' ? tables : leaves)) continue;
        const rule = changeNeedsBreak(m, oldValue, value, level as Level);
        if (rule === undefined) continue;
        if (m.rules.breakWhereReachable && !reachableTables(m, u).has(tableOf(m, word))) continue;
        const finding = findingOf(m, t, c, { location, level: level as Level, oldValue, value, u, rule });
        if (c === undefined) m.emit(finding);
        else tellEvent(m, t, finding);
      }
    }
  }
}

/** Whether an older value than the last one, and another, may be in some TLB. */
function hasOtherBefore(m: Machine, location: number, last: number, level: Level): boolean {
  const value = m.historyValue(location, last);
  for (let i = 0; i < last; i++) {
    const old = m.historyValue(location, i);
    if (old !== value && m.entries.describe(old, level).cacheable) return true;
  }
  return false;
}

/** The finding, made once: unsynchronised writers make the same ones in very many states. */
function findingOf(
  m: Machine,
  t: number,
  c: Compiled | undefined,
  what: { location: number; level: Level; oldValue: ValueId; value: ValueId; u: number; rule: string },
): Event {
  const { location, level, oldValue, value, u, rule } = what;
  const ofInstruction = below(m.findings, c);
  const ofLocation = below(ofInstruction, location);
  const key = ((oldValue * MAX_VALUES + value) * 8 + level + 1) * 32 + u;
  let finding = ofLocation.get(key);
  if (finding === undefined) {
    finding = {
      kind: 'finding',
      outcome: 'bbm',
      rule,
      level,
      descriptor: m.values.get(m.learned.locations[location] as ValueId),
      oldValue: m.values.raw(oldValue),
      newValue: m.values.raw(value),
      otherCpu: u,
      cpu: t,
      site: c === undefined ? -1 : c.instruction.site,
    };
    ofLocation.set(key, finding);
  }
  return finding;
}

function below<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}
