/**
 * The reductions, one row each: what the machine leaves out of its exploration because nothing that can be seen depends on
 * it. `MachineOptions.reductions` switches off all but those that are apart, `without` any of them; a test shows that
 * nothing changes then.
 */

interface Reduction {
  readonly id: string;
  /** What is left out. */
  readonly says: string;
  /** Why nothing that can be seen is lost. */
  readonly sound: string;
  /** The file of `simulator` that asks for it. */
  readonly file: string;
  /** Only `without` switches it off: that does not make effects steps of their own, but states of one state. */
  readonly isApart?: true;
}

export const reductions = [
  {
    id: 'walksAtOnce',
    says: 'A walk happens at once when nobody can still write a descriptor on its path and no other CPU can still invalidate the page.',
    sound:
      'Its result is the same whenever it happens, and an early walk only enables. A TLBI of another CPU would tell a translated access from another one, so it must be out of the question.',
    file: 'machine/future.ts',
  },
  {
    id: 'walksAlone',
    says: 'Where such a walk has several results, nothing else is looked at before it.',
    sound: 'It commutes with every step of the other CPUs, and every other step stays possible after it.',
    file: 'steps/next.ts',
  },
  {
    id: 'readsAtOnce',
    says: 'A read happens at once when nobody else can still write the word or free its page, and no older store of its CPU may hit it.',
    sound: 'It takes the same value whenever it happens, and that it is done only enables.',
    file: 'machine/future.ts',
  },
  {
    id: 'writesAtOnce',
    says: 'A plain store is done at once when nobody else can still read, write or walk the word, has an access in flight that came through it, or can free its page.',
    sound: 'Nobody can tell when it happened, and that it is done only enables.',
    file: 'machine/future.ts',
  },
  {
    id: 'breaksAtOnce',
    says: 'A store that makes a valid leaf invalid is done at once when nobody else can still access the descriptor, or change a table above, and no TLBI of its page can come first.',
    sound:
      'Until a TLBI every CPU may go on with the valid value, so a walk that came before the store may as well come behind it, to the same end; and an earlier store only adds the fault.',
    file: 'steps/breakAtOnce.ts',
  },
  {
    id: 'idleInvalidations',
    says: 'A TLBI that covers no page that any access translates, and no descriptor, is done at once.',
    sound: 'It raises no bound that a walk could ask for, and no DSB has to wait because of it.',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'eagerReleases',
    says: 'A lock is released as soon as it may be, unless a trylock could tell.',
    sound: 'A released lock only enables those that wait for it.',
    file: 'steps/lock.ts',
  },
  {
    id: 'lateFetching',
    says: 'Behind an ISB, an exception entry or return, and with FEAT_ETS2 behind a DSB, nothing is fetched until it is over.',
    sound: 'No effect of what would be fetched may happen before, and what is fetched later knows no less.',
    file: 'steps/fetch.ts',
  },
  {
    id: 'decisionsFirst',
    says: 'What a CPU decides at its fetch point alone (a guess, an interrupt that comes by itself) is looked at before everything else.',
    sound:
      'It touches nothing but its own CPU and commutes with every step of the others; its own older effects stay possible.',
    file: 'steps/fetch.ts',
  },
  {
    id: 'interruptPoints',
    says: 'An interrupt that comes by itself comes only before instructions that others can see, or that wait.',
    sound:
      'Before any other instruction it is the same as before the next one of those, for all that the handler or another CPU can see.',
    file: 'steps/fetch.ts',
  },
  {
    id: 'freshPagesAlike',
    says: 'Of the pages that were never used an allocation takes the first.',
    sound: 'They differ in their addresses only.',
    file: 'steps/kernel.ts',
  },
  {
    id: 'equalWalksOnce',
    says: 'Results of a walk that no later step can tell apart are given once.',
    sound: 'They lead to the same state.',
    file: 'steps/walk.ts',
  },
  {
    id: 'uncacheableForgotten',
    says: 'Old values of a descriptor that no TLB can hold leave its history.',
    sound: 'No walk may use them, and no finding asks for them.',
    file: 'steps/histories.ts',
  },
  {
    id: 'equalValuesOnce',
    says: 'Of two equal values in a history the younger one stays.',
    sound: 'Whoever may use the older one may use the younger one too, and with the same result.',
    file: 'steps/histories.ts',
  },
  {
    id: 'sectionsOfInterest',
    says: 'Which read-side sections a CPU is in is followed only while another CPU may still begin a grace period, or waits in one.',
    sound: 'Nobody else asks for them, and a grace period that may not begin any more will not.',
    file: 'machine/future.ts',
  },
  {
    id: 'closure',
    says: 'What only enables is done at once: barriers end, branches resolve, results are computed, direct addresses are translated, faults have their moment, what is over leaves the window.',
    sound:
      'It makes other steps possible and none impossible, touches nothing but its own CPU, and no other CPU sees when. So it may come first in every execution in which it comes.',
    file: 'steps/closure.ts',
    isApart: true,
  },
  {
    id: 'deadRegisters',
    says: 'A register that nothing reads any more is 0.',
    sound: 'No instruction that can still be reached, no handler and no observation asks for its value.',
    file: 'steps/closure.ts',
    isApart: true,
  },
  {
    id: 'shortHistories',
    says: 'Values of a word that nobody may use leave its history.',
    sound: 'They are below every bound and no instruction in flight refers to them: no step can ask for them.',
    file: 'steps/histories.ts',
    isApart: true,
  },
  {
    id: 'ownValues',
    says: 'CPUs that are equal but for what they start with may change places, with these values and what is found through them.',
    sound:
      'Renaming CPUs and values maps executions to executions, as long as a value is only moved, compared for equality and walked through. Who looks into one, or makes one from a number, makes the pass void, and CPUs are told apart from then on. Of an outcome all renamings are told.',
    file: 'explore/equalCpus.ts',
  },
] as const satisfies readonly Reduction[];

export type ReductionId = (typeof reductions)[number]['id'];

/** Whether each reduction is made. */
export type Reductions = Readonly<Record<ReductionId, boolean>>;

export function reductionsWithout(all: boolean, left: ReadonlySet<string>): Reductions {
  const rows: readonly (Reduction & { readonly id: ReductionId })[] = reductions;
  return Object.fromEntries(rows.map(({ id, isApart }) => [id, (all || isApart === true) && !left.has(id)])) as Record<
    ReductionId,
    boolean
  >;
}
