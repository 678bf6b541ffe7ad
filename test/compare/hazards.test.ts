import { describe, expect, it, vi } from 'vitest';
import { hvo, optimising, readerUnder } from './shipped';

/** Which hazards a reader meets under an approach, all executions explored. */
const expected: readonly (readonly [
  approach: string,
  reader: string,
  bad: readonly string[],
  notes: readonly string[],
])[] = [
  // Live entries get another address (B1), so that an old translation outlasts the change.
  ['0-in-place', 'a tail is read', ['oops-TLB-conflict', 'bbm', 'unpredictable', 'stale-read'], []],
  // H10: whether the reader waits or only warns is a race with the make.
  ['a-seed-v1', 'an unrelated page is read', [], ['fixed-up', 'spurious-warn']],
  // L5: the interrupted code holds the lock that the hook takes.
  ['a-seed-v3', 'an interrupt on the CPU that remaps', ['self-deadlock'], ['spurious-warn']],
  // L7: the IRQ of the lock's holder waits for zone->lock, whose holder waits in the fault path.
  ['a-seed-v1', 'a holder of zone->lock', ['ABBA-deadlock'], ['fixed-up', 'spurious-warn']],
  // Masked interrupts cure L5 and L7, pseudo-NMIs come all the same (L6).
  ['a-irqs-off', 'an interrupt on the CPU that remaps', [], []],
  ['a-irqs-off', 'an NMI on the CPU that remaps', ['self-deadlock'], ['spurious-warn']],
  // H11: a reader with an exception-table entry does not wait.
  ['a-irqs-off', 'a reader that may fault', [], ['nofault-EFAULT']],
  // Nobody runs while entries are broken, but an NMI does.
  ['b-stop-machine', 'an unrelated page is read', [], []],
  ['b-stop-machine', 'an NMI on the CPU that remaps', ['oops-paging', 'panic'], ['spurious-warn']],
  // B7: both read-only, but a tail is no head.
  ['c-bbm2', 'a tail is read', ['oops-TLB-conflict', 'bbm', 'unpredictable', 'stale-read'], []],
  ['d-pause-irq', 'an unrelated page is read', [], []],
  // L15: a plain interrupt does not reach who waits, with interrupts off, for what the pausing CPU holds.
  ['d-pause-irq', 'a waiter for page_table_lock', ['deadlock'], []],
  ['d-pause-nmi', 'a waiter for page_table_lock', [], []],
  ['e-three-steps', 'a tail is read', [], []],
  // The shared tails have a count of 0: no compare-and-swap through a read-only entry (D10 is gone with fake heads).
  ['e-three-steps', 'a speculative reference', [], []],
  ['f-access-flag', 'an unrelated page is read', [], []],
  // The entry is the lock, and who waits for it below its owner waits for ever.
  ['g-lock-in-entry', 'an interrupt on the CPU that remaps', ['livelock'], ['fixed-up', 'spurious-warn']],
];

vi.setConfig({ testTimeout: 600_000 });

describe('hazards of the approaches', () => {
  for (const [approach, reader, bad, notes] of expected) {
    it(`${approach}: ${reader}: ${[...bad, ...notes].join(', ') || 'nothing'}`, async () => {
      const { result, hazards } = await readerUnder(approach, reader, optimising);
      expect(result).toBe('explored');
      expect(hazards.filter(({ severity }) => severity === 'bad').map(({ outcome }) => outcome)).toEqual(bad);
      expect(hazards.filter(({ severity }) => severity === 'note').map(({ outcome }) => outcome)).toEqual(notes);
    });
  }

  it('have executions that hvo run replays', async () => {
    const reader = 'an interrupt on the CPU that remaps';
    const { hazards } = await readerUnder('a-seed-v1', reader);
    const schedule = hazards[0]?.schedule as string;
    const files = ['approaches/readers.hvo', '--with', 'approaches/a-seed-v1.hvo'];
    const { code, stdout } = await hvo('run', ...files, '--scenario', reader, '--schedule', schedule);
    expect(code).toBe(1);
    expect(stdout).toContain('end: deadlock');
  });
});
