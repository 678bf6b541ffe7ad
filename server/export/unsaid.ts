/** What an exported form cannot say of a scenario: told to the user and written into the output, never dropped silently. */

import type { SiteInfo } from '../language/elaborate/sites';
import { placeOfUser, reportPlace, shortPlace } from '../verdict/places';

export interface Unsaid {
  /** What stands in the scenario. */
  readonly what: string;
  /** Why the format does not say it, and what the output has in its place. */
  readonly reason: string;
  /** `remap.hvo:14`, where it has a place. */
  readonly place?: string;
  /** The output would mean something else without it, so there is none. */
  readonly prevents: boolean;
}

/** The exported text, or nothing when something prevents it. */
export interface Exported {
  readonly output: string | undefined;
  readonly unsaid: readonly Unsaid[];
}

/** Collects what is left out, each thing once. */
export class UnsaidList {
  private readonly found = new Map<string, Unsaid>();

  constructor(private readonly sites: readonly SiteInfo[]) {}

  get list(): readonly Unsaid[] {
    return [...this.found.values()];
  }

  get prevents(): boolean {
    return this.list.some((one) => one.prevents);
  }

  leftOut(what: string, reason: string, site?: number): void {
    this.add(what, reason, false, site);
  }

  prevented(what: string, reason: string, site?: number): void {
    this.add(what, reason, true, site);
  }

  private add(what: string, reason: string, prevents: boolean, site: number | undefined): void {
    const place = this.placeOf(site);
    const key = `${what}|${reason}|${place ?? ''}`;
    if (this.found.has(key)) return;
    this.found.set(key, { what, reason, prevents, ...(place === undefined ? {} : { place }) });
  }

  /** The innermost place in a file of the user. */
  placeOf(site: number | undefined): string | undefined {
    const info = site === undefined ? undefined : this.sites[site];
    const place = info === undefined ? undefined : placeOfUser(info);
    return place === undefined ? undefined : shortPlace(reportPlace(place));
  }
}

/** `remap.hvo:14: stop_machine: why.` */
export function unsaidLine({ what, reason, place }: Unsaid): string {
  return `${place === undefined ? '' : `${place}: `}${what}: ${reason}`;
}
