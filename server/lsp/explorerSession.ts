/** What the worker does: elaborates and explores the documents that it is given, and answers questions about them. */

import { Forecast } from '../../simulator/explore/estimate';
import type { Problem } from '../features/problem';
import type { Source } from '../language/elaborate/source';
import { parse } from '../language/parse';
import { type Analysis, analyse, scenariosOf } from './analysis';
import { answer } from './answers';
import type { DocumentText, ExploreLimits, FromWorker, Question, SourceText, ToWorker } from './explorerMessages';
import { type Job, Jobs } from './jobs';
import { ScenarioCache } from './scenarioCache';
import { rulesOf, type ScenarioRules, together } from './scenarioRules';
import { type ExploreControl, exploreScenario, type Prepared, prepare } from './scenarioWork';
import { resolveUri } from './usedFiles';
import type { Work } from './work';

export interface SessionHost {
  readonly post: (message: FromWorker) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Runs the callback after what waits in the event loop. */
  readonly later: (callback: () => void) => void;
}

/** How often the worker says how far it is, or that it is there. */
const PROGRESS_MILLISECONDS = 200;

/** A file with many scenarios is told about piece by piece. */
const ELABORATED_MILLISECONDS = 300;

const FAILED = 'hvo itself failed here; its log says where. Please report it.';

interface Doc {
  readonly document: DocumentText;
  readonly analysis: Analysis;
  isStopped: boolean;
  /** What its elaboration gives was told, all of it. */
  isTold: boolean;
}

export class ExplorerSession {
  private readonly docs = new Map<string, Doc>();
  private readonly cancelled = new Set<number>();
  private readonly cache = new ScenarioCache();
  /** What it has done since it began. */
  readonly work = this.cache.work;
  private readonly jobs: Jobs;
  private lastPost = 0;

  constructor(private readonly host: SessionHost) {
    this.jobs = new Jobs(host.now, host.later, () => {
      if (host.now() - this.lastPost > PROGRESS_MILLISECONDS) this.post({ kind: 'alive' });
    });
  }

  handle(message: ToWorker): void {
    // Each document that is followed is soon told about.
    if (message.kind !== 'follow') this.post({ kind: 'alive' });
    switch (message.kind) {
      case 'follow': {
        const doc = this.docOf(message.document);
        const { uri, revision } = message.document;
        const job = this.guarded(this.follow(doc, message.limits, message.explores), (error) =>
          this.post({ kind: 'failed', uri, revision, error }),
        );
        this.jobs.start(followKey(uri), 'background', job);
        return;
      }
      case 'pause':
        this.jobs.drop(followKey(message.uri));
        return;
      case 'stop': {
        const doc = this.docs.get(message.uri);
        if (doc !== undefined) doc.isStopped = true;
        return;
      }
      case 'forget':
        this.jobs.drop(followKey(message.uri));
        this.docs.delete(message.uri);
        return;
      case 'ask': {
        const { id, document, limits, question } = message;
        const job = this.guarded(this.ask(id, document, limits, question), (error) =>
          this.post({ kind: 'refused', id, message: FAILED, error }),
        );
        this.jobs.start(askKey(id), 'asked', job);
        return;
      }
      case 'cancel':
        if (this.jobs.has(askKey(message.id))) this.cancelled.add(message.id);
        return;
    }
  }

  private post(message: FromWorker): void {
    this.lastPost = this.host.now();
    this.host.post(message);
  }

  private docOf(document: DocumentText): Doc {
    const known = this.docs.get(document.uri);
    if (known?.document.revision === document.revision) return known;
    const doc: Doc = {
      document,
      analysis: analysisOf(document, known?.analysis, this.work),
      isStopped: false,
      isTold: false,
    };
    this.docs.set(document.uri, doc);
    return doc;
  }

  /** A mistake of ours ends the job and nothing else: the other documents go on. */
  private *guarded(job: Job, failed: (error: string) => void): Job {
    try {
      yield* job;
    } catch (error) {
      failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  private *follow(doc: Doc, limits: ExploreLimits, explores: boolean): Job {
    const { uri, revision } = doc.document;
    const prepared: Prepared[] = [];
    const rules: ScenarioRules[] = [];
    const tell = (): void => {
      const diagnostics = [...elaborationDiagnostics(prepared, uri), ...together(rules)];
      this.post({ kind: 'elaborated', uri, revision, diagnostics, work: { ...this.work } });
    };
    let told = this.host.now();
    for (const item of scenariosOf(doc.analysis)) {
      const one = prepare(doc.analysis, item, this.cache);
      prepared.push(one);
      const { isBroken } = one;
      yield;
      if (!isBroken) rules.push(rulesOf(one));
      yield;
      if (this.host.now() - told < ELABORATED_MILLISECONDS) continue;
      told = this.host.now();
      tell();
    }
    if (!doc.isTold) tell();
    doc.isTold = true;
    if (!explores) return;
    for (const one of prepared) {
      const scenario = one.item.title.value;
      yield* this.guarded(this.explore(doc, one, limits), (error) => {
        this.cache.forget(one.meaning.key);
        this.post({ kind: 'failed', uri, revision, scenario, error });
      });
      yield;
    }
    this.post({ kind: 'explored', uri, revision, work: { ...this.work } });
  }

  private *explore(doc: Doc, one: Prepared, limits: ExploreLimits): Job {
    const { uri, revision } = doc.document;
    const stopped = (): 'cancelled' | undefined => (doc.isStopped ? 'cancelled' : undefined);
    const control = this.control(doc.document, one.item.title.value, stopped);
    const report = yield* exploreScenario(one, limits, control);
    this.post({ kind: 'scenario', uri, revision, ...(one.isBroken ? {} : { key: one.meaning.key }), report });
    this.cache.evict(one.meaning.key);
  }

  private *ask(id: number, document: DocumentText, limits: ExploreLimits, question: Question): Job {
    const { analysis } = this.docOf(document);
    const stopped = (): 'cancelled' | undefined => (this.cancelled.has(id) ? 'cancelled' : undefined);
    const control = (scenario: string): ExploreControl => this.control(document, scenario, stopped);
    const answered = yield* answer({ analysis, cache: this.cache, limits, control }, question);
    this.cancelled.delete(id);
    if ('refused' in answered) this.post({ kind: 'refused', id, message: answered.refused });
    else this.post({ kind: 'answer', id, answer: answered });
  }

  private control(
    { uri, revision }: DocumentText,
    scenario: string,
    stopped: ExploreControl['stopped'],
  ): ExploreControl {
    const { now } = this.host;
    let last = now();
    let about: string | undefined;
    let forecast = new Forecast();
    return {
      now,
      stopped,
      progress: (states, queued, milliseconds, other) => {
        if (other !== about) forecast = new Forecast();
        about = other;
        forecast.note(states, queued);
        if (now() - last < PROGRESS_MILLISECONDS) return;
        last = now();
        const estimate = forecast.estimate();
        this.post({
          kind: 'progress',
          uri,
          revision,
          scenario: other ?? scenario,
          states,
          queued,
          milliseconds,
          estimate,
        });
      },
    };
  }
}

const followKey = (uri: string): string => `follow ${uri}`;
const askKey = (id: number): string => `ask ${id}`;

/** Of each text only what has changed since the one before is read. */
function analysisOf(
  { uri, text, revision, used, errors }: DocumentText,
  before: Analysis | undefined,
  work: Work,
): Analysis {
  const known = new Map(
    [...(before === undefined ? [] : [before.source]), ...(before?.used ?? [])].map((one) => [one.uri, one]),
  );
  const sourceOf = (file: SourceText): Source => {
    const last = known.get(file.uri);
    const parsed = parse(file.text, last?.parsed);
    if (last !== undefined && last.parsed === parsed) return last;
    work.itemsRead += parsed.itemsRead;
    return { uri: file.uri, parsed, origin: 'user' };
  };
  const sources = new Map(used.map((file): [string, Source] => [file.uri, sourceOf(file)]));
  return analyse(
    sourceOf({ uri, text }),
    { version: revision, revision },
    (from, path) => {
      const found = resolveUri(from, path);
      return found === undefined ? undefined : sources.get(found);
    },
    { errors },
  );
}

/** What only elaboration notices, each once, in the document itself. */
function elaborationDiagnostics(prepared: readonly Prepared[], uri: string): readonly Problem[] {
  const found = new Map<string, Problem>();
  for (const one of prepared) {
    if (one.isMisread) continue;
    const { scenario } = one;
    for (const { source, ...diagnostic } of scenario.diagnostics) {
      const { code, span, message } = diagnostic;
      if (source.uri === uri) found.set(`${code} ${span.start}-${span.end} ${message}`, diagnostic);
    }
  }
  return [...found.values()];
}
