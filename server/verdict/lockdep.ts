/** Complaints of lockdep: which of them are told, and in which words. */

import type { Result } from '../../simulator/explore/explore';
import type { Acquired, Splat } from '../../simulator/explore/lockdep';
import type { Event } from '../../simulator/machine/events';
import type { LockId } from '../../simulator/machine/program';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { placeOfSite, shortPlace } from './places';
import { lockName } from './stepText';

/** Without CONFIG_PROVE_LOCKING nobody complains. */
export function withoutSplats(result: Result): Result {
  return { ...result, events: result.events.filter(({ event }) => splatOf(result, event) === undefined), splats: [] };
}

/** The complaint that an event is about. */
export function splatOf({ splats }: Pick<Result, 'splats'>, event: Event): Splat<unknown> | undefined {
  return splats.find(
    ({ kind, locks, chain }) => kind === event.outcome && locks[0] === event.lock && chain[0]?.cpu === event.cpu,
  );
}

/** An execution deadlocks over the same locks, which says it all. */
export function isDeadlockToo(result: Pick<Result, 'splats' | 'deadlocks'>, event: Event): boolean {
  const splat = splatOf(result, event);
  if (splat === undefined) return false;
  return result.deadlocks.some(({ waits }) => splat.locks.every((lock) => waits.some((wait) => wait.lock === lock)));
}

export function splatMessage(scenario: ElaboratedScenario, splat: Splat<unknown>): string {
  const name = (lock: LockId | undefined) => lockName(scenario, lock ?? 0);
  const [first, ...others] = splat.chain;
  const last = splat.chain.at(-1);
  const lock = name(splat.locks[0]);
  switch (splat.kind) {
    case 'recursive-locking':
      return `possible recursive locking detected: ${takes(scenario, first)} and holds it already. ${first !== undefined && isReader(scenario, first) ? 'It has it again, but behind a writer that waits already it waits for itself: l' : 'L'}eave one of the two out.`;
    case 'circular-dependency':
      return `possible circular locking dependency detected: ${splat.chain.map((one) => takesUnder(scenario, one)).join('; ')}. ${howEachWaits(scenario, splat)}: take the locks in one order.`;
    case 'inconsistent-lock-state':
      return `inconsistent lock state: ${lock} is taken in an interrupt handler (${where(scenario, first)}), and with interrupts on (${where(scenario, last)}). Where both meet on one CPU the handler waits for what it has interrupted: mask interrupts while the lock is held.`;
    case 'lock-in-nmi':
      return `inconsistent lock state: ${lock} is taken in an NMI handler (${where(scenario, first)}), and elsewhere too (${where(scenario, last)}). Nothing that masks interrupts keeps the NMI out: an NMI must not wait for a lock.`;
    case 'irq-lock-inversion':
      return `HARDIRQ-safe -> HARDIRQ-unsafe lock order detected: an interrupt handler takes ${lock} (${where(scenario, first)}); ${others
        .slice(0, -1)
        .map((one) => takesUnder(scenario, one))
        .join(
          '; ',
        )}; and ${name(splat.locks.at(-1))} is taken with interrupts on (${where(scenario, last)}). An interrupt there closes the circle: mask interrupts while that lock is held.`;
  }
}

/** Readers do not wait for readers, but behind a writer that waits already. */
function howEachWaits(scenario: ElaboratedScenario, { chain }: Splat<unknown>): string {
  const readers = chain.filter((one) => isReader(scenario, one)).map(({ acquisition }) => acquisition.lock);
  if (readers.length === 0) return 'In some execution each may wait for the other';
  const names = [...new Set(readers)].map((lock) => lockName(scenario, lock)).join(' and ');
  return `A reader waits behind a writer that is waiting, so once somebody writes ${names} each may wait for the other`;
}

function isReader({ program }: ElaboratedScenario, { cpu, acquisition }: Acquired<unknown>): boolean {
  const instruction = program.cpus[cpu]?.code[acquisition.at];
  return instruction?.kind === 'lock' && instruction.mode === 'shared';
}

function where(scenario: ElaboratedScenario, one: Acquired<unknown> | undefined): string {
  const site = one === undefined ? undefined : siteOf(scenario, one);
  const info = site === undefined ? undefined : scenario.sites[site];
  return info === undefined ? 'elsewhere' : shortPlace(placeOfSite(info));
}

/** In the fault path: where the access stands. */
function siteOf({ program }: ElaboratedScenario, { cpu, acquisition }: Acquired<unknown>): number | undefined {
  return program.cpus[cpu]?.code[acquisition.origin ?? acquisition.at]?.site;
}

function takes(scenario: ElaboratedScenario, one: Acquired<unknown> | undefined): string {
  if (one === undefined) return '';
  const how = one.acquisition.origin === undefined ? 'takes' : 'faults and takes';
  return `CPU${scenario.world.cpuNumbers[one.cpu] ?? one.cpu} ${how} ${lockName(scenario, one.acquisition.lock)} (${where(scenario, one)})`;
}

function takesUnder(scenario: ElaboratedScenario, one: Acquired<unknown>): string {
  const held = one.acquisition.held.map((lock) => lockName(scenario, lock)).join(' and ');
  return `${takes(scenario, one)} while it holds ${held}`;
}
