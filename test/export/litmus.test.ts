/** Scenarios as litmus tests: our own front end for herd7's format reads them and sees what the scenario sees. */

import { describe, expect, it } from 'vitest';
import { exportLitmus } from '../../server/export/litmus/export';
import { describeState } from '../../server/litmus/print';
import { runLitmus } from '../../server/litmus/run';
import { exploredScenario, textWith } from './scenarios';

const text = `
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
var flag = 0
lock zone : spin

fn broken(addr) {
  let ptep = virt_to_kpte(addr);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, mk_pte(H.head, PAGE_KERNEL_RO));
}

scenario "published by a release" {
  cpu 0 { broken(H.tail(1)); store_release(flag, 1); }
  cpu 1 { r0 = load_acquire(flag); r1 = nofault_load(H.page(64).flags); }
  never r0 == 1 && r1 == initial(H.page(64).flags)
}

scenario "read in any order" {
  cpu 0 { broken(H.tail(1)); store_release(flag, 1); }
  cpu 1 { r0 = load(flag); r1 = nofault_load(H.page(64).flags); }
  sometimes r0 == 1 && r1 == initial(H.page(64).flags)
}

scenario "under a lock" {
  cpu 0 { spin_lock(zone); r0 = load(flag); store(flag, r0 + 1); spin_unlock(zone); }
  cpu 1 { spin_lock(zone); r0 = load(flag); store(flag, r0 + 1); spin_unlock(zone); }
  always load(flag) == 2
}

scenario "without a lock" {
  cpu 0 { r0 = load(flag); store(flag, r0 + 1); }
  cpu 1 { r0 = load(flag); store(flag, r0 + 1); }
  always load(flag) == 2
}

scenario "the kernel waits" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { r0 = load(H.page(64).flags); }
  always r0 == initial(H.page(64).flags) || r0 == initial(H.page(0).flags)
}

scenario "the kernel waits for the new page" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { r0 = load(H.page(64).flags); }
  never r0 == 0
}

scenario "the window" {
  machine { ets2 yes }
  cpu 0 { broken(H.tail(1)); }
  cpu 1 { load(H.page(64).flags); }
  sometimes cpu 1 faults at L3
  sometimes oops
}
`;

function exported(path: string, source: string, name: string) {
  const { scenario, report } = exploredScenario(path, source, name);
  const { output, unsaid, claim } = exportLitmus(scenario);
  return { scenario, report, output: output ?? '', unsaid, claim };
}

/** The scenario's verdict of the claim that the condition is, and that of the litmus test. */
function both(path: string, source: string, name: string) {
  const { report, output, unsaid, claim } = exported(path, source, name);
  expect(unsaid.filter((one) => one.prevents)).toEqual([]);
  const run = runLitmus(output, { faults: 'fatal', ets: 0 });
  if (run.kind === 'problem') throw new Error(`line ${run.problem.line}: ${run.problem.message}\n${output}`);
  expect(run.result.complete).toBe(true);
  const { holds } = report.claims.filter((one) => one.kind !== 'expect')[claim - 1] ?? {};
  const states = run.verdict.states.map((state) => describeState(state, run.test, run.lowered));
  return { hvo: holds, litmus: run.verdict.validated ? 'yes' : 'no', states, output };
}

describe('an exported litmus test', () => {
  it.each([
    ['published by a release', 'yes'],
    ['read in any order', 'yes'],
    ['under a lock', 'yes'],
    ['without a lock', 'no'],
    ['the kernel waits', 'yes'],
    ['the kernel waits for the new page', 'yes'],
    ['the window', 'yes'],
  ])('%s: %s', (name, wanted) => {
    const { hvo, litmus } = both('own.hvo', text, name);
    expect({ hvo, litmus }).toEqual({ hvo: wanted, litmus: wanted });
  });

  it.each([['with the hook it waits and goes on'], ['no DSB ISHST before the TLBI']])(
    'of the example "%s" has a condition that holds',
    (name) => {
      const { output } = exported('example.hvo', textWith(name), name);
      const run = runLitmus(output, { faults: 'fatal', ets: 0 });
      expect(run.kind === 'ran' ? run.verdict.holds : run.problem.message).toBeGreaterThan(0);
    },
  );

  it('has the same final states as the scenario', () => {
    const { states } = both('own.hvo', text, 'published by a release');
    const values = states.map((state) => state.replace(/~?Fault\([^)]*\);/g, '').trim());
    // The flag that is not set goes with the fault, the old page and the new one; the flag that is set with the last two.
    expect(values).toHaveLength(5);
    expect(values.filter((state) => state.startsWith('1:X0=1'))).toHaveLength(2);
  });

  it('follows the form that herd7 reads', () => {
    const { output } = both('own.hvo', text, 'the window');
    expect(output.split('\n')[0]).toBe('AArch64 the-window');
    expect(output).toContain('Variant=vmsa,fatal,ets2');
    expect(output).toMatch(/\[PTE\(h_tail_1\)\]=\(oa:PA\(h_tail_1\), dbm:1\);/);
    expect(output).toMatch(/pteval_t 0:X\d+=\(oa:PA\(h_tail_1\), valid:0\);/);
    expect(output).toMatch(/^exists \(?fault\(P1:L\d+,h_tail_1\)/m);
  });

  it('lists what it leaves out, in the test too', () => {
    const { output, unsaid } = exported('own.hvo', text, 'the window');
    expect(unsaid.map(({ what }) => what)).toEqual(["the kernel's fault path", 'the claim `sometimes oops`']);
    for (const { what } of unsaid) expect(output).toContain(what);
  });

  it('is refused, with the place and the reason, where pages are split', () => {
    const { output, unsaid } = exported(
      'example.hvo',
      textWith('the hook waits for the table'),
      'the hook waits for the table',
    );
    expect(output).toBe('');
    expect(unsaid.filter((one) => one.prevents).map(({ reason }) => reason)).toContain(
      'herd7 has one entry a page and no levels',
    );
  });
});
