/** Whether who changed an entry had looked at it before somebody else changed it: then all that follows goes by an old value. */

import type { Happening, Trace } from '../../simulator/explore/trace';
import type { Event } from '../../simulator/machine/events';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { placeOfSite, shortPlace } from './places';
import { lockName } from './stepText';
import { cpuList } from './tableChanges';

/** `the look at it on split.hvo:4 is stale …`; undefined where the last look was still true at the change. */
export function staleLookText(scenario: ElaboratedScenario, trace: Trace, event: Event): string | undefined {
  const happened = [...trace.happened, ...trace.steps.flatMap((step) => step.happened)];
  for (const descriptor of descriptorsOf(trace, event)) {
    const look = staleLook(happened, descriptor);
    if (look === undefined) continue;
    const at = (one: Happening) => {
      const info = one.instruction && scenario.sites[one.instruction.site];
      return info === undefined ? 'before' : `on ${shortPlace(placeOfSite(info))}`;
    };
    const [own, other] = [look.read.cpu, look.other.cpu].map((cpu) => cpuList(scenario.world, [cpu]));
    const locks = look.locks.map((lock) => lockName(scenario, lock)).join(' and ');
    const outside = locks === '' ? '' : `, without ${locks},`;
    const again = locks === '' ? 'under a lock that both hold' : `once ${locks} is held`;
    return `the look at the entry is stale: ${own} looked ${at(look.read)}${outside} and ${other} has changed it since, ${at(look.other)}. Look at it again ${again}`;
  }
  return undefined;
}

function descriptorsOf({ initial }: Trace, { descriptor, address }: Event): readonly bigint[] {
  if (descriptor !== undefined) return [descriptor];
  return initial.descriptors.flatMap(({ physicalAddress, places }) =>
    places.some(({ base, bytes }) => address !== undefined && base <= address && address < base + bytes)
      ? [physicalAddress]
      : [],
  );
}

interface StaleLook {
  readonly read: Happening;
  /** The change of another CPU that came in between. */
  readonly other: Happening;
  /** Locks that were taken behind the look and are held at the change. */
  readonly locks: readonly number[];
}

/** The last change of an entry by a CPU that had read another value there than the one that it replaced. */
function staleLook(happened: readonly Happening[], descriptor: bigint): StaleLook | undefined {
  const looks = new Map<number, { readonly read: Happening; locks: readonly number[] }>();
  let last: Happening | undefined;
  let stale: StaleLook | undefined;
  for (const one of happened) {
    const look = looks.get(one.cpu);
    if (one.instruction?.kind === 'lock' && one.what === 'acquire' && look)
      look.locks = [...look.locks, one.instruction.lock];
    if (one.instruction?.kind === 'unlock' && one.what === 'release' && look) {
      const { lock } = one.instruction;
      look.locks = look.locks.filter((held) => held !== lock);
    }
    if (one.word !== descriptor) continue;
    if (one.what === 'read') looks.set(one.cpu, { read: one, locks: [] });
    if (one.what !== 'write') continue;
    if (look && last && last.cpu !== one.cpu && last.value !== look.read.value)
      stale = { read: look.read, other: last, locks: look.locks };
    looks.delete(one.cpu);
    last = one;
  }
  return stale;
}
