/** Questions to the worker on behalf of somebody who may stop waiting. */

import type { CancellationToken } from 'vscode-languageserver';
import type { ScenarioReport } from '../verdict/report';
import type { Analysis } from './analysis';
import { type ExplorerHost, Refused } from './explorerHost';
import type { Answer, Question } from './explorerMessages';
import type { Settings } from './protocol';
import { documentText, limitsOf } from './verdicts';

/** A cancelled question is answered by the worker with what it knows, or given up after this time. */
export const CANCEL_MILLISECONDS = 40;
/** The same for a comparison: nobody but the worker knows anything of it. */
const CANCEL_COMPARISON_MILLISECONDS = 5000;

export class Inquiries {
  constructor(
    private readonly host: ExplorerHost,
    private readonly settings: () => Settings,
    /** What is known of a question that is given up, for the user. */
    private readonly soFar: (analysis: Analysis, question: Question) => Answer | undefined,
    private readonly learned: (uri: string, revision: number, scenarios: readonly ScenarioReport[]) => void,
  ) {}

  /** Rejects with `Refused`, whose message is for the user. `milliseconds`: how long somebody will wait. */
  async ask(
    analysis: Analysis,
    question: Question,
    token: CancellationToken,
    milliseconds = Number.POSITIVE_INFINITY,
  ): Promise<Answer> {
    const timers: ReturnType<typeof setTimeout>[] = [];
    let giveUp: () => void = () => {};
    const givenUp = new Promise<Answer>((resolve, reject) => {
      giveUp = () => {
        const known = this.soFar(analysis, question);
        if (known === undefined) reject(new Refused('Cancelled.'));
        else resolve(known);
      };
    });
    let id = 0;
    const cancel = (): void => {
      this.host.cancel(id);
      const patience = question.kind === 'compare' ? CANCEL_COMPARISON_MILLISECONDS : CANCEL_MILLISECONDS;
      timers.push(setTimeout(giveUp, patience));
    };
    const subscription = token.onCancellationRequested(cancel);
    if (Number.isFinite(milliseconds)) timers.push(setTimeout(cancel, milliseconds));
    try {
      const asked = this.host.ask(documentText(analysis), limitsOf(this.settings()), question, (given) => {
        id = given;
      });
      if (token.isCancellationRequested) cancel();
      const answer = await Promise.race([asked, givenUp]);
      this.learned(analysis.uri, analysis.revision, answer.scenarios);
      return answer;
    } finally {
      for (const timer of timers) clearTimeout(timer);
      subscription.dispose();
    }
  }
}
