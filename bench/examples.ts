/** How long the verdicts of the gallery take, in a process that is warm as the language server is. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { elaborate } from '../server/language/elaborate/elaborate';
import { parse } from '../server/language/parse';
import { explore } from '../simulator/explore/explore';
import { measured } from './measure';
import { type Rows, type Table, whole } from './table';
import { readText } from './text';

const FOLDER = 'examples';
/** An example that takes more states is a row of its own kind: it is marked as cut. */
const MAX_STATES = 300_000;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .filter((path) => path.endsWith('.hvo'))
    .sort();
}

export const examples: Table = {
  name: 'examples',
  title: 'Verdicts of the gallery',
  how: 'Each file is parsed and elaborated and each scenario explored, twice in one process; the figures are those of the second time.',
  rows(): Rows {
    const columns = ['file', 'scenario', 'states', 'elaboration ms (file)', 'exploration ms'];
    if (!existsSync(FOLDER)) return { columns, rows: [], notes: ['run it in the folder of the project'] };
    const files = filesBelow(FOLDER);
    const once = () =>
      files.flatMap((path) => {
        const text = readText(path);
        const elaboration = measured(() => elaborate({ uri: path, parsed: parse(text), origin: 'user' }));
        return elaboration.value.scenarios
          .filter((scenario) => scenario.isUsable)
          .map((scenario) => {
            const run = measured(() => explore(scenario.program, { maxStates: MAX_STATES }));
            const { states, complete } = run.value;
            return { path, name: scenario.name, states, complete, elaboration, milliseconds: run.cpuSeconds * 1000 };
          });
      });
    once();
    const found = once();
    const sorted = found.map((one) => one.milliseconds).sort((a, b) => a - b);
    const at = (share: number): string =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
    return {
      columns,
      rows: found.map((one) => [
        one.path.slice(FOLDER.length + 1),
        one.name,
        `${one.complete ? '' : '> '}${whole(one.states)}`,
        (one.elaboration.cpuSeconds * 1000).toFixed(1),
        one.milliseconds.toFixed(1),
      ]),
      notes: [`exploration: median ${at(0.5)} ms, 95 of 100 at most ${at(0.95)} ms, longest ${at(1)} ms`],
    };
  },
};
