/** The observed values of a finished execution. */

import { CPU } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { Observable } from '../machine/program';
import type { ValueId } from '../machine/values';
import { currentPhysical, wordsOf } from '../steps/walk';

/** Says what is looked at, before an exploration: those words of memory must be in the record. */
export function noteObserved(m: Machine): void {
  for (const o of m.program.observe) if (o.kind === 'word') m.learned.observe(m.values.of(o.physicalAddress));
  for (const d of m.program.descriptors ?? []) {
    const word = m.values.of(d.physicalAddress);
    const level = d.level as -1 | 0 | 1 | 2 | 3;
    m.learned.observe(word);
    wordsOf(m, m.values.of(d.base));
    m.learned.addCell(word, level, m.entries.coveredBase(d.base, level), m.entries.span(level));
    // The tables on the way too: an entry counts where walks may reach it.
    wordsOf(m, m.values.of(d.base));
    if (!m.hardwareUpdates) continue;
    const entry = m.entries.describe(m.initialWord(word), level);
    if (entry.kind === 'leaf' && !entry.accessFlag) m.learned.write(word);
  }
}

/** Value numbers in the order of `program.observe`; -1 stands for what does not translate. */
export function observe(m: Machine): ValueId[] {
  let event = 0;
  return m.program.observe.map((o) => observed(m, o, o.kind === 'event' ? event++ : 0));
}

function observed(m: Machine, o: Observable, event: number): ValueId {
  switch (o.kind) {
    case 'register':
      return m.w[m.register(o.cpu, o.register)] as number;
    case 'word':
      return m.values.plain(m.values.truncate(m.current(m.values.of(o.physicalAddress)), o.bytes));
    case 'translatedWord': {
      const address = m.values.of(o.virtualAddress);
      const direct = m.direct(address);
      const physical = direct >= 0 ? direct : currentPhysical(m, address);
      if (physical < 0) return -1;
      m.learned.observe(physical);
      return m.values.plain(m.values.truncate(m.current(physical), o.bytes));
    }
    case 'event': {
      for (let t = 0; t < m.layout.cpus; t++) if (m.isMarked(t, event)) return m.values.of(1n);
      return 0;
    }
  }
}

/** litmus `handled`: a run whose last fault would not come for ever is dropped. */
export function isFair(m: Machine): boolean {
  for (let t = 0; t < m.layout.cpus; t++) {
    const base = m.base(t);
    const cell = (m.w[base + CPU.FINAL_CELL] as number) - 1;
    if (cell >= 0 && m.last(cell) !== m.w[base + CPU.FINAL_VALUE]) return false;
  }
  return true;
}
