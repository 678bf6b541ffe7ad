/**
 * Closure: what only enables other things happens at once, without interleaving. Afterwards the record is canonical:
 * ended entries are gone, references renumbered, histories cut to what some CPU may still use, dead registers 0, so
 * that equal states are equal words.
 */

import { CPU, ENTRY, NEST, SLOT, STALL } from '../machine/layout';
import { LIMITS } from '../machine/learned';
import type { Machine } from '../machine/machine';
import { fetch } from './fetch';
import { trimHistories } from './histories';
import { Order } from './order';
import { settleSections } from './readSections';
import { entryOf } from './table';
import { clearWaits } from './tlbi';

const order = new Order();

/** Rounds of one closure. Each takes in instructions or ends entries, so only a loop without an end needs that many. */
const MAX_ROUNDS = 20_000;

/** Runs the closure after a step of CPU `mover`. The branch may turn out to have no execution (`m.dropped`). */
export function settle(m: Machine, mover = -1): void {
  m.future.begin();
  close(m, mover);
  m.future.end();
  if (m.dropped) return;
  if (m.gracePeriods) settleSections(m);
  canonicalise(m);
}

function close(m: Machine, mover: number): void {
  let rounds = 0;
  for (let changed = true; changed; ) {
    changed = false;
    rounds++;
    for (let t = 0; t < m.layout.cpus; t++) {
      m.settling = t;
      const fetched = fetch(m, t);
      if (m.dropped) return;
      if (fetched && rounds > MAX_ROUNDS) {
        m.learned.endless = true;
        m.w[m.base(t) + CPU.STALL] = STALL.FOREVER;
      }
      const settled = m.reduces.closure ? settleWindow(m, t) : removeEnded(m, t);
      if (m.dropped) return;
      const cleared = clearWaits(m, t);
      if (!fetched && !settled && !cleared) continue;
      changed = true;
      m.future.forget(t);
      if (t !== mover) m.othersMoved = true;
    }
  }
}

function settleWindow(m: Machine, t: number): boolean {
  let changed = false;
  let ended = false;
  order.reset(m);
  for (let k = 0; k < m.count(t); k++) {
    const slot = m.slot(t, k);
    const kind = m.w[slot + SLOT.KIND] as number;
    const entry = entryOf[kind];
    if (entry !== undefined) {
      if (entry.settle(m, t, k, slot, order)) changed = true;
      if (m.dropped) return true;
    }
    if (m.w[slot + SLOT.KIND] === ENTRY.DEAD) {
      ended = true;
      if (kind !== ENTRY.DEAD && kind !== ENTRY.SECTION)
        m.journal?.push({ what: 'end', cpu: t, at: m.w[slot + SLOT.IP] as number });
    } else order.absorb(m, t, slot);
  }
  if (ended) compact(m, t);
  return changed;
}

/** Without closure entries end one at a time, by steps of their own; here they only leave the window. */
function removeEnded(m: Machine, t: number): boolean {
  for (let k = 0; k < m.count(t); k++)
    if (m.w[m.slot(t, k) + SLOT.KIND] === ENTRY.DEAD) {
      compact(m, t);
      return true;
    }
  return false;
}

/** Without closure: whether the entry of slot k has something to do that only enables, which `settleEntry` does. */
export function canSettle(m: Machine, t: number, k: number, slot: number, ahead: Order): boolean {
  const { journal } = m;
  const before = m.w.slice();
  m.journal = undefined;
  m.dropped = false;
  const changes = entryOf[before[slot + SLOT.KIND] as number]?.settle(m, t, k, slot, ahead) === true || m.dropped;
  m.journal = journal;
  m.dropped = false;
  m.w.set(before);
  return changes;
}

export function settleEntry(m: Machine, t: number, k: number): void {
  order.reset(m);
  for (let j = 0; j < k; j++) order.absorb(m, t, m.slot(t, j));
  const slot = m.slot(t, k);
  const kind = m.w[slot + SLOT.KIND] as number;
  entryOf[kind]?.settle(m, t, k, slot, order);
  if (m.w[slot + SLOT.KIND] === ENTRY.DEAD && kind !== ENTRY.SECTION)
    m.journal?.push({ what: 'end', cpu: t, at: m.w[slot + SLOT.IP] as number });
}

const renumbered = new Int32Array(LIMITS.windowSlots + 1);

/** Removes ended entries from a window and renumbers every reference to the others. */
function compact(m: Machine, t: number): void {
  const { w } = m;
  const base = m.base(t);
  const count = m.count(t);
  const size = m.layout.slotWords[t] as number;
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const slot = m.slot(t, k);
    if (w[slot + SLOT.KIND] === ENTRY.DEAD) {
      renumbered[k] = -1;
      continue;
    }
    renumbered[k] = kept;
    if (kept !== k) w.copyWithin(m.slot(t, kept), slot, slot + size);
    kept++;
  }
  w.fill(0, m.slot(t, kept), m.slot(t, count));
  w[base + CPU.COUNT] = kept;
  const registers = m.layout.registerCount[t] as number;
  renumberReferences(w, m.register(t, 0), registers);
  renumberIndex(w, base + CPU.EXCLUSIVE);
  for (let k = 0; k < kept; k++) {
    const slot = m.slot(t, k);
    renumberReferences(w, slot + SLOT.A, 4);
    renumberReferences(w, slot + SLOT.WORDS, registers);
    renumberIndex(w, slot + SLOT.FORWARD);
    renumberIndex(w, slot + SLOT.EXCLUSIVE);
  }
  for (let u = 0; u < m.layout.cpus; u++) renumberWaits(m, u, t);
}

/** Words below 0 are references -(slot + 1). */
function renumberReferences(w: Int32Array, at: number, count: number): void {
  for (let i = at; i < at + count; i++) {
    const word = w[i] as number;
    if (word < 0) w[i] = -((renumbered[-word - 1] as number) + 1);
  }
}

/** A word that is a slot + 1; 0 when the slot has ended. */
function renumberIndex(w: Int32Array, at: number): void {
  const word = w[at] as number;
  if (word !== 0) w[at] = (renumbered[word - 1] as number) + 1;
}

/** Waits of CPU u for slots of CPU t; those for ended slots are over. */
function renumberWaits(m: Machine, u: number, t: number): void {
  const { w } = m;
  const at = m.layout.waits[u] as number;
  const countAt = m.base(u) + CPU.WAITS;
  const n = w[countAt] as number;
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const wait = w[at + i] as number;
    if (wait >> 16 !== t) {
      w[at + kept++] = wait;
      continue;
    }
    const k = renumbered[(wait >> 1) & 0x7fff] as number;
    if (k >= 0) w[at + kept++] = (t << 16) | (k << 1) | (wait & 1);
  }
  w.fill(0, at + kept, at + n);
  w[countAt] = kept;
}

function canonicalise(m: Machine): void {
  if (m.reduces.shortHistories) trimHistories(m);
  if (m.reduces.deadRegisters) for (let t = 0; t < m.layout.cpus; t++) clearDeadRegisters(m, t);
}

/** Registers that nothing reads any more are 0. */
function clearDeadRegisters(m: Machine, t: number): void {
  const { w } = m;
  const count = m.layout.registerCount[t] as number;
  if (count === 0) return;
  const cpu = m.cpus[t];
  if (cpu === undefined) return;
  const base = m.base(t);
  const at = m.register(t, 0);
  const depth = w[base + CPU.DEPTH] as number;
  const pc = w[base + CPU.PC] as number;
  for (let r = 0; r < count; r++) {
    if (w[at + r] === 0) continue;
    let live = pc < cpu.code.length ? cpu.code[pc]?.live[r] !== 0 : cpu.observed.has(r);
    for (let d = 1; d <= depth && !live; d++) {
      const elr = w[m.nest(t, d) + NEST.ELR] as number;
      live = elr < cpu.code.length ? cpu.code[elr]?.live[r] !== 0 : cpu.observed.has(r);
    }
    if (!live) w[at + r] = 0;
  }
}
