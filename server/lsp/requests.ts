/** What an editor asks for beside the Language Server Protocol: reports, the library's text, and what a rule means. */

import { type CancellationToken, type Connection, ErrorCodes, ResponseError } from 'vscode-languageserver';
import { explanation } from '../features/explanation';
import { standardLibraryText } from '../features/libraryText';
import { parse } from '../language/parse';
import { type Analysis, analyse, scenariosOf } from './analysis';
import { toOffset } from './convert';
import type { Documents } from './documents';
import { Refused } from './explorerHost';
import type { Question } from './explorerMessages';
import type { Inquiries } from './inquiries';
import {
  type CancelParams,
  type CompareParams,
  type ExplainParams,
  type ExploreParams,
  type LibraryTextParams,
  Method,
  type PageTablesParams,
  type Report,
  type RunParams,
} from './protocol';
import type { Verdicts } from './verdicts';

export function answerRequests(
  connection: Connection,
  documents: Documents,
  verdicts: Verdicts,
  inquiries: Inquiries,
): void {
  let comparisons = 0;
  const ask = async (analysis: Analysis, question: Question, token: CancellationToken): Promise<Report> => {
    try {
      return (await inquiries.ask(analysis, question, token)).report;
    } catch (error) {
      throw error instanceof Refused ? problem(error.message) : error;
    }
  };
  connection.onRequest(Method.run, ({ uri, scenario, schedule }: RunParams, token) => {
    const analysis = openDocument(documents, uri);
    checkScenario(analysis, scenario);
    return ask(analysis, { kind: 'run', scenario, ...(schedule === undefined ? {} : { schedule }) }, token);
  });
  connection.onRequest(Method.explore, ({ uri, scenario }: ExploreParams, token) => {
    const analysis = openDocument(documents, uri);
    if (scenario !== undefined) checkScenario(analysis, scenario);
    return ask(analysis, { kind: 'explore', ...(scenario === undefined ? {} : { scenario }) }, token);
  });
  connection.onRequest(Method.pageTables, ({ uri, position }: PageTablesParams, token) => {
    const analysis = openDocument(documents, uri);
    const offset = toOffset(analysis.source.parsed, position);
    return ask(analysis, { kind: 'pageTables', offset, form: 'report' }, token);
  });
  connection.onRequest(Method.compare, ({ uri, title, files }: CompareParams, token) => {
    // The worker explores for documents, and has one for each folder that is compared.
    const source = { uri, parsed: parse(''), origin: 'user' } as const;
    const analysis = analyse(source, { version: 0, revision: ++comparisons }, () => undefined);
    return ask(analysis, { kind: 'compare', title, files }, token);
  });
  connection.onRequest(Method.explain, ({ code }: ExplainParams): Report => {
    const text = explanation(code);
    if (text === undefined)
      throw problem(`“${code}” is no code, such as HVO101, and no word of the language, such as dsb.`);
    return { title: code, language: 'markdown', text };
  });
  connection.onRequest(Method.libraryText, ({ uri }: LibraryTextParams): Report => {
    const text = standardLibraryText(uri);
    if (text === undefined) throw problem(`The standard library has no ${uri}.`);
    return { title: uri.slice(uri.lastIndexOf('/') + 1), language: 'hvo', text };
  });
  connection.onNotification(Method.cancel, ({ uri }: CancelParams) => verdicts.stop(uri));
}

function openDocument(documents: Documents, uri: string): Analysis {
  const analysis = documents.analysisOf(uri);
  if (analysis === undefined) throw problem('The file is not open in the editor. Open it, and try again.');
  return analysis;
}

function checkScenario(analysis: Analysis, name: string): void {
  const names = scenariosOf(analysis).map(({ title }) => title.value);
  if (names.includes(name)) return;
  const known = names.length === 0 ? 'it has none' : `it has ${names.map((one) => `“${one}”`).join(', ')}`;
  throw problem(`The file has no scenario “${name}” any more; ${known}.`);
}

function problem(message: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidRequest, message);
}
