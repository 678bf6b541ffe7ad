/** From a `.hvo` file to the programs that the machine executes, one for each scenario. */

import type { ScenarioItem } from '../ast';
import { standardLibrary } from '../stdlib/library';
import { type MachineSource, readConfiguration } from './configuration';
import { type ElaboratedScenario, elaborateScenario } from './scenario';
import { Diagnostics, type LocatedDiagnostic, type Source } from './source';

export interface ElaborateOptions {
  /** Files that the file uses, directly or not, in the order in which names are looked up. */
  readonly used?: readonly Source[];
  /** Only these scenarios, by title; absent: all. */
  readonly only?: readonly string[];
  /** Words of physical memory, by scenario title, that an exploration found to be written after all. */
  readonly unsettled?: ReadonlyMap<string, ReadonlySet<bigint>>;
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
    .filter((item) => options.only === undefined || options.only.includes(item.title.value));
  const scenarios = items.map((item) =>
    elaborateScenario(
      {
        main,
        used,
        library: libraryOf(item, main, used),
        unsettled: options.unsettled?.get(item.title.value) ?? new Set(),
      },
      item,
    ),
  );
  const seen = new Set<string>();
  const diagnostics = scenarios
    .flatMap((scenario) => scenario.diagnostics)
    .filter((one) => {
      const key = `${one.source.uri} ${one.code} ${one.span.start} ${one.span.end} ${one.message}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  return { scenarios, diagnostics };
}

/** The library of the kernel that a scenario's machine names. */
function libraryOf(scenario: ScenarioItem, main: Source, used: readonly Source[]): readonly Source[] {
  const machines: MachineSource[] = [];
  for (const source of [...used].reverse().concat(main)) {
    for (const item of source.parsed.file.items) if (item.kind === 'machine') machines.push({ item, source });
  }
  for (const member of scenario.members) if (member.kind === 'machine') machines.push({ item: member, source: main });
  return standardLibrary(readConfiguration(machines, new Diagnostics()).kernel);
}
