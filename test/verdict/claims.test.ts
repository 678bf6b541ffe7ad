import { describe, expect, it } from 'vitest';
import { checkOne } from '../check';

const page = 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }\n';

/** Two CPUs that pass a message without a barrier: all four results are possible. */
const message = (expectations: string): string => `var x = 0
var y = 0
scenario "message" {
  cpu 0 { store(x, 1); store(y, 1); }
  cpu 1 { r1 = load(y); r2 = load(x); }
  ${expectations}
}
`;

function holds(text: string, maxStates?: number): readonly string[] {
  return checkOne(text, maxStates === undefined ? {} : { maxStates }).claims.map((claim) => claim.holds);
}

describe('claims', () => {
  it('never: holds of what cannot happen, and not of what can', () => {
    expect(holds(message('never r1 == 2\n  never r1 == 1 && r2 == 0'))).toEqual(['yes', 'no']);
  });

  it('sometimes: needs an execution', () => {
    expect(holds(message('sometimes r1 == 1 && r2 == 0\n  sometimes r1 == 2'))).toEqual(['yes', 'no']);
  });

  it('always: holds of every end', () => {
    expect(holds(message('always r1 <= 1\n  always r1 == r2\n  always load(x) == 1'))).toEqual(['yes', 'no', 'yes']);
  });

  it('a `sometimes` that never happens fails the scenario, for it proves nothing', () => {
    const report = checkOne(message('sometimes r1 == 2'));
    expect(report.verdict).toBe('failed');
    expect(report.claims[0]?.why).toMatch(/never happens/);
  });

  it('what decides a claim is told with its values, and can be replayed', () => {
    const [claim] = checkOne(message('never r1 == 1 && r2 == 0'), { draws: true }).claims;
    expect(claim?.why).toBe('an execution ends with cpu 1: r1 = 1, cpu 1: r2 = 0');
    expect(claim?.witness?.schedule).toMatch(/^hvo1:/);
    expect(claim?.witness?.execution?.end).toBe('done');
  });

  it('nothing is said to hold when a bound was hit', () => {
    const report = checkOne(message('never r1 == 2\n  sometimes r1 == 2\n  always r1 <= 1'), { maxStates: 2 });
    expect(report.claims.map((claim) => claim.holds)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(report).toMatchObject({ verdict: 'unknown', bound: 'states' });
  });

  it('but what was found before the bound counts', () => {
    const text = `var x = 0\nscenario "s" { cpu 0 { store(x, 1); } cpu 1 { r0 = load(x); repeat 8 { store(x, 2); } }
  sometimes r0 == 0 }\n`;
    expect(checkOne(text).claims[0]?.holds).toBe('yes');
  });

  it('events of one execution can be combined', () => {
    const text = `${page}
scenario "the reader is fixed up and sees the head" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { r0 = load(H.page(64).flags); }
  sometimes fixed-up && r0 == initial(H.page(0).flags)
  never     fixed-up && r0 == initial(H.page(64).flags)
  always    fixed-up || spurious-warn || !(cpu 1 faults)
  sometimes cpu 1 faults at L3
  never     cpu 1 faults at L2
}
`;
    expect(holds(text)).toEqual(['yes', 'yes', 'yes', 'yes', 'yes']);
  });

  it('deadlocks and livelocks are ends of executions', () => {
    const text = `lock a : spin
lock b : spin
scenario "two orders" {
  cpu 0 { spin_lock(a); spin_lock(b); spin_unlock(b); spin_unlock(a); }
  cpu 1 { spin_lock(b); spin_lock(a); spin_unlock(a); spin_unlock(b); }
  sometimes deadlock
  sometimes ABBA-deadlock
  never     self-deadlock
  never     livelock
  always    !ABBA-deadlock
}
`;
    expect(holds(text)).toEqual(['yes', 'yes', 'yes', 'yes', 'no']);
  });

  it('an `always` that no execution comes to is vacuous and fails', () => {
    const text = `lock a : spin
scenario "never ends" {
  cpu 0 { spin_lock(a); spin_lock(a); r0 = 1; }
  sometimes self-deadlock
  always    r0 == 1
}
`;
    const [, always] = checkOne(text).claims;
    expect(always).toMatchObject({ holds: 'no', why: expect.stringMatching(/no execution comes to an end/) });
  });

  it("a rule's code is a claim about the text and the machine", () => {
    const text = `${page}
scenario "no flush" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    spin_lock(init_mm.page_table_lock);
    pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
    set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { load(H.page(64).flags); }
  sometimes HVO103
  never     HVO104
}
`;
    const report = checkOne(text);
    expect(report.claims.map((claim) => claim.holds)).toEqual(['yes', 'yes']);
    expect(report.verdict).toBe('ok');
  });

  it('CPUs that may change places stand for each other', () => {
    const text = `${page}
scenario "two readers" {
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1..2 { load(H.page(64).flags); }
  sometimes cpu 1 oops-paging at L3
  sometimes cpu 2 oops-paging at L3
  sometimes deadlock
}
`;
    expect(holds(text).slice(0, 2)).toEqual(['yes', 'yes']);
  });
});

describe('outcomes expected behind a statement', () => {
  const reader = (expected: string): string => `${page}
scenario "window" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags);  => ${expected} }
}
`;

  it('are exactly those', () => {
    expect(checkOne(reader('ok | fixed-up | spurious-warn')).claims).toMatchObject([
      { kind: 'expect', text: '=> ok | fixed-up | spurious-warn', holds: 'yes' },
    ]);
  });

  it('one that is not listed fails, with an execution', () => {
    const report = checkOne(reader('ok | spurious-warn'));
    expect(report.verdict).toBe('failed');
    expect(report.claims[0]).toMatchObject({ holds: 'no', why: expect.stringMatching(/^fixed-up can happen/) });
    expect(report.claims[0]?.witness?.schedule).toMatch(/^hvo1:/);
  });

  it('one that never happens fails', () => {
    const [claim] = checkOne(reader('ok | fixed-up | spurious-warn | oops-paging at L3')).claims;
    expect(claim).toMatchObject({ holds: 'no', why: expect.stringMatching(/^oops-paging never happens/) });
  });

  it('an outcome that is listed is expected, and so no failure', () => {
    const text = `${page}
scenario "without the hook" {
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags);  => ok | spurious-warn | oops-paging at L3 }
}
`;
    const report = checkOne(text);
    expect(report.verdict).toBe('ok');
    expect(report.findings).toMatchObject([{ severity: 'note', outcome: 'oops-paging' }]);
  });
});
