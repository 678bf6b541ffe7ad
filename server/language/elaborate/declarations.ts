/** Everything that a scenario can name: its own items, then its file's, then those of used files, then the library's. */

import type {
  ConstantItem,
  Declaration,
  FunctionItem,
  HugePageItem,
  LockItem,
  PageItem,
  ScenarioItem,
  VariableItem,
} from '../ast';
import type { MachineSource } from './configuration';
import type { Source } from './source';

/** An item and the text that it stands in. */
export interface Declared<ItemKind> {
  readonly item: ItemKind;
  readonly source: Source;
}

export interface Declarations {
  /** Least important first, as `readConfiguration` wants them. */
  readonly machines: readonly MachineSource[];
  readonly hugePages: ReadonlyMap<string, Declared<HugePageItem>>;
  readonly pages: ReadonlyMap<string, Declared<PageItem>>;
  readonly locks: ReadonlyMap<string, Declared<LockItem>>;
  readonly variables: ReadonlyMap<string, Declared<VariableItem>>;
  readonly constants: ReadonlyMap<string, Declared<ConstantItem>>;
  readonly functions: ReadonlyMap<string, Declared<FunctionItem>>;
}

/** `sources`: the file of the scenario, the files that it uses, the library's; the first that has a name wins. */
export function collectDeclarations(
  scenario: ScenarioItem,
  main: Source,
  used: readonly Source[],
  library: readonly Source[],
): Declarations {
  const machines: MachineSource[] = [];
  const hugePages = new Map<string, Declared<HugePageItem>>();
  const pages = new Map<string, Declared<PageItem>>();
  const locks = new Map<string, Declared<LockItem>>();
  const variables = new Map<string, Declared<VariableItem>>();
  const constants = new Map<string, Declared<ConstantItem>>();
  const functions = new Map<string, Declared<FunctionItem>>();
  const keep = <ItemKind extends { readonly name: { readonly name: string } }>(
    map: Map<string, Declared<ItemKind>>,
    item: ItemKind,
    source: Source,
  ) => {
    const { name } = item.name;
    if (name !== '' && !map.has(name)) map.set(name, { item, source });
  };
  const declare = (item: Declaration, source: Source) => {
    switch (item.kind) {
      case 'machine':
        machines.unshift({ item, source });
        return;
      case 'hugepage':
        return keep(hugePages, item, source);
      case 'page':
        return keep(pages, item, source);
      case 'lock':
        return keep(locks, item, source);
      case 'var':
        return keep(variables, item, source);
      case 'const':
        return keep(constants, item, source);
      case 'fn':
        return keep(functions, item, source);
    }
  };
  for (const member of scenario.members) if (isDeclaration(member.kind)) declare(member as Declaration, main);
  for (const source of [main, ...used, ...library]) {
    for (const item of declaredAtTop(source)) declare(item, source);
  }
  return { machines, hugePages, pages, locks, variables, constants, functions };
}

/** By text: a file may have thousands of scenarios, and each of them asks. */
const declared = new WeakMap<Source, readonly Declaration[]>();

/** What stands at the top of a file beside its scenarios. */
export function declaredAtTop(source: Source): readonly Declaration[] {
  const known =
    declared.get(source) ?? source.parsed.file.items.filter((item): item is Declaration => isDeclaration(item.kind));
  declared.set(source, known);
  return known;
}

function isDeclaration(kind: string): kind is Declaration['kind'] {
  return ['machine', 'hugepage', 'page', 'lock', 'var', 'const', 'fn'].includes(kind);
}
