/** Whether a reader was in a section that the CPU which freed the page waits for, when it found the page and when it used it. */

import type { Happening, Trace } from '../../simulator/explore/trace';
import type { Event } from '../../simulator/machine/events';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { placeOfSite, shortPlace } from './places';
import { cpuList } from './tableChanges';

const ADDRESS = ((1n << 48n) - 1n) & ~0xfffn;

/** What the reader left out, where somebody waited for a grace period before the page was freed. */
export function readerSectionText(scenario: ElaboratedScenario, trace: Trace, event: Event): string | undefined {
  const happened = [...trace.happened, ...trace.steps.flatMap((step) => step.happened)];
  const others = happened.filter(({ cpu }) => cpu !== event.cpu).map(({ instruction }) => instruction);
  const free = others.findLastIndex((one) => one?.kind === 'free');
  const waits = others.slice(0, free).some((one) => one?.kind === 'rcu' && one.operation === 'synchronize');
  if (!waits) return undefined;
  const reader = happened.filter(({ cpu }) => cpu === event.cpu);
  const used = reader.findLastIndex(({ what, instruction }) => what === 'fetch' && instruction?.site === event.site);
  const name = cpuList(scenario.world, [event.cpu]);
  const since = sectionAt(reader.slice(0, used));
  const look = lookBefore(reader, event, used);
  const info = look?.instruction && scenario.sites[look.instruction.site];
  const where = info === undefined ? 'that led it there' : `on ${shortPlace(placeOfSite(info))}`;
  if (since === undefined)
    return `${name} is in no read-side section of RCU here, so that \`synchronize_rcu()\` does not wait for it: \`rcu_read_lock()\` is missing before its look at the entry ${where}, and \`rcu_read_unlock()\` behind the last use`;
  const looked = look === undefined ? -1 : fetchOf(reader, look);
  if (look === undefined || looked < 0 || looked > since) return undefined;
  return `${name} looked at the entry ${where} before its read-side section began, and \`synchronize_rcu()\` waits for sections that had begun: the look belongs behind \`rcu_read_lock()\``;
}

/** Where the section begins that is open behind what a CPU has fetched; undefined: none is. */
function sectionAt(reader: readonly Happening[]): number | undefined {
  const open: number[] = [];
  const masks = { irq: undefined as number | undefined, preemption: [] as number[] };
  reader.forEach(({ what, instruction }, index) => {
    if (what !== 'fetch') return;
    if (instruction?.kind === 'rcu' && instruction.operation === 'readLock') open.push(index);
    if (instruction?.kind === 'rcu' && instruction.operation === 'readUnlock') open.pop();
    // A lock that is held turns preemption off.
    if (instruction?.kind === 'lock') masks.preemption.push(index);
    if (instruction?.kind === 'unlock') masks.preemption.pop();
    if (instruction?.kind !== 'mask') return;
    if (instruction.irq === 'mask') masks.irq ??= index;
    else if (instruction.irq !== undefined) masks.irq = undefined;
    if (instruction.preemption === 1) masks.preemption.push(index);
    if (instruction.preemption === -1) masks.preemption.pop();
  });
  const starts = [open[0], masks.irq, masks.preemption[0]].filter((one) => one !== undefined);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** The last read that found the address of the page. */
function lookBefore(reader: readonly Happening[], { site }: Event, before: number): Happening | undefined {
  const used = reader.findLast(({ instruction, word }) => instruction?.site === site && word !== undefined)?.word;
  if (used === undefined) return undefined;
  return reader.findLast(({ what, value, at }, index) => {
    const isOwn =
      what === 'read' && value !== undefined && (value & 1n) === 1n && (value & ADDRESS) === (used & ADDRESS);
    return isOwn && fetchOf(reader, { at }, index) < before;
  });
}

/** Where the instruction of a read was fetched last before it. */
function fetchOf(reader: readonly Happening[], look: Pick<Happening, 'at'>, until = reader.length): number {
  return reader.slice(0, until).findLastIndex(({ what, at }) => what === 'fetch' && at === look.at);
}
