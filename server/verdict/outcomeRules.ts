/**
 * Codes of what only an execution shows: outcomes that no rule about the text stands for by itself. `bad` is a file in
 * which some scenario fails by this code, `good` one in which none fails; tests run both.
 */

export interface OutcomeRule {
  readonly code: string;
  readonly title: string;
  readonly doc: string;
  /** The rule of the Arm ARM or the kernel. */
  readonly source: string;
  /** What the machine tells: words of the outcome vocabulary, or its own for them. */
  readonly outcomes: readonly string[];
  readonly bad: string;
  readonly good: string;
}

const page = 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }\n';

const remap = (hook: string): string => `${page}
scenario "a tail is remapped under a reader" {${hook}
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`;

const writer = (access: string): string => `${page}
scenario "a tail is remapped under a writer" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { ${access} }
}
`;

const twoWriters = (told: string, access: string): string => `${page}
var flushed = 0

scenario "one CPU breaks and flushes the entry, another one makes it" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
    flush_tlb_kernel_range(H.tail(1), H.tail(2));
    store_release(flushed, 1);
  }
  cpu 1 {
    ${told}
    set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.frame(2), PAGE_KERNEL));
  }
  cpu 2 { ${access} }
  sometimes oops-paging
}
`;
const guessed = 'wait(*virt_to_kpte(H.tail(1)) == 0);';
const toldSo = 'wait_acquire(flushed == 1);';

const movingHead = (wait: string): string => `${page}var moved = 0

scenario "the head moves to a new page under a writer" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let copy = alloc_page();
    copy_page(__va(copy), H.start);
    smp_wmb();
    vmemmap_update_pte(H.start, virt_to_kpte(H.start), mk_pte(copy, PAGE_KERNEL));
    store_release(moved, 1);
  }
  cpu 1 {
    ${wait}fetch_or(H.page(0).private, 1 << 20);
  }
}
`;

const crossing = (first: string, second: string): string => `lock a : spin
var x = 0

scenario "who waits holds what the other one needs" {
  cpu 0 { spin_lock(a); wait(x == 1); spin_unlock(a); }
  cpu 1 { ${first} ${second} spin_unlock(a); }
}
`;

const condition = (value: string): string => `var x = 0

scenario "a condition" {
  cpu 0 { store(x, ${value}); }
  cpu 1 { BUG_ON(READ_ONCE(x) == 2); }
}
`;

const warned = (setting: string): string => `machine { panic_on_warn ${setting} }
${remap('\n  on fault vmemmap_handle_page_fault')}`;

const virtual = (setting: string): string => `machine { stolen_time ${setting} }
${remap('\n  on fault vmemmap_handle_page_fault')}`;

const skipping = (look: string, helper: string): string => `${page}${helper}
scenario "an entry is looked at while another CPU changes it" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 {
    let ptep = virt_to_kpte(H.tail(1));
    if (pte_none(${look})) report(silent-skip);
  }
}
`;

const handler = (hardware: string): string => `machine { hw_af ${hardware} }
${page}
fn hook(addr, esr) {
  spin_lock(init_mm.page_table_lock);
  let ret = vmemmap_addr_healthy(addr);
  spin_unlock(init_mm.page_table_lock);
  return ret;
}

scenario "the hook says that it mended a fault, whatever its kind" {
  on fault hook
  cpu 0 {
    store(virt_to_kpte(H.tail(1)), mk_pte(H.frame(1), PAGE_KERNEL) & ~PTE_AF);
    flush_tlb_kernel_range(H.tail(1), H.tail(2));
    load(H.page(64).flags);
  }
}
`;

export const outcomeRules: readonly OutcomeRule[] = [
  {
    code: 'HVO501',
    title: 'Unhandled paging request',
    doc: 'An access runs into an entry that is invalid, the fault path finds nobody to mend it, and the kernel dies. Whoever breaks an entry that others may use needs a fault hook that waits, and must hold the lock that the hook takes from the break to the make; or nobody else may run meanwhile.',
    source:
      'Linux arch/arm64/mm/fault.c, __do_kernel_fault; Arm ARM RDDMVT (the entry is invalid between break and make)',
    outcomes: ['oops', 'oops-paging', 'oops-NULL', 'oops-other'],
    bad: remap(''),
    good: remap('\n  on fault vmemmap_handle_page_fault'),
  },
  {
    code: 'HVO502',
    title: 'Write to read-only memory',
    doc: 'A store, or an atomic that would store, reaches a page that is mapped read-only. No hook mends a permission fault. The tails of an optimised huge page are read-only aliases of the head, and get_page_unless_zero() on one of them is such an atomic, whatever it would have written. After a change from read-only to writable an old read-only translation faults until a TLBI.',
    source: 'Linux arch/arm64/mm/fault.c, is_el1_permission_fault; Arm ARM RGPPYH',
    outcomes: ['oops-RO'],
    bad: writer('store(H.page(64).private, 1);'),
    good: writer('load(H.page(64).private);'),
  },
  {
    code: 'HVO511',
    title: 'Access through a translation that is no longer in memory',
    doc: 'A CPU reads through an entry that was replaced meanwhile: it sees the old page, and whatever the new one says is lost on it. The old entry must be gone from every TLB, and the accesses that used it must be complete, before the new one is written: TLBI, then DSB.',
    source: 'Arm ARM RDDMVT steps 3 and 4',
    outcomes: ['stale-read'],
    bad: twoWriters(guessed, 'load(H.page(64).flags);'),
    good: twoWriters(toldSo, 'load(H.page(64).flags);'),
  },
  {
    code: 'HVO512',
    title: 'Update that nobody will see',
    doc: 'A CPU writes through an entry that was replaced meanwhile: what it wrote is in the old page, which nobody reads any more, or which belongs to somebody else by now.',
    source: 'Arm ARM RDDMVT steps 3 and 4',
    outcomes: ['lost-update'],
    bad: twoWriters(guessed, 'store(H.page(64).private, 1);'),
    good: twoWriters(toldSo, 'store(H.page(64).private, 1);'),
  },
  {
    code: 'HVO513',
    title: 'Copy that is out of date',
    doc: 'A page is moved: copied, and its entry made to lead to the copy. What somebody writes to the old page in between is in neither: nobody will see it. HVO freezes the count of the huge page and sets its flag before it copies the head; whatever else is written there at that time is lost.',
    source: 'Linux mm/hugetlb_vmemmap.c, vmemmap_remap_free; Will Deacon on the series, March 2024',
    outcomes: ['outdated-copy'],
    bad: movingHead(''),
    good: movingHead('wait_acquire(moved == 1);\n    '),
  },
  {
    code: 'HVO521',
    title: 'WARN, BUG or assertion',
    doc: 'A condition of the text comes true (WARN_ON, BUG_ON), or one that must be true does not (assert). After a BUG the task is dead, and the locks that it held stay held.',
    source: 'Linux include/asm-generic/bug.h',
    outcomes: ['WARN', 'BUG', 'assert'],
    bad: condition('2'),
    good: condition('1'),
  },
  {
    code: 'HVO522',
    title: 'Panic',
    doc: 'The whole machine stops. With panic_on_warn every warning does this, and so does a fault that the kernel calls spurious: one whose address translates again when the fault path looks. A reader of an entry that is broken and made again may take such a fault even when everything is right.',
    source: 'Linux kernel/panic.c, check_panic_on_warn; arch/arm64/mm/fault.c, is_spurious_el1_translation_fault',
    outcomes: ['panic'],
    bad: warned('yes'),
    good: warned('no'),
  },
  {
    code: 'HVO523',
    title: 'Entry passed over',
    doc: 'A walk over live tables takes an entry that is none for a hole and goes on. When somebody else has just broken it, there was something to change: the walk reports success with less done than it was asked for, and what comes later relies on it. Whether an entry is none is to be asked under the lock of whoever may break it.',
    source: 'Linux mm/pagewalk.c, walk_pmd_range (pmd_none before the callback that takes the lock)',
    outcomes: ['silent-skip'],
    bad: skipping('ptep_get(ptep)', ''),
    good: skipping(
      'under_lock(ptep)',
      '\nfn under_lock(ptep) {\n  spin_lock(init_mm.page_table_lock);\n  let pte = ptep_get(ptep);\n  spin_unlock(init_mm.page_table_lock);\n  return pte;\n}\n',
    ),
  },
  {
    code: 'HVO531',
    title: 'Deadlock',
    doc: 'CPUs wait for each other for ever, or one waits for a lock that it holds itself below a fault or an interrupt. A fault whose handler takes a lock counts as taking this lock wherever the fault may come.',
    source: 'Linux Documentation/locking/lockdep-design.rst',
    outcomes: ['deadlock', 'self-deadlock', 'ABBA-deadlock', 'lock-never-released'],
    bad: crossing('spin_lock(a);', 'store(x, 1);'),
    good: crossing('store(x, 1);', 'spin_lock(a);'),
  },
  {
    code: 'HVO532',
    title: 'Livelock',
    doc: 'From some state on no execution ends: somebody goes round for ever without progress. A handler that says that it mended a fault, and did not, lets the access fault again for ever; it must look at the entry under the lock, by its type bits.',
    source: 'Linux arch/arm64/mm/fault.c; version 1 of the series, patch 2/3, vmemmap_addr_healthy',
    outcomes: ['livelock'],
    bad: handler('no'),
    good: handler('yes'),
  },
  {
    code: 'HVO533',
    title: 'Stall',
    doc: 'A CPU spins for another one where nothing else can run: behind the fault of a mere access, or with interrupts masked. On hardware the other CPU goes on, and the wait is as long as its window. A virtual CPU may be taken away in the middle of the window, for any time: everybody who touches what it has broken spins until it comes back, and RCU stalls and lock-ups are reported. Without a window that others must wait for nobody stalls.',
    source: 'Linux kernel/rcu/tree_stall.h, kernel/watchdog.c; Mark Rutland on version 3 of the series, February 2024',
    outcomes: ['stall'],
    bad: virtual('yes'),
    good: virtual('no'),
  },
];

export const ruleOfOutcome: ReadonlyMap<string, OutcomeRule> = new Map(
  outcomeRules.flatMap((rule) => rule.outcomes.map((outcome) => [outcome, rule] as const)),
);
