import { describe, expect, it } from 'vitest';
import { remapExample } from '../../server/rules/exampleText';
import { applyFix, checkRuleText } from './checkRuleText';

interface Variant {
  readonly story: string;
  readonly text: string;
  /** Code and the line that it stands on, for each finding. */
  readonly finds: readonly string[];
  /** Part of the first message. */
  readonly says?: string;
  /** A line of the text once the first fix is applied; absent: there is no fix. */
  readonly fixed?: string;
  readonly severity?: 'warning';
  /** Codes that are still found then. */
  readonly left?: readonly string[];
}

const locked = (body: string): string =>
  remapExample(`  spin_lock(init_mm.page_table_lock);
${body}
  spin_unlock(init_mm.page_table_lock);`);

const inCpu = (body: string, more = ''): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
hugepage O { size 2M  at 0x1_4000_0000  vmemmap pages  optimised }
lock other : spin
lock m : mutex

scenario "variant" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let addr = H.tail(1);
    let ptep = virt_to_kpte(addr);
    let entry = mk_pte(H.head, PAGE_KERNEL_RO);
${body}
  }
  cpu 1 { r0 = load(H.page(64).flags); }
${more}}
`;

const variants: readonly Variant[] = [
  {
    story: 'a semaphore that is held for writing is released as by a reader',
    text: inCpu('    mmap_write_lock(init_mm);\n    mmap_read_unlock(init_mm);'),
    finds: ['HVO205 mmap_read_unlock(init_mm)'],
    says: '`mmap_write_unlock` belongs',
    fixed: '    mmap_write_unlock(init_mm);',
  },
  {
    story: 'and one that is held for reading as by a writer',
    text: inCpu('    down_read(init_mm.mmap_lock);\n    up_write(init_mm.mmap_lock);'),
    finds: ['HVO205 up_write(init_mm.mmap_lock)'],
    says: '`up_read` belongs',
    fixed: '    up_read(init_mm.mmap_lock);',
  },
  {
    story: 'preemption is enabled once too often',
    text: inCpu('    preempt_disable();\n    preempt_enable();\n    preempt_enable();'),
    finds: ['HVO205 preempt_enable()'],
  },
  {
    story: 'a read-side section is ended that nobody has begun',
    text: inCpu('    rcu_read_unlock();'),
    finds: ['HVO205 rcu_read_unlock()'],
  },
  {
    story: 'a DMB does not hold a TLBI back',
    text: locked(
      '  pte_clear(addr, ptep);\n  smp_mb();\n  tlbi(vaale1is, addr);\n  dsb(ish);\n  set_pte_at(addr, ptep, entry);',
    ),
    finds: ['HVO104 tlbi(vaale1is, addr)'],
    fixed: '  dsb(ishst);',
  },
  {
    story: 'a DSB for this CPU only before the TLBI',
    text: locked(
      '  pte_clear(addr, ptep);\n  dsb(nshst);\n  tlbi(vaale1is, addr);\n  dsb(ish);\n  set_pte_at(addr, ptep, entry);',
    ),
    finds: ['HVO104 dsb(nshst)'],
    says: 'waits for its own CPU only',
    fixed: '  dsb(ishst);',
  },
  {
    story: 'a DSB for this CPU only behind the TLBI',
    text: locked(
      '  pte_clear(addr, ptep);\n  dsb(ishst);\n  tlbi(vaale1is, addr);\n  dsb(nsh);\n  set_pte_at(addr, ptep, entry);',
    ),
    finds: ['HVO105 dsb(nsh)'],
    says: 'waits for its own CPU only',
    fixed: '  dsb(ish);',
  },
  {
    story: 'no DSB behind the TLBI',
    text: locked('  pte_clear(addr, ptep);\n  dsb(ishst);\n  tlbi(vaale1is, addr);\n  set_pte_at(addr, ptep, entry);'),
    finds: ['HVO105 set_pte_at(addr, ptep, entry)'],
    fixed: '  dsb(ish);',
  },
  {
    story: 'break and make with nothing between',
    text: locked('  pte_clear(addr, ptep);\n  set_pte_at(addr, ptep, entry);'),
    finds: ['HVO103 set_pte_at(addr, ptep, entry)'],
    fixed: '  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);',
  },
  {
    story: 'the flush stands before the break',
    text: locked(
      '  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);\n  pte_clear(addr, ptep);\n  set_pte_at(addr, ptep, entry);',
    ),
    finds: ['HVO103 set_pte_at(addr, ptep, entry)'],
    says: 'the TLBI on line 6 comes before the change',
    fixed: '  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);',
  },
  {
    story: 'the flush of one CPU, by its kernel function',
    text: locked('  pte_clear(addr, ptep);\n  local_flush_tlb_all();\n  set_pte_at(addr, ptep, entry);'),
    finds: ['HVO112 local_flush_tlb_all()'],
    fixed: '  flush_tlb_all();',
  },
  {
    story: 'a TLBI for another page',
    text: locked(
      '  pte_clear(addr, ptep);\n  dsb(ishst);\n  tlbi(vaale1is, addr + PAGE_SIZE);\n  dsb(ish);\n  set_pte_at(addr, ptep, entry);',
    ),
    finds: ['HVO109 tlbi(vaale1is, addr + PAGE_SIZE)'],
    fixed: '  tlbi(vaale1is, addr);',
  },
  {
    story: 'the pointer where the address belongs',
    text: locked(
      '  pte_clear(addr, ptep);\n  flush_tlb_kernel_range(ptep, ptep + PAGE_SIZE);\n  set_pte_at(addr, ptep, entry);',
    ),
    finds: ['HVO109 flush_tlb_kernel_range(ptep, ptep + PAGE_SIZE)'],
    fixed: '  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);',
  },
  {
    story: 'a range TLBI that ends a page too early',
    text: inCpu(`    spin_lock(init_mm.page_table_lock);
    pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
    pte_clear(H.tail(2), virt_to_kpte(H.tail(2)));
    dsb(ishst);
    tlbi(rvaale1is, H.tail(1), H.tail(2));
    dsb(ish);
    set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), entry);
    set_pte_at(H.tail(2), virt_to_kpte(H.tail(2)), entry);
    spin_unlock(init_mm.page_table_lock);`),
    finds: ['HVO108 tlbi(rvaale1is, H.tail(1), H.tail(2))'],
    fixed: '    tlbi(rvaale1is, H.tail(1), H.tail(2) + PAGE_SIZE);',
  },
  {
    story: 'an entry becomes writable and is not flushed',
    text: inCpu('    set_pte(virt_to_kpte(O.tail(1)), mk_pte(O.head, PAGE_KERNEL));'),
    finds: ['HVO103 set_pte(virt_to_kpte(O.tail(1)), mk_pte(O.head, PAGE_KERNEL))'],
    says: 'is never flushed',
    fixed: '    tlbi(vaale1is, O.tail(1));',
  },
  {
    story: 'an entry becomes writable, and nothing waits for the TLBI',
    text: inCpu('    set_pte(virt_to_kpte(O.tail(1)), mk_pte(O.head, PAGE_KERNEL));\n    tlbi(vaale1is, O.tail(1));'),
    finds: ['HVO105 tlbi(vaale1is, O.tail(1))'],
    fixed: '    dsb(ish);',
  },
  {
    story: 'an access under a lock that the holder of the page table lock wants',
    text: inCpu(
      `    spin_lock(init_mm.page_table_lock);
    pte_clear(addr, ptep);
    spin_lock(other);
    spin_unlock(other);
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    set_pte_at(addr, ptep, entry);
    spin_unlock(init_mm.page_table_lock);`,
      '  cpu 2 {\n    spin_lock(other);\n    load(H.page(64).flags);\n    spin_unlock(other);\n  }\n',
    ),
    finds: ['HVO209 load(H.page(64).flags)'],
    says: 'cpu 2 may fault and then waits for `init_mm.page_table_lock`',
  },
  {
    story: 'everything on one line',
    text: inCpu('    irqs_off { pte_clear(addr, ptep); set_pte_at(addr, ptep, entry); }').replace(
      '  on fault vmemmap_handle_page_fault\n',
      '',
    ),
    finds: ['HVO103 set_pte_at(addr, ptep, entry)'],
    fixed:
      '    irqs_off { pte_clear(addr, ptep); flush_tlb_kernel_range(addr, addr + PAGE_SIZE); set_pte_at(addr, ptep, entry); }',
  },
  {
    story: 'a statement without braces',
    text: locked('  pte_clear(addr, ptep);\n  if (entry) set_pte_at(addr, ptep, entry);'),
    finds: ['HVO103 set_pte_at(addr, ptep, entry)'],
    fixed: '  if (entry) { flush_tlb_kernel_range(addr, addr + PAGE_SIZE); set_pte_at(addr, ptep, entry); }',
  },
  {
    story: 'an in-place change without the lock of the fault path',
    text: inCpu('    set_pte_at(addr, ptep, entry);'),
    finds: ['HVO101 set_pte_at(addr, ptep, entry)'],
    fixed: '    vmemmap_update_pte(addr, ptep, entry);',
  },
  {
    story: 'an in-place change by a plain store',
    text: locked('  *ptep = entry;\n  dsb(ishst);\n  isb();'),
    finds: ['HVO101 *ptep = entry'],
    fixed: '  pte_clear(addr, ptep);',
  },
  {
    story: 'read-only to read-only, but the pages differ',
    text: inCpu(`    spin_lock(init_mm.page_table_lock);
    set_pte_at(addr, ptep, mk_pte(H.frame(1), PAGE_KERNEL_RO));
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    set_pte_at(addr, ptep, mk_pte(H.head, PAGE_KERNEL_RO));
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    spin_unlock(init_mm.page_table_lock);`).replace('H.page(64).flags', 'H.page(64).compound_head'),
    finds: ['HVO101 set_pte_at(addr, ptep, mk_pte(H.head, PAGE_KERNEL_RO))'],
    says: 'between pages whose contents may differ',
    fixed: '    pte_clear(addr, ptep);',
  },
  {
    story: 'another memory type in place',
    text: locked(
      '  set_pte_at(addr, ptep, ptep_get(ptep) | 8);\n  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);',
    ).replace('remap(addr, entry)', 'remap(addr, unused)'),
    finds: ['HVO101 set_pte_at(addr, ptep, ptep_get(ptep) | 8)'],
    says: 'the memory type changes (RWHZWS 1)',
    fixed: '  pte_clear(addr, ptep);',
    left: ['HVO414'],
  },
  {
    story: 'normal memory becomes tagged in place',
    text: locked(
      '  set_pte_at(addr, ptep, ptep_get(ptep) | 4);\n  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);',
    ).replace('remap(addr, entry)', 'remap(addr, unused)'),
    finds: [],
  },
  {
    story: 'the lock is dropped, and the make comes without it',
    text: inCpu(`    spin_lock(init_mm.page_table_lock);
    pte_clear(addr, ptep);
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    spin_unlock(init_mm.page_table_lock);
    set_pte_at(addr, ptep, entry);`),
    finds: ['HVO202 spin_unlock(init_mm.page_table_lock)'],
    fixed: '    spin_unlock(init_mm.page_table_lock);',
  },
  {
    story: 'an early return keeps the lock',
    text: locked(
      '  if (pte_none(ptep_get(ptep))) return;\n  pte_clear(addr, ptep);\n  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);\n  set_pte_at(addr, ptep, entry);',
    ).replace('cpu 1 {', 'cpu 2 { pte_clear(H.tail(1), virt_to_kpte(H.tail(1))); flush_tlb_all(); }\n  cpu 1 {'),
    finds: ['HVO204 spin_lock(init_mm.page_table_lock)'],
    fixed: '  if (pte_none(ptep_get(ptep))) { spin_unlock(init_mm.page_table_lock); return; }',
  },
  {
    story: 'a mutex under a spin lock',
    text: inCpu('    spin_lock(other);\n    mutex_lock(m);\n    mutex_unlock(m);\n    spin_unlock(other);'),
    finds: ['HVO207 mutex_lock(m)'],
    says: '`other` is held since line 12',
    fixed: '    mutex_lock(m);',
  },
  {
    story: 'waiting for a grace period inside a read section',
    text: inCpu('    rcu {\n      synchronize_rcu();\n    }'),
    finds: ['HVO207 synchronize_rcu()'],
    says: 'in the RCU read section',
  },
  {
    story: 'a mutex in an interrupt handler',
    text: inCpu('    isb();', '  irq TICK on cpu 0 { mutex_lock(m); mutex_unlock(m); }\n'),
    finds: ['HVO207 mutex_lock(m)'],
    says: 'in an interrupt handler',
  },
  {
    story: "the patch's helper with an interrupt that faults",
    text: inCpu('    vmemmap_update_pte(addr, ptep, entry);', '  irq NET on cpu 0 { load(H.page(65).flags); }\n'),
    finds: ['HVO301 vmemmap_update_pte(addr, ptep, entry)'],
    fixed: '    irqs_off { vmemmap_update_pte(addr, ptep, entry); }',
  },
  {
    story: 'the same helper, and an interrupt elsewhere',
    text: inCpu('    vmemmap_update_pte(addr, ptep, entry);', '  irq NET on cpu 0 { load(H.page(1).flags); }\n'),
    finds: [],
  },
  {
    story: 'the same interrupt on another CPU',
    text: inCpu('    vmemmap_update_pte(addr, ptep, entry);', '  irq NET on cpu 1 { load(H.page(65).flags); }\n'),
    finds: [],
  },
  {
    story: 'a lock that is tried with interrupts on, and taken by a handler',
    text: inCpu(
      '    if (spin_trylock(other)) { cpu_relax(); spin_unlock(other); }',
      '  irq NET on cpu 0 { spin_lock(other); spin_unlock(other); }\n',
    ),
    finds: ['HVO304 spin_trylock(other)'],
    says: '`local_irq_save`, `irqs_off`',
    fixed: '    irqs_off { if (spin_trylock(other)) { cpu_relax(); spin_unlock(other); } }',
  },
  {
    story: 'a lock that a handler only tries',
    text: inCpu(
      '    spin_lock(other);\n    spin_unlock(other);',
      '  irq NET on cpu 0 { if (spin_trylock(other)) spin_unlock(other); }\n',
    ),
    finds: [],
  },
  {
    story: 'the Contiguous bit of a whole group, in place where a CPU may abort',
    text: inCpu(`    for (let i = 0; i < 16; i++) {
      let member = virt_to_kpte(H.start + i * PAGE_SIZE);
      WRITE_ONCE(*member, ptep_get(member) | PTE_CONT);
    }
    flush_tlb_kernel_range(H.start, H.start + 16 * PAGE_SIZE);`).replace('hugepage', 'machine { bbm 2 }\nhugepage'),
    finds: ['HVO102 WRITE_ONCE(*member, ptep_get(member) | PTE_CONT)'],
    says: 'the Contiguous bit changes',
  },
  {
    story: 'a page is written, then mapped, with no barrier between',
    text: inCpu(`    let page = alloc_page();
    spin_lock(init_mm.page_table_lock);
    pte_clear(addr, ptep);
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    store(__va(page), 1);
    set_pte_at(addr, ptep, mk_pte(page, PAGE_KERNEL));
    spin_unlock(init_mm.page_table_lock);`),
    finds: ['HVO401 set_pte_at(addr, ptep, mk_pte(page, PAGE_KERNEL))'],
    fixed: '    smp_wmb();',
  },
  {
    story: 'a head is shown in a page of zeroes',
    text: inCpu(
      `    let page = alloc_page(GFP_KERNEL | __GFP_ZERO);
    vmemmap_update_pte(H.start, virt_to_kpte(H.start), mk_pte(page, PAGE_KERNEL));`,
      '  cpu 2 { r1 = load(H.page(0).flags); }\n',
    ),
    finds: ['HVO406 vmemmap_update_pte(H.start, virt_to_kpte(H.start), mk_pte(page, PAGE_KERNEL))'],
    says: 'holds nothing but zeroes',
    fixed: '    copy_page(__va(page), H.start);',
  },
  {
    story: 'tails are shown in a page of zeroes',
    text: inCpu(`    let page = alloc_page(GFP_KERNEL | __GFP_ZERO);
    vmemmap_update_pte(addr, virt_to_kpte(addr), mk_pte(page, PAGE_KERNEL));`),
    finds: [],
  },
  {
    story: 'tails are shown in a page that nobody has written',
    text: inCpu(`    let page = alloc_page(GFP_KERNEL);
    vmemmap_update_pte(addr, virt_to_kpte(addr), mk_pte(page, PAGE_KERNEL));`),
    finds: ['HVO406 vmemmap_update_pte(addr, virt_to_kpte(addr), mk_pte(page, PAGE_KERNEL))'],
    says: 'that nothing was written to',
    fixed: '    copy_page(__va(page), addr);',
  },
  {
    story: 'the queue is freed before the deferred flush',
    text: inCpu(`    spin_lock(init_mm.page_table_lock);
    pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
    pte_clear(H.tail(2), virt_to_kpte(H.tail(2)));
    free_page(H.frame(2));
    flush_tlb_all();
    set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), entry);
    set_pte_at(H.tail(2), virt_to_kpte(H.tail(2)), entry);
    spin_unlock(init_mm.page_table_lock);`),
    finds: ['HVO113 free_page(H.frame(2))'],
    fixed: '    flush_tlb_kernel_range(H.tail(2), H.tail(2) + PAGE_SIZE);',
  },
  {
    story: 'each CPU flushes its own TLB, by an interrupt, and waits for its own TLBI only',
    text: inCpu(
      `    pte_clear(addr, ptep);
    dsb(ishst);
    mine();
    send_ipi(1, sync);
    wait_acquire(*acked == 1);
    set_pte_at(addr, ptep, entry);`,
      '  irq sync on cpu 1 times 0 { mine(); store_release(acked, 1); }\n',
    ).replace('lock other', 'var acked = 0\nfn mine() { dsb(nshst); tlbi(vmalle1); dsb(nsh); isb(); }\nlock other'),
    finds: ['HVO201 pte_clear(addr, ptep)'],
    fixed: '    spin_lock(init_mm.page_table_lock);',
  },
  {
    story: 'a flush of one CPU, with the barriers of one CPU',
    text: locked(`  pte_clear(addr, ptep);
  dsb(nshst);
  tlbi(vmalle1);
  dsb(nsh);
  set_pte_at(addr, ptep, entry);`),
    finds: ['HVO112 tlbi(vmalle1)'],
    says: 'with an inner shareable DSB on line',
    fixed: '  tlbi(vmalle1is);',
  },
  {
    story: 'page aging without a flush',
    text: `machine { hw_af yes }\n${inCpu('    r2 = ptep_test_and_clear_young(addr, ptep);')}`,
    finds: [],
  },
  {
    story: 'a flush behind a loop leaves out what the loop changed',
    text: inCpu(`    spin_lock(init_mm.page_table_lock);
    for (i = 1; i < 4; i += 1) { pte_clear(H.tail(i), virt_to_kpte(H.tail(i))); }
    flush_tlb_kernel_range(H.tail(1), H.tail(3));
    for (i = 1; i < 4; i += 1) { set_pte_at(H.tail(i), virt_to_kpte(H.tail(i)), entry); }
    spin_unlock(init_mm.page_table_lock);`),
    finds: ['HVO108 flush_tlb_kernel_range(H.tail(1), H.tail(3))'],
  },
  {
    story: 'a page that is to be copied is copied before the entry is broken',
    text: inCpu(`    let page = alloc_page();
    spin_lock(init_mm.page_table_lock);
    pte_clear(addr, ptep);
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    set_pte_at(addr, ptep, mk_pte(page, PAGE_KERNEL));
    spin_unlock(init_mm.page_table_lock);`),
    finds: ['HVO406 set_pte_at(addr, ptep, mk_pte(page, PAGE_KERNEL))'],
    says: 'where the old page can still be read',
    fixed: '    copy_page(__va(page), addr);',
  },
  {
    story: 'an unlock behind an attempt that nobody tests',
    text: inCpu('    spin_trylock(other);\n    spin_unlock(other);'),
    finds: ['HVO205 spin_unlock(other)'],
    says: 'A test of what the trylock on line',
  },
  {
    story: 'an attempt that nobody tests, and no unlock',
    text: inCpu('    spin_trylock(other);'),
    finds: ['HVO204 spin_trylock(other)'],
    says: 'where the attempt has succeeded, and only there',
  },
  {
    story: 'a mutex that an interrupt handler tries',
    text: inCpu('    isb();', '  irq TICK on cpu 0 { if (mutex_trylock(m)) { mutex_unlock(m); } }\n'),
    finds: ['HVO207 mutex_trylock(m)'],
    says: 'the kernel forbids',
  },
  {
    story: 'a spin lock that an interrupt handler tries',
    text: inCpu('    isb();', '  irq TICK on cpu 0 { if (spin_trylock(other)) { spin_unlock(other); } }\n'),
    finds: [],
  },
  {
    story: 'a hook asks whether the entry is none, and nobody writes one that is neither none nor valid',
    text: inCpu('    vmemmap_update_pte(addr, ptep, entry);')
      .replace('on fault vmemmap_handle_page_fault', 'on fault hook')
      .replace(
        'lock other',
        `fn hook(addr, esr) {
  spin_lock(init_mm.page_table_lock);
  let ret = ptep_get(virt_to_kpte(addr)) != 0;
  spin_unlock(init_mm.page_table_lock);
  return ret;
}
lock other`,
      ),
    finds: ['HVO307 let ret = ptep_get(virt_to_kpte(addr)) != 0'],
    severity: 'warning',
    fixed: '  let ret = (ptep_get(virt_to_kpte(addr)) & PTE_TYPE_MASK) == PTE_TYPE_PAGE;',
  },
];

const lineOf = (text: string, offset: number): string => {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end < 0 ? undefined : end);
};

describe('variants', () => {
  for (const { story, text, finds, says, fixed, severity, left = [] } of variants) {
    it(story, () => {
      const checked = checkRuleText(text);
      expect(checked.problems).toEqual([]);
      const found = checked.diagnostics.map(({ code, span }) => `${code} ${text.slice(span.start, span.end)}`);
      expect(found, checked.diagnostics.map(({ message }) => message).join('\n')).toEqual(finds);
      const [first] = checked.diagnostics;
      if (first === undefined) return;
      if (severity !== undefined) expect(first.severity).toBe(severity);
      if (says !== undefined) expect(first.message).toContain(says);
      expect(first.message).toMatch(/^[^.].*[^.]$/);
      expect(lineOf(text, first.span.start)).toContain(text.slice(first.span.start, first.span.end));
      expect(first.fix !== undefined).toBe(fixed !== undefined);
      if (fixed === undefined) return;
      const after = checkRuleText(applyFix(text, first));
      expect(after.problems).toEqual([]);
      expect(after.text.split('\n')).toContain(fixed);
      expect(
        after.diagnostics.map(({ code }) => code),
        `${after.diagnostics.map(({ message }) => message).join('\n')}\n${after.text}`,
      ).toEqual(left);
    });
  }
});
