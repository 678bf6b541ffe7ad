/**
 * What executions leave behind: entries that are broken at the end, pages that are lost, sections that are open. What a task that was
 * killed leaves behind is another matter.
 */

import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { BrokenEntries } from './brokenEntries';
import { LostPages } from './lostPages';
import { OpenSections, type SectionKind } from './openSections';

export type Leftover =
  /** `states`: final states that show it, one for each set of pages that are free by then. */
  | { readonly kind: 'left-broken'; readonly word: ValueId; readonly level: number; readonly states: readonly number[] }
  /** `word`: of a page that was mapped at the start, the entry that mapped it. */
  | { readonly kind: 'leak'; readonly page: ValueId; readonly word?: ValueId; readonly states: readonly [number] }
  | {
      readonly kind: 'section-left-open';
      readonly cpu: number;
      readonly section: SectionKind;
      readonly states: readonly [number];
    };

export class Leftovers {
  private readonly entries = new BrokenEntries();
  private readonly pages = new LostPages();
  private readonly sections = new OpenSections();

  clear(): void {
    this.entries.clear();
    this.pages.clear();
    this.sections.clear();
  }

  /** A final state, which the cursor is over. */
  note(m: Machine, state: number): void {
    for (let t = 0; t < m.layout.cpus; t++) if (m.isDead(t)) return;
    this.entries.note(m, state);
    this.pages.note(m, state);
    this.sections.note(m, state);
  }

  /** Whether more has to be seen than the record holds, for which the exploration starts again. */
  suspect(m: Machine): boolean {
    return this.pages.suspect(m);
  }

  found(m: Machine): readonly Leftover[] {
    return [
      ...this.entries.found(m).map((one) => ({ kind: 'left-broken' as const, ...one })),
      ...this.pages.found(m).map(({ state, ...one }) => ({ kind: 'leak' as const, states: [state] as const, ...one })),
      ...this.sections
        .found()
        .map(({ state, ...one }) => ({ kind: 'section-left-open' as const, states: [state] as const, ...one })),
    ];
  }
}
