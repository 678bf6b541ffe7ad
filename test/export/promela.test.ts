/** Scenarios as Promela models: SPIN, with its own search of another model of the machine, comes to the same verdicts. */

import { beforeAll, describe, expect, it } from 'vitest';
import { exportPromela } from '../../server/export/promela/export';
import { type Explored, exampleScenario, exploredScenario } from './scenarios';
import { askSpin, obtainSpin } from './spin';

const SETUP_MILLISECONDS = 600_000;
const TEST_MILLISECONDS = 120_000;

/** What hvo and SPIN say of each claim; claim 0 is that nothing else fails. */
function verdicts({ scenario, report }: Explored, only?: readonly number[]) {
  const { output, claims, unsaid } = exportPromela(scenario);
  expect(unsaid.filter((one) => one.prevents)).toEqual([]);
  const stated = report.claims.filter((claim) => claim.kind !== 'expect');
  return claims
    .filter(({ number }) => only?.includes(number) ?? true)
    .map(({ number, text, holdsWhen }) => {
      const fails = report.findings.some((finding) => finding.severity === 'error');
      const hvo = number === 0 ? (fails ? 'no' : 'yes') : stated[number - 1]?.holds;
      const spin = askSpin(output ?? '', number).answer === holdsWhen ? 'yes' : 'no';
      return { claim: number === 0 ? 'nothing else fails' : text, hvo, spin };
    });
}

function agree(explored: Explored, only?: readonly number[]) {
  const found = verdicts(explored, only);
  expect(found.map(({ claim, spin }) => `${claim}: ${spin}`)).toEqual(
    found.map(({ claim, hvo }) => `${claim}: ${hvo}`),
  );
  return found;
}

const fixture = `
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
lock S : rwsem

fn remap(addr, entry, flush) {
  let ptep = virt_to_kpte(addr);
  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  if (flush) flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);
}

scenario "whole" {
  on fault vmemmap_handle_page_fault
  cpu 0 { remap(H.tail(1), mk_pte(H.head, PAGE_KERNEL_RO), true); }
  cpu 1 { r0 = load(H.page(64).flags); }
  never oops || bbm || stale-read
}

scenario "the flush is missing" {
  on fault vmemmap_handle_page_fault
  cpu 0 { remap(H.tail(1), mk_pte(H.head, PAGE_KERNEL_RO), false); }
  cpu 1 { r0 = load(H.page(64).flags); }
  never oops || bbm || stale-read
}

scenario "a flag and a page" {
  machine { ets2 yes }
  cpu 0 {
    let ptep = virt_to_kpte(H.tail(1));
    pte_clear(H.tail(1), ptep);
    flush_tlb_kernel_range(H.tail(1), H.tail(1) + PAGE_SIZE);
    store(H.page(0).private, 1);
  }
  cpu 1 { r0 = load(H.page(0).private); r1 = nofault_load(H.page(64).flags); }
  never r0 == 1 && r1 != -EFAULT
}

scenario "read twice" {
  var x = 0
  cpu 0 { down_read(S); down_read(S); up_read(S); r0 = READ_ONCE(x); up_read(S); }
  cpu 1 { down_write(S); WRITE_ONCE(x, 1); WRITE_ONCE(x, 2); up_write(S); }
  machine { lockdep no }
  never cpu 0: r0 == 1
}

scenario "tried behind a writer" {
  cpu 0 { down_read(S); r0 = down_read_trylock(S); if (r0) up_read(S); up_read(S); }
  cpu 1 { down_write(S); up_write(S); }
  machine { lockdep no }
  sometimes cpu 0: r0 == 0
  sometimes cpu 0: r0 == 1
}

scenario "an interrupt meets its own lock" {
  cpu 0 { remap(H.tail(1), mk_pte(H.head, PAGE_KERNEL_RO), true); }
  irq timer on cpu 0 { spin_lock(init_mm.page_table_lock); spin_unlock(init_mm.page_table_lock); }
  never self-deadlock
  sometimes deadlock
}
`;

describe('an exported model', () => {
  beforeAll(() => obtainSpin(), SETUP_MILLISECONDS);

  it(
    'agrees on a reader that waits in the fault path',
    () => {
      const name = 'with the hook it waits and goes on';
      const found = agree(exampleScenario(name), [0, 3]);
      expect(found.map(({ spin }) => spin)).toEqual(['yes', 'yes']);
    },
    TEST_MILLISECONDS,
  );

  it(
    'agrees on a lock that is dropped between break and make: an oops, and a deadlock behind it',
    () => {
      agree(exampleScenario('two critical sections'), [1, 2]);
    },
    TEST_MILLISECONDS,
  );

  it(
    'agrees on what a missing DSB does',
    () => {
      agree(exampleScenario('no DSB ISHST before the TLBI'), [1, 3]);
    },
    TEST_MILLISECONDS,
  );

  it(
    'agrees on a block that is split in place where FEAT_BBM allows it',
    () => {
      const name = 'level 2-noabort: the size may change in place';
      agree(exampleScenario(name), [1]);
    },
    TEST_MILLISECONDS,
  );

  it(
    'is found to be broken where the flush is missing, and whole where it is there',
    () => {
      const found = ['whole', 'the flush is missing'].map((name) =>
        agree(exploredScenario('fixture.hvo', fixture, name), [1]),
      );
      expect(found.map(([claim]) => claim?.spin)).toEqual(['yes', 'no']);
    },
    TEST_MILLISECONDS,
  );

  it(
    'agrees on values at the end of executions',
    () => {
      agree(exploredScenario('fixture.hvo', fixture, 'a flag and a page'), [1]);
    },
    TEST_MILLISECONDS,
  );

  it(
    'agrees on an interrupt that waits for what its CPU holds',
    () => {
      const found = agree(exploredScenario('fixture.hvo', fixture, 'an interrupt meets its own lock'), [1]);
      expect(found.map(({ spin }) => spin)).toEqual(['no']);
    },
    TEST_MILLISECONDS,
  );

  it(
    'agrees on a semaphore that is read twice, and on one that is tried behind a writer',
    () => {
      const twice = agree(exploredScenario('fixture.hvo', fixture, 'read twice'), [1]);
      const tried = agree(exploredScenario('fixture.hvo', fixture, 'tried behind a writer'), [1, 2]);
      expect([...twice, ...tried].map(({ spin }) => spin)).toEqual(['yes', 'yes', 'yes']);
    },
    TEST_MILLISECONDS,
  );

  it('has no answer for what it does not tell', () => {
    const text = fixture.replace('  never self-deadlock\n', '  never sleep-in-atomic\n');
    const { scenario } = exploredScenario('fixture.hvo', text, 'an interrupt meets its own lock');
    const { claims, unsaid } = exportPromela(scenario);
    expect(claims.map(({ number }) => number)).toEqual([0, 2]);
    expect(unsaid.map(({ reason }) => reason)).toContain('the model does not tell `sleep-in-atomic`');
  });

  it('says in its heading what it leaves out', () => {
    const { scenario } = exampleScenario('with the hook it waits and goes on');
    const { output, unsaid } = exportPromela(scenario);
    expect(unsaid.map((one) => one.what)).toContain('the `=> …` behind an access');
    for (const { what } of unsaid) expect(output).toContain(what);
  });
});
