import { describe, expect, it } from 'vitest';
import { verdicts } from './verdicts';

describe('pages that are freed', () => {
  it('may be freed by another CPU before any access to them, also where nobody writes what is read', () => {
    expect(
      verdicts(`
        page P at 0x1_1000_0000
        var gone = 0
        scenario "load"  { cpu 0 { free_page(P.pa); }  cpu 1 { load(P.va); }  sometimes use-after-free }
        scenario "store" { cpu 0 { free_page(P.pa); }  cpu 1 { store(P.va, 1); }  sometimes use-after-free }
        scenario "no reader lock" {
          cpu 0 { WRITE_ONCE(gone, 1); synchronize_rcu(); free_page(P.pa); }
          cpu 1 { if (!READ_ONCE(gone)) load(P.va); }
          sometimes use-after-free
        }
        scenario "reader lock" {
          cpu 0 { WRITE_ONCE(gone, 1); synchronize_rcu(); free_page(P.pa); }
          cpu 1 { rcu { if (!READ_ONCE(gone)) load(P.va); } }
          never use-after-free
        }
        scenario "no grace period" {
          cpu 0 { WRITE_ONCE(gone, 1); free_page(P.pa); }
          cpu 1 { rcu { if (!READ_ONCE(gone)) load(P.va); } }
          sometimes use-after-free
        }`),
    ).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });

  it('may be in use by an access that was translated before a TLBI that no DSB has completed', () => {
    const remap = (beforeFree: string) => `
      hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
      scenario "free" {
        on fault vmemmap_handle_page_fault
        cpu 0 {
          let ptep = virt_to_kpte(H.tail(1));
          spin_lock(init_mm.page_table_lock);
          pte_clear(H.tail(1), ptep);
          dsb(ishst);
          tlbi(vaale1is, H.tail(1));
          ${beforeFree}
          free_page(H.frame(1));
          dsb(ish);
          isb();
          set_pte_at(H.tail(1), ptep, mk_pte(H.head, PAGE_KERNEL));
          spin_unlock(init_mm.page_table_lock);
        }
        cpu 1 { load(H.page(64).flags); }
        ${beforeFree === '' ? 'sometimes' : 'never'} use-after-free
      }`;
    expect([verdicts(remap('')), verdicts(remap('dsb(ish);'))]).toEqual([['ok'], ['ok']]);
  });

  it('are full of zeroes where the allocation says so, whoever looks at which word, and whenever', () => {
    const reused = (flags: string, looks: string, claim: string) => `
      scenario "${flags}, ${claim}" {
        cpu 0 {
          let p = virt_to_kpte(H.tail(1));
          let old = ptep_get(p);
          pte_clear(H.tail(1), p);
          flush_tlb_kernel_range(H.tail(1), H.tail(1) + PAGE_SIZE);
          free_page(descriptor_pa(old));
          let page = alloc_page(${flags});
          ${looks}
          set_pte_at(H.tail(1), p, mk_pte(page, PAGE_KERNEL));
          r0 = load(H.page(64).flags);
        }
        ${claim}
      }`;
    const zeroes = 'GFP_KERNEL | __GFP_ZERO';
    const linear = 'r1 = load(__va(page));';
    const text = `
      hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
      ${reused(zeroes, '', 'always r0 == 0')}
      ${reused('GFP_PGTABLE_KERNEL', '', 'always r0 == 0')}
      ${reused(zeroes, linear, 'always r1 == 0 && r0 == 0')}
      ${reused(zeroes, 'copy_page(__va(page), H.start);', 'never r0 == 0')}
      ${reused('GFP_KERNEL', '', 'sometimes r0 == 0x1000400000 sometimes stale-read')}`;
    expect(verdicts(text)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });
});
