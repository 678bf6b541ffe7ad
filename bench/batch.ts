/** Thousands of small scenarios in a folder: the whole of `hvo check`, beside the elaborations and explorations alone. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { elaborate } from '../server/language/elaborate/elaborate';
import { parse } from '../server/language/parse';
import { checkRulesOf } from '../server/verdict/ruleDiagnostics';
import { explore } from '../simulator/explore/explore';
import { commandSeconds, cpuSeconds, type Figures, measuredTogether } from './measure';
import { type Rows, seconds, type Table, whole } from './table';
import { readText } from './text';

const SCENARIOS = 10_000;
const JOBS = [1, 2];
/** Scenarios of one file. */
const IN_FILE = [20, 1];

const head = 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }\nvar x = 0\nvar y = 0\n';

/** Small scenarios that differ: message passing over two words, a reader of a tail, a critical section. */
function scenario(i: number): string {
  const order = ['', 'dmb(ish); ', 'dmb(ishst); ', 'dsb(ish); '][i % 4] ?? '';
  const value = 1 + (i % 7);
  const bodies = [
    `  cpu 0 { store(x, ${value}); ${order}store(y, 1); }\n  cpu 1 { r0 = load(y); dmb(ish); r1 = load(x); }\n`,
    `  cpu 0 { r0 = load(H.page(${1 + (i % 63)}).flags); }\n  cpu 1 { store(x, ${value}); }\n`,
    `  cpu 0 { store(x, ${value}); ${order}r0 = load(y); }\n  cpu 1 { store(y, 1); dmb(ish); r1 = load(x); }\n`,
  ];
  return `scenario "number ${i}" {\n${bodies[i % bodies.length]}}\n`;
}

function writeFiles(folder: string, inFile: number): void {
  mkdirSync(folder);
  for (let first = 0; first < SCENARIOS; first += inFile) {
    const scenarios = Array.from({ length: Math.min(inFile, SCENARIOS - first) }, (_, i) => scenario(first + i));
    writeFileSync(join(folder, `${first}.hvo`), head + scenarios.join(''));
  }
}

/**
 * CPU seconds of the process from its first elaboration on, which has the compilation of what it runs in it. It does each
 * `of`th file, from `first` on.
 */
function alone(folder: string, first: number, of: number): Figures {
  let elaboration = 0;
  let rules = 0;
  let exploration = 0;
  let states = 0;
  for (const name of readdirSync(folder).filter((_, i) => i % of === first)) {
    const main = { uri: name, parsed: parse(readText(join(folder, name))), origin: 'user' } as const;
    const begin = cpuSeconds();
    const { scenarios } = elaborate(main);
    const elaborated = cpuSeconds();
    checkRulesOf([main], scenarios);
    const checked = cpuSeconds();
    for (const { program } of scenarios) states += explore(program).states;
    elaboration += elaborated - begin;
    rules += checked - elaborated;
    exploration += cpuSeconds() - checked;
  }
  return { elaboration, rules, exploration, states };
}

export const batch: Table = {
  name: 'batch',
  title: 'Many small scenarios',
  how:
    `${whole(SCENARIOS)} small scenarios in a folder: CPU seconds of the whole of \`hvo check --jobs N\` with all its threads, and those of ` +
    'elaboration, the rules of the text and exploration alone, in N processes at once that do nothing else and have their share of ' +
    'the files each.',
  measure: ([folder, first, of]) => alone(folder ?? '', Number(first), Number(of)),
  rows(): Rows {
    const folder = mkdtempSync(join(tmpdir(), 'hvo-bench-'));
    const program = join(dirname(process.argv[1] ?? ''), 'hvo.js');
    const rows = IN_FILE.flatMap((inFile) => {
      const files = join(folder, `${inFile}`);
      writeFiles(files, inFile);
      return JOBS.map((jobs) => {
        const shares = Array.from({ length: jobs }, (_, first) => [files, String(first), String(jobs)]);
        const figures = measuredTogether('batch', shares);
        const total = (name: string) => figures.reduce((sum, figure) => sum + Number(figure[name]), 0);
        const [elaboration, rules, exploration] = ['elaboration', 'rules', 'exploration'].map(total) as [
          number,
          number,
          number,
        ];
        const sum = elaboration + rules + exploration;
        const run = commandSeconds(`"${process.execPath}" "${program}" check --jobs ${jobs} . >/dev/null`, files);
        return [
          `${whole(Math.ceil(SCENARIOS / inFile))} files of ${inFile}, --jobs ${jobs}`,
          whole(total('states')),
          seconds(elaboration),
          seconds(rules),
          seconds(exploration),
          run === undefined ? 'failed' : seconds(run.cpuSeconds),
          run === undefined ? '' : `${((run.cpuSeconds / sum - 1) * 100).toFixed(0)} %`,
        ];
      });
    });
    rmSync(folder, { recursive: true, force: true });
    const columns = ['files', 'states', 'elaboration s', 'rules s', 'exploration s', 'hvo check s', 'over their sum'];
    return { columns, rows, notes: [] };
  },
};
