/** Which rule a finding of the machine is about: the one that the text breaks where it does, else the outcome's own. */

import type { ProtocolStep } from '../../simulator/machine/flushSequence';
import { rules } from '../rules/table';
import type { MissingSteps } from './missingSteps';
import { ruleOfOutcome } from './outcomeRules';

/** Rules that are broken by what the machine finds, whatever the text says. */
const codes: Readonly<Record<string, string>> = {
  bbm: 'HVO101',
  unpredictable: 'HVO101',
  'oops-TLB-conflict': 'HVO101',
  'freed-page-reachable': 'HVO405',
  'use-after-free': 'HVO404',
  'uninitialised-read': 'HVO415',
  'overwritten-update': 'HVO416',
  'stray-write': 'HVO417',
  'double-free': 'HVO403',
  'oops-AF': 'HVO118',
  leak: 'HVO402',
  'left-broken': 'HVO116',
  'section-left-open': 'HVO309',
  'lock-not-held': 'HVO206',
  'unlock-not-held': 'HVO205',
  'sleep-in-atomic': 'HVO207',
  'silent-skip': 'HVO523',
  stall: 'HVO533',
  'recursive-locking': 'HVO203',
  'circular-dependency': 'HVO209',
  'inconsistent-lock-state': 'HVO304',
  'irq-lock-inversion': 'HVO303',
  'lock-in-nmi': 'HVO302',
  'lock-never-released': 'HVO204',
};

/** Rules about one missing step of break-before-make. */
const codeOfStep: Readonly<Record<ProtocolStep, string>> = {
  'invalid value': 'HVO101',
  'dsb(ishst) before the TLBI': 'HVO104',
  TLBI: 'HVO103',
  'broadcast TLBI': 'HVO112',
  'TLBI of all levels': 'HVO110',
  'TLBI with the right level hint': 'HVO111',
  'TLBI that covers the entry': 'HVO109',
  'TLBI of stage 2': 'HVO103',
  'dsb(ish) between the TLBIs': 'HVO105',
  'TLBI of stage 1': 'HVO103',
  'dsb(ish) after the TLBI': 'HVO105',
};

/**
 * `textCodes`: rules that the scenario's text breaks. `entry`: what the automaton of break-before-make says about the
 * descriptor that the finding is about.
 */
export function codeOfFinding(outcome: string, textCodes: ReadonlySet<string>, entry?: MissingSteps): string {
  const said = rules.filter((rule) => rule.outcomes?.includes(outcome) && textCodes.has(rule.code));
  const ofEntry = entry === undefined ? undefined : codeOfEntry(entry);
  if (ofEntry !== undefined && (said.length === 0 || said.some((rule) => rule.code === ofEntry))) return ofEntry;
  return said[0]?.code ?? ofEntry ?? codes[outcome] ?? ruleOfOutcome.get(outcome)?.code ?? 'HVO501';
}

/** Where there is a TLBI at all, what it lacks says more than the barriers around it. */
function codeOfEntry({ finding: { missing }, isUnfilled, differs }: MissingSteps): string | undefined {
  if (isUnfilled && !differs) return 'HVO401';
  const steps = missing.map(({ step }) => step);
  const step =
    steps.find((one) => one === 'invalid value') ?? steps.find((one) => one.includes('TLBI') && !one.startsWith('dsb'));
  const first = step ?? steps[0];
  return first === undefined ? undefined : codeOfStep[first];
}
