/** What kernels have differently: each difference of the library shows in the code that comes out, or in what can happen. */

import { describe, expect, it } from 'vitest';
import { visibleSymbols } from '../../server/features/visible';
import { surroundingsOf } from '../../server/language/kernelLibrary';
import { resolveNames } from '../../server/language/names';
import { libraryEditions, releaseOfLibrary, standardLibrary } from '../../server/language/stdlib/library';
import { complaintsOf, programOf, sourceOf } from './check';

const huge = (kernel: string, statements: string, mapping = 'pages') => `machine { kernel ${kernel} }
hugepage H { size 2M at 0x1_0000_0000 vmemmap ${mapping} }
scenario "s" { cpu 0 { ${statements} } }`;

describe('the library of a kernel', () => {
  it('has each text once, and tells the files of kernels apart', () => {
    const texts = libraryEditions().map(({ source }) => source.parsed.text);
    expect(new Set(texts).size).toBe(texts.length);
    expect(releaseOfLibrary('hvo-library:/v6.8/vmemmapWalk.hvo')).toBe('v6.8');
    expect(standardLibrary('v6.9')).toBe(standardLibrary('v6.8'));
    expect(standardLibrary('v7.0').map(({ uri }) => uri)).toContain('hvo-library:/v6.11/pageRef.hvo');
  });

  it('is that of the scenario where the scenario has a kernel of its own', () => {
    const source = sourceOf(`machine { kernel v6.7 }
hugepage H { size 2M at 0x1_0000_0000 vmemmap pages }
scenario "old" { cpu 0 { r0 = compound_head(H.page(1)); flush_tlb_kernel_range(H.start, H.end); } }
scenario "new" { machine { kernel v7.2 } cpu 0 { r0 = compound_head(H.page(1)); } }`);
    const names = resolveNames(source, surroundingsOf(source, []));
    expect(names.diagnostics).toEqual([]);
    const heads = names.occurrences.flatMap(({ target, role }) =>
      role === 'call' && target.kind === 'symbol' && target.symbol.name === 'compound_head' ? [target.symbol.uri] : [],
    );
    expect(heads).toEqual(['hvo-library:/v6.7/compoundHead.hvo', 'hvo-library:/v7.2/compoundHead.hvo']);
    const known = (offset: number) => visibleSymbols(names, offset).map(({ name }) => name);
    const { text } = source.parsed;
    expect(known(text.indexOf('r0 ='))).toContain('page_is_fake_head');
    expect(known(text.lastIndexOf('r0 ='))).not.toContain('page_is_fake_head');
  });

  it('does not have what only others have, and says whose it is', () => {
    const text = (kernel: string) => huge(kernel, 'r0 = page_is_fake_head(H.page(64));');
    const said = (one: string) => {
      const source = sourceOf(one);
      return resolveNames(source, surroundingsOf(source, [])).diagnostics.map(({ message }) => message);
    };
    expect(said(text('v6.11'))).toEqual([]);
    expect(said(text('v7.2'))).toEqual([
      'The library of this kernel has no function `page_is_fake_head`; that of v6.7, v6.8, v6.11 has.',
    ]);
    const shared = `hugepage H { size 2M at 0x1_0000_0000 vmemmap pages }
fn fake() { return page_is_fake_head(H.page(64)); }
scenario "old" { cpu 0 { r0 = fake(); } }
scenario "new" { machine { kernel v7.2 } cpu 0 { r0 = fake(); } }`;
    expect(said(shared)).toEqual([]);
    expect(complaintsOf(shared)).toEqual([
      'page_is_fake_head: the library of kernel v7.2 has no page_is_fake_head, that of v6.7, v6.8, v6.11 has: bring it as `fn`, or ask for `machine.kernel`',
    ]);
    expect(complaintsOf(shared.replace('return', 'if (machine.kernel >= 0x702) return 0; return'))).toEqual([]);
  });
});

describe('what kernels have differently', () => {
  it('flush_tlb_kernel_range: everything beyond PTRS_PER_PTE pages; by range in v7.2, or everything from there on', () => {
    const tlbis = (kernel: string, statements: string, constants = '') =>
      programOf(`${constants}\n${huge(kernel, statements)}`).filter((one) => one.startsWith('tlbi'));
    const all = ['tlbi all entries on all CPUs'];
    const block = 'flush_tlb_kernel_range(H.block(0), H.block(0) + PMD_SIZE);';
    const more = 'flush_tlb_kernel_range(H.block(0), H.block(0) + PMD_SIZE + PAGE_SIZE);';
    const withoutRange = 'const system_supports_tlb_range = 0';
    expect(tlbis('v6.11', block)).toHaveLength(1);
    expect(tlbis('v6.11', more)).toEqual(all);
    expect(tlbis('v7.2', block)).toHaveLength(1);
    expect(tlbis('v7.2', block)).not.toEqual(all);
    expect(tlbis('v7.2', block, withoutRange)).toEqual(all);
    // An odd number of pages: pairs by range, and one by itself.
    expect(tlbis('v7.2', more)).toHaveLength(2);
  });

  it('set_pte: the barriers come at once, or when lazy MMU mode ends', () => {
    const set = 'set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));';
    const text = (kernel: string) => huge(kernel, `arch_enter_lazy_mmu_mode(); ${set} arch_leave_lazy_mmu_mode();`);
    expect(programOf(text('v6.7'))).toEqual([
      'store [0xffff000008803008] = 0x60000050600783',
      'dsb innerShareable store',
      'isb',
      'end',
    ]);
    const deferred = programOf(text('v7.2'));
    const stored = deferred.findIndex((one) => one.endsWith('= 0x60000050600783'));
    expect(deferred.slice(stored + 1).filter((one) => one.startsWith('dsb'))).toHaveLength(1);
    expect(deferred[stored + 1]).not.toMatch(/^dsb/);
  });

  it('synchronize_rcu: only from v6.11 to v6.12, once for a list', { timeout: 60_000 }, () => {
    const waits = (kernel: string) => {
      const text = `machine { kernel ${kernel} }
hugepage A { size 2M at 0x1_0000_0000 vmemmap pages }
hugepage B { size 2M at 0x1_0020_0000 vmemmap pages }
scenario "s" { cpu 0 { hugetlb_vmemmap_optimize_folios(list(A, B)); } }`;
      return programOf(text).filter((one) => one.includes('rcu')).length;
    };
    expect([waits('v6.8'), waits('v6.11'), waits('v7.2')]).toEqual([0, 1, 0]);
  });

  it('tails: mapped to the head up to v6.12, to the shared page of their size in v7.2', () => {
    const text = (kernel: string) => huge(kernel, 'hugetlb_vmemmap_optimize_folio(H); r0 = compound_head(H.page(64));');
    const tails = (kernel: string) =>
      programOf(text(kernel)).flatMap((one) => /^store .* = (0x60.*783)$/.exec(one)?.[1] ?? []);
    // The new page of the head; the page of tails for 2M.
    expect(tails('v6.11')).toEqual(Array(7).fill('0x6000004c07f783'));
    expect(tails('v7.2')).toEqual(Array(7).fill('0x60000048401783'));
  });
});
