/** Interrupts and pseudo-NMIs where an entry is broken or a lock is held. */

import { lines, pageTableLock, type Random, tools } from './random';

export function interruptsScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const how = pick('', '', '_irq', 'save');
  const locks = pick('table', 'table', 'zone');
  const lock = locks === 'table' ? pageTableLock : 'zone_lock';
  const take = how === 'save' ? `let f = spin_lock_irqsave(${lock})` : `spin_lock${how}(${lock})`;
  const give = how === 'save' ? `spin_unlock_irqrestore(${lock}, f)` : `spin_unlock${how}(${lock})`;
  const nmis = pick('', '', 'local_nmi_disable');
  const remap = [
    'pte_clear(H.tail(1), virt_to_kpte(H.tail(1)))',
    'flush_tlb_kernel_range(H.tail(1), H.tail(2))',
    'set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO))',
  ];
  const steps = [
    ...(nmis === '' ? [] : ['local_nmi_disable()']),
    take,
    ...(locks === 'table' ? remap : ['store(x, 1)']),
    ...maybe(0.2, 'load(H.page(64).flags)'),
    ...maybe(0.15, 'local_irq_enable(); isb(); local_irq_disable()'),
    give,
    ...(nmis === '' ? [] : ['local_nmi_enable()']),
    ...maybe(0.2, 'load(H.page(64).flags)'),
  ];
  const looks = pick(
    'load(H.page(64).flags)',
    'load(H.page(64).flags)',
    'load(H.page(0).flags)',
    'load(x)',
    'nofault_load(H.page(64).flags)',
  );
  const locked = `spin_lock(zone_lock); ${pick('', looks)}; spin_unlock(zone_lock)`;
  const handler = pick(looks, looks, locked, `spin_lock(${pageTableLock}); ${looks}; spin_unlock(${pageTableLock})`);
  return `machine { pseudo_nmi ${pick('yes', 'no')} }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
lock zone_lock : spin
var x = 0

scenario "interrupts" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
${lines(steps)}
  }
  cpu 1 { ${pick('load(H.page(64).flags);', 'load(H.page(64).flags);', `spin_lock_irq(zone_lock); ${looks}; spin_unlock_irq(zone_lock);`)} }
  ${pick('irq', 'irq', 'nmi')} NET on cpu ${pick('0', '0', '1')} { ${handler}; }
}
`;
}
