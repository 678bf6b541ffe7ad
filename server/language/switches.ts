/** The switches of `machine { ... }`: one row each. In an expression `machine.NAME` is the value of a switch. */

export interface Switch {
  readonly name: string;
  readonly values: SwitchValues;
  /** As written; what holds when no `machine` says otherwise. */
  readonly initial: string;
  readonly doc: string;
  /** What `machine.NAME` gives in an expression. */
  readonly inExpressions: string;
}

export type SwitchValues =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** A number literal; bounds included. */
  | { readonly kind: 'number'; readonly least: bigint; readonly most: bigint; readonly example: string };

const words = (...list: readonly string[]): SwitchValues => ({ kind: 'words', words: list });
const yesNo = words('yes', 'no');
const asTruth = '1 for `yes`, 0 for `no`';

export const switches: readonly Switch[] = [
  {
    name: 'kernel',
    values: words('v6.7', 'v6.8', 'v6.11', 'v7.2'),
    initial: 'v6.7',
    doc: 'Kernel release: where vmemmap lies, the fault route, the flush functions and the way of HVO, by the standard library of that release.',
    inExpressions: 'major times 256 plus minor: 0x607 for v6.7',
  },
  {
    name: 'granule',
    values: words('4K', '16K', '64K'),
    initial: '4K',
    doc: 'Translation granule, which is PAGE_SIZE. Only 4K maps vmemmap with blocks.',
    inExpressions: 'the size in bytes',
  },
  {
    name: 'va_bits',
    values: { kind: 'number', least: 36n, most: 52n, example: '48' },
    initial: '48',
    doc: 'Width of kernel virtual addresses: 39, 48, 52 with 4K; 36, 47, 48, 52 with 16K; 42, 48, 52 with 64K.',
    inExpressions: 'the number',
  },
  {
    name: 'memstart',
    values: { kind: 'number', least: 0n, most: (1n << 52n) - 1n, example: '0x4000_0000' },
    initial: '0x4000_0000',
    doc: 'Physical address of the start of memory, to which vmemmap belongs.',
    inExpressions: 'the address',
  },
  {
    name: 'bbm',
    values: words('0', '1', '2', '2-noabort', '3'),
    initial: '0',
    doc: 'FEAT_BBM: what may change size in place. 2 may still abort with a TLB conflict; `2-noabort` and 3 never do. No level allows another output address in place.',
    inExpressions: 'the level, 2 for `2-noabort`; `machine.bbm_noabort` is 1 for `2-noabort` and 3',
  },
  {
    name: 'ets2',
    values: yesNo,
    initial: 'no',
    doc: 'FEAT_ETS2: a walk for an access does not run ahead of an older barrier, so that fewer faults are spurious.',
    inExpressions: asTruth,
  },
  {
    name: 'ets3',
    values: yesNo,
    initial: 'no',
    doc: 'FEAT_ETS3: as ETS2, and faults are ordered after an older translation table update of the same CPU.',
    inExpressions: asTruth,
  },
  {
    name: 'lse',
    values: yesNo,
    initial: 'yes',
    doc: 'FEAT_LSE: atomics are one instruction; without it a loop of load-exclusive and store-exclusive.',
    inExpressions: asTruth,
  },
  {
    name: 'hw_af',
    values: yesNo,
    initial: 'no',
    doc: 'FEAT_HAFDBS: walks set the access flag by themselves.',
    inExpressions: asTruth,
  },
  {
    name: 'hw_dbm',
    values: yesNo,
    initial: 'no',
    doc: 'FEAT_HAFDBS: walks make a read-only descriptor with DBM writable by themselves.',
    inExpressions: asTruth,
  },
  {
    name: 'pseudo_nmi',
    values: yesNo,
    initial: 'no',
    doc: 'Interrupt priority masking: `nmi` handlers come through masked interrupts.',
    inExpressions: asTruth,
  },
  {
    name: 'preempt_rt',
    values: yesNo,
    initial: 'no',
    doc: 'PREEMPT_RT: spin locks sleep, and their sections can be preempted.',
    inExpressions: asTruth,
  },
  {
    name: 'stolen_time',
    values: yesNo,
    initial: 'no',
    doc: 'CPUs are those of a virtual machine: the hypervisor may take any of them away at any point, for any time. Who spins for it in the fault path or with interrupts masked stalls.',
    inExpressions: asTruth,
  },
  {
    name: 'panic_on_warn',
    values: yesNo,
    initial: 'no',
    doc: 'A WARN stops the machine.',
    inExpressions: asTruth,
  },
  {
    name: 'hvo',
    values: yesNo,
    initial: 'yes',
    doc: "CONFIG_HUGETLB_PAGE_OPTIMIZE_VMEMMAP with the patch: arm64's own update and flush helpers, and the hook. `no`: the generic fall-backs.",
    inExpressions: asTruth,
  },
  {
    name: 'debug_vm',
    values: yesNo,
    initial: 'no',
    doc: 'CONFIG_DEBUG_VM: VM_BUG_ON and VM_WARN_ON check.',
    inExpressions: asTruth,
  },
  {
    name: 'lockdep',
    values: yesNo,
    initial: 'yes',
    doc: 'CONFIG_PROVE_LOCKING: `lockdep_assert_held` checks.',
    inExpressions: asTruth,
  },
];

export const switchByName: ReadonlyMap<string, Switch> = new Map(switches.map((row) => [row.name, row]));

/** Values of `machine.NAME` that follow from switches. */
export const derivedSwitches: readonly { readonly name: string; readonly doc: string }[] = [
  { name: 'bbm_noabort', doc: '1 when a change of size in place never aborts (bbm `2-noabort` or 3), else 0.' },
  {
    name: 'levels',
    doc: 'Number of levels of translation, 2 to 5. With fewer than 5, 4 or 3 the P4D, PUD or PMD is folded.',
  },
];
