/**
 * The rules of the memory model, one row each. `MachineOptions.without` leaves rules out: a machine without a rule is wrong,
 * and the test of this table shows how. The steps ask `Machine.rules`; docs/model.md explains the rules group by group.
 */

/** What a group of rules is about, in the order of docs/model.md. */
export type RuleGroup =
  | 'barriers'
  | 'dependencies'
  | 'freedoms'
  | 'memory'
  | 'walks'
  | 'invalidation'
  | 'completion'
  | 'exceptions'
  | 'kernel'
  | 'findings';

interface ModelRule {
  readonly id: string;
  readonly group: RuleGroup;
  /** One sentence. */
  readonly says: string;
  /** A rule or relation of the Arm ARM, or what of the kernel behaves so. */
  readonly source: string;
  /** The file of `simulator` that asks for it. */
  readonly file: string;
}

export const modelRules = [
  // What barriers, acquires and releases hold back.
  {
    id: 'dmbFull',
    group: 'barriers',
    says: 'A read, a write or the moment of a fault waits, behind a DMB, for every read and write before it.',
    source: 'Barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'dmbLoad',
    group: 'barriers',
    says: 'Behind a DMB LD the same waits for the reads before it.',
    source: 'Barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'dmbStore',
    group: 'barriers',
    says: 'Behind a DMB ST a write or the moment of a fault waits for the writes before it.',
    source: 'Barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'noReturnIsNoRead',
    group: 'barriers',
    says: 'The read of an atomic without a result is none for DMB LD and DSB LD.',
    source: 'Barrier-ordered-before: NoRet',
    file: 'steps/order.ts',
  },
  {
    id: 'noReturnIsNoAcquire',
    group: 'barriers',
    says: 'An atomic without a result has no acquire.',
    source: 'LD<op>A, SWPA with the zero register',
    file: 'steps/order.ts',
  },
  {
    id: 'acquire',
    group: 'barriers',
    says: 'Reads, writes and moments of faults wait for an older read with acquire (LDAR, the A forms of atomics, taking a lock).',
    source: 'Barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'acquirePc',
    group: 'barriers',
    says: 'They wait for an older LDAPR too.',
    source: 'Barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'acquireReleaseAtomic',
    group: 'barriers',
    says: 'They wait for the write too of an older atomic with acquire and release.',
    source: 'Barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'release',
    group: 'barriers',
    says: 'A write with release, or the moment of its fault, waits for every older read and write.',
    source: 'Barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'acquireAfterRelease',
    group: 'barriers',
    says: 'A read with acquire waits for older writes with release and for the moments of their faults; that of LDAPR does not.',
    source: 'Barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'dsbHoldsBackAccesses',
    group: 'barriers',
    says: 'Reads, writes and moments of faults wait for an older DSB.',
    source: 'DSB-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'dsbHoldsBackInvalidations',
    group: 'barriers',
    says: 'A TLBI waits for an older DSB; neither a DMB nor an older access orders it.',
    source: 'DSB-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'dsbHoldsBackWalks',
    group: 'barriers',
    says: 'With FEAT_ETS2 a walk waits for an older DSB.',
    source: 'DSB-ordered-before with FEAT_ETS2',
    file: 'steps/order.ts',
  },
  {
    id: 'dsbWaitsForReads',
    group: 'barriers',
    says: 'A DSB waits for older reads.',
    source: 'DSB-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'dsbWaitsForWrites',
    group: 'barriers',
    says: 'A DSB waits for older writes.',
    source: 'DSB-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'dsbWaitsForUpdates',
    group: 'barriers',
    says: 'A DSB waits for the hardware updates of older accesses.',
    source: 'DSB-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'dsbWaitsForInvalidations',
    group: 'barriers',
    says: 'A DSB waits for older TLBIs of its CPU.',
    source: 'completion of TLB maintenance',
    file: 'steps/order.ts',
  },
  {
    id: 'dsbLoadWaitsForReads',
    group: 'barriers',
    says: 'A DSB LD waits for older reads.',
    source: 'DSB-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'dsbStoreWaitsForWrites',
    group: 'barriers',
    says: 'A DSB ST waits for older writes.',
    source: 'DSB-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'walkAfterSynchronisation',
    group: 'barriers',
    says: 'A walk waits for an older ISB, exception entry or exception return.',
    source: 'IFetch-barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'readAfterSynchronisation',
    group: 'barriers',
    says: 'So does a read, which shows where its address is not walked.',
    source: 'IFetch-barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'invalidationAfterSynchronisation',
    group: 'barriers',
    says: 'So does a TLBI.',
    source: 'IFetch-barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'synchronisationWaitsForDsb',
    group: 'barriers',
    says: 'An ISB, exception entry or return waits for an older DSB.',
    source: 'IFetch-barrier-ordered-before; DSB-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'synchronisationWaitsForWalks',
    group: 'barriers',
    says: 'It waits for older walks, and not for the reads and writes that they serve.',
    source: 'IFetch-barrier-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'synchronisationWaitsForBranches',
    group: 'barriers',
    says: 'It waits until older branches are resolved, and selects whose result a branch or an address depends on.',
    source: 'IFetch-barrier-ordered-before; Pick-ordered-before',
    file: 'steps/order.ts',
  },

  // What is never speculative.
  {
    id: 'writeAfterBranches',
    group: 'dependencies',
    says: 'A write waits until older branches, selects and spin loops are resolved.',
    source: 'Dependency-ordered-before: ctrl; Pick-ordered-before',
    file: 'steps/order.ts',
  },
  {
    id: 'writeAfterWalks',
    group: 'dependencies',
    says: 'A write waits for all older walks, since one of them may fault.',
    source: 'Dependency-ordered-before: tr-ib',
    file: 'steps/order.ts',
  },
  {
    id: 'updateAfterBranches',
    group: 'dependencies',
    says: 'A hardware update waits until older branches, selects and spin loops are resolved.',
    source: 'Dependency-ordered-before into HU',
    file: 'steps/order.ts',
  },
  {
    id: 'updateAfterWalks',
    group: 'dependencies',
    says: 'A hardware update waits for all older walks.',
    source: 'Dependency-ordered-before into HU',
    file: 'steps/order.ts',
  },
  {
    id: 'invalidationAfterBranches',
    group: 'dependencies',
    says: 'A TLBI waits until older branches, selects and spin loops are resolved.',
    source: 'Dependency-ordered-before into TLBI',
    file: 'steps/order.ts',
  },

  // What may happen early.
  {
    id: 'readsOutOfOrder',
    group: 'freedoms',
    says: 'A read need not wait for older reads.',
    source: 'no clause orders them',
    file: 'steps/order.ts',
  },
  {
    id: 'readsOvertakeWrites',
    group: 'freedoms',
    says: 'A read need not wait for older writes.',
    source: 'no clause orders them',
    file: 'steps/order.ts',
  },
  {
    id: 'writesOutOfOrder',
    group: 'freedoms',
    says: 'A write need not wait for older writes.',
    source: 'no clause orders them',
    file: 'steps/order.ts',
  },
  {
    id: 'writesOvertakeReads',
    group: 'freedoms',
    says: 'A write need not wait for older reads (load buffering).',
    source: 'no clause orders them',
    file: 'steps/order.ts',
  },
  {
    id: 'speculativeReads',
    group: 'freedoms',
    says: 'A walk or a read need not wait until older branches are resolved; a wrong guess ends the execution.',
    source: 'no clause orders them',
    file: 'steps/order.ts',
  },
  {
    id: 'guessedSelects',
    group: 'freedoms',
    says: 'A select may hand on a source before its condition is known.',
    source: 'Pick-ordered-before orders writes, updates and TLBIs only',
    file: 'steps/arithmetic.ts',
  },
  {
    id: 'earlyWalks',
    group: 'freedoms',
    says: 'A walk need not wait for older reads and writes: it is a step of its own.',
    source: 'no clause orders them',
    file: 'steps/order.ts',
  },
  {
    id: 'fetchesPassBarriers',
    group: 'freedoms',
    says: 'Fetching an instruction that is modified waits for no DSB, with FEAT_ETS2 either.',
    source: 'B2.7.4: only context synchronisation makes a CPU fetch anew',
    file: 'steps/order.ts',
  },
  {
    id: 'walksOutOfOrder',
    group: 'freedoms',
    says: 'A walk need not wait for older walks.',
    source: 'no clause orders them',
    file: 'steps/order.ts',
  },
  {
    id: 'invalidationOvertakesAccesses',
    group: 'freedoms',
    says: 'A TLBI need not wait for older reads and writes.',
    source: 'only a DSB orders them',
    file: 'steps/order.ts',
  },
  {
    id: 'invalidationOvertakesWalks',
    group: 'freedoms',
    says: 'Nor need it wait for their walks: what was cached may be cached again before them. One that a fault squashes has removed what need not have been there.',
    source: 'only a DSB orders them',
    file: 'steps/order.ts',
  },
  {
    id: 'lateFaults',
    group: 'freedoms',
    says: 'The moment of a fault may come later than the walk that found it.',
    source: 'the MMU fault is an effect of its own',
    file: 'steps/squash.ts',
  },
  {
    id: 'lateUpdates',
    group: 'freedoms',
    says: 'A hardware update may come later than the walk that asked for it, and after the read or write it was for.',
    source: 'the hardware update is an effect of its own',
    file: 'steps/translation.ts',
  },
  {
    id: 'spontaneousAccessFlag',
    group: 'freedoms',
    says: 'Hardware that manages the access flag may set it in any valid descriptor without an access.',
    source: 'FEAT_HAFDBS: speculative walks',
    file: 'steps/next.ts',
  },
  {
    id: 'exclusivesMayFail',
    group: 'freedoms',
    says: 'A store-exclusive may fail although nobody has written the word.',
    source: 'exclusives monitors',
    file: 'steps/access.ts',
  },

  // Values in memory.
  {
    id: 'forwarding',
    group: 'memory',
    says: 'A read takes the value of the youngest older store of its CPU to that word that is not in memory, and waits until it is known.',
    source: 'internal visibility (coWR)',
    file: 'steps/reading.ts',
  },
  {
    id: 'ownOrder',
    group: 'memory',
    says: 'A write waits for older accesses of its CPU to that word.',
    source: 'internal visibility (coWW, coRW)',
    file: 'steps/accessKind.ts',
  },
  {
    id: 'coherentReads',
    group: 'memory',
    says: 'A read whose word a younger read has taken an older value of has no execution.',
    source: 'Hazard-ordered-before; internal visibility (coRR)',
    file: 'steps/reading.ts',
  },
  {
    id: 'coherentAddresses',
    group: 'memory',
    says: 'A store whose address turns out to be a word that a younger read took from an older place has no execution.',
    source: 'internal visibility (coWR)',
    file: 'steps/translation.ts',
  },
  {
    id: 'atomicity',
    group: 'memory',
    says: 'An atomic writes only while the value that it read is the current one.',
    source: 'atomic',
    file: 'steps/writing.ts',
  },
  {
    id: 'exclusivity',
    group: 'memory',
    says: 'A store-exclusive succeeds only while the value that its load-exclusive read is the current one.',
    source: 'atomic',
    file: 'steps/writing.ts',
  },

  // Translations.
  {
    id: 'staleTranslations',
    group: 'walks',
    says: 'A walk may use any value that a descriptor has had since the CPU’s bound for it: a TLB or walk cache may hold it.',
    source: 'TLBs need not be coherent; TTD-observed-by',
    file: 'steps/walk.ts',
  },
  {
    id: 'faultsAreCurrent',
    group: 'walks',
    says: 'A descriptor that is invalid, or a leaf without its access flag, counts only while it is the current value.',
    source: 'RRVJDB, RFFWJK',
    file: 'steps/histories.ts',
  },
  {
    id: 'orderedTranslationFaults',
    group: 'walks',
    says: 'With FEAT_ETS2 a Translation or Access flag fault is found only when every older access is done.',
    source: 'ETS-ordered-before',
    file: 'steps/translation.ts',
  },
  {
    id: 'orderedPermissionFaults',
    group: 'walks',
    says: 'With FEAT_ETS3 a Permission fault is too.',
    source: 'FEAT_ETS3',
    file: 'steps/translation.ts',
  },
  {
    id: 'accessFlagFaults',
    group: 'walks',
    says: 'A leaf without its access flag faults where the hardware does not manage it.',
    source: 'AArch64.CheckPermission, Access flag fault',
    file: 'steps/walk.ts',
  },
  {
    id: 'readOnly',
    group: 'walks',
    says: 'A write to a leaf with AP[2] faults, unless the hardware manages the dirty state and DBM is set.',
    source: 'AP[2], DBM',
    file: 'steps/walk.ts',
  },
  {
    id: 'unprivileged',
    group: 'walks',
    says: 'An access at EL0 faults where AP[1] is clear.',
    source: 'AP[1]',
    file: 'steps/walk.ts',
  },
  {
    id: 'tableLimits',
    group: 'walks',
    says: 'APTable limits everything below the table.',
    source: 'hierarchical permissions',
    file: 'steps/walk.ts',
  },
  {
    id: 'updateIsAtomic',
    group: 'walks',
    says: 'A hardware update happens only while the descriptor that was walked is the current one.',
    source: 'atomic; Atomic-ordered-before',
    file: 'steps/access.ts',
  },
  {
    id: 'failedCasMaySetDirty',
    group: 'walks',
    says: 'A compare-and-swap that fails may leave the dirty state as it is, or set it.',
    source: 'FEAT_HAFDBS',
    file: 'steps/translation.ts',
  },
  {
    id: 'noTranslationFaults',
    group: 'walks',
    says: 'From FEAT_BBM level 1 on a block with nT may make a Translation fault, or not.',
    source: 'FEAT_BBM: nT',
    file: 'steps/walk.ts',
  },
  {
    id: 'conflictAborts',
    group: 'walks',
    says: 'Where a TLB may hold two entries for an address that must not live together, the access may take a TLB conflict abort, unless this level of FEAT_BBM excludes it.',
    source: 'RFVQCK, IHYQMB, RNGLXZ',
    file: 'steps/translation.ts',
  },

  // What a TLBI removes.
  {
    id: 'invalidation',
    group: 'invalidation',
    says: 'A TLBI raises, at its own moment, the bounds of the descriptors that it covers to their current values.',
    source: 'TLBI coherence-after; TLBI-ordered-before',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'localInvalidation',
    group: 'invalidation',
    says: 'Without the IS or OS form it does so on its own CPU only.',
    source: 'TLBI instructions',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'reach',
    group: 'invalidation',
    says: 'One by address or range covers a descriptor that maps any page of it, and no other; VMALL covers all.',
    source: 'TLBI instructions',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'leafOnly',
    group: 'invalidation',
    says: 'The last-level forms leave what is cached of tables.',
    source: 'TLBI VAL, VAAL, RVAL, RVAAL',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'levelHint',
    group: 'invalidation',
    says: 'A level hint spares leaves of another level, and tables from that level down.',
    source: 'FEAT_TTL',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'strays',
    group: 'invalidation',
    says: 'What was found for other pages through a table outlasts the removal of that table from the walk caches.',
    source: 'a TLB entry is not tied to the table it came by',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'unlinkedIsNotCached',
    group: 'invalidation',
    says: 'What stood in a table before a CPU could reach it is in no TLB of that CPU.',
    source: 'walks start at TTBR',
    file: 'steps/writing.ts',
  },

  // When a TLBI is complete.
  {
    id: 'completionByDsb',
    group: 'completion',
    says: 'A TLBI that no DSB of its CPU follows need not have happened, here or elsewhere.',
    source: 'completion of TLB maintenance',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'dsbWaitsForTranslatedAccesses',
    group: 'completion',
    says: 'The DSB after a TLBI waits for accesses of other CPUs that were translated before, by what it removes.',
    source: 'TLBI-ordered-before: inverse of tr-ib',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'dsbWaitsForFaults',
    group: 'completion',
    says: 'It waits for their faults by what the TLBI removes, whose moment has not come.',
    source: 'TLBI-ordered-before out of an MMU fault',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'dsbWaitsForOlderWalks',
    group: 'completion',
    says: 'It waits until accesses of such a CPU that are older and have the same page offset are translated.',
    source: 'TLBI-ordered-before: po-loc through the removed translation',
    file: 'steps/tlbi.ts',
  },
  {
    id: 'localCompletion',
    group: 'completion',
    says: 'A non-shareable DSB waits for what its own CPU can tell: descriptors that its walks may read, hardware updates, and TLBIs on itself, of every CPU too. Behind such writes it holds back only walks, ISBs and TLBIs on itself: others may see them later.',
    source: 'shareability domain of DSB',
    file: 'steps/barrier.ts',
  },

  // Exceptions.
  {
    id: 'entrySynchronises',
    group: 'exceptions',
    says: 'Exception entry is a context synchronisation, unless FEAT_ExS says otherwise.',
    source: 'context synchronization events',
    file: 'steps/exception.ts',
  },
  {
    id: 'returnSynchronises',
    group: 'exceptions',
    says: 'So is ERET.',
    source: 'context synchronization events',
    file: 'steps/exception.ts',
  },
  {
    id: 'entryMasks',
    group: 'exceptions',
    says: 'Interrupts are masked from exception entry on; an interrupt handler still takes NMIs.',
    source: 'PSTATE.DAIF at entry; gic_handle_nmi',
    file: 'steps/exception.ts',
  },
  {
    id: 'handlersArePrivileged',
    group: 'exceptions',
    says: 'A handler runs at EL1 whatever was interrupted.',
    source: 'exception levels',
    file: 'steps/access.ts',
  },

  // What the kernel adds.
  {
    id: 'locksExclude',
    group: 'kernel',
    says: 'A lock is taken only when it is free, or shared and asked for shared.',
    source: 'queued_spin_lock, rwsem, mutex',
    file: 'steps/lock.ts',
  },
  {
    id: 'spinsAreUnresolved',
    group: 'kernel',
    says: 'A spin loop is an unresolved branch until it has succeeded.',
    source: 'smp_cond_load_acquire: the loop’s branch',
    file: 'steps/order.ts',
  },
  {
    id: 'spinsDisablePreemption',
    group: 'kernel',
    says: 'A CPU is not preemptible from taking a spin lock to releasing it.',
    source: 'spin_lock: preempt_disable',
    file: 'steps/lock.ts',
  },
  {
    id: 'stoppersNeedPreemption',
    group: 'kernel',
    says: 'stop_machine stops a CPU only where it is preemptible and takes interrupts.',
    source: 'cpu_stopper_thread',
    file: 'steps/interrupt.ts',
  },
  {
    id: 'masking',
    group: 'kernel',
    says: 'An interrupt is not taken while it is masked.',
    source: 'local_irq_disable, PSTATE.I',
    file: 'steps/interrupt.ts',
  },
  {
    id: 'nmisIgnoreIrqMasks',
    group: 'kernel',
    says: 'An NMI is taken where interrupts are masked and NMIs are not.',
    source: 'pseudo-NMI: ICC_PMR_EL1',
    file: 'steps/interrupt.ts',
  },
  {
    id: 'spinsTakeInterrupts',
    group: 'kernel',
    says: 'A CPU that waits for a lock or a word takes an interrupt that another CPU has sent, if nothing masks it.',
    source: 'queued_spin_lock_slowpath spins with interrupts as they are',
    file: 'steps/interrupt.ts',
  },
  {
    id: 'gracePeriods',
    group: 'kernel',
    says: 'synchronize_rcu waits until the read-side sections that have begun are over; neither end of a section orders anything by itself.',
    source: 'synchronize_rcu; tools/memory-model: rcu-rscsi, rcu-gp',
    file: 'steps/readSections.ts',
  },
  {
    id: 'maskedRegionsAreRead',
    group: 'kernel',
    says: 'A region with interrupts masked or preemption off, and so a handler and what holds a spin lock, is a read-side section too.',
    source: 'RCU flavours are one since Linux v4.20',
    file: 'steps/readSections.ts',
  },
  {
    id: 'deathKeepsLocks',
    group: 'kernel',
    says: 'The locks of a task that dies stay held.',
    source: 'die, make_task_dead',
    file: 'steps/report.ts',
  },
  {
    id: 'deathEndsSections',
    group: 'kernel',
    says: 'Its RCU read-side sections end.',
    source: 'exit_rcu',
    file: 'steps/readSections.ts',
  },
  {
    id: 'deathInInterruptPanics',
    group: 'kernel',
    says: 'A death below an interrupt is a panic, which ends every CPU.',
    source: 'die: Fatal exception in interrupt',
    file: 'steps/report.ts',
  },
  {
    id: 'pagesAreReused',
    group: 'kernel',
    says: 'An allocation may get any page that was given back.',
    source: 'page allocator',
    file: 'steps/kernel.ts',
  },
  // What counts as wrong.
  {
    id: 'breakBeforeMake',
    group: 'findings',
    says: 'bbm: a descriptor gets a value that a TLB may hold while some CPU may still use an old one that must not live beside it.',
    source: 'RWHZWS, RDDMVT',
    file: 'steps/breakBeforeMake.ts',
  },
  {
    id: 'breakWhereReachable',
    group: 'findings',
    says: 'That counts only for CPUs whose walks may reach the table of the descriptor.',
    source: 'RWHZWS: a change of a live entry',
    file: 'steps/breakBeforeMake.ts',
  },
  {
    id: 'unpredictableConflicts',
    group: 'findings',
    says: 'unpredictable: an access whose TLB may hold two entries that needed break-before-make; it goes on with either.',
    source: 'RFVQCK',
    file: 'steps/translation.ts',
  },
  {
    id: 'staleAccess',
    group: 'findings',
    says: 'stale-read, lost-update: an access goes to a page that memory no longer translates its address to.',
    source: 'the kernel has remapped the page',
    file: 'steps/reading.ts',
  },
  {
    id: 'staleShowsInValue',
    group: 'findings',
    says: 'A read is stale only when the new page holds another value.',
    source: 'nobody could tell',
    file: 'steps/reading.ts',
  },
  {
    id: 'uninitialisedReads',
    group: 'findings',
    says: 'uninitialised-read: an access reads a word that nobody has written since its page was allocated without zeroes. A copy makes no use of what it reads.',
    source: 'page_alloc: a page holds what it held, without __GFP_ZERO',
    file: 'steps/origin.ts',
  },
  {
    id: 'copiesAreWatched',
    group: 'findings',
    says: 'outdated-copy: an entry comes to show a copy of a page that nothing maps any more and that was written after it was copied.',
    source: 'the kernel has moved the page',
    file: 'steps/origin.ts',
  },
  {
    id: 'updatesAreWatched',
    group: 'findings',
    says: 'overwritten-update: a store of what was made from a value read in the same descriptor, or word of a struct page, puts back bits that somebody else, or the hardware, has changed since; where it was computed, as by an addition, any change counts.',
    source:
      'ptep_set_wrprotect, ptep_test_and_clear_young: the hardware, or another CPU, may change an entry at any time',
    file: 'steps/overwriting.ts',
  },
  {
    id: 'strayEntries',
    group: 'findings',
    says: 'stray-write: an entry is stored by a function that sets one, to memory that holds struct pages and that nobody has allocated since.',
    source: 'pte_offset_kernel: it does not ask whether the entry above is a table',
    file: 'steps/strayEntry.ts',
  },
  {
    id: 'useAfterFree',
    group: 'findings',
    says: 'use-after-free: an access goes to a page that is free, or that was given to somebody else since its translation.',
    source: 'page lifetime',
    file: 'steps/reading.ts',
  },
  {
    id: 'freedPageReachable',
    group: 'findings',
    says: 'freed-page-reachable: a page is freed that some CPU may still reach through a descriptor.',
    source: 'page lifetime',
    file: 'steps/kernel.ts',
  },
  {
    id: 'doubleFree',
    group: 'findings',
    says: 'double-free: a page is freed that is free.',
    source: 'page lifetime',
    file: 'steps/kernel.ts',
  },
  {
    id: 'lockNotHeld',
    group: 'findings',
    says: 'lock-not-held: an assertion that the CPU holds a lock, by its program order, is wrong.',
    source: 'lockdep_assert_held',
    file: 'steps/lock.ts',
  },
  {
    id: 'unlockNotHeld',
    group: 'findings',
    says: 'unlock-not-held: a lock is released that the CPU does not hold, or holds for reading and releases for writing, or the other way round; preemption that is on is enabled, or a read-side section of RCU is ended where none is open.',
    source: 'lockdep',
    file: 'steps/lock.ts',
  },
  {
    id: 'sleepInAtomic',
    group: 'findings',
    says: 'sleep-in-atomic: a mutex, a semaphore, a grace period or an allocation that may sleep is waited for where interrupts are masked or preemption is off, or in an RCU read-side section, which only the spin locks of PREEMPT_RT may wait in, and are themselves.',
    source: 'might_sleep',
    file: 'steps/lock.ts',
  },
] as const satisfies readonly ModelRule[];

export type RuleId = (typeof modelRules)[number]['id'];

/** Whether each rule holds. */
export type Rules = Readonly<Record<RuleId, boolean>>;

export function rulesWithout(left: ReadonlySet<string>): Rules {
  return Object.fromEntries(modelRules.map(({ id }) => [id, !left.has(id)])) as Record<RuleId, boolean>;
}
