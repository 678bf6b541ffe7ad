import { describe, expect, it } from 'vitest';
import { verdicts } from './verdicts';

const scenario = (title: string, own: string, claim: string) => `
  scenario "${title}" {
    cpu 0 { ${own} }
    cpu 1 { WRITE_ONCE(V, 1); let n = load_acquire(G); if (n) free_page(n); }
    ${claim}
  }`;

const text = (own: string, claim: string) => `
  hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
  const T = H.tail(1)
  var V = 0
  var G = 0
  var unread = 0
  ${scenario('one', own, claim)}`;

const found = (own: string) => verdicts(text(own, 'sometimes leak'));
const silent = (own: string) => verdicts(text(own, 'never leak'));

describe('a page that was allocated is lost', () => {
  it.each([
    ['where only some ways free it', 'let n = alloc_page(); store(__va(n), 3); if (READ_ONCE(V) == 0) free_page(n);'],
    [
      'where another CPU frees it in other executions',
      'let n = alloc_page(); if (READ_ONCE(V) == 0) store_release(G, n);',
    ],
  ])('%s', (_, own) => {
    expect(found(own)).toEqual(['ok']);
  });

  it.each([
    [
      'when it is freed in every execution',
      'let n = alloc_page(); if (READ_ONCE(V) == 0) store(__va(n), 3); free_page(n);',
    ],
    ['when nobody frees it ever: its owner has it', 'let n = alloc_page(); if (READ_ONCE(V) == 0) store(__va(n), 3);'],
    [
      'when it is kept in a word that nobody reads',
      'let n = alloc_page(); if (READ_ONCE(V) == 0) free_page(n); else WRITE_ONCE(unread, n);',
    ],
    [
      'when it is mapped where nobody walks',
      `let n = alloc_page(); copy_page(__va(n), T);
       if (READ_ONCE(V) == 0) free_page(n);
       else { pte_clear(T, virt_to_kpte(T)); flush_tlb_kernel_range(T, T + PAGE_SIZE); set_pte_at(T, virt_to_kpte(T), mk_pte(n, PAGE_KERNEL)); }`,
    ],
    ['when it was not taken at all', 'if (READ_ONCE(V) == 0) { let n = alloc_page(); free_page(n); }'],
    ['on the way round a loop', 'loop { let n = alloc_page(); store(__va(n), 3); free_page(n); }'],
  ])('not %s', (_, own) => {
    expect(silent(own)).toEqual(['ok']);
  });

  it.each([
    ['frees it on some ways only', 'store(__va(p), 1); if (load(V)) free_page(p);', 'free_page(p);'],
    ['overwrites its only address', 'store(box, p);', 'let o = xchg(box, p); if (o) free_page(o);'],
    ['loses the race to keep it', 'let o = cmpxchg(box, 0, p);', 'let o = cmpxchg(box, 0, p); if (o) free_page(p);'],
    ['gives one back, or keeps it', 'if (load(V)) free_page(p);', 'store(__va(p), 1);'],
  ])('by one of equal CPUs, which %s', (_, wrong, right) => {
    const equal = (body: string, beside: string, claim: string) => `
      var V = 0
      var box = 0
      scenario "equal" {
        cpu 0..1 { let p = alloc_page(); ${body} }
        cpu 2 { store(V, 1); ${beside} }
        ${claim}
      }`;
    expect(verdicts(equal(wrong, '', 'sometimes leak'))).toEqual(['ok']);
    for (const beside of ['', 'let own = alloc_page(); free_page(own);'])
      expect(verdicts(equal(right, beside, 'never leak'))).toEqual(['ok']);
  });
});
