import { describe, expect, it } from 'vitest';
import { check } from '../check';

const scenario = (body: string, more = ''): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
page P at 0x7000_0000
var V = 0
scenario "a call" {
  cpu 0 { ${body} }
${more}}
`;

/** What is told of the text's arguments: code and the text that it stands on. */
function told(body: string): readonly string[] {
  const text = scenario(body);
  return check(text).diagnostics.flatMap(({ code, place, message }) =>
    code === 'HVO065' ? [`${place.text}: ${/ takes (an? .*?|the .*?) as /.exec(message)?.[1] ?? message}`] : [],
  );
}

describe('arguments of the wrong kind', () => {
  it.each([
    [
      'a physical address where a virtual one belongs',
      'flush_tlb_kernel_range(H.frame(1), H.frame(2));',
      'a virtual address',
    ],
    [
      'an address where the pointer to its entry belongs',
      'pte_clear(H.tail(1), H.tail(1));',
      'the address of an entry or a table',
    ],
    [
      'a page frame number where a physical address belongs',
      'r0 = phys_to_page(P.pa >> PAGE_SHIFT);',
      'a physical address',
    ],
    ['a virtual address that is freed', 'free_page(P.va);', 'a physical address'],
    ['a physical address that is copied to', 'copy_page(P.pa, H.start);', 'a virtual address'],
    ['a page where its struct page belongs', 'r0 = page_to_phys(P.pa);', 'the address of a struct page'],
  ])('%s', (_, body, wanted) => {
    const found = told(body);
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one).toContain(wanted);
  });

  it.each([
    'flush_tlb_kernel_range(H.tail(1), H.tail(2));',
    'r0 = ptep_get(virt_to_kpte(H.tail(1)));',
    'r0 = phys_to_page(P.pa);',
    'free_page(P.pa);',
    'copy_page(P.va, H.start);',
    'r0 = page_to_phys(H.page(1));',
  ])('not: %s', (body) => expect(told(body)).toEqual([]));
});

describe('a wild address', () => {
  const oops = (body: string) =>
    check(scenario(body)).scenarios.flatMap(({ findings }) =>
      findings.map(({ outcome, message }) => `${outcome}: ${message}`),
    );

  it('is told as one, whatever the hook would do', () => {
    const [wild] = oops('load(0xffff_9999_0000_0000);');
    expect(wild).toMatch(/^oops-paging: .*while no valid entry maps it/);
    const [read] = oops('r0 = load(READ_ONCE(V) + 8);');
    expect(read).toMatch(/^oops-/);
  });

  it('is none where something is mapped', () => expect(oops('load(H.page(64).flags); load(P.va);')).toEqual([]));
});

describe('a page that is freed while an entry leads to it', () => {
  const codes = (body: string) =>
    check(scenario(body, '  cpu 1 { nofault_load(H.page(64).flags); }\n')).diagnostics.map(({ code }) => code);
  const flush = 'flush_tlb_kernel_range(H.tail(1), H.tail(2));';
  const pte = 'H.tail(1), virt_to_kpte(H.tail(1))';

  it('is told', () => expect(codes('free_page(H.frame(1));')).toContain('HVO405'));

  it.each([
    [
      'an entry is made to lead elsewhere first',
      `pte_clear(${pte}); ${flush} set_pte_at(${pte}, mk_pte(H.head, PAGE_KERNEL_RO)); free_page(H.frame(1));`,
    ],
    ['an entry is unmapped first', `pte_clear(${pte}); ${flush} free_page(H.frame(1));`],
    ['what is freed is another page', `let page = alloc_page(); free_page(page);`],
    [
      'the entry is taken by an exchange',
      `let old = ptep_get_and_clear(${pte}); ${flush} free_page(descriptor_pa(old));`,
    ],
  ])('not where %s', (_, body) => expect(codes(body)).not.toContain('HVO405'));
});
