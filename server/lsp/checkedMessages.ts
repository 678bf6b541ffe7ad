/** A connection whose handlers see only what has the form that they expect: the rest is answered, or told, at once. */

import type { Connection } from 'vscode-languageserver';
import { type ConnectionOptions, ErrorCodes, Message, ResponseError } from 'vscode-languageserver';
import { paramsProblem } from './paramsProblem';

/** What a message becomes that cannot be handled; no client sends it. */
const unusable = 'hvo/unusable';

interface Unusable {
  readonly problem: string;
}

const unusableCall = (problem: string): object => ({ method: unusable, params: { problem } satisfies Unusable });

export const checkedMessages: ConnectionOptions = {
  messageStrategy: {
    handleMessage: (message, next) => {
      const isCall = Message.isRequest(message) || Message.isNotification(message);
      const problem = isCall ? paramsProblem(message.method, message.params) : undefined;
      next(problem === undefined ? message : { ...message, ...unusableCall(problem) });
    },
  },
};

/** For a connection that was made with them. */
export function answerUnusable(connection: Connection): void {
  connection.onRequest(unusable, ({ problem }: Unusable) => {
    throw new ResponseError(ErrorCodes.InvalidParams, problem);
  });
  connection.onNotification(unusable, ({ problem }: Unusable) => connection.console.error(problem));
}
