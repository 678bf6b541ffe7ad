/**
 * What the language server and an editor say to each other beside the Language Server Protocol.
 *
 * Plain data and method names, no LSP library: client and server pull different versions of the LSP types, so neither
 * may hand them to the other. Positions are LSP's: lines and UTF-16 characters from zero.
 *
 * Rules that both sides keep:
 * - One `Results` object is everything known about one version of one document, and it is never changed after it was
 *   sent: a later object replaces it whole. Gutter, lens, hover, tests and status bar are views of it.
 * - The lenses above a scenario are LSP code lenses whose commands are `Command.run` and `Command.explore` with one
 *   `ScenarioTarget` as argument, and `Command.cancel` while it is explored. The editor registers these commands; the server must not announce them in
 *   `executeCommandProvider`, because the client library would register them a second time.
 * - Diagnostics are pushed, never pulled as well (VS Code would count each twice), with `source` "hvo" and a rule's code as
 *   `code`. The editor makes the code a link to the page that `hvo/explain` gives.
 * - A request that takes long is cancelled the LSP way ($/cancelRequest) and then answers with what it knows so far,
 *   saying so in its text. An answer that cannot be given is an LSP error whose message says what to do.
 */

/** A position in a document: line and UTF-16 character, both from zero. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

/** A half-open range of a document. */
export interface Span {
  readonly start: Place;
  readonly end: Place;
}

/** `initializationOptions` of the initialize request. */
export interface ClientAbilities {
  /** An editor that takes `hvo/outcomes` draws outcomes itself; for any other the server gives inlay hints. */
  readonly outcomes: 'notifications' | 'inlayHints';
}

/**
 * The settings below `hvo`, as package.json contributes them. The server asks for them with `workspace/configuration`,
 * section `hvo`, and registers for `workspace/didChangeConfiguration`. An editor without them has package.json's defaults.
 */
export interface Settings {
  readonly outcomes: {
    /** Whether the editor draws outcomes; the server explores all the same, for verdicts and diagnostics. */
    readonly enabled: boolean;
    /** Outcomes behind loads, stores and atomics. */
    readonly accesses: boolean;
    /** Outcomes behind barriers and TLB invalidations. */
    readonly barriers: boolean;
    /** An icon in the gutter for each line that has an outcome. */
    readonly gutter: boolean;
  };
  readonly lenses: { readonly enabled: boolean };
  readonly explore: {
    /** Whether verdicts follow typing by themselves. Off: only `hvo/explore` explores. */
    readonly whileTyping: boolean;
  };
  /** Most states that one scenario may visit before its verdict is "unknown". */
  readonly maxStates: number;
  /** Most seconds that one scenario may take before its verdict is "unknown". */
  readonly timeoutSeconds: number;
}

/** Where a scenario stands: the argument of the run and explore commands, and part of their requests. */
export interface ScenarioTarget {
  readonly uri: string;
  /** The scenario's name as written between its quotes. */
  readonly scenario: string;
}

/** `ok` and `failed` are proofs over all executions; `unknown` hit a bound; `error` could not be explored. */
export type Verdict = 'ok' | 'failed' | 'unknown' | 'error';

/** One scenario of a document and what is known about it. */
export interface ScenarioResult {
  readonly name: string;
  /** The scenario's heading: the place of its lenses and of its test. */
  readonly span: Span;
  /** `undefined` while it is still explored. */
  readonly verdict?: Verdict;
  readonly states: number;
  readonly milliseconds: number;
  /** One line for lists and the status bar, such as "ok: 1,204 states" or "failed: never oops (line 30)". */
  readonly text: string;
  /** The shortest execution that shows a failure, as a schedule string. */
  readonly schedule?: string;
}

/** What can happen at one access or barrier, over all executions of all scenarios that reach it. */
export interface OutcomeResult {
  readonly span: Span;
  readonly at: 'access' | 'barrier';
  /** As drawn behind the line: "ok ×12 | fixed-up ×3". */
  readonly text: string;
  /** `bad` ends in a failure, `note` is worth a look (a fault that was fixed up, a spurious warning), `good` is plain. */
  readonly severity: 'good' | 'note' | 'bad';
  /** Markdown for the hover. */
  readonly markdown: string;
  /** One execution for each outcome, to be run by a click. */
  readonly witnesses: readonly Witness[];
}

/** One outcome at one place, and an execution that ends in it. */
export interface Witness extends ScenarioTarget {
  /** The outcome in words: "fixed-up". */
  readonly label: string;
  readonly count: number;
  readonly schedule: string;
}

/**
 * Everything known about one version of a document.
 *
 * `running`: this version is being explored, and what is listed is what is known so far. `fresh`: complete.
 * `stale`: this version could not be explored (a syntax error), and what is listed is from `resultsVersion`.
 */
export interface Results {
  readonly uri: string;
  /** The document version that this object speaks about. */
  readonly version: number;
  /** The version from which scenarios and outcomes come; differs from `version` only when `stale`. */
  readonly resultsVersion: number;
  readonly state: 'running' | 'fresh' | 'stale';
  readonly scenarios: readonly ScenarioResult[];
  readonly outcomes: readonly OutcomeResult[];
}

/** How far an exploration is; sent at most a few times a second, for background work and for requests. */
export interface Progress extends ScenarioTarget {
  readonly states: number;
  readonly milliseconds: number;
  /** One line for a person: "40,000 states, frontier 1,200". */
  readonly text: string;
}

/** `schedule` left out: the server chooses an execution, a failing one if there is one, else one that an expectation asks for. */
export interface RunParams extends ScenarioTarget {
  readonly schedule?: string;
}

/** `scenario` left out: all scenarios of the document. */
export interface ExploreParams {
  readonly uri: string;
  readonly scenario?: string;
}

export interface CancelParams {
  readonly uri: string;
}

export interface ExplainParams {
  readonly code: string;
}

export interface PageTablesParams {
  readonly uri: string;
  readonly position: Place;
}

/** A folder of approaches to one job (docs/compare.md), as texts: only the editor can read where it is. */
export interface CompareParams {
  /** Of the folder; progress carries it. */
  readonly uri: string;
  /** Of the report. */
  readonly title: string;
  readonly files: readonly {
    /** As the report names it. */
    readonly path: string;
    readonly text: string;
  }[];
}

export interface LibraryTextParams {
  readonly uri: string;
}

export interface ReadTextParams {
  readonly uri: string;
}

export interface ReadTextAnswer {
  /** `undefined`: there is no such file, or it cannot be read. */
  readonly text?: string;
}

/** A readable document, shown by the editor in a read-only tab. */
export interface Report {
  readonly title: string;
  readonly language: 'plaintext' | 'markdown' | 'hvo';
  readonly text: string;
  /** The execution that the report shows, if it shows one. */
  readonly schedule?: string;
}

/** The methods; each says who sends it and what it carries. */
export const Method = {
  /** Server to client, notification, `Results`. */
  outcomes: 'hvo/outcomes',
  /** Server to client, notification, `Progress`. */
  progress: 'hvo/progress',
  /** Client to server, notification, `CancelParams`: stop background exploration of this document's version. */
  cancel: 'hvo/cancel',
  /** Request to the server, `RunParams` to `Report`: one execution as a timeline. */
  run: 'hvo/run',
  /** Request to the server, `ExploreParams` to `Report`: every execution, with the shortest failing ones. */
  explore: 'hvo/explore',
  /** Request to the server, `ExplainParams` to `Report`: a rule with its bad and good example and its source. */
  explain: 'hvo/explain',
  /** Request to the server, `PageTablesParams` to `Report`: page tables and TLBs as they stand at a position. */
  pageTables: 'hvo/pageTables',
  /** Request to the server, `CompareParams` to `Report`: approaches to one job side by side. */
  compare: 'hvo/compare',
  /** Request to the server, `LibraryTextParams` to `Report`: the text of a document with the scheme `LIBRARY_SCHEME`. */
  libraryText: 'hvo/libraryText',
  /** Request to the server, nothing to `Work`: what it has done since it began, in counts. */
  work: 'hvo/work',
  /**
   * Request from the server, `ReadTextParams` to `ReadTextAnswer`: a file that is not open, for `use "other.hvo"`. A
   * virtual workspace has no disk, so only the editor can read it. Sent only to a client that gave `ClientAbilities`.
   */
  readText: 'hvo/readText',
} as const;

/** Commands of the editor that the server may name in lenses and in markdown links. */
export const Command = {
  /** Argument: `RunParams`. */
  run: 'hvo.run',
  /** Argument: `ExploreParams`. */
  explore: 'hvo.explore',
  /** Argument: a rule's code. */
  explain: 'hvo.explain',
  /** No argument: it is the text that the person looks at. */
  cancel: 'hvo.cancel',
} as const;

/** Scheme of the standard library's documents, to which go-to-definition leads. */
export const LIBRARY_SCHEME = 'hvo-library';
