import { found } from '../found';
import type { Rule } from '../rule';
import { lineName } from '../scenario';

const example = (flags: string, mark = ''): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn count_of(page) {
  let flags = ${flags};
  let count = load32(page.refcount);
  local_irq_restore(flags);
${mark}  return count;
}

scenario "the caller has interrupts masked" {
  cpu 0 {
    local_irq_disable();
    r0 = count_of(H.page(0));
    local_irq_enable();
  }
}
`;

export const restoreUnsaved: Rule = {
  code: 'HVO310',
  severity: 'error',
  title: 'Interrupts restored from what nobody saved',
  doc: 'local_irq_restore() and the _irqrestore unlocks put back what local_irq_save() or an _irqsave lock gave. Here they get a number that nobody has saved: interrupts are unmasked (0) or masked (1) whatever the caller had, who may hold a lock that a handler takes, or have an entry broken. An execution shows harm where an interrupt then comes; the rule asks for the save all the same.',
  source: 'Linux include/linux/irqflags.h, raw_check_bogus_irq_restore (CONFIG_DEBUG_IRQFLAGS)',
  bad: example('0', `//${'^'.repeat(24)} HVO310\n`),
  good: example('local_irq_save()'),
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'restoreUnsaved') return [];
        const does = one.masks ? 'masks' : 'unmasks';
        const message = `this restores interrupts from a number that nobody has saved, and ${does} them whatever the caller had. \`local_irq_save()\`, or the lock that saves, is missing before ${lineName(scenario, walk, one.at)}, and what it gives belongs here`;
        return found(scenario, walk, one.at, message);
      }),
    ),
};
