/** What a command works on when it was called from the palette, without an argument. */
import { languages, window } from 'vscode';
import type { Results, ScenarioTarget } from '../server/lsp/protocol';
import type { ResultsStore } from './resultsStore';

/** The scenario that the cursor is in; the user picks one when the cursor is above them all, or when `always`. */
export async function chooseScenario(
  store: ResultsStore,
  { always = false }: { readonly always?: boolean } = {},
): Promise<ScenarioTarget | undefined> {
  const editor = window.activeTextEditor;
  const uri = editor?.document.uri.toString() ?? '';
  const scenarios = store.get(uri)?.scenarios ?? [];
  if (scenarios.length === 0) {
    void window.showInformationMessage(
      'No scenario is known here. Open a .hvo file that has one: scenario "name" { … }',
    );
    return undefined;
  }
  const here = scenarioAt(scenarios, editor?.selection.active.line ?? 0);
  if (here !== undefined && !always) return { uri, scenario: here.name };
  const picked = await window.showQuickPick(
    scenarios.map((scenario) => ({ label: scenario.name, detail: scenario.text })),
    { placeHolder: 'Which scenario?' },
  );
  return picked && { uri, scenario: picked.label };
}

/** The code of a problem on the cursor's line; the user types one when there is none. */
export async function chooseCode(): Promise<string | undefined> {
  const editor = window.activeTextEditor;
  const line = editor?.selection.active.line;
  const problems = editor === undefined ? [] : languages.getDiagnostics(editor.document.uri);
  for (const problem of problems) {
    if (problem.source !== 'hvo' || problem.range.start.line !== line) continue;
    const code = typeof problem.code === 'object' ? problem.code.value : problem.code;
    if (code !== undefined) return String(code);
  }
  const typed = await window.showInputBox({
    prompt: 'The code of a rule, as the Problems view shows it, or a word of the language, such as dsb',
  });
  return typed?.trim() || undefined;
}

function scenarioAt(scenarios: Results['scenarios'], line: number): Results['scenarios'][number] | undefined {
  return scenarios.filter((scenario) => scenario.span.start.line <= line).at(-1);
}
