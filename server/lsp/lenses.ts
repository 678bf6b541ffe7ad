/** Run and Explore above each scenario, and its verdict once it is known. */

import type { CodeLens } from 'vscode-languageserver';
import { type Analysis, scenariosOf } from './analysis';
import { toRange } from './convert';
import { Command, type Results, type ScenarioTarget } from './protocol';

/** `results`: of whichever version; only complete ones of this version have a verdict to show. */
export function lensesOf(analysis: Analysis, results: Results | undefined): CodeLens[] {
  const { uri, source, version } = analysis;
  const known = results?.state === 'fresh' && results.version === version ? results.scenarios : [];
  return scenariosOf(analysis)
    .filter(({ title }) => title.value !== '')
    .flatMap(({ keyword, title }) => {
      const range = toRange(source.parsed, { start: keyword.start, end: title.span.end });
      const target: ScenarioTarget = { uri, scenario: title.value };
      const verdict = known.find(({ name }) => name === title.value)?.text;
      return [
        { range, command: { title: '▷ Run', command: Command.run, arguments: [target] } },
        { range, command: { title: 'Explore', command: Command.explore, arguments: [target] } },
        // A lens without a command is a text.
        ...(verdict === undefined ? [] : [{ range, command: { title: verdict, command: '' } }]),
      ];
    });
}
