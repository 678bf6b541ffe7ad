import type { CodeIndex } from '../../../simulator/machine/program';
import type { Edit } from '../../language/diagnostic';
import type { Place } from '../../language/elaborate/source';
import { remapExample } from '../exampleText';
import { calleeName, fix, removeStatement, replace, statementAt } from '../fixes';
import { found } from '../found';
import { givingCall } from '../lockText';
import type { Rule } from '../rule';
import { lineName, lockName, placeAt } from '../scenario';
import type { Observation } from '../walk/observation';
import type { Walk } from '../walk/walker';

export const unlockNotHeld: Rule = {
  code: 'HVO205',
  severity: 'error',
  title: 'Unlock of a lock that is not held',
  doc: 'The lock is given back by somebody who does not hold it: it was released before, or never taken on this way. If another CPU holds it by then, two are inside at once ("bad unlock balance detected"). A semaphore is given back as it was taken: up_read after down_write leaves a count that is wrong for everybody behind it. So does preempt_enable where preemption is not off, which ends a section of the code around it, and rcu_read_unlock outside of a read-side section.',
  source:
    'Linux kernel/locking/lockdep.c, print_unlock_imbalance_bug; kernel/locking/rwsem.c, DEBUG_RWSEMS_WARN_ON; kernel/sched/core.c, preempt_count_sub',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);
  spin_unlock(init_mm.page_table_lock);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO205`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['unlock-not-held'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind === 'sectionNotOpen') return found(scenario, walk, one.at, notOpen[one.section]);
        if (one.kind !== 'unlockNotHeld') return [];
        const place = placeAt(scenario, walk, one.at);
        if (one.heldSince !== undefined) {
          const wanted = place && otherMode(place);
          const took = lineName(scenario, walk, one.heldSince);
          const message = `${lockName(scenario, one.lock)} is released here in another way than ${took} took it: as a reader what is held for writing, or the other way round. ${wanted === undefined ? 'The other unlock' : `\`${wanted.name}\``} belongs on ${lineName(scenario, walk, one.at)}`;
          return found(scenario, walk, one.at, message, {
            others: [{ at: one.heldSince, message: 'taken here' }],
            ...fix(`Use \`${wanted?.name}\``, wanted === undefined ? [] : [wanted.edit]),
          });
        }
        const tried = triedAt(walk, one);
        if (tried !== undefined) {
          const attempt = lineName(scenario, walk, tried);
          const message = `${lockName(scenario, one.lock)} is released here also where the attempt on ${attempt} did not take it: another CPU's critical section is opened. A test of what the trylock on ${attempt} gives is missing; what is done with the lock, and this unlock, belong where it was taken`;
          return found(scenario, walk, one.at, message, { others: [{ at: tried, message: 'tried here' }] });
        }
        const before =
          one.releasedAt === undefined
            ? 'it was never taken'
            : `${lineName(scenario, walk, one.releasedAt)} has released it`;
        const message = `${lockName(scenario, one.lock)} is released here, but this CPU does not hold it (${before}): another CPU's critical section may be opened. Take this unlock away, or take the lock before`;
        const statement = place && statementAt(place)?.statement;
        const isOnly = place && statement?.kind === 'call' && givingCall(place) === statement.expression;
        return found(scenario, walk, one.at, message, fix('Remove the unlock', isOnly ? removeStatement(place) : []));
      }),
    ),
};

/** The attempt to take the lock on which the unlock relies, where the text has one since it was last released. */
function triedAt({ takings, context }: Walk, { at, lock, releasedAt = -1 }: NotHeld): CodeIndex | undefined {
  const attempts = takings.filter((one) => {
    const i = context.code.code[one.at];
    return i?.kind === 'lock' && i.taken !== undefined && one.lock === lock && one.at > releasedAt && one.at < at;
  });
  return attempts.map((one) => one.at).sort((a, b) => b - a)[0];
}

type NotHeld = Extract<Observation, { readonly kind: 'unlockNotHeld' }>;

const notOpen = {
  preemption:
    'preemption is not off here, and this enables it once more: it ends what the code around it began. Take this `preempt_enable()` away, or put `preempt_disable()` before it',
  rcu: 'no read-side section of RCU is open here, and this ends one ("bad unlock balance detected"). Take this `rcu_read_unlock()` away, or put `rcu_read_lock()` before it',
} as const;

/** The unlock of the same semaphore for the other mode, where the text has the call at a place. */
function otherMode(place: Place): { readonly name: string; readonly edit: Edit } | undefined {
  const call = givingCall(place);
  if (call === undefined) return undefined;
  const written = calleeName(call);
  const name = written.includes('read') ? written.replace('read', 'write') : written.replace('write', 'read');
  return name === written ? undefined : { name, edit: replace(call.callee.span, name) };
}
