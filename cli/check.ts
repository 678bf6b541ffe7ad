/** `hvo check`: every execution of every scenario, and what is wrong with them. */

import { counted } from '../server/verdict/counts';
import { sourceOf } from '../server/verdict/fileCheck';
import { type FileReport, unreadable } from '../server/verdict/report';
import { misuse } from './arguments';
import { defaultMaxStates, defaultTimeoutSeconds } from './bounds';
import { type CheckArguments, readCheckArguments } from './checkArguments';
import { exploreAll } from './checkExplore';
import { now } from './clock';
import { type FilePart, type FileTexts, filesBelow, readTexts } from './files';
import { formats } from './formats/table';
import { type ExitCode, type Io, readFailure } from './io';
import { noSuchScenario } from './oneScenario';
import { resultsInOrder } from './resultsInOrder';

export const usage = `usage: hvo check PATH... [--format FORMAT | --json] [--scenario NAME] [--max-states N] [--timeout SECONDS]
                 [--shard I/N] [--jobs N] [--with FILE]... [--verbose]

Explores every execution of each scenario of .hvo files; a directory stands for all .hvo files below it. Prints each
scenario's verdict, and for each failure the rule, the place, a shortest execution and the schedule that replays it.

  --format FORMAT  ${Object.entries(formats)
    .map(([name, { doc }]) => `${name}: ${doc}`)
    .join('\n                   ')}
  --json           the same as --format json
  --scenario NAME  only scenarios of this name
  --max-states N   states to visit for one scenario (${defaultMaxStates}); beyond them its verdict is "unknown"
  --timeout S      seconds for one scenario (${defaultTimeoutSeconds}); beyond them its verdict is "unknown"
  --shard I/N      only the I-th of N parts of the scenarios, for several machines
  --jobs N         threads, where it takes long; as many as there are processors if not given (auto)
  --with FILE      as if each file said \`use "FILE"\` at its top: other functions, another machine
  --verbose        also what is as expected, and every step of the executions

Exit code 0: all as expected; 1: findings or unmet expectations, or a bound was hit; 2: unusable input or arguments;
130: stopped by Ctrl-C (143 and 129: by SIGTERM and SIGHUP), which prints what is done by then and says what is left out.
`;

export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const given = readCheckArguments(args);
  if (given.kind === 'help') {
    io.stdout(usage);
    return 0;
  }
  if (given.kind === 'problem') return misuse(io, 'check', given.message);
  const { values } = given;
  const start = now();
  const { files: read, unreadables } = await readAll(values, io);
  const parts = partsOf(read, values);
  const wanted = parts.map(({ scenarios }) => scenarios);
  const files = read.map((file, i): FileTexts => ({ ...file, part: parts[i] as FilePart }));
  if (values.only !== undefined && files.length > 0 && wanted.every((scenarios) => scenarios.length === 0)) {
    const titles = files.flatMap((file) => file.titles);
    const isElsewhere = titles.includes(values.only);
    io.stderr(
      `hvo check: ${isElsewhere ? `the scenario "${values.only}" is in another part than the one that --shard asks for` : noSuchScenario(values.only, titles)}\n`,
    );
    return 2;
  }
  const { verbose, first, only, shard } = values;
  const printer = formats[values.format].printer({ verbose, first, isPart: only !== undefined || shard.count > 1 });
  let worst: ExitCode = 0;
  let leftOut = 0;
  const done = (file: FileReport) => {
    worst = worse(worst, exitCode(file));
    leftOut += file.leftOut?.length ?? 0;
  };
  const print = (text: string) => {
    if (text !== '') io.stdout(text);
  };
  const results = resultsInOrder(files, wanted, printer, print, done);
  const stopped = await exploreAll(files, wanted, values, results, io);
  results.close();
  for (const file of unreadables) {
    print(printer.file(file));
    done(file);
  }
  print(printer.end(Math.round(now() - start)));
  if (stopped === undefined) return worst;
  io.stderr(`hvo check: stopped; ${counted(leftOut, 'scenario')} not explored\n`);
  return stopped;
}

/** The worst thing that can be said of the whole: unusable before unexpected. */
function worse(one: ExitCode, other: ExitCode): ExitCode {
  return one > other ? one : other;
}

function exitCode({ verdict, diagnostics }: FileReport): ExitCode {
  const isBroken = diagnostics.some((one) => one.of === 'text' && one.severity === 'error');
  if (isBroken || verdict === 'error') return 2;
  return verdict === 'ok' ? 0 : 1;
}

async function readAll(
  { paths, first }: CheckArguments,
  io: Io,
): Promise<{ readonly files: readonly FileTexts[]; readonly unreadables: readonly FileReport[] }> {
  const files: FileTexts[] = [];
  const unreadables: FileReport[] = [];
  const fail = (path: string, message: string) => {
    io.stderr(`hvo check: ${path}: ${message}\n`);
    unreadables.push(unreadable(path, message));
  };
  const seen = new Set<string>();
  for (const path of paths) {
    for (const file of await filesBelow(path, '.hvo', io, fail)) {
      if (seen.has(file)) continue;
      seen.add(file);
      try {
        const texts = await readTexts(file, first, io);
        if (file === path && saysNothing(texts))
          fail(file, 'it has no scenario, and nothing that another file could use');
        else files.push(texts);
      } catch (error) {
        fail(file, readFailure(error));
      }
    }
  }
  return { files, unreadables };
}

/** A file that is named is there to be checked, or to be used by others; in a folder an empty one may lie. */
function saysNothing({ path, text }: FileTexts): boolean {
  const { file, diagnostics } = sourceOf(path, text).parsed;
  return file.items.length === 0 && diagnostics.length === 0;
}

/**
 * What is asked for of each file. A part of all scenarios counts on from file to file; what stands outside the scenarios of
 * a file is told with the first of them.
 */
function partsOf(files: readonly FileTexts[], { shard, only }: CheckArguments): readonly FilePart[] {
  let before = 0;
  return files.map(({ titles }) => {
    const first = before;
    before += titles.length;
    const isHere = (place: number) => (first + place) % shard.count === shard.index - 1;
    const named = [...titles.keys()].filter((place) => only === undefined || titles[place] === only);
    const outside = only === undefined ? 'all' : 'used';
    return { scenarios: named.filter(isHere), outside: isHere(named[0] ?? 0) ? outside : 'errors' };
  });
}
