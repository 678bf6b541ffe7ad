/** Locks as the text takes and releases them. */

import type { LockId, LockKind } from '../../simulator/machine/program';
import type { CallExpression } from '../language/ast';
import type { Edit } from '../language/diagnostic';
import type { Place } from '../language/elaborate/source';
import { calleeName, callIn, insertAfter, insertBefore, type Standing, statementAt, textOf } from './fixes';
import type { RuleScenario } from './scenario';

const functions: Readonly<Record<LockKind, { readonly take: string; readonly give: string }>> = {
  spin: { take: 'spin_lock', give: 'spin_unlock' },
  sleepingSpin: { take: 'spin_lock', give: 'spin_unlock' },
  rawSpin: { take: 'raw_spin_lock', give: 'raw_spin_unlock' },
  mutex: { take: 'mutex_lock', give: 'mutex_unlock' },
  rwSemaphore: { take: 'down_write', give: 'up_write' },
};

/** `spin_lock(init_mm.page_table_lock)`. */
export function takeText({ program, elaborated }: RuleScenario, lock: LockId): string {
  return `${functions[declaredKind(elaborated, program.locks[lock]?.kind, lock)].take}(${program.locks[lock]?.name})`;
}

export function giveText({ program, elaborated }: RuleScenario, lock: LockId): string {
  return `${functions[declaredKind(elaborated, program.locks[lock]?.kind, lock)].give}(${program.locks[lock]?.name})`;
}

/** With PREEMPT_RT a spin lock sleeps; its functions keep their names. */
function declaredKind({ world }: RuleScenario['elaborated'], kind: LockKind | undefined, lock: LockId): LockKind {
  const name = world.locks[lock]?.name ?? '';
  const declared = world.declarations.locks.get(name)?.item.lockKind;
  if (name === 'init_mm.page_table_lock' || declared === 'spin') return 'spin';
  return kind ?? 'spin';
}

const giving = /^(raw_spin_unlock|spin_unlock|mutex_unlock|up_read|up_write|mmap_(read|write)_unlock)/;
const taking = /^(raw_spin_lock|spin_lock|mutex_lock|down_read|down_write|mmap_(read|write)_lock)/;

/** The call that takes (gives back) a lock, when a statement is that and nothing else. */
export function takingCall(place: Place): CallExpression | undefined {
  return callIn(place, (name) => taking.test(name));
}

export function givingCall(place: Place): CallExpression | undefined {
  return callIn(place, (name) => giving.test(name));
}

/** Puts a lock around the statements from one place to another of the same block, barriers behind the last included. */
export function lockAround(scenario: RuleScenario, lock: LockId, first: Place, last: Place): readonly Edit[] {
  const from = statementAt(first);
  const to = statementAt(last);
  if (from === undefined || to === undefined || from.block !== to.block || !from.block.braced) return [];
  const end = lastBarrier(to);
  return [
    ...insertBefore(first, [takeText(scenario, lock)]),
    ...insertAfter({ source: to.source, span: end.span }, [giveText(scenario, lock)]),
  ];
}

/** The last of the barriers that follow a statement directly, or the statement. */
function lastBarrier({ block, index }: Standing): Standing['statement'] {
  let last = block.statements[index] as Standing['statement'];
  for (const next of block.statements.slice(index + 1)) {
    const isBarrier =
      next.kind === 'call' &&
      next.expression.kind === 'call' &&
      /^(dsb|isb|dmb|smp_\w+)$/.test(calleeName(next.expression));
    if (!isBarrier) break;
    last = next;
  }
  return last;
}

/** The name of the lock in a call, as written. */
export function lockArgument(place: Place, call: CallExpression): string {
  const argument = call.arguments[0];
  return argument ? textOf(place.source, argument) : '';
}
