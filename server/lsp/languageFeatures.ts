/** The editor's questions about a text, each answered by a feature over its analysis. */

import {
  type Connection,
  ErrorCodes,
  MarkupKind,
  ResponseError,
  type ServerCapabilities,
  type TextDocumentPositionParams,
} from 'vscode-languageserver';
import { completionsAt } from '../features/completion';
import { documentSymbols, workspaceSymbols } from '../features/documentSymbols';
import { foldingRanges } from '../features/folding';
import { formattingEdits } from '../features/formatting';
import { definitionAt, highlightsAt, referencesOf, symbolAt } from '../features/occurrences';
import { renameAt, renamePlaceAt } from '../features/rename';
import { semanticTokens } from '../features/semanticTokens';
import { signatureHelpAt } from '../features/signatureHelp';
import type { Names } from '../language/names';
import type { Source } from '../language/names/symbol';
import type { Analysis } from './analysis';
import { toOffset, toRange, toTextEdits } from './convert';
import {
  semanticTokensLegend,
  type TextOf,
  toCompletion,
  toDocumentSymbol,
  toFoldingRange,
  toHighlight,
  toLink,
  toLocation,
  toSemanticTokens,
  toSignatureHelp,
  toWorkspaceSymbol,
} from './convertFeatures';
import type { Documents } from './documents';
import { hoverOf } from './hovers';
import type { Inquiries } from './inquiries';

export const languageCapabilities: ServerCapabilities = {
  completionProvider: { triggerCharacters: ['.', '>', '(', '"'] },
  hoverProvider: true,
  signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: [')'] },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  workspaceSymbolProvider: true,
  foldingRangeProvider: true,
  documentFormattingProvider: true,
  semanticTokensProvider: { legend: semanticTokensLegend, full: true },
};

interface Place {
  readonly analysis: Analysis;
  readonly names: Names;
  readonly offset: number;
}

export function answerLanguageQuestions(connection: Connection, documents: Documents, inquiries: Inquiries): void {
  const placeOf = ({ textDocument, position }: TextDocumentPositionParams): Place | undefined => {
    const analysis = documents.analysisOf(textDocument.uri);
    if (analysis === undefined) return undefined;
    return { analysis, names: analysis.names, offset: toOffset(analysis.source.parsed, position) };
  };
  const parsedOf = ({ textDocument }: { readonly textDocument: { readonly uri: string } }) =>
    documents.analysisOf(textDocument.uri)?.source.parsed;

  connection.onCompletion((params) => {
    const place = placeOf(params);
    if (place === undefined) return [];
    const { parsed } = place.analysis.source;
    return completionsAt(place.names, place.offset).map((one) => toCompletion(parsed, one));
  });
  connection.onHover(async (params, token) => {
    const place = placeOf(params);
    if (place === undefined) return null;
    const hover = await hoverOf(place.analysis, place.offset, inquiries, token);
    if (hover === undefined) return null;
    return {
      contents: { kind: MarkupKind.Markdown, value: hover.markdown },
      range: toRange(place.analysis.source.parsed, hover.span),
    };
  });
  connection.onSignatureHelp((params) => {
    const place = placeOf(params);
    const help = place && signatureHelpAt(place.names, place.offset);
    return help === undefined ? null : toSignatureHelp(help);
  });
  connection.onDefinition((params) => {
    const place = placeOf(params);
    if (place === undefined) return null;
    const found = definitionAt(place.names, place.offset);
    return found === undefined ? null : toLink(textsOf(place.names), place.analysis.source.parsed, found);
  });
  connection.onReferences((params) => {
    const place = placeOf(params);
    const symbol = place && symbolAt(place.names, place.offset);
    if (symbol === undefined) return [];
    const files = documents.open.map(({ names }) => names);
    const texts = textsOf(...files);
    return referencesOf(symbol, files, params.context.includeDeclaration).flatMap((found) => toLocation(texts, found));
  });
  connection.onDocumentHighlight((params) => {
    const place = placeOf(params);
    if (place === undefined) return [];
    return highlightsAt(place.names, place.offset).map((one) => toHighlight(place.analysis.source.parsed, one));
  });
  connection.onPrepareRename((params) => {
    const place = placeOf(params);
    if (place === undefined) return null;
    const found = renamePlaceAt(place.names, place.offset);
    if (found.kind === 'problem') throw new ResponseError(ErrorCodes.InvalidRequest, found.message);
    return { range: toRange(place.analysis.source.parsed, found.span), placeholder: found.name };
  });
  connection.onRenameRequest((params) => {
    const place = placeOf(params);
    if (place === undefined) return null;
    const files = documents.open.map(({ names }) => names);
    const renamed = renameAt(place.names, place.offset, params.newName, files);
    if (renamed.kind === 'problem') throw new ResponseError(ErrorCodes.InvalidRequest, renamed.message);
    const texts = textsOf(...files);
    const changes = renamed.files.flatMap(({ uri, edits }) => {
      const text = texts(uri);
      return text === undefined ? [] : [[uri, toTextEdits(text, edits)] as const];
    });
    return { changes: Object.fromEntries(changes) };
  });
  connection.onDocumentSymbol((params) => {
    const parsed = parsedOf(params);
    return parsed === undefined ? [] : documentSymbols(parsed).map((node) => toDocumentSymbol(parsed, node));
  });
  connection.onWorkspaceSymbol(({ query }) => {
    const names = documents.open.map((analysis) => analysis.names);
    const files = uniqueSources(names);
    const texts = textsOf(...names);
    return workspaceSymbols(files, query).flatMap((found) => toWorkspaceSymbol(texts, found));
  });
  connection.onFoldingRanges((params) => {
    const parsed = parsedOf(params);
    return parsed === undefined ? [] : foldingRanges(parsed).map(toFoldingRange);
  });
  connection.onDocumentFormatting((params) => {
    const parsed = parsedOf(params);
    return parsed === undefined ? [] : toTextEdits(parsed, formattingEdits(parsed));
  });
  connection.languages.semanticTokens.on(({ textDocument }) => {
    const analysis = documents.analysisOf(textDocument.uri);
    if (analysis === undefined) return { data: [] };
    return toSemanticTokens(analysis.source.parsed, semanticTokens(analysis.names));
  });
}

/** Every text that one of the files knows, each once. */
function uniqueSources(files: readonly Names[]): readonly Source[] {
  const all = files.flatMap(({ source, surroundings }) => [source, ...surroundings.used, ...surroundings.library]);
  return [...new Map(all.map((source) => [source.uri, source])).values()];
}

function textsOf(...files: readonly Names[]): TextOf {
  const sources = new Map(uniqueSources(files).map((source) => [source.uri, source]));
  return (uri) => sources.get(uri)?.parsed;
}
