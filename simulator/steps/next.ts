/** What may happen next in a state, and making it happen. The order of the choices is fixed: it names paths. */

import type { Level } from '../machine/granule';
import { ENTRY, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { checkBreakBeforeMake } from './breakBeforeMake';
import { type Choices, EFFECT } from './choices';
import { canSettle, settle, settleEntry } from './closure';
import { isFinished, offerFetch, takeFetch } from './fetch';
import { updated } from './hardwareUpdate';
import { Order } from './order';
import { noteEffect, offerBeginning } from './readSections';
import { interruptSpin } from './spin';
import { entryOf, stepOf } from './table';
import { offerIndependentWalk, takeWalk } from './translation';
import { startOf, wordsOf } from './walk';

const order = new Order();

/**
 * Collects the choices of the state that the cursor is over, which is settled. They are those of one CPU when it has a
 * decision to make; else with reductions a walk that may be looked at alone; else all at fetch points, then all in windows.
 * Whether they are those of all CPUs.
 */
export function offerAll(m: Machine, choices: Choices): boolean {
  choices.clear();
  const { cpus } = m.layout;
  for (let t = 0; t < cpus; t++) {
    if (offerFetch(m, t, choices) === 'decision') {
      keepLastCpu(choices, t);
      return false;
    }
  }
  const fetchChoices = choices.count;
  if (m.reduces.walksAlone) {
    choices.count = 0;
    for (let t = 0; t < cpus; t++) if (offerAlone(m, t, choices)) return false;
    choices.count = fetchChoices;
  }
  for (let t = 0; t < cpus; t++) offerWindow(m, t, choices);
  if (m.hardwareUpdates) offerSpontaneous(m, choices);
  return true;
}

/** The effects of the entries of a CPU's window that may happen now. */
export function offerWindow(m: Machine, t: number, choices: Choices): void {
  order.reset(m);
  const count = m.count(t);
  for (let k = 0; k < count; k++) {
    const slot = m.slot(t, k);
    entryOf[m.w[slot + SLOT.KIND] as number]?.offer?.(m, t, k, slot, order, choices);
    if (!m.reduces.closure && canSettle(m, t, k, slot, order)) choices.add(t, k, EFFECT.SETTLE, 0);
    order.absorb(m, t, slot);
  }
  offerBeginning(m, t, choices);
}

/** Drops the choices of other CPUs that were collected before a decision of CPU t. */
function keepLastCpu(choices: Choices, t: number): void {
  let from = choices.count;
  while (from > 0 && choices.cpu[from - 1] === t) from--;
  const kept = choices.count - from;
  for (let i = 0; i < kept; i++) {
    choices.cpu[i] = choices.cpu[from + i] as number;
    choices.slot[i] = choices.slot[from + i] as number;
    choices.effect[i] = choices.effect[from + i] as number;
    choices.payload[i] = choices.payload[from + i] as number;
  }
  choices.count = kept;
}

/** Finds an entry of a CPU's window whose choices may be looked at alone; false when there is none. */
export function offerAlone(m: Machine, t: number, choices: Choices): boolean {
  if (!m.reduces.walksAlone) return false;
  order.reset(m);
  const count = m.count(t);
  for (let k = 0; k < count; k++) {
    const slot = m.slot(t, k);
    if (m.w[slot + SLOT.KIND] === ENTRY.ACCESS && offerIndependentWalk(m, t, k, slot, order, choices)) return true;
    order.absorb(m, t, slot);
  }
  return false;
}

/** Hardware may set the access flag of a valid descriptor by itself, with no access. */
function offerSpontaneous(m: Machine, choices: Choices): void {
  if (!m.rules.spontaneousAccessFlag) return;
  learnBelowTables(m);
  for (let location = 0; location < m.layout.locations; location++) {
    const places = m.learned.cells.get(m.learned.locations[location] as ValueId);
    if (places === undefined) continue;
    const value = m.last(location);
    const leaf = places.some((p) => {
      const entry = m.entries.describe(value, p.level as Level);
      return entry.kind === 'leaf' && !entry.accessFlag;
    });
    if (leaf) choices.add(-1, location, EFFECT.SPONTANEOUS, location);
  }
}

/** An entry without access flag below a table that has just been linked is one to set, though no access has walked to it. */
function learnBelowTables(m: Machine): void {
  for (const page of m.learned.pages) {
    const start = startOf(m, page);
    if (start.level === 3 || m.location(start.word) < 0) continue;
    const words = wordsOf(m, page);
    const word = words[words.length - 1] as ValueId;
    const entry = m.entries.describe(m.current(word), (m.entries.top + words.length - 1) as Level);
    if (entry.kind === 'leaf' && !entry.accessFlag) m.learned.write(word);
  }
}

/** Makes choice i happen and settles. `m.dropped` afterwards: no execution goes this way. */
export function take(m: Machine, choices: Choices, i: number): void {
  m.dropped = false;
  m.looksAbroad = false;
  m.invalidates = false;
  m.raised = 0;
  m.othersMoved = false;
  m.trimmed = 0;
  m.written = 0;
  m.events.clear();
  m.acquisitions.told.length = 0;
  const t = choices.cpu[i] as number;
  m.settling = t;
  const k = choices.slot[i] as number;
  const effect = choices.effect[i] as number;
  const payload = choices.payload[i] as number;
  if (effect === EFFECT.SPONTANEOUS) {
    m.append(payload, updated(m, m.last(payload), false));
    if (!m.dropped) checkBreakBeforeMake(m, -1, undefined, payload);
  } else if (effect === EFFECT.INTERRUPT && k >= 0) interruptSpin(m, t, k, payload);
  else if (effect === EFFECT.FETCH || effect === EFFECT.INTERRUPT) takeFetch(m, t, effect, payload);
  else if (effect === EFFECT.SETTLE) settleEntry(m, t, k);
  else if (effect === EFFECT.BEGIN) noteEffect(m, t, 0);
  else if (effect === EFFECT.WALK) {
    const result = choices.walks[payload];
    if (result !== undefined) takeWalk(m, t, k, result);
  } else {
    const slot = m.slot(t, k);
    entryOf[m.w[slot + SLOT.KIND] as number]?.take?.(m, t, k, slot, effect, payload);
    // A store-exclusive that fails and a TLBI that does not happen are nothing that others may see.
    const isTlbi = effect === EFFECT.INVALIDATE || effect === EFFECT.INVALIDATE_OTHERS;
    if (effect !== EFFECT.EXCLUSIVE_FAIL && (!isTlbi || m.invalidates)) noteEffect(m, t, k);
  }
  if (!m.dropped) settle(m, t);
}

/** Every CPU has finished. */
export function allFinished(m: Machine): boolean {
  for (let t = 0; t < m.layout.cpus; t++) if (!isFinished(m, t)) return false;
  return true;
}

/** A CPU waits for another one: for a lock, a word, a grace period. */
export function isBlocked(m: Machine, t: number): boolean {
  const count = m.count(t);
  for (let k = 0; k < count; k++) {
    const slot = m.slot(t, k);
    if (entryOf[m.w[slot + SLOT.KIND] as number]?.blocksOnOthers?.(m, t, slot)) return true;
  }
  const ip = m.w[m.base(t)] as number;
  const code = m.cpus[t]?.code ?? [];
  const c = code[ip];
  return c !== undefined && stepOf(c.instruction).blocksOnOthers?.(m, t, c) === true;
}
