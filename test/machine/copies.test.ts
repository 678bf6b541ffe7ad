import { describe, expect, it } from 'vitest';
import { check } from '../check';
import { verdicts } from './verdicts';

const places = `
  machine { kernel v6.7  granule 4K  va_bits 39 }
  hugepage H { size 2M  at 0x1_0020_0000  vmemmap pages }
  page P at 0x1_1000_0000
  page Q at 0x1_1000_1000
  page R at 0x1_1000_2000`;

describe('what copies and clears of pages move', () => {
  it('is what somebody reads, by whatever address', () => {
    expect(
      verdicts(`${places}
        scenario "the linear map" {
          cpu 0 { store(P.va + 24, 5); copy_page(Q.va, P.va); r0 = load(Q.va + 24); }
          never cpu 0: r0 != 5
        }
        scenario "a copy of a copy" {
          cpu 0 { store(P.va + 24, 5); copy_page(Q.va, P.va); copy_page(R.va, Q.va); r0 = load(R.va + 24); }
          never cpu 0: r0 != 5
        }
        scenario "not beyond its bound" {
          cpu 0 { store(P.va + 24, 5); copy_page(Q.va, P.va, 16); r0 = load(Q.va + 24); }
          never cpu 0: r0 != 0
        }
        scenario "cleared" {
          cpu 0 { store(P.va + 24, 5); clear_page(P.va); r0 = load(P.va + 24); }
          never cpu 0: r0 != 0
        }
        scenario "a page that is known when it runs" {
          cpu 0 { free_page(R.pa); }
          cpu 1 {
            store(P.va + 24, 5);
            let page = __va(alloc_page());
            copy_page(page, P.va);
            r0 = load(page + 24);
          }
          never cpu 1: r0 != 5
        }
        scenario "another CPU reads" {
          cpu 0 { store(P.va + 24, 5); copy_page(Q.va, P.va); }
          cpu 1 { r0 = load(Q.va + 24); }
          sometimes cpu 1: r0 == 5
        }`),
    ).toEqual(Array(6).fill('ok'));
  });

  it('is what walks read of a table', () => {
    const replaced = (copy: string, claim: string) => `
      scenario "a table, ${claim}: ${copy}" {
        cpu 0 {
          let pmd = pmd_off_k(H.tail(1));
          let table = pte_offset_kernel(pmd, H.tail(1)) & ~4095;
          ${copy}
          store(pmd, 0); dsb(ishst); tlbi(vmalle1is); dsb(ish);
          store(pmd, Q.pa + 3); dsb(ishst); isb();
          load(H.tail(1));
        }
        ${claim} oops-paging
      }`;
    expect(
      verdicts(`${places}
        ${replaced('copy_page(Q.va, table);', 'never')}
        ${replaced('copy_page(P.va, table); copy_page(Q.va, P.va);', 'never')}
        ${replaced('copy_page(Q.va, table); clear_page(Q.va);', 'sometimes')}`),
    ).toEqual(['ok', 'ok', 'ok']);
  });

  it('is not what an address leads to that the text does not tell: then nothing is said', () => {
    const computed = (fill: string, more = '', page = 'Q.va') => `
      var at = 24
      scenario "${fill}${more}" {
        cpu 0 {
          store(P.va + 24, 5);
          let page = ${page};
          ${fill}
          r0 = load(page + READ_ONCE(at));
          ${more}
        }
        cpu 1 { WRITE_ONCE(at, 24); }
        never cpu 0: r0 != ${fill.startsWith('copy') ? 5 : 0}
      }`;
    const verdictOf = (text: string) =>
      check(places + text).scenarios.map(({ verdict, bound }) =>
        bound === undefined ? verdict : `${verdict}: ${bound}`,
      );
    expect(verdictOf(computed('copy_page(page, P.va);'))).toEqual(['unknown: pageWords']);
    expect(verdictOf(computed('copy_page(page, P.va);', 'load(Q.va + 24);'))).toEqual(['ok']);
    expect(verdictOf(computed('copy_page(page, P.va, 16); store(page + 24, 5);'))).toEqual(['ok']);
    expect(verdictOf(computed('store(page + 24, 5); clear_page(page);'))).toEqual(['unknown: pageWords']);
    expect(verdictOf(computed('clear_page(page);'))).toEqual(['ok']);
    expect(verdictOf(computed('clear_page(page);', '', '__va(alloc_page())'))).toEqual(['unknown: pageWords']);
  });
});
