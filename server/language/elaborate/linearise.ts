/** From blocks to a CPU's code: blocks one behind the other, and code indices where blocks were named. */

import { assert } from '../../../simulator/machine/assert';
import { destinationOf } from '../../../simulator/machine/code';
import type { CodeIndex, Instruction } from '../../../simulator/machine/program';
import { type Block, type BlockEnd, reachable, successors } from './codeGraph';

export interface Linear {
  readonly code: readonly Instruction[];
  /** Where each entry begins. */
  readonly entries: readonly CodeIndex[];
}

/**
 * A jump to nothing but a branch on a register that was just set to a constant goes where the branch would: functions
 * that return 0 or 1 to a condition leave such jumps.
 */
export function threadConstants(entry: Block): void {
  for (const block of reachable([entry])) {
    for (;;) {
      const { end } = block;
      if (end?.kind !== 'jump' || end.back !== undefined) break;
      const to = thread(end.to);
      const decided = to.instructions.length === 0 && to.end?.kind === 'branch' ? target(block, to.end) : undefined;
      if (decided === undefined) break;
      block.end = { kind: 'jump', to: decided, site: end.site };
    }
  }
}

/** Where a branch goes behind a block that sets its condition to a constant. */
function target(block: Block, branch: BlockEnd & { readonly kind: 'branch' }): Block | undefined {
  const { condition } = branch;
  if (condition.kind !== 'register') return undefined;
  const setting = block.instructions.findLast((instruction) => destinationOf(instruction) === condition.register);
  if (setting?.kind !== 'arithmetic' || setting.operation !== 'move') return undefined;
  const [source] = setting.sources;
  if (source?.kind !== 'value') return undefined;
  return source.value === 0n ? branch.ifFalse : branch.ifTrue;
}

/** Lays out everything that the entries reach; each entry's code stands behind that of the one before. */
export function linearise(entries: readonly Block[]): Linear {
  const order: Block[] = [];
  const placed = new Set<Block>();
  for (const entry of entries) place(thread(entry), order, placed);
  const starts = new Map<Block, CodeIndex>();
  let next = 0;
  order.forEach((block, i) => {
    starts.set(block, next);
    next += block.instructions.length + endLength(block, order[i + 1]);
  });
  const at = (block: Block): CodeIndex => {
    const start = starts.get(thread(block));
    assert(start !== undefined, 'every block that code goes to is laid out');
    return start;
  };
  const code = order.flatMap((block, i) => [...block.instructions, ...endCode(block, order[i + 1], at)]);
  return { code, entries: entries.map(at) };
}

/** Follows jumps out of empty blocks. */
function thread(block: Block): Block {
  const seen = new Set<Block>();
  let at = block;
  while (at.instructions.length === 0 && at.end?.kind === 'jump' && at.end.back === undefined && !seen.has(at)) {
    seen.add(at);
    at = at.end.to;
  }
  return at;
}

/** Places a block and what it reaches, depth first; what is likely to follow comes next. */
function place(first: Block, order: Block[], placed: Set<Block>): void {
  const waiting: Block[] = [first];
  for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
    if (placed.has(block)) continue;
    placed.add(block);
    order.push(block);
    const following = successors(block).map(thread);
    for (const one of following.reverse()) if (!placed.has(one)) waiting.push(one);
  }
}

function endLength(block: Block, next: Block | undefined): number {
  return endCode(block, next, () => 0).length;
}

function endCode(block: Block, next: Block | undefined, at: (block: Block) => CodeIndex): readonly Instruction[] {
  const { end } = block;
  // Only code that was given up at a bound has no end; the bound is reported, and the program is not used.
  if (end === undefined) return [{ kind: 'end', site: 0 }];
  const follows = (target: Block): boolean => next !== undefined && thread(target) === next;
  switch (end.kind) {
    case 'jump':
      return follows(end.to) && end.back === undefined ? [] : [jump(end, at(end.to))];
    case 'branch':
      return branchCode(end, follows, at);
    case 'choose':
      return [{ kind: 'choose', targets: end.to.map(at), site: end.site }];
    case 'nofault': {
      const access = { ...end.access, fixup: at(end.fixup) };
      return follows(end.next) ? [access] : [access, { kind: 'jump', target: at(end.next), site: end.access.site }];
    }
    case 'end':
      return [{ kind: 'end', site: end.site }];
    case 'eret':
      return [{ kind: 'eret', site: end.site, ...(end.toFixup ? { toFixup: true } : {}) }];
    case 'dead':
      return [];
  }
}

function jump(end: BlockEnd & { readonly kind: 'jump' }, target: CodeIndex): Instruction {
  const back = end.back === 'drained' ? { drains: true } : end.back === 'decided' ? { afterBranches: true } : {};
  return { kind: 'jump', target, site: end.site, ...back };
}

function branchCode(
  end: BlockEnd & { readonly kind: 'branch' },
  follows: (block: Block) => boolean,
  at: (block: Block) => CodeIndex,
): readonly Instruction[] {
  const { condition, site } = end;
  if (follows(end.ifTrue)) return [{ kind: 'branch', condition, whenZero: true, target: at(end.ifFalse), site }];
  const taken: Instruction = { kind: 'branch', condition, whenZero: false, target: at(end.ifTrue), site };
  return follows(end.ifFalse) ? [taken] : [taken, { kind: 'jump', target: at(end.ifFalse), site }];
}
