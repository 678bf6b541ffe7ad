/** What the metadata of a litmus test ask for: variants, hardware management of AF and DB, threads at EL0. */

import type { LitmusProblem, LitmusTest, Metadata } from './test';

/** What a fault does in a thread without a handler. */
export type FaultVariant = 'fatal' | 'handled' | 'skip';

export interface Settings {
  readonly faults: FaultVariant;
  readonly ets: 0 | 2 | 3;
  /** Exception entry and return are context synchronisations. */
  readonly entrySynchronises: boolean;
  readonly returnSynchronises: boolean;
  /** CTR_EL0.IDC: stores need no cleaning of the data cache to be fetched. */
  readonly cleansItself: boolean;
  readonly accessFlag: (thread: number) => boolean;
  readonly dirtyState: (thread: number) => boolean;
  readonly unprivileged: (thread: number) => boolean;
}

/** What the command line says; the test's own metadata win. */
export interface SettingDefaults {
  readonly faults: FaultVariant;
  readonly ets: 0 | 2 | 3;
}

const faultVariants: Readonly<Record<string, FaultVariant>> = {
  fatal: 'fatal',
  precise: 'fatal',
  synchronous: 'fatal',
  sync: 'fatal',
  handled: 'handled',
  imprecise: 'handled',
  asynchronous: 'handled',
  async: 'handled',
  skip: 'skip',
  faulttonext: 'skip',
};

/** Variants that change nothing here: the tests are all about virtual memory. */
const neutral = new Set(['vmsa', 'kvm']);

/** Instructions are modified; `idc`: what is stored needs no DC CVAU to be fetched. */
const fetching = new Set(['ifetch', 'self', 'idc']);

const extensions: Readonly<Record<string, string>> = {
  memtag: 'memory tagging (Variant=memtag)',
  mte: 'memory tagging (Variant=memtag)',
  dic: 'instruction caches that need no invalidation (Variant=dic)',
  mixed: 'accesses of mixed size (Variant=mixed)',
  cutoff: 'loops that may go on for ever (Variant=cutoff)',
  mlpt: 'tables of several levels (Variant=mlpt)',
  pte2: 'entries that map page tables (Variant=pte2)',
  asl: 'the ASL semantics of instructions (Variant=asl)',
  pac: 'pointer authentication (Variant=pac)',
  neon: 'vector instructions (Variant=neon)',
  sve: 'vector instructions (Variant=sve)',
  morello: 'capabilities (Variant=morello)',
};

/** The settings of a test, or the first thing in its metadata that is not known. */
export function readSettings(test: LitmusTest, defaults: SettingDefaults): Settings | LitmusProblem {
  let { faults, ets } = defaults as { faults: FaultVariant; ets: 0 | 2 | 3 };
  const variants = new Set<string>();
  const accessFlag: ThreadSet = { all: false, threads: new Set() };
  const dirtyState: ThreadSet = { all: false, threads: new Set() };
  const unprivileged: ThreadSet = { all: false, threads: new Set() };
  for (const item of test.metadata) {
    for (const word of item.value.split(/[\s,]+/).filter((w) => w !== '')) {
      switch (item.key.toLowerCase()) {
        case 'variant': {
          const variant = word.toLowerCase();
          const problem = readVariant(item, variant);
          if (problem !== undefined) return problem;
          faults = faultVariants[variant] ?? faults;
          if (variant === 'ets3') ets = 3;
          if ((variant === 'ets2' || variant === 'ets') && ets < 2) ets = 2;
          variants.add(variant);
          break;
        }
        case 'tthm': {
          const match = /^(?:P?(\d+):)?(HA|HD)$/i.exec(word);
          if (match === null) return wrong(item, `expected HA, HD or P0:HA in TTHM, found \`${word}\``);
          include(match[2]?.toUpperCase() === 'HD' ? dirtyState : accessFlag, match[1]);
          break;
        }
        case 'el0': {
          const match = /^P?(\d+)$/i.exec(word);
          if (match === null) return wrong(item, `expected a thread such as P0 in EL0, found \`${word}\``);
          include(unprivileged, match[1]);
          break;
        }
      }
    }
  }
  const has = (set: ThreadSet, thread: number): boolean => set.all || set.threads.has(thread);
  return {
    faults,
    ets,
    entrySynchronises: !variants.has('exs') || variants.has('eis'),
    returnSynchronises: !variants.has('exs') || variants.has('eos'),
    cleansItself: variants.has('idc'),
    // Hardware management of the dirty state needs that of the access flag (TCR_EL1.HD has no effect without HA).
    accessFlag: (thread) => has(accessFlag, thread) || has(dirtyState, thread),
    dirtyState: (thread) => has(dirtyState, thread),
    unprivileged: (thread) => has(unprivileged, thread),
  };
}

interface ThreadSet {
  all: boolean;
  readonly threads: Set<number>;
}

function include(set: ThreadSet, thread: string | undefined): void {
  if (thread === undefined) set.all = true;
  else set.threads.add(Number(thread));
}

function readVariant(item: Metadata, variant: string): LitmusProblem | undefined {
  const known =
    variant in faultVariants ||
    neutral.has(variant) ||
    fetching.has(variant) ||
    /^(ets|ets2|ets3|exs|eis|eos)$/.test(variant);
  if (known) return undefined;
  const { line, column } = item;
  return { kind: 'unsupported', line, column, message: extensions[variant] ?? `Variant=${variant}` };
}

function wrong(item: Metadata, message: string): LitmusProblem {
  return { kind: 'syntax', message, line: item.line, column: item.column };
}
