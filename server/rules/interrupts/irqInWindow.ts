import { fix } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, lineOf, lockName, placeAt } from '../scenario';
import { unlocksOf } from '../unlocks';
import { faultingHandlers, maskInterrupts } from './interruptFaults';

const example = (take: string, give: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "a network interrupt frees a page" {
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
  irq NET on cpu 0 { load(H.page(64).flags); }
}
`;

export const irqInWindow: Rule = {
  code: 'HVO301',
  severity: 'error',
  title: "Interrupts on while an entry is broken under the fault path's lock",
  doc: 'An interrupt may come between break and make. Its handler, or the softirq behind it, accesses a struct page behind the broken entry, faults, and the hook of the fault path spins for the lock that the interrupted code holds: the CPU waits for itself with interrupts masked. For a broken PMD any struct page of 128 MiB will do. Interrupts have to be off from before the break until behind the make (Will Deacon, Catalin Marinas and Matthew Wilcox on version 3 of the series, February 2024).',
  source:
    'Linux Documentation/locking/lockdep-design.rst (irq-safe and irq-unsafe locks); https://lore.kernel.org/all/ZcN1hTrAhy-B1P2_@arm.com/',
  bad: example(
    'spin_lock(init_mm.page_table_lock);\n//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO301',
    'spin_unlock(init_mm.page_table_lock);',
  ),
  good: example('spin_lock_irq(init_mm.page_table_lock);', 'spin_unlock_irq(init_mm.page_table_lock);'),
  outcomes: ['self-deadlock', 'inconsistent-lock-state'],
  check: (scenario) =>
    faultingHandlers(scenario, 'irq').flatMap((one) => {
      const { walk, window, lock, handler, touch } = one;
      const accessed = placeAt(scenario, handler, touch.at);
      const where = accessed ? ` (line ${lineOf(accessed)})` : '';
      const message = `interrupts are on while ${entryName(scenario, window)} is broken (${lineName(scenario, walk, window.breakAt)}) under ${lockName(scenario, lock.lock)}: ${handler.context.name} accesses what it maps${where}, faults, and waits for the lock that this CPU holds. ${lineName(scenario, walk, lock.since)} has to mask them, and the unlock to unmask them (\`spin_lock_irq\`, \`local_irq_save\`)`;
      // Where the lock is dropped in the window, masking has to last over both sections: the unlock goes first.
      const edits =
        window.released.length > 0 ? [] : maskInterrupts(scenario, walk, lock, unlocksOf(walk, lock.lock)[0]);
      return found(scenario, walk, lock.since, message, fix('Mask interrupts while the lock is held', edits)).map(
        (finding) => ({
          ...finding,
          others: [
            ...(finding.others ?? []),
            ...(accessed ? [{ ...accessed, message: 'the handler faults here' }] : []),
          ],
        }),
      );
    }),
};
