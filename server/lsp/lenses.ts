/** Run and Explore above each scenario; how far it is while it is explored, with Stop; then its verdict. */

import type { CodeLens, Command as LensCommand } from 'vscode-languageserver';
import { type Analysis, scenariosOf } from './analysis';
import { toRange } from './convert';
import { Command, type Results, type ScenarioTarget } from './protocol';

/** `results`: of whichever version; only those of this version are told. */
export function lensesOf(analysis: Analysis, results: Results | undefined): CodeLens[] {
  const { uri, source, version } = analysis;
  const isTold = results?.state !== 'stale' && results?.version === version;
  return scenariosOf(analysis)
    .filter(({ title }) => title.value !== '')
    .flatMap(({ keyword, title }) => {
      const range = toRange(source.parsed, { start: keyword.start, end: title.span.end });
      const target: ScenarioTarget = { uri, scenario: title.value };
      const known = isTold ? results.scenarios.find(({ name }) => name === title.value) : undefined;
      const commands: LensCommand[] = [
        { title: '▷ Run', command: Command.run, arguments: [target] },
        { title: 'Explore', command: Command.explore, arguments: [target] },
      ];
      if (known !== undefined && known.verdict === undefined && known.states > 0)
        commands.push({ title: 'Stop', command: Command.cancel });
      // A lens without a command is a text.
      if (known !== undefined && known.text !== 'exploring') commands.push({ title: known.text, command: '' });
      return commands.map((command) => ({ range, command }));
    });
}
