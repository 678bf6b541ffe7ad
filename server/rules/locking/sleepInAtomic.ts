import type { Edit } from '../../language/diagnostic';
import { fix, insertBefore, removeStatement, statementAt } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, lockName, placeAt, type RuleScenario } from '../scenario';
import type { Observation, SleepReason } from '../walk/observation';
import type { Walk } from '../walk/walker';

const example = (statements: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "the head gets a new page" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let ptep = virt_to_kpte(H.start);
${statements}
    copy_page(__va(page), H.start);
    pte_clear(H.start, ptep);
    flush_tlb_kernel_range(H.start, H.start + PAGE_SIZE);
    set_pte_at(H.start, ptep, mk_pte(page, PAGE_KERNEL));
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { r0 = load(H.page(0).flags); }
}
`;

export const sleepInAtomic: Rule = {
  code: 'HVO207',
  severity: 'error',
  title: 'May sleep where it must not',
  doc: 'An allocation that never fails, a mutex, a reader/writer semaphore, synchronize_rcu may all put the CPU to sleep. With a spin lock held, preemption or interrupts off, in a handler or in an RCU read section that is not allowed ("BUG: sleeping function called from invalid context"): others spin for the lock for as long as the sleep lasts. The hook of the fault path must not sleep either, whatever the accesses of a scenario are: struct pages are touched with locks held and in interrupts. The page allocator also touches struct pages, which may be those that are broken at the moment. Allocate before the lock is taken. A handler may not even try a mutex: mutex_trylock and mutex_unlock are for tasks.',
  source:
    'Linux kernel/sched/core.c, __might_resched; kernel/locking/mutex.c, mutex_trylock; Documentation/kernel-hacking/locking.rst',
  bad: example(`    spin_lock(init_mm.page_table_lock);
    let page = alloc_page();
//  ^^^^^^^^^^^^^^^^^^^^^^^ HVO207`),
  good: example(`    let page = alloc_page();
    spin_lock(init_mm.page_table_lock);`),
  outcomes: ['sleep-in-atomic'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind === 'mutexInHandler') {
          const lock = lockName(scenario, one.lock);
          const message = `${lock} is a mutex, and this is in an interrupt handler: the kernel forbids \`mutex_trylock\` and \`mutex_unlock\` there, since both may wait for the wait lock of the mutex and its owner is a task. A spin lock and \`spin_trylock\` belong here, or code that no interrupt runs`;
          return found(scenario, walk, one.at, message);
        }
        if (one.kind !== 'sleep') return [];
        const message = `\`${one.what}\` may sleep, but ${reasonText(scenario, walk, one.reason)}: the kernel must not sleep here. ${whereTo(scenario, walk, one.reason)}`;
        return found(
          scenario,
          walk,
          one.at,
          message,
          fix('Do it before the lock is taken', moved(scenario, walk, one)),
        );
      }),
    ),
};

type Sleep = Extract<Observation, { readonly kind: 'sleep' }>;

function reasonText(scenario: RuleScenario, walk: Walk, reason: SleepReason): string {
  switch (reason.kind) {
    case 'lock':
      return `${lockName(scenario, reason.lock)} is held since ${lineName(scenario, walk, reason.since)}`;
    case 'irqsMasked':
      return `interrupts are masked${reason.since === undefined ? '' : ` since ${lineName(scenario, walk, reason.since)}`}`;
    case 'preemption':
      return `preemption is off since ${lineName(scenario, walk, reason.since)}`;
    case 'readSection':
      return `this is in the RCU read section that begins on ${lineName(scenario, walk, reason.since)}`;
    case 'handler':
      return 'this is in an interrupt handler';
    case 'faultPath':
      return 'this is in the fault path, and whoever touches a struct page may hold a spin lock or be in an interrupt';
  }
}

function whereTo(scenario: RuleScenario, walk: Walk, reason: SleepReason): string {
  if (reason.kind === 'handler') return 'It belongs into code that no interrupt runs';
  if (reason.kind === 'faultPath') return 'Spin for the lock of whoever breaks the entry, and do nothing else';
  return `It belongs before ${reason.since === undefined ? 'that' : lineName(scenario, walk, reason.since)}`;
}

/** The statement before the one that takes the lock, when they stand in one block. */
function moved(scenario: RuleScenario, walk: Walk, { at, reason }: Sleep): readonly Edit[] {
  if (reason.kind === 'handler' || reason.kind === 'faultPath' || reason.since === undefined) return [];
  const place = placeAt(scenario, walk, at);
  const since = placeAt(scenario, walk, reason.since);
  if (place === undefined || since === undefined) return [];
  const standing = statementAt(place);
  if (standing === undefined || statementAt(since)?.block !== standing.block) return [];
  const all = place.source.parsed.text;
  // On a way that leaves between the two it would be done and never undone.
  if (/\breturn\b/.test(all.slice(since.span.end, standing.statement.span.start))) return [];
  const text = all.slice(standing.statement.span.start, standing.statement.span.end);
  return [...insertBefore(since, [text]), ...removeStatement(place)];
}
