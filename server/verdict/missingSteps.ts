/** Why an entry was not broken and made properly, with the places of the scenario. */

import type { Trace } from '../../simulator/explore/trace';
import { decodeDescriptor } from '../../simulator/machine/descriptor';
import type { EntryFinding } from '../../simulator/machine/entryProtocol';
import type { Event } from '../../simulator/machine/events';
import { descriptorBytes, entriesPerTable, type Level, pageBytes } from '../../simulator/machine/granule';
import type { BbmLevel } from '../../simulator/machine/program';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { brokenSequenceOf } from '../rules/brokenSequence';
import { missingStepsText } from '../rules/missingStepWords';
import { entryName, formatOf } from './addressNames';
import { placeOfSite, shortPlace } from './places';

export interface MissingSteps {
  readonly finding: EntryFinding;
  /** `missing: TLBI, dsb(ish) after the TLBI, before remap.hvo:14`. */
  readonly text: string;
  /** The change of size would be legal here, if the table mapped what the block does when it is linked. */
  readonly isUnfilled: boolean;
  /** And its entries are there, but one of them maps something else. */
  readonly differs?: boolean;
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
    const other = otherEntry(scenario, trace, event);
    if (other !== undefined) {
      const text = `${other} in the table does not map what the block does: what the block maps belongs into the whole table, and the change of that entry, with its own break-before-make, behind ${where}`;
      return { finding: broken.finding, text, isUnfilled: true, differs: true };
    }
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

/** A valid entry of the table that maps another page than the block, or with other attributes. */
function otherEntry({ world }: ElaboratedScenario, trace: Trace, event: Event): string | undefined {
  const all = [event, ...trace.events, ...trace.steps.flatMap((step) => step.events)];
  const { level, oldValue, newValue, descriptor } = all.find(({ outcome }) => outcome === 'bbm') ?? event;
  if (level === undefined || oldValue === undefined || newValue === undefined) return undefined;
  const format = formatOf(world);
  const [old, now] = [oldValue, newValue].map((value) => decodeDescriptor(format, level as Level, value));
  if (old?.kind !== 'leaf' || now?.kind !== 'table' || level !== 2) return undefined;
  const { descriptors } = trace.steps.at(-1)?.after ?? trace.initial;
  for (const { physicalAddress, value } of descriptors) {
    const index = (physicalAddress - now.nextTable) / descriptorBytes;
    if (index < 0n || index >= entriesPerTable(format.granule)) continue;
    const leaf = decodeDescriptor(format, 3, value);
    const bytes = pageBytes(format.granule);
    if (leaf.kind !== 'leaf') continue;
    const own = old.raw ^ leaf.raw;
    if (leaf.outputAddress !== old.outputAddress + index * bytes || (own & leafAttributes) !== 0n) {
      const block =
        descriptor === undefined
          ? undefined
          : trace.initial.descriptors.find((one) => one.physicalAddress === descriptor)?.places[0];
      return block === undefined ? `entry ${index}` : entryName(world, 3, block.base + index * bytes);
    }
  }
  return undefined;
}

/** Memory type, access from EL0, write permission, shareability, access flag, global; the execute permissions. */
const leafAttributes = 0xffcn | (3n << 53n);

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
