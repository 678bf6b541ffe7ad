import type { Place } from '../../language/elaborate/source';
import { visitStatements } from '../../language/walk';
import { textOf } from '../fixes';
import { found } from '../found';
import type { Rule, RuleFinding } from '../rule';
import { entryName, lineName, lineOf, lockName, type RuleScenario } from '../scenario';
import type { Observation } from '../walk/observation';
import { isBlind, readsMemory } from './hookText';

const example = (answer: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
const OFFLINE = VMEMMAP_START + 0x1000

fn hook(addr, esr) {
  if (!vmemmap_fault_may_fixup(addr, esr)) return false;
  spin_lock(init_mm.page_table_lock);
  let ret = ${answer};
  spin_unlock(init_mm.page_table_lock);
${answer === 'true' ? '//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO305\n' : ''}  return ret;
}

scenario "a struct page of an offline section" {
  on fault hook
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(OFFLINE); }
  sometimes oops-paging
}
`;

export const successWithoutLook: Rule = {
  code: 'HVO305',
  severity: 'error',
  title: 'Fault called mended without a look',
  doc: 'The hook says that the fault is mended, and has not looked at the entry that faulted while it held the lock of whoever may be changing it: it has looked at nothing, or at an entry of another level or address. Where vmemmap has a true hole (an offline section, a bad page frame number) the access faults again, for ever, and no oops names it; where nobody breaks an entry for good no execution shows it. The answer is what the walk to the address finds: an entry that is valid by its type bits.',
  source: 'Linux, "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (patch 2/3): vmemmap_addr_healthy',
  bad: example('true'),
  good: example('vmemmap_addr_healthy(addr)'),
  outcomes: ['livelock'],
  check: (scenario) => {
    const withLock = scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'blindRetry' || one.lookedBefore !== undefined) return [];
        if (!isBlind(scenario, walk, one.at)) return [];
        const here = lineName(scenario, walk, one.at);
        const message = `the hook waits for ${lockName(scenario, one.lock)} and lets the access be done again without having looked at the entry: where there is no entry at all it faults for ever. A walk to the entry, such as \`vmemmap_addr_healthy(addr)\`, is missing before ${here}, and its answer is the hook's`;
        return found(scenario, walk, one.at, message);
      }),
    );
    return withLock.length > 0 ? withLock : ofAnswer(scenario);
  },
};

/** The hook's answer, where it looks at nothing or elsewhere. */
function ofAnswer(scenario: RuleScenario): readonly RuleFinding[] {
  const answer = answerOf(scenario);
  if (answer === undefined) return [];
  const line = `line ${lineOf(answer.place)}`;
  if (!answer.looks) {
    const message = `the hook says here that the fault is mended, and has looked at nothing: where there is no entry at all the access faults for ever. The lock of whoever breaks entries, and a walk to the entry under it, such as \`vmemmap_addr_healthy(addr)\`, are missing before ${line}, and its answer is the hook's`;
    return [{ place: answer.place, message }];
  }
  const said = scenario.walks.flatMap(({ observations }) => observations.filter(isMended));
  const looked = new Set(said.filter((one) => one.looked).map(({ address }) => address));
  return said
    .filter(({ address }) => !looked.has(address))
    .map((one) => ({
      place: answer.place,
      message: `the hook says here that the fault is mended, and has not looked at ${entryName(scenario, one)}, whose break makes the access fault: what it looks at is another entry. While that one is none the access faults again. A walk to the address, such as \`vmemmap_addr_healthy(addr)\`, belongs before ${line}, under the lock of whoever breaks the entry`,
    }));
}

const isMended = (one: Observation): one is Extract<Observation, { kind: 'mended' }> => one.kind === 'mended';

interface Answer {
  readonly place: Place;
  readonly looks: boolean;
}

/** Where the user's hook says that a fault is mended: its last return of something that is not plainly false. */
function answerOf(scenario: RuleScenario): Answer | undefined {
  const { hook, declarations } = scenario.elaborated.world;
  const declared = hook === undefined ? undefined : declarations.functions.get(hook);
  if (declared === undefined || declared.source.origin === 'library') return undefined;
  const { source, item } = declared;
  let place: Place | undefined;
  visitStatements(item.body, (one) => {
    if (one.kind !== 'return' || one.value === undefined) return;
    if (!/^(false|0)$/.test(textOf(source, one.value))) place = { source, span: one.span };
  });
  return place && { place, looks: readsMemory(scenario, item.body.statements) };
}
