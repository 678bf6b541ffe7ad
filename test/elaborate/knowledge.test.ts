import { describe, expect, it } from 'vitest';
import { firstRound, Knowledge, nextRound, type Round } from '../../server/language/elaborate/knowledge';

const word = 0x1000n;
const page = 0xffff_0000n;

function following(round: Round): Round {
  const next = nextRound(round);
  if (next === undefined) throw new Error('the round found something new');
  return next;
}

const codeOf = (round: Round, name: string, shared = false) => new Knowledge(round, name, shared, new Set([0x2000n]));

describe('a code is made again only where a question that it asked has another answer now', () => {
  it('stays while nobody does what it was told that nobody does', () => {
    const first = firstRound();
    const [reader, writer] = [codeOf(first, '0 program'), codeOf(first, '1 program')];
    expect(reader.isWrittenByOthers(word)).toBe(false);
    writer.write(word + 8n);
    writer.touch(page);
    expect(reader.holdsIn(following(first))).toBe(true);
  });

  it('goes when another code writes the word, frees pages or touches the page', () => {
    const deeds: readonly [(asked: Knowledge) => unknown, (other: Knowledge) => void][] = [
      [(asked) => asked.isWrittenByOthers(word), (other) => other.write(word)],
      [(asked) => asked.isWritten(word), (other) => other.write(word)],
      [(asked) => asked.othersFree(), (other) => other.free()],
      [(asked) => asked.isTouched(page), (other) => other.touch(page)],
      [(asked) => asked.touchedOffsets(page), (other) => other.touchOffset(8n)],
      [(asked) => asked.touchedOffsets(word), (other) => other.touchWord(word, 8n)],
      [(asked) => asked.isLinked(word), (other) => other.linkTable(word)],
    ];
    for (const [ask, act] of deeds) {
      const first = firstRound();
      const [asked, other] = [codeOf(first, '0 program'), codeOf(first, '1 program')];
      ask(asked);
      act(other);
      expect(asked.holdsIn(following(first))).toBe(false);
    }
  });

  it('knows its own writes from those of others, but equal CPUs are others to each other', () => {
    for (const shared of [false, true]) {
      const first = firstRound();
      codeOf(first, '0 program', shared).write(word);
      expect(codeOf(following(first), '0 program', shared).isWrittenByOthers(word)).toBe(shared);
    }
    expect(codeOf(firstRound(), '0 program').isWrittenByOthers(0x2000n)).toBe(true);
  });

  it('ends the rounds when one finds nothing that the ones before had not', () => {
    const first = firstRound();
    const code = codeOf(first, '0 program');
    code.write(word);
    const second = following(first);
    code.tell(second);
    expect(nextRound(second)).toBeUndefined();
  });
});
