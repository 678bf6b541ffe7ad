/** What is known about one version of a text at once: its tree, its names, and what is wrong with it. Nothing is explored. */

import type { Problem } from '../features/problem';
import type { ScenarioItem, Span } from '../language/ast';
import type { Diagnostic } from '../language/diagnostic';
import type { Source } from '../language/elaborate/source';
import { surroundingsOf } from '../language/kernelLibrary';
import { type Names, resolveNames } from '../language/names';
import { usedFiles } from '../language/used';
import { textRules } from './scenarioRules';

export interface Analysis {
  readonly uri: string;
  readonly version: number;
  /** Another number for each analysis: a text may stay while what it uses changes. */
  readonly revision: number;
  readonly source: Source;
  /** Files that it uses, nearest first. */
  readonly used: readonly Source[];
  readonly names: Names;
  /** `names`, or those of a text before as long as nobody has asked for these. */
  readonly namesSoFar: Names | undefined;
  /** The library of a scenario's kernel. */
  readonly libraryOf: (scenario: ScenarioItem) => readonly Source[];
  /** Of syntax and names, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the rules say about the text as it stands, whatever it means. */
  readonly remarks: readonly Problem[];
  /** Where the diagnostics stand that are errors. */
  readonly errors: readonly Span[];
}

/** Finds the source of a path that counts from a file; undefined: there is none, or it has not been read yet. */
export type OpenUsed = (from: string, path: string) => Source | undefined;

export interface AnalyseOptions {
  /** Of the text before; what it found need not be found again. */
  readonly before?: Analysis | undefined;
  /** Where they are known already: who only wants those of a text need not wait for its names. */
  readonly errors?: readonly Span[];
}

/** Names are resolved when somebody asks for them or for the diagnostics. */
export function analyse(
  source: Source,
  { version, revision }: Pick<Analysis, 'version' | 'revision'>,
  open: OpenUsed,
  { before, errors }: AnalyseOptions = {},
): Analysis {
  // `usedFiles` hands back the sources that `open` made.
  const files = usedFiles(source, open);
  const used = files.sources as readonly Source[];
  const surroundings = surroundingsOf(source, used);
  let known = before?.namesSoFar;
  let remarks: readonly Problem[] | undefined;
  let found: Pick<Analysis, 'names' | 'diagnostics'> | undefined;
  const check = (): NonNullable<typeof found> => {
    if (found !== undefined) return found;
    const names = resolveNames(source, surroundings, known);
    known = names;
    const diagnostics = [...source.parsed.diagnostics, ...files.diagnostics, ...names.diagnostics];
    found = { names, diagnostics: diagnostics.sort((a, b) => a.span.start - b.span.start) };
    return found;
  };
  return {
    uri: source.uri,
    version,
    revision,
    source,
    used,
    libraryOf: surroundings.libraryOf,
    get names() {
      return check().names;
    },
    get namesSoFar() {
      return known;
    },
    get diagnostics() {
      return check().diagnostics;
    },
    get remarks() {
      remarks ??= textRules(source);
      return remarks;
    },
    get errors() {
      return (
        errors ??
        check()
          .diagnostics.filter(({ severity }) => severity === 'error')
          .map(({ span }) => span)
      );
    },
  };
}

export function scenariosOf(analysis: Analysis): readonly ScenarioItem[] {
  return analysis.source.parsed.file.items.filter((item): item is ScenarioItem => item.kind === 'scenario');
}
