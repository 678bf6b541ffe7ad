/**
 * What can be said about an execution: how accesses end, what is found on the way, how an execution ends. The words are
 * those that a person reads in a kernel log, or those of the Arm ARM.
 */

export interface Outcome {
  readonly word: string;
  /** `access`: how one access ended. `finding`: noticed at one place. `end`: how the execution ended. */
  readonly of: 'access' | 'finding' | 'end';
  /** A scenario fails when it can happen, unless the scenario expects it. */
  readonly safety: boolean;
  /** The words that this one stands for, beside itself. */
  readonly covers?: readonly string[];
  readonly doc: string;
}

export const outcomes: readonly Outcome[] = [
  { word: 'ok', of: 'access', safety: false, doc: 'The access went through without a fault.' },
  {
    word: 'fixed-up',
    of: 'access',
    safety: false,
    doc: 'The access faulted, the vmemmap hook waited until the entry was whole again, and the access went through.',
  },
  {
    word: 'spurious-warn',
    of: 'access',
    safety: false,
    doc: 'The access faulted, but the address translated when the fault path looked (AT S1E1R): a WARN in the log, and the access is repeated.',
  },
  {
    word: 'nofault-EFAULT',
    of: 'access',
    safety: false,
    doc: 'An access with an exception-table entry faulted and returned -EFAULT instead of its value.',
  },
  {
    word: 'oops',
    of: 'access',
    safety: true,
    covers: ['oops-paging', 'oops-NULL', 'oops-RO', 'oops-AF', 'oops-TLB-conflict', 'oops-other', 'BUG'],
    doc: 'The kernel died there: any of the oops words. The task is killed, and the locks that it held stay held.',
  },
  {
    word: 'oops-paging',
    of: 'access',
    safety: true,
    doc: '"Unable to handle kernel paging request": a translation fault that nobody mended. `at L2`, `at L3` tell the level.',
  },
  {
    word: 'oops-NULL',
    of: 'access',
    safety: true,
    doc: '"Unable to handle kernel NULL pointer dereference": a translation fault below PAGE_SIZE.',
  },
  {
    word: 'oops-RO',
    of: 'access',
    safety: true,
    doc: '"Unable to handle kernel write to read-only memory": a permission fault, such as a compare-and-swap on a read-only tail.',
  },
  {
    word: 'oops-AF',
    of: 'access',
    safety: true,
    doc: 'An access-flag fault on a kernel address, which Linux does not handle.',
  },
  {
    word: 'oops-TLB-conflict',
    of: 'access',
    safety: true,
    doc: '"TLB conflict abort": two entries matched one address, which is always fatal. Hardware may do that after a change without break-before-make, and below `bbm 2-noabort` also where FEAT_BBM allows the change in place.',
  },
  {
    word: 'oops-other',
    of: 'access',
    safety: true,
    doc: 'Another fatal fault: alignment, address size, external abort.',
  },
  { word: 'WARN', of: 'finding', safety: true, doc: 'A WARN_ON of the scenario or of the library was true.' },
  { word: 'BUG', of: 'finding', safety: true, doc: 'A BUG_ON of the scenario or of the library was true.' },
  { word: 'assert', of: 'finding', safety: true, doc: 'An assert of the scenario was not true.' },
  {
    word: 'bbm',
    of: 'finding',
    safety: true,
    covers: ['unpredictable'],
    doc: 'Break-before-make was needed and not done: a walk may find two valid descriptors for one address that the architecture does not allow together.',
  },
  {
    word: 'unpredictable',
    of: 'finding',
    safety: true,
    doc: 'An access ran into such a pair of descriptors: it may use either, or an amalgamation of both, and ordering and exclusives may fail (Arm ARM RFVQCK, ITHWDH). Where the CPU may abort instead, there is an oops-TLB-conflict too.',
  },
  {
    word: 'use-after-free',
    of: 'finding',
    safety: true,
    doc: 'A page was freed while some TLB could still reach it, or was accessed after it was freed.',
  },
  {
    word: 'stale-read',
    of: 'finding',
    safety: true,
    doc: 'An access used a translation that is no longer the one in memory, behind a point where the protocol says that none is left; or it read what a page held before it was allocated.',
  },
  {
    word: 'lost-update',
    of: 'finding',
    safety: true,
    doc: 'A write went to a copy that nobody reads any more, or to a page after it was copied and before the copy took its place; or an entry was stored as it was read, and undoes what somebody else has written to it in between.',
  },
  {
    word: 'stray-write',
    of: 'finding',
    safety: true,
    doc: 'An entry of the page tables was stored where no table is: into struct pages, by a pointer that comes from an entry which maps a block.',
  },
  {
    word: 'left-broken',
    of: 'finding',
    safety: true,
    doc: 'An entry of the page tables that was valid is invalid at the end of an execution, whether or not anybody walks it, and nobody has freed what it mapped.',
  },
  {
    word: 'leak',
    of: 'finding',
    safety: true,
    doc: 'A page is neither mapped nor kept nor freed at the end, and it is in other executions.',
  },
  {
    word: 'section-left-open',
    of: 'finding',
    safety: true,
    doc: 'A program ends with interrupts masked, preemption off, or in a read-side section of RCU, and closes what it opens on another way, or elsewhere.',
  },
  {
    word: 'lockdep-splat',
    of: 'finding',
    safety: true,
    doc: 'The lock validator of the kernel complains: a lock that is not held is asserted or given back, or is given back in another way than it was taken, a section is ended that nobody has begun, or locks are taken in orders or contexts that some execution could make a deadlock of, whether or not one happens here.',
  },
  {
    word: 'sleep-in-atomic',
    of: 'finding',
    safety: true,
    doc: 'Something that may sleep was called with a spin lock held, with preemption off, in an RCU section or in a handler.',
  },
  {
    word: 'silent-skip',
    of: 'finding',
    safety: true,
    doc: 'A walk passed over an entry that it should have changed, and reported success.',
  },
  {
    word: 'stall',
    of: 'finding',
    safety: true,
    doc: 'A CPU spins in the fault path, or with interrupts masked, for another one that may stand still for any time (`stolen_time yes`): RCU stalls and lock-ups are reported.',
  },
  {
    word: 'deadlock',
    of: 'end',
    safety: true,
    covers: ['self-deadlock', 'ABBA-deadlock'],
    doc: 'Some CPU waits for ever for something that cannot come: any deadlock.',
  },
  {
    word: 'self-deadlock',
    of: 'end',
    safety: true,
    doc: 'A CPU waits for a lock that it holds itself, below a fault or an interrupt.',
  },
  { word: 'ABBA-deadlock', of: 'end', safety: true, doc: 'CPUs wait for each other in a circle.' },
  {
    word: 'livelock',
    of: 'end',
    safety: true,
    doc: 'A CPU goes round for ever without progress, such as fault, mend nothing, fault.',
  },
  {
    word: 'panic',
    of: 'end',
    safety: true,
    doc: 'The machine stopped: panic_on_warn, or an oops in interrupt context.',
  },
];

export const outcomeByWord: ReadonlyMap<string, Outcome> = new Map(outcomes.map((row) => [row.word, row]));

/** Whether a word is the code of a rule or of a diagnostic. */
export const isRuleCode = (word: string): boolean => /^HVO\d{3}$/.test(word);
