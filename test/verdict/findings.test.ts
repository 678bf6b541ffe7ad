import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFile, sourceOf } from '../../server/verdict/fileCheck';
import { parseSchedule } from '../../simulator/explore/schedule';
import { check, checkOne } from '../check';

const page = 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }\n';

/** The writer of one tail page, with one line of it replaced, beside a reader with the hook. */
function remap(without: string, access = 'load(H.page(64).flags);', expectations = ''): string {
  const lines = [
    'spin_lock(init_mm.page_table_lock);',
    'pte_clear(addr, ptep);',
    'dsb(ishst);',
    'tlbi(vaale1is, addr);',
    'dsb(ish);',
    'set_pte_at(addr, ptep, entry);',
    'spin_unlock(init_mm.page_table_lock);',
  ];
  return `${page}
fn remap(addr, ptep, entry) {
${lines.filter((line) => !line.startsWith(without === '' ? '-' : without)).join('\n')}
}
scenario "remap" {
  on fault vmemmap_handle_page_fault
  cpu 0 { remap(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.frame(2), PAGE_KERNEL)); }
  cpu 1 { ${access} }
  ${expectations}
}
`;
}

const outcomesOf = (text: string) =>
  checkOne(text).findings.map(({ code, outcome, severity }) => ({ code, outcome, severity }));

describe('findings', () => {
  it('of the whole protocol are none', () => {
    expect(checkOne(remap(''))).toMatchObject({ verdict: 'ok', findings: [] });
  });

  it('a missing TLBI: two translations, reads of the old page, and what hardware does about both', () => {
    expect(outcomesOf(remap('tlbi'))).toEqual([
      { code: 'HVO103', outcome: 'bbm', severity: 'error' },
      { code: 'HVO103', outcome: 'stale-read', severity: 'error' },
      { code: 'HVO103', outcome: 'unpredictable', severity: 'error' },
      { code: 'HVO103', outcome: 'oops-TLB-conflict', severity: 'error' },
    ]);
  });

  it('a page that is freed while it is mapped: the entry has a name though nobody writes it', () => {
    const text = `${page}
scenario "freed" {
  cpu 0 { free_page(H.frame(1)); }
  cpu 1 { load(H.page(64).flags); }
}
`;
    const [freed] = checkOne(text).findings;
    expect(freed?.message).toContain('CPU0, CPU1 may still reach it through PTE of H.tail(1) (page 0x50601000');
  });

  it('a table in the place of a block says which of its entries maps another page', () => {
    const text = `machine { bbm 3 }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap blocks }
scenario "split and remapped at once" {
  cpu 0 {
    let pmdp = pmd_off_k(H.tail(1));
    let block = descriptor_pa(pmdp_get(pmdp));
    let table = alloc_page(GFP_PGTABLE_KERNEL);
    for (let i = 0; i < 8; i++) store(__va(table) + i * 8, mk_pte(block + (i == 1 ? 0 : i) * PAGE_SIZE, PAGE_KERNEL));
    smp_wmb();
    set_pmd(pmdp, mk_pmd_table(table));
    flush_tlb_kernel_range(H.start, H.start + PMD_SIZE);
  }
  cpu 1 { load(H.page(64).flags); }
}
`;
    const messages = checkOne(text).findings.map(({ message }) => message);
    expect(messages[0]).toMatch(/PTE of H\.tail\(1\) in the table does not map what the block does/);
    for (const message of messages) expect(message).not.toContain('smp_wmb');
  });

  it('a table that is freed behind a grace period, and a walker that it does not wait for', () => {
    const walked = (walker: string) => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "walk" {
  cpu 0 {
    let pmdp = pmd_off_k(H.tail(1));
    let pmd = pmdp_get(pmdp);
    pmd_clear(pmdp);
    flush_tlb_all();
    synchronize_rcu();
    free_page(descriptor_pa(pmd));
  }
  cpu 1 { ${walker} }
}
`;
    const look = 'let pmd = pmdp_get(pmd_off_k(H.tail(1)));';
    const use = 'if (pmd_table(pmd)) load(pmd_page_vaddr(pmd) + pte_index(H.tail(1)) * 8);';
    const [outside] = checkOne(walked(`${look} ${use}`)).findings;
    expect(outside?.message).toMatch(/CPU1 is in no read-side section of RCU here/);
    const [late] = checkOne(walked(`${look} rcu { ${use} }`)).findings;
    expect(late?.message).toMatch(/CPU1 looked at the entry on \S+:11 before its read-side section began/);
    expect(checkOne(walked(`rcu { ${look} ${use} }`)).findings).toEqual([]);
  });

  it('a hook that takes no lock is told so', () => {
    const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
fn hook(addr, esr) { return vmemmap_addr_healthy(addr); }
scenario "window" {
  on fault hook
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`;
    const [oops] = checkOne(text).findings;
    expect(oops?.message).toMatch(/`hook` gave up: it takes no lock and waits for nothing/);
  });

  it('a page that is freed too early: what to wait for depends on how readers find it', () => {
    const freed = (reader: string) => `
      page P at 0x1_1000_0000
      scenario "free" { cpu 0 { free_page(P.pa); } cpu 1 { ${reader} } }`;
    const [plain] = checkOne(freed('load(P.va);')).findings;
    expect(plain?.message).toMatch(/behind it\.$/);
    const [underRcu] = checkOne(freed('rcu { load(P.va); }')).findings;
    expect(underRcu?.message).toMatch(/behind a `synchronize_rcu\(\)` that began when no new reader could find it/);
  });

  it('a missing DSB before the TLBI, and after it', () => {
    expect(outcomesOf(remap('dsb(ishst)'))[0]).toMatchObject({ code: 'HVO104', outcome: 'bbm' });
    expect(outcomesOf(remap('dsb(ish)'))[0]).toMatchObject({ code: 'HVO105', outcome: 'bbm' });
  });

  it('a missing break', () => {
    expect(outcomesOf(remap('pte_clear'))[0]).toMatchObject({ code: 'HVO101', outcome: 'bbm' });
  });

  it('says what is wrong, why, what is missing, and where', () => {
    const [finding] = checkOne(remap('tlbi')).findings;
    expect(finding?.message).toMatch(
      /^PTE of H\.tail\(1\) becomes page 0x[0-9a-f]+ RW .* while CPU0, CPU1 may still use page/,
    );
    expect(finding?.message).toMatch(
      /the output address changes while .* writable, which needs break-before-make \(Arm ARM RWHZWS 2\)/,
    );
    expect(finding?.message).toMatch(/Missing: TLBI, before test\.hvo:7\.$/);
  });

  it("stands in the user's file, with the way into the library and out of it", () => {
    const [finding] = checkOne(remap('tlbi')).findings;
    expect(finding?.place).toMatchObject({
      path: 'test.hvo',
      origin: 'user',
      line: 8,
      text: 'set_pte_at(addr, ptep, entry)',
    });
    expect(finding?.related.map(({ message }) => message)).toEqual([
      'in set_pte()',
      'set_pte_at() calls set_pte()',
      'cpu 0 calls remap()',
    ]);
    expect(finding?.related[0]?.place.origin).toBe('library');
  });

  it('that the scenario expects are notes, and do not fail it', () => {
    const expected = 'sometimes bbm\n  sometimes stale-read\n  sometimes oops-TLB-conflict';
    const report = checkOne(remap('tlbi', undefined, expected));
    expect(report.verdict).toBe('ok');
    expect(report.findings.map((one) => one.severity)).toEqual(['note', 'note', 'note', 'note']);
  });

  it('an expectation of one thing does not excuse another', () => {
    const report = checkOne(remap('tlbi', undefined, 'sometimes bbm'));
    expect(report).toMatchObject({
      verdict: 'failed',
      findings: [
        { outcome: 'stale-read', severity: 'error' },
        { outcome: 'oops-TLB-conflict', severity: 'error' },
        { outcome: 'bbm', severity: 'note' },
        // The violation that an access ran into: who expects it expects that.
        { outcome: 'unpredictable', severity: 'note' },
      ],
    });
  });

  it('`never` expects nothing', () => {
    expect(checkOne(remap('tlbi', undefined, 'never bbm')).findings[0]?.severity).toBe('error');
  });

  it('a stale write is a lost update', () => {
    expect(outcomesOf(remap('tlbi', 'store(H.page(64).private, 5);'))).toContainEqual({
      code: 'HVO103',
      outcome: 'lost-update',
      severity: 'error',
    });
  });

  it('one thing in two copies of a function is one finding', () => {
    const text = `${page}
fn broken(i) { pte_clear(H.tail(i), virt_to_kpte(H.tail(i))); }
scenario "two copies" {
  cpu 0 { broken(1); broken(2); }
  cpu 1 { load(H.page(64).flags); load(H.page(128).flags); }
}
`;
    const places = checkOne(text).findings.map(({ outcome, place }) => `${outcome} ${place.line} ${place.text}`);
    expect([...places].sort()).toEqual([
      'left-broken 3 pte_clear(H.tail(i), virt_to_kpte(H.tail(i)))',
      'oops-paging 6 load(H.page(128).flags)',
      'oops-paging 6 load(H.page(64).flags)',
    ]);
  });

  it('a deadlock tells who waits for what, and where', () => {
    const [finding] = checkOne(`lock a : spin
lock b : spin
scenario "two orders" {
  cpu 0 { spin_lock(a); spin_lock(b); spin_unlock(b); spin_unlock(a); }
  cpu 1 { spin_lock(b); spin_lock(a); spin_unlock(a); spin_unlock(b); }
}
`).findings;
    expect(finding?.message).toMatch(
      /^CPU0 waits at test\.hvo:4 for b, which CPU1 holds; CPU1 waits at test\.hvo:5 for a, which CPU0 holds\./,
    );
    expect(finding?.related).toMatchObject([{ place: { line: 5 }, message: 'CPU1 waits here' }]);
  });

  it('a deadlock in the fault path stands where the access faulted', () => {
    const text = `${page}
scenario "an interrupt in the window" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  irq net on cpu 0 { load(H.page(64).flags); }
}
`;
    const [finding] = checkOne(text, { draws: true }).findings;
    expect(finding).toMatchObject({ outcome: 'self-deadlock', place: { path: 'test.hvo', line: 6 } });
    expect(finding?.message).toMatch(
      /^CPU0 waits behind the fault at test\.hvo:6 for init_mm\.page_table_lock, which it holds itself\./,
    );
    const steps = finding?.witness.execution?.steps.filter((step) => step.matters) ?? [];
    expect(steps.slice(-4).map(({ text: step, depth }) => `${depth} ${step}`)).toEqual([
      '0 <Interrupt net>',
      '1 load(H.page(64).flags)',
      '1 <Data abort: level 3 translation fault>',
      '2 lock(&init_mm.page_table_lock)',
    ]);
  });

  it('a lock that a dead task holds is a deadlock of everybody else', () => {
    const outcomes = outcomesOf(`lock a : spin
scenario "dies with the lock" {
  cpu 0 { spin_lock(a); BUG_ON(1); spin_unlock(a); }
  cpu 1 { spin_lock(a); spin_unlock(a); }
}
`).map((one) => one.outcome);
    expect(outcomes).toEqual(expect.arrayContaining(['BUG', 'deadlock']));
  });

  it('a livelock of loops stands where one of them is', () => {
    const { findings } = checkOne(`lock a : spin
lock b : spin
scenario "each tries for what the other holds" {
  cpu 0 {
    spin_lock(a);
    while (!spin_trylock(b)) cpu_relax();
    spin_unlock(b);
    spin_unlock(a);
  }
  cpu 1 {
    spin_lock(b);
    spin_lock(a);
    spin_unlock(a);
    spin_unlock(b);
  }
}
`);
    const livelock = findings.find(({ outcome }) => outcome === 'livelock');
    expect(livelock).toMatchObject({ code: 'HVO532', place: { line: 6 } });
    expect(livelock?.message).toContain('a loop that tries for a lock');
  });

  it('a hook that mends nothing is a livelock', () => {
    const { findings } = checkOne(`${page}
fn hook(addr, esr) { return 1; }
scenario "gone" {
  on fault hook
  cpu 0 { pte_clear(H.tail(1), virt_to_kpte(H.tail(1))); flush_tlb_kernel_range(H.tail(1), H.tail(2)); }
  cpu 1 { load(H.page(64).flags); }
}
`);
    const livelock = findings.find(({ outcome }) => outcome === 'livelock');
    expect(livelock).toMatchObject({ code: 'HVO305', place: { line: 7 } });
  });

  it('who looked before the lock was taken is told that the look is stale', () => {
    const split = readFileSync(join(import.meta.dirname, '../classes/scenarios/X15_bad.hvo'), 'utf8');
    const { findings } = checkOne(split);
    const line = (text: string) => split.split('\n').findIndex((one) => one.includes(text)) + 1;
    expect(findings.find(({ outcome }) => outcome === 'bbm')?.message).toContain(
      `The look at the entry is stale: CPU1 looked on test.hvo:${line('let pmd =')}, without init_mm.page_table_lock, and CPU0 has changed it since, on test.hvo:${line('pmd_populate_kernel')}. Look at it again once init_mm.page_table_lock is held.`,
    );
  });

  it('every witness replays to the execution that it stands for', () => {
    const source = sourceOf('test.hvo', remap('tlbi', 'store(H.page(64).private, 5);'));
    const scenario = openFile(source, () => undefined).scenarios[0]?.start({ maxStates: 100_000, draws: false });
    scenario?.advance(100_000);
    const report = scenario?.report(0);
    expect(report?.findings.length).toBeGreaterThan(1);
    for (const { outcome, witness } of report?.findings ?? []) {
      const path = parseSchedule(witness.schedule) as readonly number[];
      const trace = scenario?.exploration?.replay(path);
      expect(trace?.brokenAt).toBeUndefined();
      expect(trace?.steps.at(-1)?.events.map((event) => event.outcome)).toContain(outcome);
    }
  });
});

describe('rules that the text breaks', () => {
  it('are told without an execution, with the code that the machine gives the same fault', () => {
    const report = check(remap('tlbi'));
    expect(report.verdict).toBe('failed');
    expect(report.diagnostics).toMatchObject([{ of: 'rule', code: 'HVO103', severity: 'error' }]);
  });

  it('are hints when every scenario that breaks them expects what comes of it', () => {
    const report = check(
      remap('tlbi', undefined, 'sometimes bbm\n  sometimes stale-read\n  sometimes oops-TLB-conflict'),
    );
    expect(report.verdict).toBe('ok');
    expect(report.diagnostics).toMatchObject([{ code: 'HVO103', severity: 'hint', expected: true }]);
  });
});
