/** How long the verdicts of the gallery take, in a process that is warm as the language server's worker is. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ScenarioItem } from '../server/language/ast';
import { parse } from '../server/language/parse';
import { type Analysis, analyse, scenariosOf } from '../server/lsp/analysis';
import type { ExploreLimits } from '../server/lsp/explorerMessages';
import { ScenarioCache } from '../server/lsp/scenarioCache';
import { rulesOf } from '../server/lsp/scenarioRules';
import { exploreScenario, prepare } from '../server/lsp/scenarioWork';
import type { ScenarioReport } from '../server/verdict/report';
import { measured, measuredInThread } from './measure';
import { type Rows, type Table, whole } from './table';
import { readText } from './text';

const FOLDER = 'examples';
/** A scenario that takes more states is marked as cut. */
const limits: ExploreLimits = { states: 300_000, milliseconds: Number.POSITIVE_INFINITY, bytes: 2 ** 30 };
/** After so many rounds the code is compiled. */
const WARM_ROUNDS = 3;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .filter((path) => path.endsWith('.hvo'))
    .sort();
}

/** What the worker does for one scenario, from the parsed file to the report. */
function verdictOf(analysis: Analysis, item: ScenarioItem, cache: ScenarioCache): ScenarioReport {
  const prepared = prepare(analysis, item, cache);
  if (!prepared.isBroken) rulesOf(prepared);
  const control = { now: () => performance.now(), stopped: () => undefined, progress: () => {} };
  const work = exploreScenario(prepared, limits, control);
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

interface Found {
  readonly path: string;
  readonly name: string;
  readonly states: string;
  readonly milliseconds: number;
  readonly cachedMilliseconds: number;
}

function once(path: string): readonly Found[] {
  const cache = new ScenarioCache();
  const text = readText(path);
  const analysisOf = (now: string, version: number) =>
    analyse({ uri: path, parsed: parse(now), origin: 'user' }, { version, revision: version }, () => undefined, {
      errors: [],
    });
  const [first, moved] = [analysisOf(text, 1), analysisOf(`${text}\n// A line more.\n`, 2)];
  const again = scenariosOf(moved);
  return scenariosOf(first).map((item, i) => {
    const anew = measured(() => verdictOf(first, item, cache));
    const cached = measured(() => verdictOf(moved, again[i] as ScenarioItem, cache));
    return {
      path,
      name: anew.value.name,
      states: `${anew.value.bound === undefined ? '' : '> '}${whole(anew.value.states)}`,
      milliseconds: anew.cpuSeconds * 1000,
      cachedMilliseconds: cached.cpuSeconds * 1000,
    };
  });
}

export const examples: Table = {
  name: 'examples',
  title: 'Verdicts of the gallery',
  how:
    'CPU ms of what the worker of the language server does for one scenario: elaboration, rules, exploration and report; and again for a ' +
    `later text of the file, from its cache. In a thread, after ${WARM_ROUNDS} rounds over all files.`,
  measure() {
    const files = filesBelow(FOLDER);
    for (let n = 0; n < WARM_ROUNDS; n++) files.flatMap(once);
    return { found: JSON.stringify(files.flatMap(once)) };
  },
  rows(): Rows {
    const columns = ['file', 'scenario', 'states', 'verdict ms', 'from the cache ms'];
    if (!existsSync(FOLDER)) return { columns, rows: [], notes: ['run it in the folder of the project'] };
    const found = JSON.parse(String(measuredInThread('examples').found)) as readonly Found[];
    return {
      columns,
      rows: found.map(({ path, name, states, milliseconds, cachedMilliseconds }) => [
        path.slice(FOLDER.length + 1),
        name,
        states,
        milliseconds.toFixed(1),
        cachedMilliseconds.toFixed(1),
      ]),
      notes: [
        `verdict: ${shares(found.map((one) => one.milliseconds))}`,
        `from the cache: ${shares(found.map((one) => one.cachedMilliseconds))}`,
      ],
    };
  },
};

function shares(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, 95 of 100 at most ${at(0.95)} ms, longest ${at(1)} ms`;
}
