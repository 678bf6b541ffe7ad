import { describe, expect, it } from 'vitest';
import { type Edit, followEdits } from '../../client/followEdits';

const at = (line: number, character: number) => ({ line, character });

function edit(start: readonly [number, number], end: readonly [number, number], text: string): Edit {
  return { version: 2, start: at(...start), end: at(...end), text };
}

describe('a place follows the edits around it', () => {
  it('text before it on the same line moves it along the line', () => {
    expect(followEdits(at(3, 8), [edit([3, 0], [3, 0], 'ab')])).toEqual(at(3, 10));
    expect(followEdits(at(3, 8), [edit([3, 2], [3, 6], 'x')])).toEqual(at(3, 5));
  });

  it('text behind it leaves it', () => {
    expect(followEdits(at(3, 8), [edit([3, 9], [4, 0], '')])).toEqual(at(3, 8));
  });

  it('a new line above moves it down', () => {
    expect(followEdits(at(3, 8), [edit([1, 4], [1, 4], '\n  ')])).toEqual(at(4, 8));
  });

  it('a new line before it on its line moves it to the start of the next', () => {
    expect(followEdits(at(3, 8), [edit([3, 6], [3, 6], '\n')])).toEqual(at(4, 2));
  });

  it('joined lines move it up behind what stands there', () => {
    expect(followEdits(at(3, 4), [edit([2, 10], [3, 2], '')])).toEqual(at(2, 12));
  });

  it('a replaced text has no place any more', () => {
    expect(followEdits(at(3, 8), [edit([3, 0], [4, 0], 'other\n')])).toBeUndefined();
  });

  it('edits apply one after the other', () => {
    expect(followEdits(at(3, 8), [edit([0, 0], [0, 0], '\n'), edit([4, 0], [4, 2], '')])).toEqual(at(4, 6));
  });
});
