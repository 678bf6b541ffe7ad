import { fix } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineOf, lockName, placeAt } from '../scenario';
import { unlocksOf } from '../unlocks';
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
  doc: 'The handler may come while its CPU holds the lock, and spins for what the interrupted code cannot release ("inconsistent lock state": HARDIRQ-ON and IN-HARDIRQ). A lock that a handler takes is taken with interrupts masked everywhere else: spin_lock_irqsave, spin_lock_irq.',
  source: 'Linux Documentation/locking/lockdep-design.rst, single-lock state rules',
  bad: example('spin_lock(zone_lock);\n//  ^^^^^^^^^^^^^^^^^^^^ HVO304', 'spin_unlock(zone_lock);'),
  good: example('spin_lock_irq(zone_lock);', 'spin_unlock_irq(zone_lock);'),
  outcomes: ['self-deadlock', 'inconsistent-lock-state'],
  check: (scenario) =>
    scenario.walks
      .filter(({ context }) => context.kind === 'program')
      .flatMap((walk) =>
        walk.takings
          .filter(({ irqsMasked }) => !irqsMasked)
          .flatMap((own) =>
            handlersOf(scenario, walk, 'irq').flatMap((handler) => {
              const taking = handler.takings.find(
                ({ lock, mode }) => lock === own.lock && (mode === 'exclusive' || own.mode === 'exclusive'),
              );
              const wanted = taking && placeAt(scenario, handler, taking.at);
              if (wanted === undefined) return [];
              const message = `${lockName(scenario, own.lock)} is taken with interrupts on, and ${handler.context.name} takes it too (line ${lineOf(wanted)}): when it comes here it waits for what this CPU holds. Interrupts have to be masked while the lock is held`;
              const edits = maskInterrupts(
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
      ),
};
