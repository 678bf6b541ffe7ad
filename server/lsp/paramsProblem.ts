/** What is wrong with the parameters of a message, before anybody works with them: who writes a client wants it in a sentence. */

import { Method } from './protocol';

/** A sentence's end that says what is wrong with a value at a path; undefined: nothing. */
type Check = (value: unknown, at: string) => string | undefined;

const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const is =
  (what: string, holds: (value: unknown) => boolean): Check =>
  (value, at) =>
    holds(value) ? undefined : `\`${at}\`: expected ${what}, found ${shown(value)}`;

const text = is('a string', (value) => typeof value === 'string');
const count = is('a whole number from 0', (value) => Number.isInteger(value) && (value as number) >= 0);
const anything: Check = () => undefined;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const object =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, at) => {
    if (!isObject(value)) {
      const names = Object.keys(fields).map((name) => `\`${name}\``);
      return `\`${at}\`: expected an object with ${names.join(' and ')}, found ${shown(value)}`;
    }
    for (const [name, check] of Object.entries(fields)) {
      const problem = check(value[name], at === 'params' ? name : `${at}.${name}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };

const optional =
  (check: Check): Check =>
  (value, at) =>
    value === undefined || value === null ? undefined : check(value, at);

const listOf =
  (check: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return `\`${at}\`: expected an array, found ${shown(value)}`;
    for (const [i, one] of value.entries()) {
      const problem = check(one, `${at}[${i}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };

const position = object({ line: count, character: count });
const range = object({ start: position, end: position });
const textDocument = object({ uri: text });
const ofDocument = object({ textDocument });
const atPosition = object({ textDocument, position });
const ofCall = object({ item: object({ uri: text, range, selectionRange: range }) });

/** For each message that is handled, what its parameters have. */
const checks: Readonly<Record<string, Check>> = {
  'textDocument/didOpen': object({
    textDocument: object({ uri: text, version: is('a whole number', Number.isInteger), text }),
  }),
  'textDocument/didChange': object({
    textDocument: object({ uri: text, version: is('a whole number', Number.isInteger) }),
    contentChanges: listOf(object({ text, range: optional(range) })),
  }),
  'textDocument/didClose': ofDocument,
  'workspace/didChangeWatchedFiles': object({ changes: listOf(object({ uri: text })) }),
  'textDocument/completion': atPosition,
  'textDocument/hover': atPosition,
  'textDocument/signatureHelp': atPosition,
  'textDocument/definition': atPosition,
  'textDocument/references': atPosition,
  'textDocument/documentHighlight': atPosition,
  'textDocument/prepareRename': atPosition,
  'textDocument/rename': object({ textDocument, position, newName: text }),
  'textDocument/documentSymbol': ofDocument,
  'workspace/symbol': object({ query: text }),
  'textDocument/foldingRange': ofDocument,
  'textDocument/formatting': ofDocument,
  'textDocument/semanticTokens/full': ofDocument,
  'textDocument/codeAction': object({
    textDocument,
    range,
    context: object({ diagnostics: listOf(object({ range })), only: optional(listOf(text)) }),
  }),
  'textDocument/codeLens': ofDocument,
  'textDocument/inlayHint': object({ textDocument, range }),
  'textDocument/prepareCallHierarchy': atPosition,
  'callHierarchy/incomingCalls': ofCall,
  'callHierarchy/outgoingCalls': ofCall,
  'workspace/didChangeConfiguration': object({ settings: anything }),
  [Method.run]: object({ uri: text, scenario: text, schedule: optional(text) }),
  [Method.explore]: object({ uri: text, scenario: optional(text) }),
  [Method.pageTables]: object({ uri: text, position }),
  [Method.compare]: object({ uri: text, title: text, files: listOf(object({ path: text, text })) }),
  [Method.explain]: object({ code: text }),
  [Method.libraryText]: object({ uri: text }),
  [Method.cancel]: object({ uri: text }),
};

/** A sentence; undefined: nothing is wrong, or nobody handles the message. */
export function paramsProblem(method: string, params: unknown): string | undefined {
  const problem = Object.hasOwn(checks, method) ? checks[method]?.(params, 'params') : undefined;
  return problem === undefined ? undefined : `${method}: ${problem}.`;
}
