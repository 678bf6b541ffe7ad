import { describe, expect, it } from 'vitest';
import { verdicts } from './verdicts';

describe('a loop of exclusives', () => {
  it('has an end beside a store that is not done yet', () => {
    expect(
      verdicts(`
        machine { lse no }
        var sum = 0
        var other = 0
        scenario "two add" {
          cpu 0 { store(other, 1); r0 = fetch_add(sum, 3); r1 = cmpxchg(sum, 3, 4); }
          cpu 1 { r0 = fetch_add(sum, 3); }
          sometimes load(sum) == 4 + 3
          sometimes load(sum) == 6
          never load(sum) == 3
        }`),
    ).toEqual(['ok']);
  });
});
