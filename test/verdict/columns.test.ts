import { describe, expect, it } from 'vitest';
import { executionLines, timelineLines } from '../../server/verdict/columns';
import type { Execution, Finding, ScenarioReport } from '../../server/verdict/report';
import { checkOne } from '../check';

function finding(report: ScenarioReport, outcome: string): Finding {
  const found = report.findings.find((one) => one.outcome === outcome);
  if (found === undefined) throw new Error(`no ${outcome} among ${report.findings.map((one) => one.outcome)}`);
  return found;
}

function execution(text: string, outcome: string): Execution {
  return finding(checkOne(text, { draws: true }), outcome).witness.execution as Execution;
}

const plain = { verbose: false, changes: false };

describe('the columns of an execution', () => {
  it('show two locks in two orders as lockdep does', () => {
    const text = `lock a : spin
lock b : spin
scenario "two orders" {
  cpu 0 { spin_lock(a); spin_lock(b); spin_unlock(b); spin_unlock(a); }
  cpu 1 { spin_lock(b); spin_lock(a); spin_unlock(a); spin_unlock(b); }
}
`;
    expect(executionLines(execution(text, 'ABBA-deadlock'), plain).join('\n')).toBe(
      `
     CPU0                    CPU1
     ----                    ----
  lock(&a);                                      test.hvo:4
                          lock(&b);              test.hvo:5
  lock(&b);                                      test.hvo:4
                          lock(&a);              test.hvo:5

 *** DEADLOCK ***`.slice(1),
    );
  });

  it('show an interrupt between its marks', () => {
    const text = `lock a : spin
scenario "the handler takes the lock" {
  cpu 0 { spin_lock(a); spin_unlock(a); }
  irq tick on cpu 0 { spin_lock(a); spin_unlock(a); }
}
`;
    expect(executionLines(execution(text, 'self-deadlock'), plain).join('\n')).toBe(
      `
     CPU0
     ----
  lock(&a);              test.hvo:3
  <Interrupt tick>
    lock(&a);            test.hvo:4

 *** DEADLOCK ***`.slice(1),
    );
  });

  const window = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "the reader meets the window" {
  cpu 0 {
    pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
    flush_tlb_kernel_range(H.tail(1), H.tail(2));
    set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));
  }
  cpu 1 { load(H.page(64).flags); }
}
`;

  it('show a fault, what became of it, what changed in the words of ptdump, and the oops', () => {
    const drawn = execution(window, 'oops-paging');
    expect(drawn.end).toBe('oops');
    const lines = executionLines(drawn, { verbose: false, changes: true });
    expect(
      lines.some((line) => /^ {2}pte_clear\(H\.tail\(1\), virt_to_kpte\(H\.tail\(1\)\)\); +test\.hvo:4$/.test(line)),
    ).toBe(true);
    expect(lines.join('\n')).toMatch(
      /load\(H\.page\(64\)\.flags\); +test\.hvo:8\n +<Data abort: level 3 translation fault>/,
    );
    expect(lines).toContain('    + 0xfffffc0003001000-0xfffffc0003002000           4K PTE');
    expect(lines.slice(lines.indexOf('Mem abort info:') - 1)).toEqual([
      'Unable to handle kernel paging request at virtual address fffffc0003001000',
      'Mem abort info:',
      '  ESR = 0x0000000096000007',
      '  EC = 0x25: DABT (current EL), IL = 32 bits',
      '  SET = 0, FnV = 0',
      '  EA = 0, S1PTW = 0',
      '  FSC = 0x07: level 3 translation fault',
      'Data abort info:',
      '  ISV = 0, ISS = 0x00000007',
      '  CM = 0, WnR = 0',
      expect.stringMatching(/^swapper pgtable: 4k pages, 48-bit VAs, pgdp=/),
      expect.stringMatching(/^\[fffffc0003001000\] pgd=.* pte=0000000000000000$/),
      'Internal error: Oops: 0000000096000007 [#1] SMP',
      'CPU: 1',
      'pc : test.hvo:8',
    ]);
  });

  it('say what an entry was at the fault where the kernel prints it later, when it is valid again', () => {
    const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
fn gives_up(addr, esr) {
  spin_lock(init_mm.page_table_lock);
  spin_unlock(init_mm.page_table_lock);
  return 0;
}
scenario "the hook waits, and does not say that it did" {
  on fault gives_up
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`;
    const late = execution(text, 'oops-paging');
    expect(late.log.some((line) => /^\[fffffc0003001000\] .* pte=0060000050600783$/.test(line))).toBe(true);
    expect(late.remarks).toEqual([
      'at the fault of CPU1 the entry of level 3 was 0000000000000000; the kernel reads the tables when it prints, and by then it is 0060000050600783',
    ]);
    expect(executionLines(late, plain).at(-1)).toBe(`(${late.remarks[0]})`);
    expect(execution(window, 'oops-paging').remarks).toEqual([]);
  });

  it('leave out what nobody else can see, unless asked', () => {
    const drawn = execution(window, 'oops-paging');
    const short = timelineLines(drawn, { verbose: false });
    const long = timelineLines(drawn, { verbose: true });
    expect(long.length).toBeGreaterThan(short.length);
    for (const line of short.filter((one) => one.includes('test.hvo'))) expect(line).not.toMatch(/isb/);
  });

  it('name the function of the library that a step stands in', () => {
    const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "no hook" {
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`;
    const lines = executionLines(execution(text, 'oops-paging'), plain);
    expect(lines.some((line) => /pte_clear\(.*test\.hvo:3 vmemmap_update_pte\(\)$/.test(line))).toBe(true);
    expect(lines.some((line) => /dsb\(ishst\);.*flush_tlb_kernel_range\(\)$/.test(line))).toBe(true);
  });

  it('say where an access was translated, when that was long before it', () => {
    const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "no flush" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let p = virt_to_kpte(H.tail(1));
    spin_lock(init_mm.page_table_lock);
    pte_clear(H.tail(1), p);
    set_pte_at(H.tail(1), p, mk_pte(H.head, PAGE_KERNEL_RO));
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { load(H.page(64).flags); }
}
`;
    const lines = executionLines(execution(text, 'bbm'), plain).map((line) => line.trim());
    const walk = lines.findIndex((line) => line.startsWith('walk for load(H.page(64).flags);'));
    const clear = lines.findIndex((line) => line.startsWith('pte_clear('));
    const use = lines.findIndex((line) => line.startsWith('load(H.page(64).flags);'));
    expect([walk >= 0, walk < clear, clear < use]).toEqual([true, true, true]);
  });
});
