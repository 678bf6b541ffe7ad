import { fix } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, lineOf, lockName, placeAt, type RuleScenario } from '../scenario';
import { unlocksOf } from '../unlocks';
import type { Taking } from '../walk/observation';
import type { Walk } from '../walk/walker';
import { handlersOf, maskInterrupts } from './interruptFaults';

const example = (take: string, give: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
lock zone_lock : spin

scenario "the same lock in task and interrupt" {
  cpu 0 {
    ${take}
    load(H.page(1).flags);
    ${give}
  }
  irq NET on cpu 0 {
    spin_lock(zone_lock);
    spin_unlock(zone_lock);
  }
}
`;

export const lockInHandler: Rule = {
  code: 'HVO304',
  severity: 'error',
  title: 'Lock of a handler held with interrupts on',
  doc: 'The handler may come while its CPU holds the lock, and spins for what the interrupted code cannot release ("inconsistent lock state": HARDIRQ-ON and IN-HARDIRQ). A lock that a handler takes is taken with interrupts masked everywhere else: spin_lock_irqsave, spin_lock_irq. That does not keep a pseudo-NMI away, so the handler of one takes no lock that anybody else on its CPU takes, or tries it only.',
  source: 'Linux Documentation/locking/lockdep-design.rst, single-lock state rules',
  bad: example('spin_lock(zone_lock);\n//  ^^^^^^^^^^^^^^^^^^^^ HVO304', 'spin_unlock(zone_lock);'),
  good: example('spin_lock_irq(zone_lock);', 'spin_unlock_irq(zone_lock);'),
  outcomes: ['self-deadlock', 'inconsistent-lock-state'],
  check: (scenario) =>
    scenario.walks
      .filter(({ context }) => context.kind === 'program')
      .flatMap((walk) =>
        walk.takings
          .flatMap((own) => comingHandlers(scenario, walk, own).map((handler) => ({ own, handler })))
          .flatMap(({ own, handler }) => {
            const taking = handler.takings.find(
              ({ lock, mode, waits }) =>
                waits && lock === own.lock && (mode === 'exclusive' || own.mode === 'exclusive'),
            );
            const wanted = taking && placeAt(scenario, handler, taking.at);
            if (wanted === undefined) return [];
            const isNmi = handler.context.kind === 'nmi';
            const lock = lockName(scenario, own.lock);
            const taker = walk.context.code.code[own.at];
            const isTaken = taker?.kind === 'lock';
            const how =
              isTaken && taker.taken !== undefined
                ? ' (`local_irq_save`, `irqs_off`)'
                : ' (`spin_lock_irq`, `spin_lock_irqsave`)';
            const message = `${lock} is ${isTaken ? 'taken' : 'held'} with ${isNmi ? 'NMIs' : 'interrupts'} on, and ${handler.context.name} takes it too (line ${lineOf(wanted)}): when it comes here it waits for what this CPU holds. ${isNmi ? 'The handler of an NMI must not wait for a lock' : `${lineName(scenario, walk, own.at)} has to mask them${isTaken ? `${how}, and the unlock to unmask them` : ', or not to unmask them while the lock is held'}`}`;
            const edits =
              isNmi || !isTaken
                ? []
                : maskInterrupts(
                    scenario,
                    walk,
                    { lock: own.lock, mode: own.mode, since: own.at },
                    unlocksOf(walk, own.lock)[0],
                  );
            return found(scenario, walk, own.at, message, fix('Mask interrupts while the lock is held', edits)).map(
              (finding) => ({
                ...finding,
                others: [...(finding.others ?? []), { ...wanted, message: 'the handler takes it here' }],
              }),
            );
          }),
      ),
};

/** The handlers of a CPU that may come right after a lock was taken. */
function comingHandlers(scenario: RuleScenario, walk: Walk, { irqsMasked, nmisMasked }: Taking): readonly Walk[] {
  return [
    ...(irqsMasked ? [] : handlersOf(scenario, walk, 'irq')),
    ...(nmisMasked ? [] : handlersOf(scenario, walk, 'nmi')),
  ];
}
