import type { LockId } from '../../../simulator/machine/program';
import { fix } from '../fixes';
import { found } from '../found';
import type { Rule, RuleFinding } from '../rule';
import { entryName, lineName, lineOf, lockName, placeAt, type RuleScenario } from '../scenario';
import { unlocksOf } from '../unlocks';
import type { Taking, Touch } from '../walk/observation';
import type { Walk } from '../walk/walker';
import { hookedWindows, hookLockOf, type MadeWindow } from '../windows';
import { handlersOf, maskInterrupts } from './interruptFaults';

const example = (take: string, give: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
lock zone_lock : spin

scenario "the allocator reads a struct page under its lock, an interrupt wants that lock" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let addr = H.tail(1);
    let ptep = virt_to_kpte(addr);
    ${take}
    pte_clear(addr, ptep);
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    set_pte_at(addr, ptep, mk_pte(H.head, PAGE_KERNEL_RO));
    ${give}
  }
  irq NET on cpu 0 {
    spin_lock(zone_lock);
    spin_unlock(zone_lock);
  }
  cpu 1 {
    spin_lock_irq(zone_lock);
    load(H.page(64).flags);
    spin_unlock_irq(zone_lock);
  }
}
`;

export const irqInversion: Rule = {
  code: 'HVO303',
  severity: 'error',
  title: "Interrupts on under the fault path's lock, and a handler takes what a faulting CPU holds",
  doc: 'CPU 1 holds a lock X that handlers take too, accesses a struct page whose entry is broken, faults, and waits for the lock of the fault path. CPU 0 holds that lock with interrupts on, and takes an interrupt whose handler waits for X. Neither goes on ("HARDIRQ-safe -> HARDIRQ-unsafe lock order detected"). With interrupts masked while an entry is broken the handler comes later, and nobody waits in a circle. A pseudo-NMI comes all the same: its handler must not wait for a lock.',
  source: 'Linux Documentation/locking/lockdep-design.rst, multi-lock dependency rules',
  bad: example(
    'spin_lock(init_mm.page_table_lock);\n//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO303',
    'spin_unlock(init_mm.page_table_lock);',
  ),
  good: example('spin_lock_irq(init_mm.page_table_lock);', 'spin_unlock_irq(init_mm.page_table_lock);'),
  outcomes: ['ABBA-deadlock', 'deadlock', 'irq-lock-inversion'],
  check: (scenario) =>
    hookedWindows(scenario).flatMap((made) => {
      const lock = hookLockOf(scenario, made.window);
      if (lock === undefined) return [];
      const coming = [
        ...(made.window.irqsOnAt === undefined ? [] : handlersOf(scenario, made.walk, 'irq')),
        ...(made.window.nmisOnAt === undefined ? [] : handlersOf(scenario, made.walk, 'nmi')),
      ];
      return coming.flatMap((handler) =>
        handler.takings.flatMap((taking) =>
          (taking.waits ? faultsUnder(scenario, made, taking.lock) : []).flatMap((fault) =>
            report(scenario, made, handler, taking, fault),
          ),
        ),
      );
    }),
};

interface FaultUnderLock {
  readonly walk: Walk;
  readonly touch: Touch;
}

/** Accesses of other CPUs to what is broken, with a lock held. */
function faultsUnder({ walks }: RuleScenario, { walk, window }: MadeWindow, lock: LockId): readonly FaultUnderLock[] {
  const { first, last } = window.entry.place;
  return walks
    .filter(({ context }) => context.cpu !== walk.context.cpu)
    .flatMap((other) => {
      const touch = other.touches.find(
        ({ address, held }) => address >= first && address <= last && held.some((one) => one.lock === lock),
      );
      return touch ? [{ walk: other, touch }] : [];
    });
}

function report(
  scenario: RuleScenario,
  { walk, window }: MadeWindow,
  handler: Walk,
  taking: Taking,
  fault: FaultUnderLock,
): readonly RuleFinding[] {
  const lock = hookLockOf(scenario, window);
  const wanted = placeAt(scenario, handler, taking.at);
  const accessed = placeAt(scenario, fault.walk, fault.touch.at);
  if (lock === undefined || wanted === undefined || accessed === undefined) return [];
  const other = lockName(scenario, taking.lock);
  const isNmi = handler.context.kind === 'nmi';
  const message = `${isNmi ? 'NMIs' : 'interrupts'} are on while ${entryName(scenario, window)} is broken under ${lockName(scenario, lock.lock)}: ${handler.context.name} waits for ${other} (line ${lineOf(wanted)}), and ${fault.walk.context.name} holds that when it faults on the entry (line ${lineOf(accessed)}) and waits for this lock. ${isNmi ? 'The handler of an NMI must not wait for a lock' : `${lineName(scenario, walk, lock.since)} has to mask them, and the unlock to unmask them (\`spin_lock_irq\`, \`local_irq_save\`)`}`;
  const edits = isNmi ? [] : maskInterrupts(scenario, walk, lock, unlocksOf(walk, lock.lock)[0]);
  return found(scenario, walk, lock.since, message, fix('Mask interrupts while the lock is held', edits)).map(
    (finding) => ({
      ...finding,
      others: [
        ...(finding.others ?? []),
        { ...wanted, message: `the handler waits for ${other} here` },
        { ...accessed, message: 'the other CPU faults here' },
      ],
    }),
  );
}
