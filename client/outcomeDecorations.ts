import {
  type DecorationOptions,
  MarkdownString,
  Position,
  Range,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  Uri,
  window,
  workspace,
} from 'vscode';
import { Command, type RunParams } from '../server/lsp/protocol';
import { type DrawnOutcome, drawnOutcomes, type Look } from './drawnOutcomes';
import type { ResultsStore } from './resultsStore';
import { outcomeSwitches } from './settings';

export type { DrawnOutcome } from './drawnOutcomes';

const LOOKS: readonly Look[] = ['good', 'note', 'bad', 'stale'];
/** As far right as any line goes: the decoration hangs behind the text, and its hover does not cover the code. */
const END_OF_LINE = 100_000;

/** Draws behind each access and barrier what can happen there, in every visible editor. */
export class OutcomeDecorations {
  readonly #store: ResultsStore;
  readonly #texts: ReadonlyMap<Look, TextEditorDecorationType>;
  readonly #icons: ReadonlyMap<Look, TextEditorDecorationType>;
  readonly #subscriptions;

  constructor(store: ResultsStore, extensionUri: Uri) {
    this.#store = store;
    this.#texts = new Map(LOOKS.map((look) => [look, textDecoration(look)]));
    this.#icons = new Map(LOOKS.map((look) => [look, iconDecoration(look, extensionUri)]));
    this.#subscriptions = [
      store.onDidChange((uri) => this.#drawWhere((editor) => editor.document.uri.toString() === uri)),
      window.onDidChangeVisibleTextEditors(() => this.#drawWhere(() => true)),
      workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('hvo') && this.#drawWhere(() => true)),
    ];
  }

  /** What is drawn for a document at this moment, whether an editor shows it or not. */
  drawn(uri: string): readonly DrawnOutcome[] {
    const document = workspace.textDocuments.find((candidate) => candidate.uri.toString() === uri);
    if (document === undefined) return [];
    return drawnOutcomes(
      this.#store.get(uri),
      document.version,
      this.#store.editsSince(uri),
      outcomeSwitches(document),
    );
  }

  dispose(): void {
    for (const type of [...this.#texts.values(), ...this.#icons.values(), ...this.#subscriptions]) type.dispose();
  }

  #drawWhere(wanted: (editor: TextEditor) => boolean): void {
    for (const editor of window.visibleTextEditors) {
      if (editor.document.languageId === 'hvo' && wanted(editor)) this.#draw(editor);
    }
  }

  #draw(editor: TextEditor): void {
    const drawn = this.drawn(editor.document.uri.toString());
    const { gutter } = outcomeSwitches(editor.document);
    for (const look of LOOKS) {
      const rows = drawn.filter((row) => row.look === look);
      editor.setDecorations(this.#texts.get(look)!, rows.map(behindLine));
      editor.setDecorations(this.#icons.get(look)!, gutter ? rows.map(besideLine) : []);
    }
  }
}

function textDecoration(look: Look): TextEditorDecorationType {
  const stale = look === 'stale' ? { fontStyle: 'italic' } : {};
  return window.createTextEditorDecorationType({
    after: { margin: '0 0 0 2em', color: new ThemeColor(`hvo.outcome.${look}`), ...stale },
  });
}

function iconDecoration(look: Look, extensionUri: Uri): TextEditorDecorationType {
  const gutterIconPath = Uri.joinPath(extensionUri, 'client', 'icons', `${look}.svg`);
  return window.createTextEditorDecorationType({ gutterIconPath, gutterIconSize: 'contain' });
}

function behindLine(row: DrawnOutcome): DecorationOptions {
  const end = new Position(row.line, END_OF_LINE);
  return {
    range: new Range(end, end),
    hoverMessage: hover(row),
    renderOptions: { after: { contentText: row.text } },
  };
}

function besideLine(row: DrawnOutcome): DecorationOptions {
  return { range: new Range(row.line, 0, row.line, 0) };
}

/** The server's text, and below it one link for each outcome that runs an execution which ends in it. */
function hover(row: DrawnOutcome): MarkdownString {
  const markdown = new MarkdownString();
  markdown.isTrusted = { enabledCommands: [Command.run] };
  if (row.look === 'stale') markdown.appendMarkdown('*From the text before this edit.*\n\n');
  for (const outcome of row.outcomes) {
    markdown.appendMarkdown(`${outcome.markdown}\n\n`);
    for (const witness of outcome.witnesses) {
      const params: RunParams = { uri: witness.uri, scenario: witness.scenario, schedule: witness.schedule };
      const link = `command:${Command.run}?${encodeURIComponent(JSON.stringify([params]))}`;
      markdown.appendMarkdown(`- [Show one execution](${link}): `);
      markdown.appendText(`${witness.label} ×${witness.count} in “${witness.scenario}”`);
      markdown.appendMarkdown('\n');
    }
  }
  return markdown;
}
