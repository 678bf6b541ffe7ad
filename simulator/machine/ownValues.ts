/**
 * Values that stand for a CPU: CPUs that are equal but for what some registers hold at the start own these values, and what is
 * found through them (the word that a descriptor maps, what stands there at the start). As long as such a value is only moved,
 * stored, compared for equality and walked through, the CPUs may change places together with what they own. Who makes one
 * from a number or looks into one tells CPUs apart by it: then it is spoiled, and nothing is owned any more.
 */

import type { ValueId } from './values';

/** Values that correspond to each other, one of each CPU of a group. */
export interface Family {
  readonly cpus: readonly number[];
  readonly values: readonly ValueId[];
}

export class OwnValues {
  /** Groups of CPUs that own values. */
  groups: readonly (readonly number[])[] = [];
  isSpoiled = false;
  /** By value: its family, and the CPU that owns it. */
  private readonly families: Family[] = [];
  private readonly owners: number[] = [];

  get any(): boolean {
    return this.groups.length > 0;
  }

  /** The values that correspond to a value, if it is owned. */
  familyOf(value: ValueId): Family | undefined {
    return this.families[value];
  }

  /** The CPU that owns a value; -1: none does. */
  ownerOf(value: ValueId): number {
    return this.owners[value] ?? -1;
  }

  /** What a value becomes when each CPU t goes to `newPlace[t]`. */
  renamed(value: ValueId, newPlace: ArrayLike<number>): ValueId {
    const family = this.families[value];
    if (family === undefined) return value;
    return family.values[family.cpus.indexOf(newPlace[this.owners[value] as number] as number)] as ValueId;
  }

  /** Whether a value is the i-th one of a family of these CPUs. */
  corresponds(value: ValueId, cpus: readonly number[], i: number): boolean {
    const family = this.families[value];
    return family?.cpus === cpus && family.values[i] === value;
  }

  add(family: Family): void {
    family.values.forEach((value, i) => {
      this.families[value] = family;
      this.owners[value] = family.cpus[i] as number;
    });
  }

  /** Somebody made this value from a number, or looked into it. */
  touch(value: ValueId): void {
    if (this.families[value] !== undefined) this.isSpoiled = true;
  }

  /** Nothing is owned any more. */
  clear(): void {
    this.groups = [];
    this.families.length = 0;
    this.owners.length = 0;
  }
}
