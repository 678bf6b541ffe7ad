/** Why an entry was not broken and made properly, with the places of the scenario. */

import type { Trace } from '../../simulator/explore/trace';
import { decodeDescriptor } from '../../simulator/machine/descriptor';
import type { EntryFinding } from '../../simulator/machine/entryProtocol';
import type { Event } from '../../simulator/machine/events';
import type { Level } from '../../simulator/machine/granule';
import type { BbmLevel } from '../../simulator/machine/program';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { brokenSequenceOf } from '../rules/brokenSequence';
import { missingStepsText } from '../rules/missingStepWords';
import { formatOf } from './addressNames';
import { placeOfSite, shortPlace } from './places';

export interface MissingSteps {
  readonly finding: EntryFinding;
  /** `missing: TLBI, dsb(ish) after the TLBI, before remap.hvo:14`. */
  readonly text: string;
  /** The change of size would be legal here, if the table mapped what the block does when it is linked. */
  readonly isUnfilled: boolean;
}

/** Undefined for what is no finding about a descriptor, and when the steps of those who wrote it are in order. */
export function missingStepsOf(scenario: ElaboratedScenario, trace: Trace, event: Event): MissingSteps | undefined {
  const broken = brokenSequenceOf(scenario.program, formatOf(scenario.world), trace, event);
  if (broken === undefined) return undefined;
  const { change, at, kind } = broken.finding;
  const allowed = sizeMayChange(scenario.program.switches.bbm);
  const isOfSize = change !== undefined && sizeRows.has(change.row);
  // A table over another one: somebody else was faster, and the steps of this CPU would be right for what it has seen.
  if (isOfSize && isTableOverTable(scenario, event)) return undefined;
  if (kind === 'noBreak' && allowed && isOfSize) {
    const site = broken.siteOf(at);
    const info = site === undefined ? undefined : scenario.sites[site];
    const where = info === undefined ? 'it is linked' : shortPlace(placeOfSite(info));
    const text = `missing: smp_wmb() between the stores that fill the table and ${where}, or stores of all that the block maps`;
    return { finding: broken.finding, text, isUnfilled: true };
  }
  const text = missingStepsText(broken.finding.missing, (at) => {
    const site = broken.siteOf(at);
    const info = site === undefined ? undefined : scenario.sites[site];
    return info === undefined ? 'the end' : shortPlace(placeOfSite(info));
  });
  return { finding: broken.finding, text, isUnfilled: false };
}

const sizeRows: ReadonlySet<string> = new Set(['blockToTable', 'tableToBlock']);

/** Whether a block may become a table of the same pages in place. */
function sizeMayChange(bbm: BbmLevel): boolean {
  return bbm !== 0 && bbm !== 1;
}

function isTableOverTable({ world }: ElaboratedScenario, { level, oldValue, newValue }: Event): boolean {
  if (level === undefined || oldValue === undefined || newValue === undefined) return false;
  const kinds = [oldValue, newValue].map((value) => decodeDescriptor(formatOf(world), level as Level, value).kind);
  return kinds.every((kind) => kind === 'table');
}
