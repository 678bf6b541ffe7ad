import { describe, expect, it } from 'vitest';
import { elaborate } from '../../server/language/elaborate/elaborate';
import type { Source } from '../../server/language/elaborate/source';
import { parse } from '../../server/language/parse';
import { standardLibrary } from '../../server/language/stdlib/library';
import { checkText } from './annotated';

/** What is said of a text, from its syntax to the program that it becomes; hints are left out. */
function said(text: string): readonly string[] {
  const ofText = checkText(text, standardLibrary('v6.7')).diagnostics;
  const source: Source = { uri: 'file:///main.hvo', parsed: parse(text), origin: 'user' };
  const { diagnostics } = elaborate(source);
  return [...ofText, ...diagnostics]
    .filter((one) => one.severity !== 'hint')
    .map((one) => `${one.code} ${one.message}`);
}

const world = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
hugepage B { size 2M  at 0x1_8000_0000  vmemmap blocks }
page slab at 0x1_8640_0000
`;

/** What the review of the series talks about, each as a scenario that one recognises. */
const scenarios: Readonly<Record<string, string>> = {
  'A: the fault is handled while an entry is broken': `scenario "handle the fault" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { r0 = load(H.page(64).flags);  => ok | fixed-up | spurious-warn }
  never oops
}`,
  'B: stop_machine around the change': `scenario "stop the machine" {
  cpu 0 {
    stop_machine {
      pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
      flush_tlb_kernel_range(H.tail(1), H.tail(1) + PAGE_SIZE);
      set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));
    }
  }
  cpu 1 { r0 = load(H.page(64).flags);  => ok }
  never oops
}`,
  'C: FEAT_BBM level 2 splits in place': `scenario "split in place" {
  machine { bbm 2-noabort }
  cpu 0 {
    let table = alloc_page();
    for (i = 0; i < PTRS_PER_PTE; i++) {
      if (touched(B.block(0) + i * PAGE_SIZE)) store(__va(table) + i * 8, mk_pte(descriptor_pa(READ_ONCE(*pmd_off_k(B.start))) + i * PAGE_SIZE, PAGE_KERNEL));
    }
    smp_wmb();
    spin_lock(init_mm.page_table_lock);
    WRITE_ONCE(*pmd_off_k(B.start), mk_pmd_table(table));
    dsb(ishst);
    tlbi(vaale1is, B.start);
    dsb(ish);
    isb();
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { r0 = load(slab.struct.flags);  => ok }
  never bbm || oops
}`,
  'D: remote CPUs are paused by an interrupt': `var paused = 0
var counted = 0
lock pause_lock : raw

fn pause_remote_cpus() {
  raw_spin_lock(pause_lock);
  WRITE_ONCE(paused, 1);
  smp_wmb();
  send_ipi_others(pause);
  wait_acquire(*counted == NR_CPUS - 1);
}

fn resume_remote_cpus() {
  store_release(paused, 0);
  wait_acquire(*counted == 0);
  raw_spin_unlock(pause_lock);
}

scenario "pause the others" {
  machine { pseudo_nmi yes }
  cpu 0 {
    irqs_off {
      pause_remote_cpus();
      pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
      flush_tlb_kernel_range(H.tail(1), H.tail(1) + PAGE_SIZE);
      set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));
      resume_remote_cpus();
    }
  }
  cpu 1 { loop { r0 = load(H.page(64).flags); } }
  nmi pause on cpu 1 times 0 {
    fetch_add(counted, 1);
    wait_acquire(*paused == 0);
    fetch_add(counted, -1);
    isb();
  }
  never oops
}`,
  'the access flag is cleared, and compare-and-exchange makes the table': `fn try_split(addr, table) {
  let pmdp = pmd_off_k(addr);
  let tries = 0;
  while (tries < 2) {
    let old = fetch_andnot(pmdp, PTE_AF) & ~PTE_AF;
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    if (cmpxchg(pmdp, old, mk_pmd_table(table)) == old) return 0;
    tries++;
  }
  return -EAGAIN;
}

scenario "the access flag instead of a break" {
  machine { hw_af yes }
  cpu 0 { r1 = try_split(B.block(0), alloc_page()); }
  cpu 1 { r0 = load(slab.struct.flags);  => ok | oops-AF }
  sometimes cpu 0: r1 == -EAGAIN || cpu 0: r1 == 0
}`,
  'an interrupt on the breaking CPU, masked or not': `fn release(page) { store32(page.refcount, 0); }

scenario "interrupts on" {
  on fault vmemmap_handle_page_fault
  irq softirq on cpu 0 { release(slab.struct); }
  cpu 0 { spin_lock(init_mm.page_table_lock); pmd_clear(pmd_off_k(B.start)); spin_unlock(init_mm.page_table_lock); }
  sometimes deadlock || oops
}
scenario "interrupts off" {
  irq softirq on cpu 0 { release(slab.struct); }
  cpu 0 {
    let flags = spin_lock_irqsave(init_mm.page_table_lock);
    spin_unlock_irqrestore(init_mm.page_table_lock, flags);
  }
  never deadlock
}`,
  'a speculative reference, with and without RCU': `fn page_ref_add_unless(page, nr, u) {
  let count = load32(page.refcount);
  while (count != u) {
    let old = cmpxchg32(page.refcount, count, count + nr);
    if (old == count) return true;
    count = old;
  }
  return false;
}

scenario "under RCU" {
  cpu 0 { synchronize_rcu(); store32(H.page(0).refcount, 1); }
  cpu 1 { rcu { r0 = page_ref_add_unless(H.page(any(0, 64)), 1, 0); } }
  sometimes cpu 1: r0 == 1 || oops-RO
}`,
  'pages are queued, flushed, and freed': `fn remap(list, i, ro) {
  let ptep = virt_to_kpte(H.tail(i));
  list_push(list, descriptor_pa(READ_ONCE(*ptep)));
  vmemmap_update_pte(H.tail(i), ptep, mk_pte(H.head, ro ? PAGE_KERNEL_RO : PAGE_KERNEL));
}

scenario "free behind the flush" {
  cpu 0 {
    let queue = list();
    for (i = 1; i < 3; i++) remap(queue, i, true);
    flush_tlb_all();
    while (list_count(queue)) free_page(list_pop(queue));
  }
  cpu 1 { let new = try_alloc_page(); if (new) { store(__va(new), 7); r2 = 1; } }
  cpu 2 { choose { r0 = nofault_load(H.page(64).flags); } or { r0 = load(H.page(65).flags); } }
  never use-after-free || lost-update
}`,
  'the same change at other granules and by range': `machine { granule 64K  va_bits 48 }
hugepage G { size 512M  at 0x2000_0000_0000 >> 8  vmemmap pages }

scenario "range TLBI" {
  cpu 0 { dsb(ishst); tlbi(rvaale1is, G.start, G.end); dsb(ish); isb(); }
  cpu 1 { r0 = ldxr32(G.page(1).refcount); r1 = stxr32(G.page(1).refcount, r0 + 1);  => ok }
  always cpu 1: r1 == 0 || cpu 1: r1 == 1
}`,
};

describe('what the review talks about can be said', () => {
  for (const [name, text] of Object.entries(scenarios)) {
    it(name, () => {
      const items = name.includes('granules') ? '' : world;
      expect(said(items + text)).toEqual([]);
    });
  }
});
