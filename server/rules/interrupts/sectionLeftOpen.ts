import type { SectionKind } from '../../../simulator/explore/openSections';
import type { Statement } from '../../language/ast';
import type { Edit } from '../../language/diagnostic';
import type { Place } from '../../language/elaborate/source';
import { calleeName, callIn, fix, statementAt, textOf } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, placeAt } from '../scenario';
import { closeOnWaysOut, closesInside } from '../waysOut';

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
        const place = placeAt(scenario, walk, one.since);
        return found(scenario, walk, one.since, message, fix('Close it on every way out', place ? closed(place) : []));
      });
    }),
};

const words: Readonly<Record<SectionKind, { readonly opened: string; readonly close: string }>> = {
  interrupts: { opened: 'interrupts are masked', close: '`local_irq_restore` or `local_irq_enable`' },
  preemption: { opened: 'preemption is off', close: '`preempt_enable()`' },
  rcu: { opened: 'a read-side section of RCU is open', close: '`rcu_read_unlock()`' },
};

/** What opens a section in the text, and what closes it. */
const pairs: Readonly<Record<string, string>> = {
  preempt_disable: 'preempt_enable',
  rcu_read_lock: 'rcu_read_unlock',
  local_irq_disable: 'local_irq_enable',
  local_irq_save: 'local_irq_restore',
};

function closed(place: Place): readonly Edit[] {
  const opening = callIn(place, (name) => name in pairs);
  const close = opening && pairs[calleeName(opening)];
  const statement = statementAt(place)?.statement;
  if (close === undefined || statement === undefined) return [];
  const saved = close === 'local_irq_restore' ? savedIn(place, statement) : '';
  if (saved === undefined) return [];
  const isClose = (one: Statement): boolean =>
    one.kind === 'call' && one.expression.kind === 'call' && calleeName(one.expression) === close;
  return closesInside(place, isClose) ? [] : closeOnWaysOut(place, `${close}(${saved})`, isClose);
}

/** The variable that has what local_irq_save() gave. */
function savedIn({ source }: Place, statement: Statement): string | undefined {
  if (statement.kind === 'let') return statement.name.name;
  return statement.kind === 'assign' ? textOf(source, statement.target) : undefined;
}
