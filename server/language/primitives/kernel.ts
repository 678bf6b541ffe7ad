/** Interrupts, pages, the fault path, reports and choices. */

import { address, optional, type Primitive, value } from '../primitive';

const interrupts: readonly Primitive[] = [
  {
    name: 'local_irq_disable',
    group: 'interrupt',
    parameters: [],
    doc: 'Masks interrupts on this CPU. A pseudo-NMI still comes.',
    example: 'local_irq_disable()',
  },
  {
    name: 'local_irq_enable',
    group: 'interrupt',
    parameters: [],
    doc: 'Unmasks interrupts on this CPU.',
    example: 'local_irq_enable()',
  },
  {
    name: 'local_irq_save',
    group: 'interrupt',
    parameters: [],
    result: 'the interrupt state before',
    doc: 'Masks interrupts on this CPU and returns the old state: `let flags = local_irq_save()`.',
    example: 'local_irq_save()',
  },
  {
    name: 'local_irq_restore',
    group: 'interrupt',
    parameters: [value('flags')],
    doc: 'Puts the interrupt state back that `local_irq_save` returned.',
    example: 'local_irq_restore(0)',
  },
  {
    name: 'local_nmi_disable',
    group: 'interrupt',
    parameters: [],
    doc: 'Masks pseudo-NMIs (and interrupts) on this CPU, as an exception entry does.',
    example: 'local_nmi_disable()',
  },
  {
    name: 'local_nmi_enable',
    group: 'interrupt',
    parameters: [],
    doc: 'Unmasks pseudo-NMIs on this CPU; interrupts stay as they are.',
    example: 'local_nmi_enable()',
  },
  {
    name: 'send_ipi',
    group: 'interrupt',
    parameters: [value('cpu'), { name: 'interrupt', kind: 'interrupt' }],
    doc: 'Makes an `irq` or `nmi` of the scenario pending on another CPU. It does not wait for the handler.',
    example: 'send_ipi(1, TICK)',
  },
  {
    name: 'send_ipi_others',
    group: 'interrupt',
    parameters: [{ name: 'interrupt', kind: 'interrupt' }],
    doc: 'Makes an `irq` or `nmi` of the scenario pending on every other CPU that has a handler of that name.',
    example: 'send_ipi_others(TICK)',
  },
  {
    name: 'smp_processor_id',
    group: 'interrupt',
    parameters: [],
    result: 'the number of this CPU',
    doc: 'Which CPU this is.',
    example: 'smp_processor_id()',
  },
  {
    name: 'cpu_relax',
    group: 'interrupt',
    parameters: [],
    doc: 'Nothing; the mark of a spin loop.',
    example: 'cpu_relax()',
  },
  {
    name: 'wait',
    group: 'interrupt',
    parameters: [{ name: 'condition', kind: 'waitCondition' }],
    doc: 'Spins until a place has, or no longer has, a value: `wait(*p == 1)`. One step instead of a loop, ordered as a plain load, as `smp_cond_load_relaxed`.',
    example: 'wait(*V == 0)',
  },
  {
    name: 'wait_acquire',
    group: 'interrupt',
    parameters: [{ name: 'condition', kind: 'waitCondition' }],
    doc: 'As `wait`, ordered as a load-acquire: `smp_cond_load_acquire`.',
    example: 'wait_acquire(*V == 0)',
  },
];

const pages: readonly Primitive[] = [
  {
    name: 'alloc_page',
    group: 'page',
    parameters: [optional(value('gfp'))],
    result: 'the physical address of a page: one that was freed, or a fresh one',
    doc: 'Allocates a page; never fails, and may sleep unless the flags say else (`GFP_ATOMIC`, `GFP_NOWAIT`). Its contents are what they were, and nobody may look at them before somebody has written them; with `__GFP_ZERO` they are 0. Access goes through `__va(page)`.',
    example: 'alloc_page(GFP_KERNEL | __GFP_ZERO)',
  },
  {
    name: 'try_alloc_page',
    group: 'page',
    parameters: [optional(value('gfp'))],
    result: 'the physical address of a page, or 0',
    doc: 'Allocates a page, or fails: both are explored. Sleeps only with flags that say so, such as `GFP_KERNEL`.',
    example: 'try_alloc_page()',
  },
  {
    name: 'free_page',
    group: 'page',
    parameters: [value('pa')],
    doc: 'Gives the page at a physical address back. Finding when some TLB may still reach it.',
    example: 'free_page(H.frame(1))',
  },
  {
    name: 'copy_page',
    group: 'page',
    parameters: [address('to'), address('from'), optional(value('bytes'))],
    doc: 'Copies a page, or so many bytes of one, with plain loads and stores; of words that nobody in the scenario looks at nothing is seen. Both are virtual addresses: `__va(pa)` for a physical one.',
    example: 'copy_page(__va(H.frame(2)), H.start)',
  },
  {
    name: 'clear_page',
    group: 'page',
    parameters: [address('to')],
    doc: 'Fills a page with zeroes, with plain stores. A virtual address: `__va(pa)` for a physical one.',
    example: 'clear_page(__va(H.frame(2)))',
  },
  {
    name: 'touched',
    group: 'page',
    parameters: [address('va')],
    result:
      '1 when the vmemmap page at the address belongs to a huge page of the scenario, or somebody accesses it; else 0',
    doc: 'Lets text leave out work that nobody could see, such as the other 500 entries of a table. The address is known while the scenario is made ready.',
    example: 'touched(H.tail(2))',
  },
  {
    name: 'next_touched',
    group: 'page',
    parameters: [address('va'), address('end')],
    result: 'the address of the first vmemmap page from `va` on that is touched, or `end`',
    doc: 'For loops over the pages that matter: `for (p = next_touched(start, end); p != end; p = next_touched(p + PAGE_SIZE, end))`. Both addresses are known while the scenario is made ready.',
    example: 'next_touched(H.start, H.end)',
  },
];

const faults: readonly Primitive[] = [
  {
    name: 'read_sysreg',
    group: 'fault',
    parameters: [{ name: 'register', kind: 'systemRegister' }],
    result: 'the value of the register',
    doc: 'Reads an exception register of the exception that is being handled: `read_sysreg(esr_el1)`.',
    example: 'read_sysreg(esr_el1)',
  },
  {
    name: 'interrupts_enabled',
    group: 'fault',
    parameters: [],
    result: '1 when the interrupted code had interrupts unmasked, else 0',
    doc: 'The interrupt state of the code that faulted, as `interrupts_enabled(regs)`.',
    example: 'interrupts_enabled()',
  },
  {
    name: 'local_daif_inherit',
    group: 'fault',
    parameters: [],
    doc: 'In an exception handler: masks interrupts and pseudo-NMIs as the interrupted code had them.',
    example: 'local_daif_inherit()',
  },
  {
    name: 'local_daif_mask',
    group: 'fault',
    parameters: [],
    doc: 'Masks interrupts and pseudo-NMIs, as at exception entry.',
    example: 'local_daif_mask()',
  },
  {
    name: 'fixup_exception',
    group: 'fault',
    parameters: [],
    result: '1 when the access has an entry in the exception table, else 0',
    doc: 'In the fault path: when the access has an entry in the exception table, the return from the exception goes there instead of to the access.',
    example: 'fixup_exception()',
  },
  {
    name: 'vmemmap_fault_hook',
    group: 'fault',
    parameters: [address('addr'), value('esr')],
    result: 'what the function that `on fault` names returns, or 0 when there is none',
    doc: 'In the fault path: calls the function that the scenario names with `on fault`.',
    example: 'vmemmap_fault_hook(H.start, 0)',
  },
];

const reports: readonly Primitive[] = [
  {
    name: 'report',
    group: 'report',
    parameters: [{ name: 'outcome', kind: 'outcome' }],
    doc: 'Records an outcome of the access that is being handled, or of this point.',
    example: 'report(fixed-up)',
  },
  {
    name: 'die',
    group: 'report',
    parameters: [{ name: 'outcome', kind: 'outcome' }],
    doc: 'Records an outcome and kills the task: this CPU does nothing more, and its locks stay held.',
    example: 'die(oops-paging)',
  },
  {
    name: 'panic',
    group: 'report',
    parameters: [{ name: 'outcome', kind: 'outcome' }],
    doc: 'Records an outcome and stops every CPU.',
    example: 'panic(panic)',
  },
  {
    name: 'assert',
    group: 'report',
    parameters: [{ name: 'condition', kind: 'condition' }],
    doc: 'Finding when the condition is zero.',
    example: 'assert(1)',
  },
  {
    name: 'WARN_ON',
    group: 'report',
    parameters: [{ name: 'condition', kind: 'condition' }],
    result: 'the condition, as 0 or 1',
    doc: 'Warning when the condition is not zero; with panic_on_warn a panic.',
    example: 'WARN_ON(0)',
  },
  {
    name: 'BUG_ON',
    group: 'report',
    parameters: [{ name: 'condition', kind: 'condition' }],
    doc: 'Death of the task when the condition is not zero.',
    example: 'BUG_ON(0)',
  },
  {
    name: 'VM_BUG_ON',
    group: 'report',
    parameters: [{ name: 'condition', kind: 'condition' }],
    doc: 'As `BUG_ON` when the machine has `debug_vm yes`, else nothing.',
    example: 'VM_BUG_ON(0)',
  },
  {
    name: 'VM_WARN_ON',
    group: 'report',
    parameters: [{ name: 'condition', kind: 'condition' }],
    doc: 'As `WARN_ON` when the machine has `debug_vm yes`, else nothing.',
    example: 'VM_WARN_ON(0)',
  },
];

const choices: readonly Primitive[] = [
  {
    name: 'any',
    group: 'choice',
    parameters: [{ name: 'choice', kind: 'choice', repeated: true }],
    result: 'any one of the values; each is explored',
    doc: 'Any one of several values: `any(0, 64, 128)`, `any(1 .. 7)`, both ends included.',
    example: 'any(1, 4 .. 7)',
  },
];

export const kernelPrimitives: readonly Primitive[] = [...interrupts, ...pages, ...faults, ...reports, ...choices];

/** Handlers that every scenario has. */
export const kernelInterrupts: readonly { readonly name: string; readonly doc: string }[] = [
  {
    name: 'cpu_stopper',
    doc: 'The stopper of `stop_machine` on a CPU: it runs `multi_cpu_stop` of the library where the CPU takes interrupts and is preemptible.',
  },
];

/** Registers that `read_sysreg` reads. */
export const systemRegisters: readonly { readonly name: 'esr_el1' | 'far_el1' | 'elr_el1'; readonly doc: string }[] = [
  { name: 'esr_el1', doc: 'Exception syndrome: class in bits 31:26, fault status in bits 5:0.' },
  { name: 'far_el1', doc: 'The virtual address that faulted.' },
  { name: 'elr_el1', doc: 'Where the exception returns to.' },
];
