/** Run and Explore above each scenario. */

import type { CodeLens } from 'vscode-languageserver';
import { type Analysis, scenariosOf } from './analysis';
import { toRange } from './convert';
import { Command, type ScenarioTarget } from './protocol';

export function lensesOf(analysis: Analysis): CodeLens[] {
  const { uri, source } = analysis;
  return scenariosOf(analysis)
    .filter(({ title }) => title.value !== '')
    .flatMap(({ keyword, title }) => {
      const range = toRange(source.parsed, { start: keyword.start, end: title.span.end });
      const target: ScenarioTarget = { uri, scenario: title.value };
      return [
        { range, command: { title: '▷ Run', command: Command.run, arguments: [target] } },
        { range, command: { title: 'Explore', command: Command.explore, arguments: [target] } },
      ];
    });
}
