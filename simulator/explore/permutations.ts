/**
 * What is seen of the same execution with equal CPUs, and the values that they own, in each other's places: events, observed
 * values, and the places that make one of another.
 */

import { type Event, eventKey } from '../machine/events';
import type { Machine } from '../machine/machine';
import type { Site } from '../machine/program';
import type { ValueId } from '../machine/values';

export class Permutations {
  constructor(
    private readonly m: Machine,
    private readonly groups: readonly (readonly number[])[],
  ) {}

  /** What is told when another member of its CPU's group is in the place of that CPU, and the CPU in its place. */
  images(event: Event): readonly Event[] {
    const { cpu: t, otherCpu, oldValue, newValue } = event;
    const group = this.groups.find((g) => g.includes(t)) ?? [t];
    return group
      .filter((u) => u !== t)
      .map((u) => {
        const place = this.exchange(t, u);
        return {
          ...event,
          cpu: u,
          site: this.siteOn(u, t, event.site),
          ...(event.origin === undefined ? {} : { origin: this.siteOn(u, t, event.origin) }),
          ...(otherCpu === undefined ? {} : { otherCpu: place[otherCpu] as number }),
          ...(oldValue === undefined ? {} : { oldValue: this.renamedValue(oldValue, place) }),
          ...(newValue === undefined ? {} : { newValue: this.renamedValue(newValue, place) }),
        };
      });
  }

  private exchange(t: number, u: number): readonly number[] {
    return [...this.m.cpus.keys()].map((v) => (v === t ? u : v === u ? t : v));
  }

  private renamedValue(value: bigint, place: readonly number[]): bigint {
    const { values } = this.m;
    return values.raw(values.own.renamed(values.known(value), place));
  }

  /** Observed values of which all that CPUs own differs only in whose it is: the first of them. */
  standsFor(values: readonly ValueId[]): readonly ValueId[] {
    return this.assigned(values, (group, taken) =>
      group.filter((t) => !taken.has(t)).slice(0, 1),
    )[0] as readonly ValueId[];
  }

  /** All of them. */
  alike(values: readonly ValueId[]): readonly (readonly ValueId[])[] {
    return this.assigned(values, (group, taken) => group.filter((t) => !taken.has(t)));
  }

  /** The values with their owners, in the order in which they are mentioned, in all the places that `choose` gives them. */
  private assigned(
    values: readonly ValueId[],
    choose: (group: readonly number[], taken: ReadonlySet<number>) => readonly number[],
  ): readonly (readonly ValueId[])[] {
    const { own } = this.m.values;
    const owners = [...new Set(values.map((value) => own.ownerOf(value)))].filter((t) => t >= 0);
    if (owners.length === 0) return [values];
    let places: readonly ReadonlyMap<number, number>[] = [new Map()];
    for (const t of owners) {
      const group = this.groups.find((g) => g.includes(t)) ?? [t];
      places = places.flatMap((place) =>
        choose(group, new Set(place.values())).map((to) => new Map([...place, [t, to]])),
      );
    }
    return places.map((place) => {
      const newPlace = [...this.m.cpus.keys()].map((t) => place.get(t) ?? t);
      return values.map((value) => own.renamed(value, newPlace));
    });
  }

  /** Places that make some observed values of others that are alike; undefined when there are none. */
  placesBetween(from: readonly ValueId[], to: readonly ValueId[]): Int32Array | undefined {
    const { own } = this.m.values;
    const pairs = new Map<number, number>();
    from.forEach((value, i) => {
      const owner = own.ownerOf(value);
      if (owner >= 0) pairs.set(owner, own.ownerOf(to[i] as ValueId));
    });
    const places = this.completed(pairs);
    if (places === undefined || !from.every((value, i) => own.renamed(value, places) === to[i])) return undefined;
    return places;
  }

  /** Places that make an event of one that is alike; undefined when there are none. */
  placesBetweenEvents(from: Event, to: Event): Int32Array | undefined {
    if (this.anonymous(from) !== this.anonymous(to)) return undefined;
    const pairs = new Map([[from.cpu, to.cpu]]);
    if (from.otherCpu !== undefined && to.otherCpu !== undefined) {
      if ((from.cpu === from.otherCpu) !== (to.cpu === to.otherCpu)) return undefined;
      pairs.set(from.otherCpu, to.otherCpu);
    }
    return this.completed(pairs);
  }

  /** A permutation of each group that puts some CPUs where they must be. */
  private completed(pairs: ReadonlyMap<number, number>): Int32Array | undefined {
    const places = Int32Array.from(this.m.cpus.keys());
    const inGroups = new Set(this.groups.flat());
    for (const [t, to] of pairs) if (!inGroups.has(t) && t !== to) return undefined;
    for (const group of this.groups) {
      const wanted = group.flatMap((t) => pairs.get(t) ?? []);
      if (new Set(wanted).size < wanted.length || !wanted.every((to) => group.includes(to))) return undefined;
      const left = group.filter((t) => !wanted.includes(t));
      for (const t of group) places[t] = pairs.get(t) ?? (left.shift() as number);
    }
    return places;
  }

  /** An event's identity, the same for CPUs that may change places. */
  anonymous(event: Event): string {
    const stands = (t: number): number => this.groups.find((g) => g.includes(t))?.[0] ?? t;
    const { cpu: t, otherCpu } = event;
    return eventKey({
      ...event,
      cpu: stands(t),
      site: this.siteOn(stands(t), t, event.site),
      ...(event.origin === undefined ? {} : { origin: this.siteOn(stands(t), t, event.origin) }),
      ...(otherCpu === undefined ? {} : { otherCpu: stands(otherCpu) }),
    });
  }

  /** The site on CPU u that stands where a site stands on CPU t. */
  private siteOn(u: number, t: number, site: Site): Site {
    const { cpus } = this.m.program;
    const at = cpus[t]?.code.findIndex((i) => i.site === site) ?? -1;
    return cpus[u]?.code[at]?.site ?? site;
  }
}
