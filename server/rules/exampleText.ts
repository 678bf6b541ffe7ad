/** Files for the examples of rules: what they have in common stands here once. */

/** A remap of one tail page, with a reader on another CPU. `body` is what the function does, indented by two. */
export function remapExample(body: string, machine = ''): string {
  return `${machine}hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn remap(addr, entry) {
  let ptep = virt_to_kpte(addr);
${body}
}

scenario "a reader goes through the entry that changes" {
  on fault vmemmap_handle_page_fault
  cpu 0 { remap(H.tail(1), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;
}

/** A remap of one tail page, whose own CPU goes through it next. */
export function remapAndUseExample(body: string): string {
  return `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn remap(addr, entry) {
  let ptep = virt_to_kpte(addr);
  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
${body}
  spin_unlock(init_mm.page_table_lock);
}

scenario "the entry is used by who changed it" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    remap(H.tail(1), mk_pte(H.head, PAGE_KERNEL_RO));
    r0 = load(H.page(64).flags);
  }
}
`;
}
