import { fix } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';
import type { TableDifference } from '../walk/contents';
import { changeProtection } from './protectionText';

const example = (protection: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap blocks }
page slab at 0x1_0640_0000

scenario "a block is split" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let pmdp = pmd_off_k(H.start);
    let block = pmdp_get(pmdp);
    let table = pte_alloc_one_kernel();
    let page = slab.struct & PAGE_MASK;
    store(table + pte_index(page) * 8, mk_pte(descriptor_pa(block) + (page - H.block(0)), ${protection}));
${protection === 'PAGE_KERNEL' ? '' : `//  ${'^'.repeat(102)} HVO408\n`}    smp_wmb();
    spin_lock(init_mm.page_table_lock);
    vmemmap_update_pmd(H.block(0), pmdp, table);
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { store(slab.struct.private, 1); }
}
`;

export const tableDiffers: Rule = {
  code: 'HVO408',
  severity: 'error',
  title: 'Table maps pages otherwise than the block did',
  doc: "The table that takes a block's place maps some pages with another protection, memory type or execute permission, or some addresses to pages of the block that belong to others (a step or an offset that is wrong). A block of vmemmap has the struct pages of 128 MiB, most of which have nothing to do with the huge page: read-only, the first reference to one of them kills the kernel; with another memory type, two mappings of one page lose coherency. FEAT_BBM allows a change in place only where everything else stays the same. Tails of the huge page may become read-only in the same step.",
  source:
    'Linux mm/hugetlb_vmemmap.c, vmemmap_split_pmd (PAGE_KERNEL for every entry); Arm ARM DDI 0487, D8.16: RPVTFW',
  bad: example('PAGE_KERNEL_RO'),
  good: example('PAGE_KERNEL'),
  outcomes: ['oops-RO', 'BUG'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'tableDiffers') return [];
        const at = one.filledAt ?? one.at;
        const [name, made, here] = [
          entryName(scenario, one),
          lineName(scenario, walk, one.at),
          lineName(scenario, walk, at),
        ];
        const message =
          one.what === 'address'
            ? `this entry leads to a page that the block of ${name} maps at another address, and its table takes the block's place on ${made}: struct pages are read and written in place of others. The address of the block and as many pages as the entry has entries before it, \`descriptor_pa(block) + i * PAGE_SIZE\`, belong on ${here}`
            : `this entry is ${words[one.what]} that the block of ${name} did not have, and its table takes the block's place on ${made}: everybody who uses the page meets it. The protection of the block, \`PAGE_KERNEL\`, belongs on ${here}`;
        return found(scenario, walk, at, message, {
          others: [{ at: one.at, message: 'the table takes its place here' }],
          ...fix(
            'Use `PAGE_KERNEL`',
            one.what === 'readOnly' ? changeProtection(scenario, walk, at, 'PAGE_KERNEL_RO', 'PAGE_KERNEL') : [],
          ),
        });
      }),
    ),
};

const words: Readonly<Record<Exclude<TableDifference, 'address'>, string>> = {
  readOnly: 'read-only, a protection',
  memoryType: 'of a memory type or shareability',
  executable: 'of an execute permission',
  global: 'of an nG bit',
};
