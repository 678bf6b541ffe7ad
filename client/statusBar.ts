import { Disposable, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { ResultsStore } from './resultsStore';
import { statusText } from './statusText';

/** The verdicts of the active editor's document; a click lists its scenarios. */
export function showStatus(store: ResultsStore): Disposable {
  const item = window.createStatusBarItem('hvo.status', StatusBarAlignment.Left);
  item.name = 'HVO';
  item.command = 'hvo.scenarios';
  const update = (): void => {
    const document = window.activeTextEditor?.document;
    if (document?.languageId !== 'hvo') {
      item.hide();
      return;
    }
    const { text, tooltip, failed } = statusText(store.get(document.uri.toString()), document.version);
    item.text = text;
    item.tooltip = tooltip;
    item.backgroundColor = failed ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    item.show();
  };
  update();
  return Disposable.from(item, store.onDidChange(update), window.onDidChangeActiveTextEditor(update));
}
