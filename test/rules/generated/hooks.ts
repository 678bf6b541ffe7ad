/** Hooks of the fault path: with and without a look, a lock, a filter, in some order; and a struct page that is not there. */

import { lines, pageTableLock, type Random, tools } from './random';

export function hooksScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const look = pick(
    'let ret = vmemmap_addr_healthy(addr)',
    'let ret = vmemmap_addr_healthy(addr)',
    'let ret = vmemmap_addr_healthy_v3(addr)',
    'let ret = (ptep_get(virt_to_kpte(addr)) & PTE_TYPE_MASK) == PTE_TYPE_PAGE',
    'let ret = ptep_get(virt_to_kpte(addr)) != 0',
    'let ret = !pte_none(ptep_get(virt_to_kpte(addr)))',
    'let ret = pte_valid(ptep_get(virt_to_kpte(addr)))',
    'let ret = true',
  );
  const locked = random.next() < 0.85;
  const take = `spin_lock(${pageTableLock})`;
  const give = `spin_unlock(${pageTableLock})`;
  const body = !locked ? [look] : random.next() < 0.75 ? [take, look, give] : [look, take, give];
  const broken = pick('0', '0', 'mk_pte(H.frame(1), PAGE_KERNEL) & ~PTE_VALID');
  const change = pick(
    'vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO))',
    'vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.frame(1), PAGE_KERNEL))',
    `${take}; store(virt_to_kpte(H.tail(1)), ${broken}); flush_tlb_kernel_range(H.tail(1), H.tail(2)); set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); ${give}`,
  );
  return `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn hook(addr, esr) {
${lines([...maybe(0.9, 'if (!vmemmap_fault_may_fixup(addr, esr)) return false'), ...body, 'return ret'])}
}

scenario "hooks" {
  on fault hook
  cpu 0 { ${change}; }
  cpu 1 { ${pick('load(H.page(64).flags);', 'load(H.page(65).flags);', 'load(H.page(0).flags);', 'load(VMEMMAP_START + 0x1000);')} }
}
`;
}
