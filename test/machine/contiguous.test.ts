import { expect, it } from 'vitest';
import { check } from '../check';

it('a word of data with bit 52 set is no contiguous entry: as many states as with another word', () => {
  const states = (value: string) =>
    check(`hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
      var V = 0
      scenario "a word of data" {
        on fault vmemmap_handle_page_fault
        cpu 0 {
          vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));
          vmemmap_update_pte(H.tail(2), virt_to_kpte(H.tail(2)), mk_pte(H.head, PAGE_KERNEL_RO));
          store(V, ${value});
        }
        cpu 1 { load(H.page(64).flags); load(H.page(128).flags); load(V); }
      }`).scenarios.map((one) => `${one.verdict} ${one.states}`);
  expect(states('0xffff_ffff_ffff_ffff')).toEqual(states('8'));
});
