/**
 * Code while it is made: blocks of instructions with an end that says where to go on. Registers in it are virtual
 * ones, and code indices are not used; `linearise.ts` and `registers.ts` turn it into a CPU's code.
 */

import type {
  AccessInstruction,
  Instruction,
  Operand,
  ReturnInstruction,
  Site,
} from '../../../simulator/machine/program';
import type { VirtualRegister } from './value';

/** Instructions that go on behind themselves. */
export type Straight = Exclude<
  Instruction,
  | { readonly kind: 'branch' }
  | { readonly kind: 'jump' }
  | { readonly kind: 'choose' }
  | { readonly kind: 'end' }
  | ReturnInstruction
>;

export type BlockEnd =
  /** `back`: the back edge of a loop, taken when older branches are decided, or when everything older is done. */
  | { readonly kind: 'jump'; readonly to: Block; readonly back?: 'decided' | 'drained'; readonly site: Site }
  | {
      readonly kind: 'branch';
      readonly condition: Operand;
      readonly ifTrue: Block;
      readonly ifFalse: Block;
      readonly site: Site;
    }
  | { readonly kind: 'choose'; readonly to: readonly Block[]; readonly site: Site }
  /** An access with an entry in the exception table: goes on at `next`, or at `fixup`. */
  | { readonly kind: 'nofault'; readonly access: AccessInstruction; readonly next: Block; readonly fixup: Block }
  | { readonly kind: 'end'; readonly site: Site }
  | { readonly kind: 'eret'; readonly toFixup: boolean; readonly site: Site }
  /** The last instruction of the block never goes on: a death without a condition. */
  | { readonly kind: 'dead' };

export interface Block {
  readonly id: number;
  readonly instructions: Straight[];
  end?: BlockEnd;
}

export class CodeGraph {
  private blocks = 0;
  private registers = 0;
  /** Variables that live in a register of the user, which always holds their value: it needs no copy where ways meet. */
  readonly homes = new Map<number, VirtualRegister>();
  /**
   * Words whose value, where it is known, keeps ways apart: level 2 descriptors. What follows a split is other code than
   * what follows none, and addresses that come from the table stay known.
   */
  isStructural: (word: bigint) => boolean = () => false;
  /** Instructions made so far, those in abandoned blocks too: what the bound on the size of a program counts. */
  made = 0;

  block(): Block {
    return { id: this.blocks++, instructions: [] };
  }

  register(): VirtualRegister {
    return this.registers++;
  }

  add(block: Block, instruction: Straight): void {
    this.made++;
    block.instructions.push(instruction);
  }

  end(block: Block, end: BlockEnd): void {
    this.made++;
    block.end = end;
  }
}

/** Where a block goes on. */
export function successors(block: Block): readonly Block[] {
  const { end } = block;
  if (end === undefined) return [];
  switch (end.kind) {
    case 'jump':
      return [end.to];
    case 'branch':
      return [end.ifTrue, end.ifFalse];
    case 'choose':
      return end.to;
    case 'nofault':
      return [end.next, end.fixup];
    case 'end':
    case 'eret':
    case 'dead':
      return [];
  }
}

/** Every block that the given ones lead to, themselves included. */
export function reachable(entries: readonly Block[]): readonly Block[] {
  const found = new Set<Block>();
  const waiting = [...entries];
  for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
    if (found.has(block)) continue;
    found.add(block);
    waiting.push(...successors(block));
  }
  return [...found];
}
