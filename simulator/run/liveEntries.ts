/** The descriptors that walks can reach, and what stores do to them: entries that are broken, made, changed while live. */

import { decodeDescriptor } from '../machine/descriptor';
import { descriptorBytes, entrySpan, type Level, pageBytes, tableEntries } from '../machine/granule';
import type { RunMemory } from './memory';

/** Windows of one execution: from the store that breaks a live entry to the one that makes it. */
export interface Windows {
  /** Broken entries, and of these those of level 2. */
  count: number;
  blocks: number;
  /** Instructions of the CPU that made an entry between the two stores, at most. */
  longest: number;
  /** Bytes of virtual address space that were broken at one moment, at most. */
  hidden: bigint;
  /** Blocks that became tables, broken in between or not. */
  splits: number;
  /** A valid entry replaced by another valid one, without a break. */
  inPlace: number;
}

interface Open {
  readonly since: number;
  readonly span: bigint;
  /** It was a block. */
  readonly block: boolean;
}

export class LiveEntries {
  /** Level of each table, by the physical address of its page. */
  private tables: Map<bigint, Level> | undefined;
  private readonly open = new Map<bigint, Open>();
  private hiddenNow = 0n;
  readonly windows: Windows = { count: 0, blocks: 0, longest: 0, hidden: 0n, splits: 0, inPlace: 0 };

  constructor(private readonly page: bigint) {}

  /** A word was stored to; `executed`: instructions that the CPU has executed so far. */
  stored(memory: RunMemory, word: bigint, before: bigint, after: bigint, executed: number): void {
    this.tables ??= this.reachableTables(memory);
    const level = this.tables.get(word & ~(this.page - 1n));
    if (level === undefined || before === after) return;
    const [was, is] = [kindOf(memory, level, before), kindOf(memory, level, after)];
    if (is === 'table') this.tables.set(addressOf(memory, level, after), (level + 1) as Level);
    const opened = this.open.get(word);
    const wasBlock = was === 'leaf' ? level < 3 : opened?.block === true;
    if (wasBlock && is === 'table') this.windows.splits++;
    if (was !== 'invalid' && is !== 'invalid') this.windows.inPlace++;
    if (was !== 'invalid' && is === 'invalid') this.breaks(memory, word, level, was, executed);
    if (is === 'invalid' || opened === undefined) return;
    this.windows.longest = Math.max(this.windows.longest, executed - opened.since - 1);
    this.hiddenNow -= opened.span;
    this.open.delete(word);
  }

  private breaks(memory: RunMemory, word: bigint, level: Level, was: 'leaf' | 'table', executed: number): void {
    const span = entrySpan(memory.program.translation.granule, level);
    const block = was === 'leaf' && level < 3;
    this.open.set(word, { since: executed, span, block });
    this.windows.count++;
    if (block) this.windows.blocks++;
    this.hiddenNow += span;
    if (this.hiddenNow > this.windows.hidden) this.windows.hidden = this.hiddenNow;
  }

  private reachableTables(memory: RunMemory): Map<bigint, Level> {
    const { translation } = memory.program;
    const found = new Map<bigint, Level>([[translation.root, memory.shape.topLevel]]);
    for (const [table, level] of found) {
      if (level === 3) continue;
      for (let i = 0; i < tableEntries(memory.shape, level); i++) {
        const value = memory.read(table + BigInt(i) * descriptorBytes, 8);
        if (kindOf(memory, level, value) === 'table') found.set(addressOf(memory, level, value), (level + 1) as Level);
      }
    }
    return found;
  }
}

export function liveEntries(memory: RunMemory): LiveEntries {
  return new LiveEntries(pageBytes(memory.program.translation.granule));
}

function kindOf(memory: RunMemory, level: Level, value: bigint): 'invalid' | 'leaf' | 'table' {
  const { kind } = decodeDescriptor(memory.format, level, value);
  return kind === 'reserved' ? 'invalid' : kind;
}

function addressOf(memory: RunMemory, level: Level, value: bigint): bigint {
  const descriptor = decodeDescriptor(memory.format, level, value);
  return descriptor.kind === 'table' ? descriptor.nextTable : 0n;
}
