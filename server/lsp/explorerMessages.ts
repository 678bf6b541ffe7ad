/** What the server and its worker say to each other: plain data that a message can carry. Offsets are UTF-16 units. */

import type { Estimate } from '../../simulator/explore/estimate';
import type { SetFile } from '../compare/approachSet';
import type { Problem } from '../features/problem';
import type { Span } from '../language/ast';
import type { ScenarioReport } from '../verdict/report';
import type { Report } from './protocol';
import type { Work } from './work';

export interface SourceText {
  readonly uri: string;
  readonly text: string;
}

/** A document with the files that it uses, all as they are at one moment. */
export interface DocumentText extends SourceText {
  /** Another number for each text, of the document or of a file that it uses; answers carry it. */
  readonly revision: number;
  readonly used: readonly SourceText[];
  /** Where its text has errors of syntax or names. */
  readonly errors: readonly Span[];
}

/** Bounds of one scenario; what was found when one is hit is told with it. */
export interface ExploreLimits {
  readonly states: number;
  readonly milliseconds: number;
  /** Of states. */
  readonly bytes: number;
}

/** What somebody waits for. */
export type Question =
  /** `schedule` absent: a failing execution if one is known, else one that an expectation asks for, else one that does something. */
  | { readonly kind: 'run'; readonly scenario: string; readonly schedule?: string }
  /** `scenario` absent: all of them. */
  | { readonly kind: 'explore'; readonly scenario?: string }
  /** Page tables and TLBs at a place: a hover has a few lines, a report has everything. */
  | { readonly kind: 'pageTables'; readonly offset: number; readonly form: 'hover' | 'report' }
  /** A set of approaches; it is about no document. */
  | { readonly kind: 'compare'; readonly title: string; readonly files: readonly SetFile[] };

export type ToWorker =
  /** Elaborate this text and explore its scenarios when nothing is more urgent; replaces older texts. */
  | {
      readonly kind: 'follow';
      readonly document: DocumentText;
      readonly limits: ExploreLimits;
      readonly explores: boolean;
    }
  /** A newer text is being typed: leave the document alone, and keep what is known. */
  | { readonly kind: 'pause'; readonly uri: string }
  /** The user does not want to wait: tell what is known so far as the result. */
  | { readonly kind: 'stop'; readonly uri: string }
  | { readonly kind: 'forget'; readonly uri: string }
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly document: DocumentText;
      readonly limits: ExploreLimits;
      readonly question: Question;
    }
  | { readonly kind: 'cancel'; readonly id: number };

interface OfDocument {
  readonly uri: string;
  readonly revision: number;
}

export interface ExplorationProgress extends OfDocument {
  readonly kind: 'progress';
  readonly scenario: string;
  readonly states: number;
  /** States that are known and not looked at yet. */
  readonly queued: number;
  readonly milliseconds: number;
  readonly estimate: Estimate;
}

export type FromWorker =
  /** What only elaboration notices, in the document itself. `work`: what the worker has done since it began. */
  | (OfDocument & { readonly kind: 'elaborated'; readonly diagnostics: readonly Problem[]; readonly work: Work })
  | ExplorationProgress
  /** `key` names what the scenario means: equal keys are equal programs. Absent when it could not be explored. */
  | (OfDocument & { readonly kind: 'scenario'; readonly key?: string; readonly report: ScenarioReport })
  /** A mistake of the tool itself: this scenario gets no report, or the whole text when none is named. For the log. */
  | (OfDocument & { readonly kind: 'failed'; readonly scenario?: string; readonly error: string })
  /** Every scenario of this text was told. */
  | (OfDocument & { readonly kind: 'explored'; readonly work: Work })
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  /** The question has no answer; the message says what to do. `error`, for the log: a mistake of the tool itself. */
  | { readonly kind: 'refused'; readonly id: number; readonly message: string; readonly error?: string }
  /** Sent while there is work and nothing else to tell. */
  | { readonly kind: 'alive' };

export interface Answer {
  readonly report: Report;
  /** Scenarios that were explored to give the answer. */
  readonly scenarios: readonly ScenarioReport[];
  /** The expression or statement that it is about. */
  readonly span?: Span;
  /** It is about a value, such as an address, and not about what a step does. */
  readonly isValue?: boolean;
}
