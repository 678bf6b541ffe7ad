import type { CodeIndex } from '../../../simulator/machine/program';
import { bitNames, hardwareMayMake, undoneBits } from '../../../simulator/machine/undoneBits';
import { changeText } from '../changeText';
import { fix, moveStatement, replace, statementAt } from '../fixes';
import { found } from '../found';
import { takeText } from '../lockText';
import type { Rule, RuleFinding } from '../rule';
import { entryName, lineName, lockName, placeAt, type RuleScenario } from '../scenario';
import type { HeldLock, Observation } from '../walk/observation';
import type { EntryStore } from '../walk/overwrites';
import { isShared } from '../walk/program';
import type { Walk } from '../walk/walker';

const example = (before: string, inside: string, mark = ''): string => `machine { hw_af yes  hw_dbm yes }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn make_read_only(addr) {
  let ptep = virt_to_kpte(addr);
${before}  spin_lock(init_mm.page_table_lock);
${inside}  set_pte(ptep, pte_wrprotect(pte));
${mark}  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  spin_unlock(init_mm.page_table_lock);
}

fn mark_special(addr) {
  spin_lock(init_mm.page_table_lock);
  let ptep = virt_to_kpte(addr);
  set_pte(ptep, pte_mkspecial(ptep_get(ptep)));
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  spin_unlock(init_mm.page_table_lock);
}

scenario "two CPUs change one entry" {
  cpu 0 { make_read_only(H.tail(1)); }
  cpu 1 { mark_special(H.tail(1)); }
}
`;
const read = '  let pte = ptep_get(ptep);\n';

export const readThenStored: Rule = {
  code: 'HVO416',
  severity: 'error',
  title: 'Read, and stored in another step',
  doc: 'An entry is read, and what was made of it is stored: what somebody else has written to it in between is put back to what it was, and that update is lost. Others are CPUs that change the entry without the lock that is held from the read to the store, and the hardware, which sets the access flag (`hw_af`) and makes a clean writable entry dirty (`hw_dbm`) at any time, whatever is locked. Read and store under one lock that everybody takes who changes the entry; against the hardware change a valid entry in one step (`ptep_set_wrprotect`, `ptep_test_and_clear_young`, `cmpxchg`), or break it first (`ptep_modify_prot_start`). The same holds for flags and counts of struct pages, which are seen by the execution only.',
  source:
    'Linux arch/arm64/include/asm/pgtable.h, ptep_set_wrprotect and ptep_test_and_clear_young; include/linux/pgtable.h, ptep_modify_prot_start; Arm ARM D8.5 (FEAT_HAFDBS)',
  bad: example(read, '', `//${'^'.repeat(33)} HVO416\n`),
  good: example('', read),
  outcomes: ['overwritten-update'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => (one.kind === 'overwrite' ? findingOf(scenario, walk, one) : [])),
    ),
};

type Overwrite = Extract<Observation, { kind: 'overwrite' }>;

function findingOf(scenario: RuleScenario, walk: Walk, one: Overwrite): readonly RuleFinding[] {
  const undone = ofHardware(scenario, one) ?? ofOthers(scenario, walk, one);
  if (undone === undefined) return [];
  const { bits, by, advice, other } = undone;
  const read = lineName(scenario, walk, one.readAt);
  const message = `${entryName(scenario, one)} is stored here as it was read on ${read}: ${by} in between, and this store undoes that (${bitNames(bits)}). ${advice}`;
  return found(scenario, walk, one.at, message, {
    others: [{ at: one.readAt, message: 'read here' }],
    ...mend(scenario, walk, one, other),
  }).map((finding) => {
    const place = other && placeAt(scenario, other.walk, other.at);
    if (place === undefined) return finding;
    return { ...finding, others: [...(finding.others ?? []), { ...place, message: 'the other change' }] };
  });
}

interface Undone {
  readonly bits: bigint;
  readonly by: string;
  readonly advice: string;
  /** The store of another CPU; `late`: the lock that both hold at their stores, and that is taken only behind the read. */
  readonly other?: { readonly walk: Walk; readonly at: CodeIndex; readonly late: HeldLock | undefined };
}

function ofHardware(scenario: RuleScenario, one: Overwrite): Undone | undefined {
  const { cpus } = scenario.program;
  const made = hardwareMayMake(one.held, {
    accessFlag: cpus.some((cpu) => cpu.hardwareAccessFlag),
    dirtyState: cpus.some((cpu) => cpu.hardwareDirtyState),
  });
  if (made === undefined || one.guessed) return undefined;
  const { first, last } = one.entry.place;
  const isWritten = scenario.walks.some((other) =>
    other.touches.some(({ address, write }) => write && first <= address && address <= last),
  );
  if (made.written && !isWritten) return undefined;
  const bits = undoneBits(one.held, made.value, one.value, one.counted);
  if (bits === 0n) return undefined;
  return {
    bits,
    by: `the hardware may ${made.written ? 'make it dirty for a store' : 'set its access flag at any time'}`,
    advice: 'No lock keeps it from that: change the entry in one step, or break it first',
  };
}

function ofOthers(scenario: RuleScenario, walk: Walk, one: Overwrite): Undone | undefined {
  if (!one.unordered || walk.context.kind !== 'program') return undefined;
  for (const other of scenario.walks) {
    const isOther = other !== walk || isShared(scenario.program, walk.context);
    if (!isOther || other.context.kind !== 'program') continue;
    for (const store of other.entryStores) {
      if (store.word !== one.word || isKeptOut(one, store)) continue;
      const bits = undoneBits(one.held, store.value, one.value, one.counted);
      if (bits === 0n) continue;
      const line = lineName(scenario, other, store.at);
      const late = one.locked.find(({ lock }) => store.held.some((held) => held.lock === lock));
      return {
        bits,
        by: `${other === walk ? 'another CPU' : other.context.name} may change it on ${line}`,
        advice: advice(scenario, late, store, lineName(scenario, walk, one.readAt)),
        other: { walk: other, at: store.at, late },
      };
    }
  }
  return undefined;
}

/** A lock that is held from the read to the store keeps whoever stores under it out. */
function isKeptOut({ kept }: Overwrite, { held }: EntryStore): boolean {
  return kept.some((own) =>
    held.some(({ lock, mode }) => lock === own.lock && (mode === 'exclusive' || own.mode === 'exclusive')),
  );
}

function advice(scenario: RuleScenario, late: HeldLock | undefined, store: EntryStore, read: string): string {
  if (late !== undefined)
    return `${lockName(scenario, late.lock)} is taken only behind the read: the look on ${read} is stale by then, and belongs behind \`${takeText(scenario, late.lock)}\``;
  const [lock] = store.held;
  if (lock !== undefined) return `\`${takeText(scenario, lock.lock)}\`, which is held there, is missing before ${read}`;
  return 'One lock is missing around both, here and there; or change the entry in one step (`ptep_set_wrprotect`, `cmpxchg`)';
}

/** The read goes behind the lock; or one function does both in one step. */
function mend(scenario: RuleScenario, walk: Walk, one: Overwrite, other: Undone['other']) {
  const store = placeAt(scenario, walk, one.at);
  const read = placeAt(scenario, walk, one.readAt);
  const taken = other?.late && placeAt(scenario, walk, other.late.since);
  if (read && taken && store) {
    const edits = moveStatement(read, 'behind', taken);
    if (edits.length > 0) return fix('Read it under the lock', edits);
  }
  if (store === undefined) return {};
  const { address, pointer, value } = changeText(store);
  const standing = statementAt(store);
  const [, made] = /^(pte_wrprotect|pte_mkold)\(/.exec(value ?? '') ?? [];
  if (made === undefined || pointer === undefined || standing === undefined) return {};
  const name = made === 'pte_mkold' ? 'ptep_test_and_clear_young' : 'ptep_set_wrprotect';
  const call = `${name}(${address ?? '0'}, ${pointer})`;
  return fix('Change it in one step', [replace(standing.statement.span, call)]);
}
