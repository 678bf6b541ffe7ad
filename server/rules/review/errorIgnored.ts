import type { Block, FunctionItem, Statement } from '../../language/ast';
import type { Source } from '../../language/elaborate/source';
import { blocksOf, bodiesOf } from '../../language/walk';
import { calleeName, textOf } from '../fixes';
import type { Rule, RuleFinding } from '../rule';

const example = (call: string, mark = ''): string => `machine { hw_af yes }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap blocks }

fn split(pmdp, table) {
  let block = pmdp_get(pmdp) & ~PTE_AF;
  fetch_andnot(pmdp, PTE_AF);
  flush_tlb_kernel_range(H.block(0), H.block(0) + PMD_SIZE);
  if (cmpxchg(pmdp, block, mk_pmd_table(__pa(table))) != block) return -EAGAIN;
  dsb(ishst);
  isb();
  return 0;
}

scenario "a block is split by its access flag, and a page of it goes away" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let table = pte_alloc_one_kernel();
    let ptep = table + pte_index(H.tail(1)) * 8;
    set_pte_at(H.tail(1), ptep, mk_pte(H.frame(1), PAGE_KERNEL));
    smp_wmb();
    ${call}
${mark}    vmemmap_update_pte(H.tail(1), ptep, mk_pte(H.head, PAGE_KERNEL_RO));
    free_page(H.frame(1));
  }
  cpu 1 { load(H.page(64).flags); }
}
`;

export const errorIgnored: Rule = {
  code: 'HVO605',
  severity: 'warning',
  title: 'Nobody looks whether it was done',
  doc: 'A function says by -EAGAIN or -EBUSY that it has not done what it was called for, and that the caller has to try again or give up. A call whose result nobody looks at goes on as if it were done: entries are written into a table that nothing leads to, pages are freed that are still mapped. An execution shows harm where the job that was left undone is relied on, which is what the caller does next; the rule asks for a look all the same.',
  source:
    'Linux include/linux/compiler_attributes.h, __must_check; the split by the access flag gives up after 16 tries',
  bad: example('split(pmd_off_k(H.start), table);', `//  ${'^'.repeat(32)} HVO605\n`),
  good: example('if (split(pmd_off_k(H.start), table)) {\n      pte_free_kernel(table);\n      return;\n    }'),
  outcomes: ['freed-page-reachable', 'use-after-free'],
  check: ({ elaborated }) => {
    // Statements of the user that the scenario comes to, and the calls on the way there.
    const places = elaborated.sites
      .flatMap((site) => [site, ...site.stack])
      .filter(({ source }) => source.origin !== 'library');
    return [...new Set(places.map(({ source }) => source))].flatMap((source) => {
      const starts = new Set(places.flatMap((one) => (one.source === source ? [one.span.start] : [])));
      return ignoredInText(source).filter(({ place }) => starts.has(place.span.start));
    });
  },
};

/** By text: each of its scenarios asks for it. */
const ignoredInTexts = new WeakMap<Source, readonly RuleFinding[]>();

function ignoredInText(source: Source): readonly RuleFinding[] {
  const known = ignoredInTexts.get(source) ?? findIgnored(source);
  ignoredInTexts.set(source, known);
  return known;
}

function findIgnored(source: Source): readonly RuleFinding[] {
  const bodies = bodiesOf(source.parsed.file);
  const refusing = new Map(bodies.flatMap(({ fn }) => (fn && refusal(source, fn.body) ? [[fn.name.name, fn]] : [])));
  return refusing.size === 0 ? [] : bodies.flatMap(({ block }) => ignoredIn(source, block, refusing));
}

function ignoredIn(source: Source, block: Block, refusing: ReadonlyMap<string, FunctionItem>): readonly RuleFinding[] {
  return block.statements.flatMap((one) => {
    const inner = blocksOf(one).flatMap((nested) => ignoredIn(source, nested, refusing));
    const fn =
      one.kind === 'call' && one.expression.kind === 'call' ? refusing.get(calleeName(one.expression)) : undefined;
    const error = fn && refusal(source, fn.body);
    if (fn === undefined || error === undefined) return inner;
    const message = `\`${fn.name.name}\` returns \`${textOf(source, error)}\` when it has not done it, and nobody looks: what follows goes on as if it were done. \`if (${fn.name.name}(…))\` is missing here, or a loop that tries again`;
    return [
      {
        place: { source, span: one.span },
        message,
        others: [{ source, span: error.span, message: 'it gives up here' }],
      },
      ...inner,
    ];
  });
}

/** What a function returns when it gives up. */
function refusal(source: Source, block: Block): (Statement & { readonly kind: 'return' })['value'] {
  for (const one of block.statements) {
    if (one.kind === 'return' && one.value && /^-\s*E(AGAIN|BUSY)$/.test(textOf(source, one.value))) return one.value;
    for (const inner of blocksOf(one)) {
      const found = refusal(source, inner);
      if (found) return found;
    }
  }
  return undefined;
}
