import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, lineOf, lockName, placeAt } from '../scenario';
import { faultingHandlers } from './interruptFaults';

const example = (address: string): string => `machine { pseudo_nmi yes }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "a perf sample, with interrupts off" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let addr = H.tail(1);
    let ptep = virt_to_kpte(addr);
    spin_lock_irq(init_mm.page_table_lock);
    pte_clear(addr, ptep);
${address === '64' ? '//  ^^^^^^^^^^^^^^^^^^^^^ HVO302\n' : ''}    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    set_pte_at(addr, ptep, mk_pte(H.head, PAGE_KERNEL_RO));
    spin_unlock_irq(init_mm.page_table_lock);
  }
  nmi PERF on cpu 0 { load(H.page(${address}).flags); }
}
`;

export const nmiInWindow: Rule = {
  code: 'HVO302',
  severity: 'error',
  title: "NMI while an entry is broken under the fault path's lock",
  doc: 'Masking interrupts does not stop a pseudo-NMI (perf sampling, backtraces, stop requests), an SError or a debug exception. A handler of that kind that accesses a struct page behind the broken entry faults, and its fault path waits for the lock that the interrupted code holds. Either such handlers touch no struct page, or pseudo-NMIs are masked too while something is broken (`local_nmi_disable`), which Linux does only at exception entry; an SError cannot be kept away so.',
  source: 'Linux Documentation/locking/lockdep-design.rst; arch/arm64/kernel/entry-common.c, el1_interrupt',
  bad: example('64'),
  good: example('0'),
  outcomes: ['self-deadlock', 'lock-in-nmi'],
  check: (scenario) =>
    faultingHandlers(scenario, 'nmi').flatMap(({ walk, window, lock, handler, touch }) => {
      const accessed = placeAt(scenario, handler, touch.at);
      const where = accessed ? ` (line ${lineOf(accessed)})` : '';
      const masked = window.irqsOnAt === undefined ? ', which masked interrupts do not keep away,' : '';
      const message = `${entryName(scenario, window)} is broken from ${lineName(scenario, walk, window.breakAt)} on under ${lockName(scenario, lock.lock)}: ${handler.context.name}${masked} accesses what it maps${where}, faults, and waits for the lock that this CPU holds. \`local_nmi_disable()\` is missing before ${lineName(scenario, walk, lock.since)}, and \`local_nmi_enable()\` behind the unlock; or the handler must not access struct pages`;
      return found(scenario, walk, window.breakAt, message).map((finding) => ({
        ...finding,
        others: [...(finding.others ?? []), ...(accessed ? [{ ...accessed, message: 'the handler faults here' }] : [])],
      }));
    }),
};
