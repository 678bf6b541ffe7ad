/**
 * What a check says about a file: plain data, the only thing that printers, the language server and tests read. It can
 * cross to another process or worker as it is (no bigint, no function, no reference into a tree).
 */

import type { Span } from '../language/ast';
import type { Fix } from '../language/diagnostic';

/** The code of an expectation of the scenario that does not hold. */
export const unmetExpectation = 'expectation';

/**
 * `ok` and `failed` are proofs over all executions; `unknown` hit a bound, and nothing failed up to there; `error` could
 * not be explored, because its text does not say what to do.
 */
export type Verdict = 'ok' | 'failed' | 'unknown' | 'error';

/** A place in a text. */
export interface ReportPlace {
  /** As given by the host, or `<v6.7>/hugetlb_vmemmap.hvo` for the standard library. */
  readonly path: string;
  readonly origin: 'user' | 'library';
  /** Offsets in UTF-16 units. */
  readonly span: Span;
  /** Of the first character, both from 1. */
  readonly line: number;
  readonly column: number;
  /** The first line of the place, without blanks around it. */
  readonly text: string;
}

/** Another place that has to do with it: who called, what the other CPU did. */
export interface RelatedPlace {
  readonly place: ReportPlace;
  readonly message: string;
}

/** What is said about the text itself, without an execution. */
export interface ReportDiagnostic {
  /** `text`: syntax, names, what a statement can mean. `rule`: a rule of locking or break-before-make is broken. */
  readonly of: 'text' | 'rule';
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'hint';
  readonly message: string;
  readonly place: ReportPlace;
  readonly related: readonly RelatedPlace[];
  /** What could stand there. */
  readonly alternatives?: readonly string[];
  readonly fix?: Fix;
  /** Every scenario that breaks the rule here expects what comes of it; `severity` is then `hint`. */
  readonly expected?: boolean;
}

export interface FileReport {
  readonly path: string;
  /** Why it could not be read, as the end of a sentence; it then has nothing else. */
  readonly problem?: string;
  /** The worst of its scenarios; `failed` when its text breaks a rule, `error` when its text has errors. */
  readonly verdict: Verdict;
  readonly diagnostics: readonly ReportDiagnostic[];
  readonly scenarios: readonly ScenarioReport[];
  /** Titles of those that were asked for and not explored; present only where it was stopped before the file was done. */
  readonly leftOut?: readonly string[];
}

export interface ScenarioReport {
  readonly name: string;
  /** The scenario's heading, `scenario "title"`. */
  readonly place: ReportPlace;
  readonly verdict: Verdict;
  /** Distinct states that were reached, and transitions between them. */
  readonly states: number;
  readonly transitions: number;
  /** Supplied by the host, which has the clock. */
  readonly milliseconds: number;
  /** Why the exploration is incomplete: a named bound such as `states`, `time`, `cancelled`. */
  readonly bound?: string;
  /** Length of the longest shortest path: how deep the exploration went. */
  readonly depth: number;
  /** Expectations, in the order of the text. */
  readonly claims: readonly ClaimReport[];
  /** What went wrong, or could be thought to; most severe first, then shortest execution first. */
  readonly findings: readonly Finding[];
  /** What can happen at each access and barrier of the user's file, in the order of the text. */
  readonly outcomes: readonly PlaceOutcomes[];
}

/** `never`, `sometimes`, `always` of the text; `expect` is `=> ok | fixed-up` behind a statement. */
export type ClaimKind = 'never' | 'sometimes' | 'always' | 'expect';

export interface ClaimReport {
  readonly kind: ClaimKind;
  /** As written: `never oops`. */
  readonly text: string;
  readonly place: ReportPlace;
  readonly holds: 'yes' | 'no' | 'unknown';
  /** One sentence: why it holds or does not, and what to do. */
  readonly why: string;
  /** An execution that shows it: the one that breaks `never`, `always`, `expect`; the one that is meant by `sometimes`. */
  readonly witness?: Witness;
}

/** An execution as a schedule string, and drawn when the host asked for it. */
export interface Witness {
  readonly schedule: string;
  readonly execution?: Execution;
}

export interface Finding {
  /** The rule: HVO1xx and up; the same code that the static rule has. */
  readonly code: string;
  /** A word of the outcome vocabulary: `oops-paging`, `self-deadlock`, `bbm`. */
  readonly outcome: string;
  /** `error` fails the scenario; `note` is expected by the scenario. */
  readonly severity: 'error' | 'warning' | 'note';
  /** What is wrong, why it matters, what to do. */
  readonly message: string;
  /** The end of the message that says which steps are missing and where; one mend may be that of several findings. */
  readonly mend?: string;
  /** In the user's file wherever there is a way there. */
  readonly place: ReportPlace;
  readonly related: readonly RelatedPlace[];
  /** The number of the CPU as the scenario gives it. */
  readonly cpu: number;
  /** Transitions or states that showed it. */
  readonly count: number;
  readonly witness: Witness;
}

/** What can happen at one place on one CPU, over all executions. */
export interface PlaceOutcomes {
  readonly place: ReportPlace;
  readonly cpu: number;
  readonly at: 'access' | 'barrier';
  /** Good ones first. */
  readonly items: readonly OutcomeCount[];
}

export interface OutcomeCount {
  /** A word of the vocabulary, with its level where it has one: `oops-paging at L3`. */
  readonly outcome: string;
  /** `bad` ends in a failure, `note` is worth a look, `good` is plain. */
  readonly severity: 'good' | 'note' | 'bad';
  readonly count: number;
  readonly schedule: string;
}

/** One execution, drawn: a column for each CPU, a line for each step that matters. */
export interface Execution {
  readonly schedule: string;
  /** Heads of the columns: CPU0, CPU1, as the scenario numbers them. */
  readonly cpus: readonly string[];
  readonly steps: readonly ExecutionStep[];
  readonly end: ExecutionEnd;
  /** What the kernel would have printed, line by line. */
  readonly log: readonly string[];
  /** What a reader of these lines should know, and the kernel does not say. */
  readonly remarks: readonly string[];
}

/** `endless`: CPUs in endless loops are between two rounds, the others at their ends; `cut`: the schedule ends before the execution does. */
export type ExecutionEnd = 'done' | 'endless' | 'oops' | 'panic' | 'deadlock' | 'livelock' | 'cut';

export interface ExecutionStep {
  /** Index into `cpus`; -1 is the hardware by itself. */
  readonly column: number;
  /** What the CPU does, in the text's own words or the kernel's: `lock(&init_mm.page_table_lock)`, `dsb(ishst)`. */
  readonly text: string;
  /** Handlers that are active, innermost last; 0: the program itself. */
  readonly depth: number;
  readonly place?: ReportPlace;
  /** The function of the standard library that it stands in, when it is not the user's own text. */
  readonly inFunction?: string;
  /** What it led to: a fault, an outcome, a finding. */
  readonly notes: readonly string[];
  /** Differences of page tables, TLBs and memory, in the page table dump's words. */
  readonly changes: readonly string[];
  /** False for what a reader can leave out. */
  readonly matters: boolean;
}

/** A file that was asked for and could not be read. */
export function unreadable(path: string, problem: string): FileReport {
  return { path, problem, verdict: 'error', diagnostics: [], scenarios: [] };
}

/** The verdict of a whole from those of its parts. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  for (const verdict of ['failed', 'error', 'unknown'] as const) if (verdicts.includes(verdict)) return verdict;
  return 'ok';
}
