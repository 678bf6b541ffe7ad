/**
 * What words of memory may hold where one CPU alone writes them. Of descriptors that some walk is known to meet it is told on
 * each way through the code; of others in the order of the code, which is cheap.
 */

import type { Machine } from '../../machine/machine';
import type { ValueId } from '../../machine/values';

/** What a word may hold: what was stored last, and what no DSB has completed since. */
interface Held {
  readonly last: readonly ValueId[];
  readonly older: readonly ValueId[];
}

/** What some words may hold, and those of which no DSB has completed the last store. */
export interface Words {
  readonly held: Map<ValueId, Held>;
  readonly open: Set<ValueId>;
}

export const noWords = (): Words => ({ held: new Map(), open: new Set() });
export const copyOf = ({ held, open }: Words): Words => ({ held: new Map(held), open: new Set(open) });

export class HeldWords {
  private readonly inOrder = noWords();

  constructor(private readonly m: Machine) {}

  valuesIn(way: Words, word: ValueId): readonly ValueId[] {
    const { last, older } = this.heldIn(way, word);
    return [...last, ...older];
  }

  store(way: Words, word: ValueId, value: ValueId): void {
    const older = [...new Set(this.valuesIn(way, word))];
    const words = this.m.learned.cells.has(word) ? way : this.inOrder;
    words.held.set(word, { last: [value], older });
    words.open.add(word);
  }

  /** A DSB: what was stored last is what is held. */
  complete(way: Words): void {
    for (const words of [way, this.inOrder]) {
      for (const word of words.open) words.held.set(word, { last: words.held.get(word)?.last ?? [], older: [] });
      words.open.clear();
    }
  }

  /** Two ways meet; whether the first did not have what the second has. */
  join(into: Words, way: Words): boolean {
    let changed = false;
    for (const word of way.open) into.open.add(word);
    for (const word of new Set([...into.held.keys(), ...way.held.keys()])) {
      const a = this.heldIn(into, word);
      const b = this.heldIn(way, word);
      const last = [...new Set([...a.last, ...b.last])];
      const older = [...new Set([...a.older, ...b.older])];
      if (last.length === a.last.length && older.length === a.older.length) continue;
      into.held.set(word, { last, older });
      changed = true;
    }
    return changed;
  }

  private heldIn({ held }: Words, word: ValueId): Held {
    return held.get(word) ?? this.inOrder.held.get(word) ?? { last: [this.m.initialWord(word)], older: [] };
  }
}
