/** From a `.hvo` file to the programs that the machine executes, one for each scenario. */

import type { ScenarioItem } from '../ast';
import { librariesOf } from '../kernelLibrary';
import { type ElaboratedScenario, elaborateScenario } from './scenario';
import type { LocatedDiagnostic, Source } from './source';

export interface ElaborateOptions {
  /** Files that the file uses, directly or not, in the order in which names are looked up. */
  readonly used?: readonly Source[];
  /** Only these scenarios; absent: all. */
  readonly only?: (scenario: ScenarioItem) => boolean;
  /** Words of physical memory, by scenario title, that an exploration found to be written after all. */
  readonly unsettled?: ReadonlyMap<string, ReadonlySet<bigint>>;
  /**
   * The programs are executed once, in order, and not explored. Then everything is done that the kernel does: tables are
   * filled whole, memory is read when the program runs, and long loops are loops of the code.
   */
  readonly oneRun?: boolean;
}

export interface Elaboration {
  readonly scenarios: readonly ElaboratedScenario[];
  readonly diagnostics: readonly LocatedDiagnostic[];
}

/** Elaborates the scenarios of a file. Never throws on what a user wrote: mistakes are in the diagnostics. */
export function elaborate(main: Source, options: ElaborateOptions = {}): Elaboration {
  const used = options.used ?? [];
  const items = main.parsed.file.items
    .filter((item): item is ScenarioItem => item.kind === 'scenario')
    .filter((item) => options.only === undefined || options.only(item));
  const libraries = librariesOf([main, ...used]);
  const scenarios = items.map((item) =>
    elaborateScenario(
      {
        main,
        used,
        library: libraries.ofScenario(item),
        librariesDiffer: libraries.differ,
        unsettled: options.unsettled?.get(item.title.value) ?? new Set(),
        oneRun: options.oneRun ?? false,
      },
      item,
    ),
  );
  return { scenarios, diagnostics: diagnosticsOf(scenarios) };
}

/** What scenarios say about themselves and what they share, each thing once. */
export function diagnosticsOf(scenarios: readonly ElaboratedScenario[]): readonly LocatedDiagnostic[] {
  const seen = new Set<string>();
  return scenarios
    .flatMap((scenario) => scenario.diagnostics)
    .filter((one) => {
      const key = `${one.source.uri} ${one.code} ${one.span.start} ${one.span.end} ${one.message}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}
