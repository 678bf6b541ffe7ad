/** Kernel names that a scenario may well use and that have no model: what to write instead. */

interface Group {
  readonly names: readonly string[];
  readonly instead: string;
  /** The name that takes the same arguments. */
  readonly rename?: string;
  /** `f(x)` is `x` here. */
  readonly isPlain?: true;
}

const groups: readonly Group[] = [
  {
    names: ['printk', 'pr_info', 'pr_err', 'pr_warn', 'pr_debug', 'dev_err', 'trace_printk', 'dump_stack', 'dump_page'],
    instead: 'nothing is printed; leave it out, or `report(...)` an outcome',
  },
  {
    names: ['kmalloc', 'kzalloc', 'kfree', 'kmem_cache_alloc', 'kmem_cache_free', 'vmalloc', 'vfree', 'kvmalloc'],
    instead: 'memory comes by pages: `alloc_page()`, `try_alloc_page()`, `free_page(pa)`; shared words are `var`',
  },
  {
    names: [
      '__get_free_page',
      '__get_free_pages',
      'get_zeroed_page',
      'alloc_pages',
      'alloc_pages_node',
      '__alloc_pages',
    ],
    instead:
      '`alloc_page()` or `try_alloc_page()` give the physical address of one page; `alloc_page(GFP_KERNEL | __GFP_ZERO)` one of zeroes',
  },
  { names: ['__free_page', '__free_pages', 'free_pages', 'free_bootmem_page'], instead: '`free_page(pa)`' },
  {
    names: ['spin_lock_bh', 'spin_unlock_bh', 'local_bh_disable', 'local_bh_enable', 'raw_spin_lock_bh'],
    instead: 'softirqs run where interrupts do: `spin_lock_irq`, `local_irq_disable`',
  },
  {
    names: [
      'read_lock',
      'read_unlock',
      'write_lock',
      'write_unlock',
      'seqcount_begin',
      'read_seqbegin',
      'read_seqretry',
      'write_seqlock',
      'write_sequnlock',
    ],
    instead: 'a `lock NAME : rwsem` with down_read and down_write, or a `var` with barriers',
  },
  {
    names: [
      'schedule',
      'cond_resched',
      'msleep',
      'usleep_range',
      'udelay',
      'ndelay',
      'mdelay',
      'wait_event',
      'wake_up',
      'complete',
      'wait_for_completion',
      'schedule_timeout',
    ],
    instead: 'time does not pass in a scenario; `wait(*p == v)` waits for a value',
  },
  {
    names: ['kthread_run', 'kthread_create', 'queue_work', 'schedule_work', 'call_rcu', 'kfree_rcu'],
    instead: 'what runs at the same time is a `cpu N { ... }` of its own',
  },
  {
    names: [
      'smp_call_function',
      'smp_call_function_single',
      'smp_call_function_many',
      'on_each_cpu',
      'on_each_cpu_mask',
      'irq_work_queue',
      'tick_broadcast',
      'arch_send_call_function_ipi_mask',
    ],
    instead: '`send_ipi(cpu, NAME)` with an `irq NAME on cpu N times 0 { ... }` that stores to a `var`',
  },
  {
    names: ['cpus_read_lock', 'cpus_read_unlock', 'get_online_cpus', 'put_online_cpus', 'cpuhp_setup_state'],
    instead: 'CPUs neither come nor go; leave it out',
  },
  {
    names: ['request_irq', 'free_irq', 'enable_irq', 'disable_irq'],
    instead: 'an interrupt is `irq NAME on cpu N [times K] { ... }` in the scenario',
  },
  {
    names: [
      'atomic_add',
      'atomic_sub',
      'atomic_inc',
      'atomic_dec',
      'atomic_or',
      'atomic_and',
      'atomic_andnot',
      'atomic_xor',
      'atomic_set',
      'atomic_read',
    ],
    instead:
      'address first: `stadd(a, v)`, `stset(a, v)`, `stclr(a, v)` without a result (`...32` for 32 bits), `READ_ONCE`, `WRITE_ONCE`',
  },
  {
    names: [
      'atomic_fetch_add',
      'atomic_add_return',
      'atomic_inc_return',
      'atomic_dec_and_test',
      'atomic_inc_not_zero',
      'atomic_add_unless',
      'atomic_fetch_or',
      'atomic_fetch_andnot',
    ],
    instead:
      'address first: `fetch_add(a, v)`, `fetch_or(a, v)`, `fetch_andnot(a, v)` return the value before (`...32` for 32 bits)',
  },
  {
    names: ['atomic_cmpxchg', 'atomic_try_cmpxchg', 'try_cmpxchg', 'cmpxchg64'],
    instead: '`cmpxchg(a, old, new)` or `cmpxchg32`',
  },
  { names: ['atomic_xchg'], instead: '`xchg(a, v)` or `xchg32`' },
  {
    names: ['set_bit', '__set_bit', 'test_and_set_bit', 'clear_bit', '__clear_bit', 'test_and_clear_bit', 'test_bit'],
    instead: '`fetch_or(a, 1 << n)`, `fetch_andnot(a, 1 << n)`, `load(a) & (1 << n)`',
  },
  {
    names: [
      'list_add',
      'list_add_tail',
      'list_del',
      'list_for_each_entry',
      'list_for_each_entry_safe',
      'list_splice',
      'INIT_LIST_HEAD',
      'list_first_entry',
      'list_empty',
    ],
    instead: 'there are no lists; a store to `.lru` is what a list does to a struct page: `store(page.lru, 0)`',
  },
  {
    names: [
      'copy_from_user',
      'copy_to_user',
      'get_user',
      'put_user',
      'get_user_pages',
      'get_user_pages_fast',
      'pin_user_pages',
    ],
    instead: 'user memory is not modelled; only the accesses to struct pages matter: `load(H.page(k).flags)`',
  },
  {
    names: ['copy_from_kernel_nofault', '__get_kernel_nofault', 'get_kernel_nofault'],
    instead: '`nofault_load(a)`, which gives `-EFAULT` where the copy fails',
  },
  {
    names: [
      'flush_tlb_mm',
      'flush_tlb_page',
      'flush_tlb_range',
      '__flush_tlb_range',
      'tlb_gather_mmu',
      'tlb_finish_mmu',
    ],
    instead:
      'user translations are not modelled; kernel ones: `flush_tlb_kernel_range(start, end)`, `flush_tlb_all()`, `tlbi(...)`',
  },
  {
    names: ['flush_cache_all', 'flush_dcache_page', 'flush_icache_range', 'dcache_clean_poc', 'flush_cache_vmap'],
    instead: 'caches are coherent in the model; leave it out',
  },
  {
    names: [
      'ic',
      'dc',
      'caches_clean_inval_pou',
      'icache_inval_pou',
      'icache_inval_all_pou',
      'sync_icache_aliases',
      '__sync_icache_dcache',
      'aarch64_insn_patch_text',
      'aarch64_insn_patch_text_nosync',
      'aarch64_insn_write',
      'aarch64_insn_copy',
      'aarch64_insn_set',
      'ftrace_modify_code',
      'ftrace_modify_call',
      'ftrace_make_call',
      'ftrace_make_nop',
      'ftrace_update_ftrace_func',
      'arch_jump_label_transform',
      'jump_label_update',
      'apply_alternatives_all',
      'kprobe',
      'register_kprobe',
      'unregister_kprobe',
      'arch_arm_kprobe',
      'arch_disarm_kprobe',
      'patch_map',
      'patch_unmap',
    ],
    instead:
      'the text of the kernel never changes in the model, and there are no instruction caches: patching it is outside. What can be asked is how CPUs are brought together (`stop_machine { ... }`, `send_ipi_others(NAME)`) and the entry that the text is written through, for which one of vmemmap stands',
  },
  {
    names: ['asm', '__asm__', 'msr', 'mrs', 'write_sysreg', 'sys_reg'],
    instead: 'instructions are primitives: `tlbi(...)`, `dsb(...)`, `isb()`, `ldxr(a)`, `read_sysreg(esr_el1)`',
  },
  {
    names: ['goto'],
    instead: 'use `return`, `break`, or a flag',
  },
  {
    names: ['kmap', 'kunmap', 'kmap_local_page', 'kunmap_local'],
    instead: 'the linear map has every page: `__va(pa)`',
  },
  {
    names: [
      'ioremap',
      'iounmap',
      'memremap',
      'vmap',
      'vunmap',
      'vmap_range',
      'vunmap_range',
      'set_fixmap',
      '__set_fixmap',
      'clear_fixmap',
      'pte_set_fixmap_offset',
      'pte_clear_fixmap',
    ],
    instead: 'only vmemmap and the linear map are modelled; an entry of vmemmap stands for one of another map',
  },
  {
    names: ['pte_val', 'pmd_val', 'pud_val', 'pgprot_val', '__pte', '__pmd', '__pud', '__pgprot'],
    instead: 'a descriptor is a plain number: leave the word out',
    isPlain: true,
  },
  {
    names: ['pte_present', 'pmd_present', 'pud_present'],
    instead: '`pte_valid(pte)` asks for bit 0, `pte_none(pte)` for 0',
    rename: 'pte_valid',
  },
  { names: ['virt_to_phys'], instead: '`__pa(va)`', rename: '__pa' },
  { names: ['phys_to_virt'], instead: '`__va(pa)`', rename: '__va' },
  { names: ['page_address'], instead: '`page_to_virt(page)`', rename: 'page_to_virt' },
  { names: ['page_folio'], instead: '`compound_head(page)`', rename: 'compound_head' },
  { names: ['page_count', 'folio_ref_count'], instead: '`page_ref_count(page)`', rename: 'page_ref_count' },
  { names: ['folio_get'], instead: '`get_page(page)`', rename: 'get_page' },
  { names: ['folio_put'], instead: '`put_page(page)`', rename: 'put_page' },
  {
    names: ['folio_try_get', 'try_get_page'],
    instead: '`get_page_unless_zero(page)`',
    rename: 'get_page_unless_zero',
  },
  { names: ['page_ref_inc', 'page_ref_dec', 'page_ref_add'], instead: '`stadd32(page.refcount, 1)`' },
  {
    names: ['PageHead', 'PageTail', 'PageCompound', 'compound_order'],
    instead: '`(load(page.flags) >> PG_head) & 1` for a head, `load(page.compound_head) & 1` for a tail',
  },
  { names: ['__ptep_get', 'ptep_get_lockless'], instead: '`ptep_get(ptep)`', rename: 'ptep_get' },
  { names: ['pmdp_get_lockless'], instead: '`pmdp_get(pmdp)`', rename: 'pmdp_get' },
  { names: ['__set_pte', '__set_pte_nosync'], instead: '`set_pte(ptep, pte)`', rename: 'set_pte' },
  { names: ['__set_ptes'], instead: '`set_ptes(addr, ptep, pte, nr)`', rename: 'set_ptes' },
  { names: ['__pte_clear'], instead: '`pte_clear(addr, ptep)`', rename: 'pte_clear' },
  {
    names: ['__ptep_get_and_clear'],
    instead: '`ptep_get_and_clear(addr, ptep)`',
    rename: 'ptep_get_and_clear',
  },
  {
    names: ['__ptep_set_wrprotect'],
    instead: '`ptep_set_wrprotect(addr, ptep)`',
    rename: 'ptep_set_wrprotect',
  },
  { names: ['__pte_free_kernel', 'pagetable_free'], instead: '`pte_free_kernel(ptep)`', rename: 'pte_free_kernel' },
  { names: ['pmd_trans_huge', 'pmd_thp_or_huge'], instead: '`pmd_leaf(pmd)`', rename: 'pmd_leaf' },
  { names: ['pud_sect'], instead: '`pud_leaf(pud)`', rename: 'pud_leaf' },
  { names: ['pgd_offset'], instead: '`pgd_offset_k(addr)`: there is only init_mm', rename: 'pgd_offset_k' },
  {
    names: ['pmd_populate', 'pmd_install', '__pmd_populate'],
    instead: '`pmd_populate_kernel(pmdp, ptep)`, with the address of the table',
  },
  {
    names: ['pte_alloc_kernel', 'pte_alloc_map', '__pmd_alloc', 'pmd_alloc_one', 'pmd_free'],
    instead: '`pte_alloc_one_kernel()` gives a table, `pmd_populate_kernel` links it, `pte_free_kernel` frees it',
  },
  {
    names: ['pte_offset_map', 'pte_offset_map_lock', 'pte_unmap', 'pte_unmap_unlock'],
    instead: '`pte_offset_kernel(pmdp, addr)`, and `spin_lock(init_mm.page_table_lock)` around it',
  },
  {
    names: ['pmd_lock', 'pmd_lockptr', 'pte_lockptr', 'pud_lock'],
    instead: 'kernel entries have one lock: `init_mm.page_table_lock`',
  },
  {
    names: ['ptep_clear_flush', 'pmdp_invalidate', 'ptep_clear_flush_young'],
    instead:
      '`ptep_get_and_clear(addr, ptep)` or `ptep_test_and_clear_young`, then `flush_tlb_kernel_range(start, end)`',
  },
  {
    names: ['flush_tlb_fix_spurious_fault', 'update_mmu_cache', 'update_mmu_tlb', 'arch_sync_kernel_mappings'],
    instead: 'arm64 does nothing there; leave it out',
  },
  {
    names: [
      'vmemmap_populate',
      'vmemmap_populate_basepages',
      'vmemmap_populate_hugepages',
      'vmemmap_free',
      'vmemmap_check_pmd',
      'vmemmap_set_pmd',
      'unmap_hotplug_range',
      'free_empty_tables',
    ],
    instead:
      'vmemmap is there from the start; what adds or takes away a part of it is `pmd_populate_kernel`, `set_pte_at`, `pmd_clear`, `pte_clear` and a flush',
  },
  {
    names: [
      'set_memory_ro',
      'set_memory_rw',
      'set_memory_valid',
      'set_direct_map_invalid_noflush',
      'set_direct_map_default_noflush',
      'split_kernel_leaf_mapping',
      'create_pgd_mapping',
      'kernel_page_present',
      'apply_to_page_range',
    ],
    instead: 'the linear map has no entries in the model; an entry of vmemmap stands for one of it',
  },
  {
    names: [
      'contpte_try_unfold',
      'contpte_try_fold',
      'set_huge_pte_at',
      'huge_ptep_get',
      'huge_pte_clear',
      'get_clear_contig',
      'get_clear_contig_flush',
      'clear_flush',
    ],
    instead: 'a group is its entries: `pte_mkcont(pte)` in each, all of them broken, flushed, made',
  },
  { names: ['__tlbi', '__tlbi_level'], instead: '`tlbi(vaale1is, addr)`', rename: 'tlbi' },
  { names: ['kick_all_cpus_sync'], instead: '`send_ipi_others(NAME)` and a wait for what the handlers store' },
  { names: ['WARN_ON_ONCE', 'VM_WARN_ON_ONCE'], instead: '`WARN_ON(e)`', rename: 'WARN_ON' },
  { names: ['min', 'max'], instead: '`a < b ? a : b`' },
  { names: ['ALIGN', 'ALIGN_DOWN', 'PAGE_ALIGN', 'PAGE_ALIGN_DOWN', 'IS_ALIGNED'], instead: '`addr & PAGE_MASK`' },
  { names: ['system_supports_bbml2_noabort', 'has_bbml2_noabort'], instead: '`machine.bbm`' },
  { names: ['system_supports_hw_af', 'cpu_has_hw_af'], instead: '`machine.hw_af`' },
  { names: ['get_cpu', 'put_cpu'], instead: '`preempt_disable()`, `smp_processor_id()`, `preempt_enable()`' },
  { names: ['smp_load_acquire'], instead: '`load_acquire(a)` or `load32_acquire(a)`', rename: 'load_acquire' },
  {
    names: ['smp_store_release'],
    instead: '`store_release(a, v)` or `store32_release(a, v)`',
    rename: 'store_release',
  },
  { names: ['smp_cond_load_relaxed'], instead: '`wait(*p == v)`' },
  { names: ['smp_cond_load_acquire'], instead: '`wait_acquire(*p == v)`' },
  {
    names: ['smp_mb__before_atomic', 'smp_mb__after_atomic', 'smp_mb__after_spinlock', 'mb', 'wmb', 'rmb', 'barrier'],
    instead: '`smp_mb()`, `dsb(sy)`, `dsb(st)`, `dsb(ld)`; a compiler barrier has no effect',
  },
  {
    names: ['rcu_dereference', 'rcu_assign_pointer', 'rcu_access_pointer'],
    instead: '`READ_ONCE(*p)` (address dependencies order) and `store_release(p, v)`',
  },
  { names: ['memcpy', 'memset', 'memmove'], instead: '`copy_page(to, from)`, `clear_page(to)`, or stores' },
  {
    names: [
      'might_sleep',
      'lockdep_assert_irqs_disabled',
      'lockdep_assert_preemption_disabled',
      'in_interrupt',
      'irqs_disabled',
    ],
    instead: 'the machine checks sleeping and locks by itself; leave it out',
  },
  { names: ['sizeof'], instead: 'STRUCT_PAGE_SIZE is the size of a struct page, 8 that of a descriptor' },
];

/** What to write instead of a kernel name; undefined for a name that is not listed. */
export const unmodelledNames: ReadonlyMap<string, string> = new Map(
  groups.flatMap((group) => group.names.map((name) => [name, group.instead] as const)),
);

/** Names in whose place another one stands, with the same arguments. */
export const otherNames: ReadonlyMap<string, string> = new Map(
  groups.flatMap(({ names, rename }) => (rename === undefined ? [] : names.map((name) => [name, rename] as const))),
);

/** Functions of one value that is left as it is. */
export const plainValues: ReadonlySet<string> = new Set(groups.flatMap((group) => (group.isPlain ? group.names : [])));
