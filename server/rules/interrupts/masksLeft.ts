import type { Edit } from '../../language/diagnostic';
import type { Place } from '../../language/elaborate/source';
import { calleeName, callIn, fix, replace, statementAt, textOf } from '../fixes';
import { found } from '../found';
import { givingCall } from '../lockText';
import type { Rule } from '../rule';
import { lineName, placeAt } from '../scenario';

const example = (unlock: string, mark = ''): string => `lock zone : spin
var done = 0

scenario "an interrupt is sent to who has left a section" {
  cpu 0 {
    let flags = spin_lock_irqsave(zone);
    cpu_relax();
    ${unlock};
${mark}  }
  cpu 1 {
    send_ipi(0, call_function);
    wait_acquire(*done == 1);
  }
  irq call_function on cpu 0 times 0 { store_release(done, 1); }
}
`;

export const masksLeft: Rule = {
  code: 'HVO308',
  severity: 'error',
  title: 'Interrupts left masked',
  doc: 'A lock was taken by a function that masks interrupts (`spin_lock_irq`, `spin_lock_irqsave`), and on some way through the code it is given back by one that leaves them masked. No interrupt comes on this CPU any more: no tick, no IPI that others wait for. Each form of lock has its own unlock. An execution shows harm where somebody waits for an interrupt of this CPU (deadlock), or where the code unmasks elsewhere (section-left-open); the rule asks for the unlock all the same.',
  source: 'Linux Documentation/locking/spinlocks.rst; include/linux/spinlock.h',
  bad: example('spin_unlock(zone)', `//  ${'^'.repeat(17)} HVO308\n`),
  good: example('spin_unlock_irqrestore(zone, flags)'),
  outcomes: ['deadlock', 'section-left-open'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'masksLeft') return [];
        const [taken, given] = [placeAt(scenario, walk, one.since), placeAt(scenario, walk, one.releasedAt)];
        const unlock = taken && given && unlockFor(taken, given);
        if (unlock === undefined) return [];
        const masked = lineName(scenario, walk, one.since);
        const message = `the lock is given back here, and interrupts stay masked, as they are since ${masked}: none comes on this CPU any more. \`${unlock.text}\` belongs on ${lineName(scenario, walk, one.releasedAt)}`;
        return found(scenario, walk, one.releasedAt, message, {
          others: [{ at: one.since, message: 'interrupts are masked here' }],
          ...fix(`Use \`${unlock.name}\``, unlock.edits),
        });
      }),
    ),
};

/** The unlock that belongs to a lock which masks interrupts; undefined where the text takes it otherwise. */
function unlockFor(
  taken: Place,
  given: Place,
): { readonly name: string; readonly text: string; readonly edits: readonly Edit[] } | undefined {
  const lock = callIn(taken, (name) => /_lock_irq(save)?$/.test(name));
  const unlock = givingCall(given);
  const [argument] = unlock?.arguments ?? [];
  if (lock === undefined || unlock === undefined || argument === undefined) return undefined;
  const saves = calleeName(lock).endsWith('irqsave');
  const name = calleeName(lock).replace('_lock_irqsave', '_unlock_irqrestore').replace('_lock_irq', '_unlock_irq');
  const statement = statementAt(taken)?.statement;
  const flags = !saves ? undefined : statement?.kind === 'let' ? statement.name.name : 'flags';
  const held = textOf(given.source, argument);
  const text = `${name}(${held}${flags === undefined ? '' : `, ${flags}`})`;
  const isInSight = !saves || (statement?.kind === 'let' && statementAt(taken)?.fn === statementAt(given)?.fn);
  return { name, text, edits: isInSight ? [replace(unlock.span, text)] : [] };
}
