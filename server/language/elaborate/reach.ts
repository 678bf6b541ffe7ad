/** What text of a scenario can be reached: which functions it calls, and what stands in them. */

import type { Block, FunctionItem } from '../ast';
import { visitBlock, visitStatements } from '../walk';
import type { Declared } from './declarations';

/** Every block that the given ones reach through calls of declared functions, themselves included. */
export function reachableBlocks(
  blocks: readonly Block[],
  functions: ReadonlyMap<string, Declared<FunctionItem>>,
): readonly Block[] {
  const found = new Set<Block>();
  const waiting = [...blocks];
  for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
    if (found.has(block)) continue;
    found.add(block);
    visitBlock(block, (expression) => {
      if (expression.kind !== 'call' || expression.callee.kind !== 'name') return;
      const declared = functions.get(expression.callee.name);
      if (declared !== undefined) waiting.push(declared.item.body);
    });
  }
  return [...found];
}

export function stopsMachine(blocks: readonly Block[]): boolean {
  let found = false;
  for (const block of blocks) {
    visitStatements(block, (statement) => {
      if (statement.kind === 'region' && statement.region === 'stop_machine') found = true;
    });
  }
  return found;
}

export function calls(blocks: readonly Block[], names: ReadonlySet<string>): boolean {
  let found = false;
  for (const block of blocks) {
    visitBlock(block, (expression) => {
      if (expression.kind === 'call' && expression.callee.kind === 'name' && names.has(expression.callee.name))
        found = true;
    });
  }
  return found;
}

/** Names of the registers that the statements of a block assign. */
export function assignedRegisters(block: Block): readonly string[] {
  const names = new Set<string>();
  visitStatements(block, (statement) => {
    const assigns = statement.kind === 'for' ? [statement.initial, statement.step] : [statement];
    for (const one of assigns) {
      if (one?.kind === 'assign' && one.target.kind === 'name' && /^r([12]?[0-9]|30)$/.test(one.target.name))
        names.add(one.target.name);
    }
  });
  return [...names];
}
