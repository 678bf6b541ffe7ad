/**
 * The protocol of the patch as a family of scenarios: W writer CPUs remap P vmemmap pages with break-before-make, one after
 * the other; R reader CPUs load from any page for ever and have the fault handler of the patch (lock, look again, unlock,
 * retry). The same protocol, with the same properties, as the peers' Promela model.
 */

/** Vmemmap pages of the huge page that the family remaps. */
export const MAX_PAGES = 8;

export interface Size {
  readonly writers: number;
  readonly readers: number;
  readonly pages: number;
  /** How often a writer goes over all pages; once if absent. */
  readonly rounds?: number;
}

export function sizeName({ writers, readers, pages }: Size): string {
  return `W${writers} R${readers} P${pages}`;
}

/** "W2 R2 P3" or "2,2,3"; "1 1 1 x4" for four rounds. */
export function parseSize(text: string): Size | undefined {
  const match = /^W?(\d+)[ ,]+R?(\d+)[ ,]+P?(\d+)(?: x(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [writers, readers, pages, rounds] = match.slice(1).map((one) => Number(one ?? 1)) as [
    number,
    number,
    number,
    number,
  ];
  return writers >= 1 && readers >= 1 && pages >= 1 && pages <= MAX_PAGES
    ? { writers, readers, pages, rounds }
    : undefined;
}

/** A `.hvo` file with one scenario of the family. */
export function familyText(size: Size): string {
  const { writers, readers, pages, rounds = 1 } = size;
  const all = Array.from({ length: pages }, (_, page) => `H.vmemmap(${page})`);
  return `// ${writers} writers remap ${pages} pages of vmemmap; ${readers} readers access any of them, for ever.
machine { kernel v6.7  granule 4K  va_bits 48  bbm 0  ets2 no }

hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

// The next frame for a page, by break-before-make.
fn remap(addr) {
  let ptep = virt_to_kpte(addr);
  spin_lock(init_mm.page_table_lock);
  let next = READ_ONCE(*ptep) + PAGE_SIZE;
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, next);
  spin_unlock(init_mm.page_table_lock);
}

// Waits for the writer, then looks whether the page is back.
fn look_again(addr, esr) {
  spin_lock(init_mm.page_table_lock);
  let valid = pte_valid(READ_ONCE(*virt_to_kpte(addr)));
  spin_unlock(init_mm.page_table_lock);
  return valid;
}

scenario "${sizeName(size)}" {
  on fault look_again

  cpu ${range(0, writers)} {
${all
  .map((page) => `    remap(${page});\n`)
  .join('')
  .repeat(rounds)}  }

  cpu ${range(writers, readers)} {
    loop { load(any(${all.join(', ')})); }
  }

  never     oops || deadlock || stale-read || bbm
  sometimes fixed-up
}
`;
}

function range(first: number, count: number): string {
  return count === 1 ? `${first}` : `${first}..${first + count - 1}`;
}
