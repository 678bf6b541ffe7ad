/** A fault: everything younger never happened, the registers are those at the instruction, then the exception. */

import type { Compiled } from '../machine/code';
import { dataAbortSyndrome, FAULT, packFault } from '../machine/faults';
import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import { type Machine, NOT_DIRECT } from '../machine/machine';
import { aroundFault } from '../machine/program';
import type { WalkResult } from './choices';
import { endOfCode, enterException, MASK } from './exception';
import { noteEffect } from './readSections';
import { hasRoom, pushEntry } from './step';

/** Truncates a window after slot k and restores registers and masks from the slot's snapshot. */
function squashYounger(m: Machine, t: number, k: number, slot: number): void {
  const { w } = m;
  const base = m.base(t);
  const registers = m.register(t, 0);
  const count = m.layout.registerCount[t] as number;
  for (let r = 0; r < count; r++) w[registers + r] = w[slot + SLOT.WORDS + r] as number;
  w.fill(0, slot + SLOT.WORDS, slot + SLOT.WORDS + count);
  w[base + CPU.MASKS] = w[slot + SLOT.MASKS] as number;
  // A younger fault may have been taken first, and its handler entered: that never happened either.
  const depth = Math.floor((w[slot + SLOT.FLAGS] as number) / FLAG.DEPTH);
  const entered = w[base + CPU.DEPTH] as number;
  if (entered > depth) w.fill(0, m.nest(t, depth + 1), m.nest(t, entered + 1));
  w[base + CPU.DEPTH] = depth;
  const end = m.slot(t, w[base + CPU.COUNT] as number);
  w.fill(0, m.slot(t, k + 1), end);
  w[base + CPU.COUNT] = k + 1;
  // The exception return will clear the exclusive monitor (Arm ARM B2.12).
  w[base + CPU.EXCLUSIVE] = 0;
  w[base + CPU.STALL] = 0;
  w[base + CPU.RETRIED] = m.flag(slot, FLAG.RETRY) ? 1 : 0;
  w[base + CPU.FINAL_CELL] = 0;
  w[base + CPU.FINAL_VALUE] = 0;
  w[base + CPU.TAKING] = 0;
  w[base + CPU.DECLINED] = 0;
  dropWaitsFor(m, t, k);
}

/** As if slot k and everything younger had never been fetched; slot k holds a snapshot. */
export function undoFrom(m: Machine, t: number, k: number): void {
  const slot = m.slot(t, k);
  squashYounger(m, t, k, slot);
  m.w.fill(0, slot, slot + (m.layout.slotWords[t] as number));
  m.w[m.base(t) + CPU.COUNT] = k;
  dropWaitsFor(m, t, k - 1);
}

/** Other CPUs' DSBs no longer wait for squashed accesses of CPU t. */
function dropWaitsFor(m: Machine, t: number, k: number): void {
  for (let u = 0; u < m.layout.cpus; u++) {
    const at = m.layout.waits[u] as number;
    const countAt = m.base(u) + CPU.WAITS;
    const n = m.w[countAt] as number;
    let kept = 0;
    for (let i = 0; i < n; i++) {
      const wait = m.w[at + i] as number;
      if (wait >> 16 === t && ((wait >> 1) & 0x7fff) > k) continue;
      m.w[at + kept++] = wait;
    }
    m.w.fill(0, at + kept, at + n);
    m.w[countAt] = kept;
  }
}

/** The access of slot k faults. False when it cannot (nested handlers too deep for a litmus column). */
export function takeFault(m: Machine, t: number, k: number, slot: number, c: Compiled, result: WalkResult): void {
  const { w } = m;
  const base = m.base(t);
  const cpu = m.cpus[t]?.program;
  if (cpu === undefined) return;
  m.learned.noteFault(m.footprint(t, w[slot + SLOT.IP] as number));
  squashYounger(m, t, k, slot);
  // Where a CPU is seen outside of a section by an interrupt, what it had found ahead is gone: so a fault begins a section.
  noteEffect(m, t, k);
  const address = m.values.sum(Math.max(0, w[slot + SLOT.A] as number), Math.max(0, w[slot + SLOT.B] as number));
  if (!m.rules.lateFaults) m.setFlag(slot, FLAG.FAULT_DONE);
  m.setFlag(slot, FLAG.WALKED | FLAG.FAULTED | (m.direct(address) === NOT_DIRECT ? FLAG.TRANSLATED : 0));
  w[slot + SLOT.FAULT] = packFault(result.fault, result.level);
  w[slot + SLOT.VA] = address + 1;
  w.fill(0, slot + SLOT.A, slot + SLOT.D + 1);
  w[slot + SLOT.PA] = 0;
  const ip = w[slot + SLOT.IP] as number;
  const { first, next } = aroundFault(c.instruction, ip);
  const faults = cpu.faults;
  switch (faults.kind) {
    case 'handler': {
      const fromEl0 = cpu.unprivileged === true && !m.flag(slot, FLAG.IN_HANDLER);
      const write = c.writes && !(c.reads && result.fault !== FAULT.PERMISSION);
      const esr = dataAbortSyndrome(result.fault, result.level, write, fromEl0);
      m.journal?.push({ what: 'exception', cpu: t, at: ip, word: address, value: m.values.of(esr) });
      enterException(m, t, faults.entries, first, esr, address, MASK.IRQ | MASK.NMI, true);
      return;
    }
    case 'fatal':
      w[base + CPU.PC] = endOfCode(m, t);
      return;
    case 'skip':
    case 'retryOnce':
      if (!hasRoom(m, t, 1)) return;
      if (m.rules.entrySynchronises) pushEntry(m, t, ENTRY.ISB, ip);
      if (faults.kind === 'skip') {
        w[base + CPU.PC] = next;
      } else if (m.flag(slot, FLAG.RETRY)) {
        // Tried twice: it would fault for ever if the descriptor stays as it is, which the end of the run decides.
        w[base + CPU.FINAL_CELL] = result.faultCell + 1;
        w[base + CPU.FINAL_VALUE] = result.faultValue;
        w[base + CPU.PC] = endOfCode(m, t);
      } else {
        w[base + CPU.RETRIED] = 1;
        w[base + CPU.PC] = first;
      }
      return;
  }
}
