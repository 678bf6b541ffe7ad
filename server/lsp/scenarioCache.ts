/**
 * Scenarios that were elaborated, and their explorations, by what they mean: who edits one scenario has the others
 * explored already, wherever their text has moved. The newest ones are kept, within a bound of memory.
 */

import type { Exploration } from '../../simulator/explore/explore';
import { type Meaning, moveBetween, movedScenario } from '../features/scenarioMeaning';
import type { ScenarioItem } from '../language/ast';
import { elaborate } from '../language/elaborate/elaborate';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { Source } from '../language/elaborate/source';
import type { ScenarioReport } from '../verdict/report';
import type { KnownRules } from './scenarioRules';
import { noWork } from './work';

/** Bytes of explored states that are kept. */
export const MAX_BYTES = 512 * 2 ** 20;
/** Scenarios that are kept. */
export const MAX_SCENARIOS = 256;

export interface Cached {
  /** The text that `scenario` has its places in, and the tokens that it takes part with. */
  source: Source;
  starts: readonly number[];
  scenario: ElaboratedScenario;
  /** The scenario as it was made, for moves to the text of today. */
  made: { readonly scenario: ElaboratedScenario; readonly source: Source; readonly starts: readonly number[] };
  exploration: Exploration | undefined;
  /** Time that the exploration took so far. */
  milliseconds: number;
  rules?: KnownRules;
  /** Of the complete exploration. */
  report?: KnownReport;
  /** Words of memory that no assumption may be made about any more. */
  readonly unsettled: Set<bigint>;
}

/** A report, for which program and bound, and where its text stood. */
export interface KnownReport {
  readonly report: ScenarioReport;
  readonly program: ElaboratedScenario['program'];
  readonly states: number;
  readonly source: Source;
  readonly starts: readonly number[];
  /** It says something that is true for the lines on which the text stood. */
  readonly namesLines: boolean;
}

export class ScenarioCache {
  /** Least recently used first. */
  private readonly entries = new Map<string, Cached>();
  readonly work = noWork();

  /** The scenario with its places in the text as it is now. */
  get(meaning: Meaning, item: ScenarioItem, source: Source, used: readonly Source[]): Cached {
    const { key, starts } = meaning;
    const known = this.entries.get(key);
    if (known === undefined) {
      const made = this.make(item, source, used, new Set());
      const cached = {
        source,
        starts,
        scenario: made,
        made: { scenario: made, source, starts },
        exploration: undefined,
        milliseconds: 0,
        unsettled: new Set<bigint>(),
      };
      this.entries.set(key, cached);
      this.evict(key);
      return cached;
    }
    this.entries.delete(key);
    this.entries.set(key, known);
    if (known.source !== source || !isSame(known.starts, starts)) {
      const { made } = known;
      known.scenario = movedScenario(made.scenario, made.source, source, moveBetween(made.starts, starts));
      known.source = source;
      known.starts = starts;
    }
    return known;
  }

  /** Elaborates one scenario of a file with no assumption about some words of memory. */
  make(
    item: ScenarioItem,
    source: Source,
    used: readonly Source[],
    unsettled: ReadonlySet<bigint>,
  ): ElaboratedScenario {
    this.work.scenariosElaborated++;
    const title = item.title.value;
    const only = ({ span }: ScenarioItem) => span.start === item.span.start;
    const [found] = elaborate(source, { used, only, unsettled: new Map([[title, unsettled]]) }).scenarios;
    if (found === undefined) throw new Error(`the scenario "${title}" was not elaborated`);
    return found;
  }

  forget(key: string): void {
    this.entries.delete(key);
  }

  /** Call when explorations have grown. */
  evict(keep: string): void {
    const bytes = (): number => [...this.entries.values()].reduce((sum, one) => sum + (one.exploration?.bytes ?? 0), 0);
    for (const key of [...this.entries.keys()]) {
      if (this.entries.size <= MAX_SCENARIOS && bytes() <= MAX_BYTES) return;
      if (key !== keep) this.entries.delete(key);
    }
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((start, i) => start === b[i]);
}
