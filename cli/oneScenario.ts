/** Verbs that are about one scenario of one file: it is found, explored, and handed on. */

import { nearest } from '../server/language/suggest';
import { type FileCheck, type PlannedScenario, sourceOf } from '../server/verdict/fileCheck';
import type { ScenarioCheck } from '../server/verdict/scenarioCheck';
import { misuse } from './arguments';
import { openTexts } from './checkTask';
import { type FileTexts, readTexts } from './files';
import { type ExitCode, type Io, readFailure } from './io';

export interface ScenarioWanted {
  readonly positionals: readonly string[];
  /** Its title; undefined: the only one. */
  readonly scenario: string | undefined;
  /** Files that go first. */
  readonly first: readonly string[];
  readonly maxStates: number;
}

export interface ExploredScenario {
  readonly path: string;
  readonly name: string;
  readonly check: ScenarioCheck;
}

/** The scenario, explored; or the exit code, with what is wrong on stderr. `done`: what cannot be done with a broken one. */
export async function exploreOne(
  verb: string,
  done: string,
  { positionals, scenario, first, maxStates }: ScenarioWanted,
  io: Io,
): Promise<ExploredScenario | ExitCode> {
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) return misuse(io, verb, 'name one file');
  const fail = (message: string): ExitCode => {
    io.stderr(`hvo ${verb}: ${message}\n`);
    return 2;
  };
  let texts: FileTexts;
  try {
    texts = await readTexts(path, first, io);
  } catch (error) {
    return fail(`${path}: ${readFailure(error)}`);
  }
  const titles = titlesOf(texts);
  const file = openTexts(texts, scenario !== undefined && titles.includes(scenario) ? scenario : undefined);
  const planned = choose(file, scenario, titles);
  const tellMistakes = () => {
    for (const { of, place, code, severity, message } of file.diagnostics)
      if (of === 'text' && severity === 'error')
        io.stderr(`${place.path}:${place.line}:${place.column}: ${code}: ${message}\n`);
  };
  if (typeof planned === 'string') {
    // A text that could not be read may seem to have no scenario.
    if (titles.length === 0) tellMistakes();
    return fail(planned);
  }
  if (planned.isBroken) {
    tellMistakes();
    return fail(`${path}: "${planned.name}" cannot be ${done} before its text is mended`);
  }
  const check = planned.start({ maxStates, draws: false });
  while (!check.isDone) check.advance(10_000);
  return { path, name: planned.name, check };
}

function titlesOf({ path, text }: FileTexts): readonly string[] {
  const { items } = sourceOf(path, text).parsed.file;
  return items.flatMap((item) => (item.kind === 'scenario' ? [item.title.value] : []));
}

function choose(file: FileCheck, name: string | undefined, titles: readonly string[]): PlannedScenario | string {
  const { scenarios } = file;
  const [first, ...others] = scenarios;
  if (first === undefined) return `${file.source.uri} has no scenario`;
  if (name === undefined) return others.length === 0 ? first : `name the scenario with --scenario:\n${listed(titles)}`;
  return scenarios.find((one) => one.name === name) ?? noSuchScenario(name, titles);
}

/** Titles that are listed; a folder may have thousands. */
const maximumListed = 20;

function listed(titles: readonly string[]): string {
  const more = titles.length - maximumListed;
  const lines = titles.slice(0, maximumListed).map((title) => `  "${title}"`);
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

export function noSuchScenario(name: string, titles: readonly string[]): string {
  if (titles.length === 0) return `there is no scenario "${name}", nor any other`;
  const near = nearest(name, titles);
  const meant = near === undefined ? '' : ` (did you mean "${near}"?)`;
  return `there is no scenario "${name}"${meant}; there are\n${listed(titles)}`;
}
