/**
 * Verdicts follow typing: each version of an open document is elaborated at once and explored when typing pauses, and
 * what the worker tells about any other version than the present one is dropped.
 */

import type { Problem } from '../features/problem';
import { scenarioProblems } from '../features/scenarioView';
import { grouped } from '../verdict/counts';
import { forecastText } from '../verdict/forecastText';
import type { ScenarioReport } from '../verdict/report';
import { type Analysis, scenariosOf } from './analysis';
import type { ExplorerHost } from './explorerHost';
import type {
  Answer,
  DocumentText,
  ExplorationProgress,
  ExploreLimits,
  FromWorker,
  Question,
} from './explorerMessages';
import type { Progress, Results, Settings } from './protocol';
import { resultsOf, type Underway } from './results';
import { defaultSettings } from './settings';

/** Nothing is explored before nothing was typed for this long. */
export const PAUSE_MILLISECONDS = 200;
/** Bytes of states that one exploration may take. */
export const MAX_EXPLORATION_BYTES = 1024 * 2 ** 20;
/** Results that are complete sooner than this after the pause are sent once; later ones say `running` until then. */
export const RUNNING_MILLISECONDS = 150;
/** How long a user who stops an exploration waits for what the worker knows so far. */
export const STOP_MILLISECONDS = 40;

export interface VerdictEvents {
  readonly publish: (results: Results) => void;
  readonly progress: (progress: Progress) => void;
  /** `diagnosticsOf` has something else to say about this document. */
  readonly diagnosed: (uri: string) => void;
}

interface Followed {
  readonly analysis: Analysis;
  readonly reports: Map<string, ScenarioReport>;
  /** What each scenario means, as the worker names it: equal keys are equal programs. */
  readonly keys: Map<string, string>;
  readonly underway: Map<string, Underway>;
  elaborated: readonly Problem[];
  givenUp?: string;
  isExploring: boolean;
  isComplete: boolean;
  timer?: ReturnType<typeof setTimeout>;
}

/** The last complete results of a document, for as long as its text cannot be explored. */
interface LastComplete {
  readonly results: Results;
  readonly keys: ReadonlyMap<string, string>;
}

export class Verdicts {
  private readonly followed = new Map<string, Followed>();
  private readonly complete = new Map<string, LastComplete>();

  constructor(
    private readonly host: ExplorerHost,
    /** Undefined: not known yet, and nothing is explored before. */
    private readonly settings: () => Settings | undefined,
    private readonly events: VerdictEvents,
  ) {}

  /** A document was opened or has another text, or what it uses has. */
  changed(analysis: Analysis, pauseMilliseconds = PAUSE_MILLISECONDS): void {
    const { uri } = analysis;
    const before = this.followed.get(uri);
    clearTimeout(before?.timer);
    const now: Followed = {
      analysis,
      reports: new Map(),
      keys: new Map(),
      underway: new Map(),
      elaborated: [],
      isExploring: false,
      isComplete: false,
    };
    this.followed.set(uri, now);
    if (before === undefined) this.publish(now, 'running');
    this.host.follow(documentText(analysis), this.limits(), false);
    now.timer = setTimeout(() => this.explore(now), before === undefined ? 0 : pauseMilliseconds);
  }

  closed(uri: string): void {
    clearTimeout(this.followed.get(uri)?.timer);
    this.followed.delete(uri);
    this.complete.delete(uri);
    this.host.forget(uri);
  }

  /** The user does not want to wait: what is known becomes the result, at once when the worker does not say it in time. */
  stop(uri: string): void {
    const now = this.followed.get(uri);
    if (now === undefined || now.isComplete) return;
    clearTimeout(now.timer);
    if (!now.isExploring) this.host.follow(documentText(now.analysis), this.limits(), true);
    now.isExploring = true;
    this.host.stop(uri);
    now.timer = setTimeout(() => {
      now.givenUp = 'stopped';
      this.end(now);
    }, STOP_MILLISECONDS);
  }

  /** Explores every open document again, because a setting changed. */
  settingsChanged(): void {
    for (const { analysis } of [...this.followed.values()]) this.changed(analysis, 0);
  }

  /** Scenarios that were explored for a command are known from then on. */
  learned(uri: string, revision: number, reports: readonly ScenarioReport[]): void {
    const now = this.current(uri, revision);
    if (now === undefined) return;
    for (const report of reports) if (report.bound !== 'cancelled') now.reports.set(report.name, report);
    if (now.isComplete) this.publish(now, 'fresh');
    this.events.diagnosed(uri);
  }

  /** Whether everything is said about the present version. */
  isComplete(uri: string): boolean {
    return this.followed.get(uri)?.isComplete ?? true;
  }

  /** What is known of the scenarios of the present version. */
  reportsOf(uri: string): readonly ScenarioReport[] {
    return [...(this.followed.get(uri)?.reports.values() ?? [])];
  }

  /** What is known of the scenarios that a cancelled command wants, in a line each. */
  soFar({ uri, revision }: Analysis, question: Question): Answer | undefined {
    const now = this.current(uri, revision);
    if (now === undefined || question.kind !== 'explore') return undefined;
    const wanted = resultsOf({ ...now, givenUp: 'stopped' }, 'running').scenarios.filter(
      ({ name }) => question.scenario === undefined || name === question.scenario,
    );
    const lines = wanted.map(({ name, text, states }) => `“${name}”\n  ${text}, ${grouped(states)} states so far\n`);
    return { report: { title: 'Explored', language: 'plaintext', text: lines.join('\n') }, scenarios: [] };
  }

  /** What elaboration and exploration found wrong with the present version so far. */
  diagnosticsOf(uri: string): readonly Problem[] {
    const now = this.followed.get(uri);
    if (now === undefined) return [];
    return [...now.elaborated, ...[...now.reports.values()].flatMap((report) => scenarioProblems(report, uri))];
  }

  heard(message: FromWorker): void {
    if (!('revision' in message)) return;
    const now = this.current(message.uri, message.revision);
    if (now === undefined) {
      // Somebody waits for an answer that is about no open document.
      if (message.kind === 'progress') this.events.progress(progressOf(message, this.limits()));
      return;
    }
    switch (message.kind) {
      case 'elaborated':
        now.elaborated = message.diagnostics;
        this.events.diagnosed(message.uri);
        return;
      case 'progress': {
        const progress = progressOf(message, this.limits());
        now.underway.set(message.scenario, progress);
        this.events.progress(progress);
        return;
      }
      case 'scenario':
        now.reports.set(message.report.name, message.report);
        if (message.key !== undefined) now.keys.set(message.report.name, message.key);
        return;
      case 'failed':
        now.givenUp = 'hvo itself failed here, its log says where';
        if (message.scenario === undefined) this.end(now);
        return;
      case 'explored':
        this.end(now);
        return;
    }
  }

  gaveUp(document: DocumentText, reason: string): void {
    const now = this.current(document.uri, document.revision);
    if (now === undefined) return;
    now.givenUp = reason;
    this.end(now);
  }

  private limits(): ExploreLimits {
    return limitsOf(this.settings() ?? defaultSettings);
  }

  private current(uri: string, revision: number): Followed | undefined {
    const now = this.followed.get(uri);
    return now?.analysis.revision === revision ? now : undefined;
  }

  private explore(now: Followed): void {
    const settings = this.settings();
    if (settings === undefined) return;
    if (!settings.explore.whileTyping) {
      now.givenUp = 'not explored, as hvo.explore.whileTyping is off';
      this.end(now);
      return;
    }
    now.isExploring = true;
    this.host.follow(documentText(now.analysis), limitsOf(settings), true);
    now.timer = setTimeout(() => this.showRunning(now), RUNNING_MILLISECONDS);
  }

  private showRunning(now: Followed): void {
    if (now.isComplete) return;
    this.publish(now, 'running');
    now.timer = setTimeout(() => this.showRunning(now), RUNNING_MILLISECONDS);
  }

  private end(now: Followed): void {
    clearTimeout(now.timer);
    now.isComplete = true;
    const { uri, version } = now.analysis;
    // Who waits for the results finds the problems there already.
    this.events.diagnosed(uri);
    const last = this.complete.get(uri);
    if (last !== undefined && addsNothing(now, last)) {
      const { scenarios, outcomes, resultsVersion } = last.results;
      this.events.publish({ uri, version, resultsVersion, state: 'stale', scenarios, outcomes });
      return;
    }
    const results = this.publish(now, 'fresh');
    this.complete.set(uri, { results, keys: now.keys });
  }

  private publish(now: Followed, state: 'running' | 'fresh'): Results {
    const results = resultsOf(now, state);
    this.events.publish(results);
    return results;
  }
}

/**
 * Whether a text with a scenario that cannot be explored says nothing that the last complete results do not say: all
 * others mean what they meant then. Then it is better to show those, as stale, than to take them away while one types.
 */
function addsNothing(now: Followed, last: LastComplete): boolean {
  const names = scenariosOf(now.analysis).map(({ title }) => title.value);
  const isBroken = (name: string): boolean => now.reports.get(name)?.verdict === 'error';
  if (names.length === 0) return now.analysis.diagnostics.some(({ severity }) => severity === 'error');
  if (!names.some((name) => isBroken(name) && last.keys.has(name))) return false;
  return names.every((name) => isBroken(name) || now.keys.get(name) === last.keys.get(name));
}

export function documentText({ uri, revision, source, used, errors }: Analysis): DocumentText {
  return {
    uri,
    revision,
    text: source.parsed.text,
    errors,
    used: used.map((other) => ({ uri: other.uri, text: other.parsed.text })),
  };
}

export function limitsOf(settings: Settings): ExploreLimits {
  return { states: settings.maxStates, milliseconds: settings.timeoutSeconds * 1000, bytes: MAX_EXPLORATION_BYTES };
}

export function progressOf(
  { uri, scenario, states, queued, milliseconds, estimate }: ExplorationProgress,
  bounds: ExploreLimits,
): Progress {
  const expected = forecastText(estimate, { states, queued, milliseconds }, bounds);
  const text = `${grouped(states)} states, frontier ${grouped(queued)}; ${expected}`;
  return { uri, scenario, states, milliseconds, text };
}
