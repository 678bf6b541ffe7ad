import { expect, it } from 'vitest';
import { PackedStates } from '../../simulator/explore/packedStates';

/** States of two words' components, all of which grow at once: each needs what the others had to spare. */
it('components that grow in one state all get the room that they need', () => {
  const components = 12;
  const states = new PackedStates(components);
  const of = (n: number): Int32Array => Int32Array.from({ length: components }, (_, c) => (n * (c + 1)) % 2 ** 20);
  const sizes = [1, 7, 60, 500, 4_000, 30_000, 250_000];
  for (const n of sizes) states.add(of(n));
  const back = new Int32Array(components);
  sizes.forEach((n, state) => {
    states.get(state, back);
    expect(back).toEqual(of(n));
    expect(states.add(of(n))).toBe(state);
  });
});

it('a change of two components at once keeps both and disturbs no other', () => {
  const components = 9;
  for (const big of [2 ** 10, 2 ** 14, 2 ** 18, 2 ** 22]) {
    const states = new PackedStates(components);
    const from = states.add(Int32Array.from({ length: components }, () => 3));
    const state = states.addChanged(from, big, components - 1, big + 1);
    const back = new Int32Array(components);
    states.get(state, back);
    expect([...back]).toEqual([big, 3, 3, 3, 3, 3, 3, 3, big + 1]);
  }
});
