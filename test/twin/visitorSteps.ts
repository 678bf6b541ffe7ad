/**
 * A visitor accesses pages. An access that hits or walks is one step; one that faults goes through the fault handler, which
 * takes the page table lock, looks at the entry, and tries again.
 */
import { canWalk, filled } from './memorySystem';
import type { Action, ProtocolStep } from './protocolAction';
import type { State, Visitor } from './protocolState';

/** Whose visitor it is, and how it differs: readers come and go, interrupts may be masked. */
export interface VisitorOn {
  readonly cpu: number;
  readonly visitor: Visitor;
  readonly become: (state: State, visitor: Visitor) => State;
  /** Whether a new access may begin now. */
  readonly mayBegin: boolean;
  /** Whether accesses are counted, because they are bounded. */
  readonly counts: boolean;
  readonly handlerLocks: boolean;
}

export function visitorSteps(state: State, on: VisitorOn): ProtocolStep[] {
  const { cpu, visitor, become } = on;
  const { page } = visitor;
  const step = (action: Omit<Action, 'cpu'>, next: State): ProtocolStep[] => [{ action: { cpu, ...action }, next }];
  const move = (at: Visitor['at'], from: State = state) => become(from, { ...visitor, at });

  switch (visitor.at) {
    case 'idle': {
      if (!on.mayBegin) return [];
      const begun = on.counts ? { ...visitor, accesses: visitor.accesses + 1 } : visitor;
      return state.entries.flatMap((_, chosen) => accessSteps(state, { ...on, visitor: begun }, chosen));
    }
    case 'lock':
      // Only an interrupt can find the lock held by its own CPU: that CPU cannot release it before the handler returns.
      if (state.lockedBy === cpu) return step({ what: 'waits for its own lock', waitsForItself: true }, state);
      return state.lockedBy === null ? step({ what: 'handler locks' }, move('check', { ...state, lockedBy: cpu })) : [];
    case 'check':
      return step({ what: 'handler looks', page, expectsValid: true }, move(on.handlerLocks ? 'unlock' : 'retry'));
    case 'unlock':
      return step({ what: 'handler unlocks' }, move('retry', { ...state, lockedBy: null }));
    case 'retry':
      return accessSteps(state, on, page);
  }
}

/** The one outcome of an access: a hit, a walk, or a fault. */
function accessSteps(state: State, { cpu, visitor, become, handlerLocks }: VisitorOn, page: number): ProtocolStep[] {
  const idle: Visitor = { ...visitor, at: 'idle', page: 0 };
  if (state.tlbs[cpu]![page] !== 0) {
    return [{ action: { cpu, what: 'access hits', page, uses: true }, next: become(state, idle) }];
  }
  if (canWalk(state, cpu, page)) {
    const next = become(filled(state, cpu, page), idle);
    return [{ action: { cpu, what: 'access walks', page, fills: true, uses: true }, next }];
  }
  const faulted: Visitor = { ...visitor, at: handlerLocks ? 'lock' : 'check', page };
  return [{ action: { cpu, what: 'access faults', page }, next: become(state, faulted) }];
}
