/** Which kernel's library a file and its scenarios have: that of the kernel which their machines name. */

import type { KernelRelease } from '../../simulator/machine/kernelRelease';
import type { ScenarioItem } from './ast';
import { type MachineSource, readConfiguration } from './elaborate/configuration';
import { Diagnostics, type Source } from './elaborate/source';
import type { Surroundings } from './names';
import { releaseOfLibrary, standardLibrary } from './stdlib/library';

export interface Libraries {
  /** What functions at the top of the file can name: the library of the file's kernel, then those of its scenarios. */
  readonly ofFile: readonly Source[];
  /** What a scenario can name. */
  ofScenario(scenario: ScenarioItem): readonly Source[];
  /** The scenarios do not all have one kernel, so that a function at the top may miss something in one of them. */
  readonly differ: boolean;
}

/** `nearestFirst`: the file, then those that it uses. */
export function librariesOf(nearestFirst: readonly [Source, ...Source[]]): Libraries {
  const machines = [...nearestFirst]
    .reverse()
    .flatMap((source) =>
      source.parsed.file.items.flatMap((item) => (item.kind === 'machine' ? [{ item, source }] : [])),
    );
  const [main] = nearestFirst;
  const own = standardLibrary(releaseOfLibrary(main.uri) ?? kernelOf(machines));
  const ofScenarios = new Map<ScenarioItem, readonly Source[]>();
  for (const scenario of main.parsed.file.items) {
    if (scenario.kind !== 'scenario') continue;
    const members = scenario.members.flatMap((item) => (item.kind === 'machine' ? [{ item, source: main }] : []));
    if (members.length > 0) ofScenarios.set(scenario, standardLibrary(kernelOf([...machines, ...members])));
  }
  const others = [...new Set(ofScenarios.values())].filter((library) => library !== own);
  return {
    ofFile: others.length === 0 ? own : [...own, ...others.flat()],
    ofScenario: (scenario) => ofScenarios.get(scenario) ?? own,
    differ: others.length > 0,
  };
}

/** What the names of a file can mean beside what it declares itself. */
export function surroundingsOf(main: Source, used: readonly Source[]) {
  const { ofFile, ofScenario } = librariesOf([main, ...used]);
  return { used, library: ofFile, libraryOf: ofScenario } satisfies Surroundings;
}

function kernelOf(machines: readonly MachineSource[]): KernelRelease {
  return readConfiguration(machines, new Diagnostics()).kernel;
}
