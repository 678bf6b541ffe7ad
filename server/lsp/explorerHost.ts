/**
 * The server's side of the worker: sends it work, hands on what it tells, and replaces it when it dies or when it does
 * not listen while newer work waits. The server itself never waits for it.
 */

import type { Answer, DocumentText, ExploreLimits, FromWorker, Question, ToWorker } from './explorerMessages';

/** A worker, whatever kind of thread it is. */
export interface WorkerPort {
  readonly post: (message: ToWorker) => void;
  readonly terminate: () => void;
}

export interface WorkerEvents {
  readonly message: (message: FromWorker) => void;
  /** It ended without having been told to; `reason` is a sentence. */
  readonly died: (reason: string) => void;
}

export type StartWorker = (events: WorkerEvents) => WorkerPort;

/** Why a question has no answer: a sentence for the user. */
export class Refused extends Error {}

/** A worker that is silent for this long while newer work waits is replaced. */
export const SILENCE_MILLISECONDS = 1500;
/** A worker that is silent for this long is replaced in any case, and what it worked on is given up. */
export const LOST_MILLISECONDS = 60_000;
const WATCH_MILLISECONDS = 250;

interface Pending {
  readonly message: Extract<ToWorker, { readonly kind: 'ask' }>;
  readonly answered: (answer: Answer) => void;
  readonly refused: (reason: Refused) => void;
}

type Follow = Extract<ToWorker, { readonly kind: 'follow' }>;

export interface HostEvents {
  readonly told: (message: FromWorker) => void;
  /** This version was given up; `reason` is a sentence. */
  readonly gaveUp: (document: DocumentText, reason: string) => void;
}

export class ExplorerHost {
  private port: WorkerPort | undefined;
  private readonly follows = new Map<string, Follow>();
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private lastHeard = 0;
  /** Something was sent that the worker should react to before its present work is done. */
  private newerSince: number | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly startWorker: StartWorker,
    private readonly events: HostEvents,
    private readonly now: () => number,
  ) {}

  follow(document: DocumentText, limits: ExploreLimits, explores: boolean): void {
    const message: Follow = { kind: 'follow', document, limits, explores };
    this.follows.set(document.uri, message);
    this.send(message);
  }

  pause(uri: string): void {
    if (this.follows.delete(uri)) this.send({ kind: 'pause', uri });
  }

  stop(uri: string): void {
    if (this.follows.has(uri)) this.send({ kind: 'stop', uri });
  }

  forget(uri: string): void {
    this.follows.delete(uri);
    if (this.port !== undefined) this.send({ kind: 'forget', uri });
  }

  /** Rejects with `Refused` only. `asked` gets the question's number, with which it is cancelled. */
  ask(
    document: DocumentText,
    limits: ExploreLimits,
    question: Question,
    asked: (id: number) => void = () => {},
  ): Promise<Answer> {
    const id = this.nextId++;
    const message = { kind: 'ask', id, document, limits, question } as const;
    return new Promise((answered, refused) => {
      this.pending.set(id, { message, answered, refused });
      this.send(message);
      asked(id);
    });
  }

  /** The answer is then what is known so far. */
  cancel(id: number): void {
    if (this.pending.has(id)) this.send({ kind: 'cancel', id });
  }

  dispose(): void {
    clearInterval(this.watch);
    this.port?.terminate();
    this.port = undefined;
    for (const { refused } of this.pending.values()) refused(new Refused('The language server has stopped.'));
    this.pending.clear();
  }

  private send(message: ToWorker): void {
    const port = this.running();
    this.newerSince ??= this.now();
    port.post(message);
  }

  private running(): WorkerPort {
    if (this.port !== undefined) return this.port;
    const port: WorkerPort = this.startWorker({
      message: (message) => this.port === port && this.heard(message),
      died: (reason) => this.port === port && this.died(reason),
    });
    this.port = port;
    this.lastHeard = this.now();
    this.watch ??= setInterval(() => this.look(), WATCH_MILLISECONDS);
    if (typeof this.watch === 'object') this.watch.unref();
    return port;
  }

  private heard(message: FromWorker): void {
    this.lastHeard = this.now();
    this.newerSince = undefined;
    switch (message.kind) {
      case 'answer':
        this.take(message.id)?.answered(message.answer);
        return;
      case 'refused':
        this.take(message.id)?.refused(new Refused(message.message));
        break;
      case 'explored':
        if (this.follows.get(message.uri)?.document.revision === message.revision) this.follows.delete(message.uri);
        break;
    }
    this.events.told(message);
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private look(): void {
    const isBusy = this.follows.size > 0 || this.pending.size > 0;
    if (this.port === undefined || (!isBusy && this.newerSince === undefined)) return;
    const silent = this.now() - Math.max(this.lastHeard, isBusy ? 0 : (this.newerSince ?? 0));
    const waited = this.newerSince === undefined ? 0 : this.now() - this.newerSince;
    if (silent > LOST_MILLISECONDS) this.died(`it gave no sign for ${LOST_MILLISECONDS / 1000} seconds`);
    else if (Math.min(silent, waited) > SILENCE_MILLISECONDS) this.replace();
  }

  /** A new worker for the newest work; what the old one knew is lost. */
  private replace(): void {
    this.port?.terminate();
    this.port = undefined;
    this.newerSince = undefined;
    for (const message of this.follows.values()) this.send(message);
    for (const { message } of this.pending.values()) this.send(message);
  }

  private died(reason: string): void {
    this.port?.terminate();
    this.port = undefined;
    this.newerSince = undefined;
    const follows = [...this.follows.values()];
    const pending = [...this.pending.values()];
    this.follows.clear();
    this.pending.clear();
    for (const { document } of follows) this.events.gaveUp(document, reason);
    for (const { refused } of pending) refused(new Refused(`The exploration was given up: ${reason}.`));
  }
}
