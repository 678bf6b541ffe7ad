import type { SectionKind } from '../../../simulator/explore/openSections';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName } from '../scenario';

const example = (early: string, mark = ''): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
var closing = 0

scenario "a reader leaves early" {
  cpu 0 {
    preempt_disable();
${mark}    if (READ_ONCE(closing)) ${early}
    load(H.page(64).flags);
    preempt_enable();
  }
  cpu 1 { WRITE_ONCE(closing, 1); }
}
`;

export const sectionLeftOpen: Rule = {
  code: 'HVO309',
  severity: 'error',
  title: 'Section left open',
  doc: 'Interrupts are masked, preemption is turned off, or a read-side section of RCU is begun, and on some way through the code it stays so: an early return, an error path. What runs next on this CPU runs so: no interrupt comes, "scheduling while atomic", grace periods that never end. Code that nowhere closes what it opens is taken for a part of something larger, and nothing is said about it.',
  source:
    'Linux kernel/sched/core.c, __schedule_bug; Documentation/locking/preempt-locking.rst; include/linux/rcupdate.h',
  bad: example('return;', `//  ${'^'.repeat(17)} HVO309\n`),
  good: example('{\n      preempt_enable();\n      return;\n    }'),
  outcomes: ['section-left-open'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) => {
      // What a lock leaves masked has a rule that knows the right unlock.
      const masked = walk.observations.flatMap((one) => (one.kind === 'masksLeft' ? [one.since] : []));
      return walk.observations.flatMap((one) => {
        if (one.kind !== 'sectionLeft' || (one.section === 'interrupts' && masked.includes(one.since))) return [];
        const { opened, close } = words[one.section];
        const message = `${opened} from here on, and on some way through the code nothing ends that. ${close} is missing on that way, before ${lineName(scenario, walk, one.at)}`;
        return found(scenario, walk, one.since, message);
      });
    }),
};

const words: Readonly<Record<SectionKind, { readonly opened: string; readonly close: string }>> = {
  interrupts: { opened: 'interrupts are masked', close: '`local_irq_restore` or `local_irq_enable`' },
  preemption: { opened: 'preemption is off', close: '`preempt_enable()`' },
  rcu: { opened: 'a read-side section of RCU is open', close: '`rcu_read_unlock()`' },
};
