import { describe, expect, it } from 'vitest';
import { verdicts } from '../machine/verdicts';

const text = (kernel: string, claims: string, own: string) => `
  machine { kernel ${kernel} }
  hugepage G { size 2M  at 0x1_0000_0000  vmemmap pages  optimised  refcount 1 }
  scenario "a huge page that is optimised from the start" {
    cpu 0 { ${own} }
    ${claims}
  }`;

describe('a huge page that is optimised from the start', () => {
  it.each(['v6.7', 'v6.8', 'v6.11', 'v7.2'])('leads from its fake heads to its head, in %s', (kernel) => {
    const own = 'r0 = compound_head(G.page(64)); r1 = compound_head(G.page(1)); r2 = compound_head(G.page(0));';
    const head = 'always r0 == G.page(0) && r1 == G.page(0) && r2 == G.page(0)';
    expect(verdicts(text(kernel, head, own))).toEqual(['ok']);
  });

  it.each([
    ['v6.7', 'sometimes oops-RO'],
    ['v6.8', 'sometimes oops-RO'],
    ['v6.11', 'never oops always r0 == 0'],
    ['v7.2', 'never oops always r0 == 0'],
  ])('gives no speculative reference by a tail: %s, %s', (kernel, claims) => {
    const lines = claims.replace(' always', '\n always');
    expect(verdicts(text(kernel, lines, 'r0 = get_page_unless_zero(G.page(64));'))).toEqual(['ok']);
  });

  it('is counted once for each, and no more when it is restored', () => {
    const two = 'hugepage F { size 2M  at 0x1_0020_0000  vmemmap pages  optimised }\n';
    const counts = 'always r0 == 2\n always load(hugetlb_optimize_vmemmap_key) == 1';
    const own = 'r0 = load(hugetlb_optimize_vmemmap_key); hugetlb_vmemmap_restore(F);';
    expect(verdicts(two + text('v6.7', `on fault vmemmap_handle_page_fault\n ${counts}`, own))).toEqual(['ok']);
  });
});
