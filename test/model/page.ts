/** The tables of docs/model.md. */

import { modelRules } from '../../simulator/machine/modelRules';
import { reductions } from '../../simulator/machine/reductions';
import type { RuleChanges } from './changes';

const SHOWN = 2;

/** The page with its tables made anew: what stands between `<!-- rules: … -->` or `<!-- reductions -->` and `<!-- end -->`. */
export function withTables(page: string, changes: readonly RuleChanges[]): string {
  return page
    .replaceAll(/(<!-- rules: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, before, group, after) => {
      const rows = modelRules.filter((rule) => rule.group === group);
      const lines = rows.map(
        (rule) => `| \`${rule.id}\` | ${rule.says} | ${rule.source} | \`${rule.file}\` | ${shown(rule.id)} |`,
      );
      return `${before}| rule | says | comes from | file | shown by |\n| --- | --- | --- | --- | --- |\n${lines.join('\n')}\n${after}`;
    })
    .replace(/(<!-- reductions -->\n)[\s\S]*?(<!-- end -->)/, (_, before, after) => {
      const lines = reductions.map((r) => `| \`${r.id}\` | ${r.says} | ${r.sound} | \`${r.file}\` |`);
      return `${before}| reduction | says | why nothing is lost | file |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n${after}`;
    });

  function shown(rule: string): string {
    const names = (changes.find((c) => c.rule === rule)?.changes ?? []).map((c) => c.name);
    const best = [...names].sort((a, b) => dependencies(a) - dependencies(b)).slice(0, SHOWN);
    const more = names.length > best.length ? ` (of ${names.length})` : '';
    return `${best.map((name) => (name.includes(' ') ? `“${name}”` : `\`${name}\``)).join(', ')}${more}`;
  }

  /** How many rules a test depends on. */
  function dependencies(name: string): number {
    return changes.filter((c) => c.changes.some((change) => change.name === name)).length;
  }
}
