/**
 * The state of the second machine: plain objects that print as text, which is how states are compared. Every value of the
 * generated programs is below 2^53, so a word is a number. A field that says nothing yet is null. What stands in a state is
 * replaced and never changed, but for the fields of the state itself, its CPUs and their instances, which `copyOf` copies.
 */

export type Word = number;

/** What a descriptor covers: the VA range that one TLB entry translates. */
export interface Region {
  base: Word;
  bytes: Word;
}

/** One entry of one CPU's TLB: a finished translation, or a table met on the way (a walk cache entry). */
export type TlbEntry = Region & {
  kind: 'leaf' | 'table';
  level: number;
  /** First byte of the page or block, or the next table. */
  output: Word;
  readOnly: boolean;
  /** Accesses at EL0 may use it (AP[1]). */
  unprivileged: boolean;
  /** A read-only leaf that hardware makes writable at the first write, where it manages the dirty state (DBM). */
  dirtyModifier: boolean;
  /** All of it as text. */
  name: string;
};

export interface Fault extends Region {
  kind: 'translation' | 'access-flag' | 'permission';
  level: number;
  /** Of an address that is not walked: no TLBI is about it. */
  direct?: true;
}

/** Where a value came from: a version of the word in memory, or a store of the same CPU that is not in memory yet. */
export type Source = { version: number } | { store: number };

/** What is masked; how often preemption was disabled, and how many read-side sections of RCU are open. */
export interface Masks {
  irq: boolean;
  nmi: boolean;
  preempt: number;
  rcu: number;
}

/** What one exception saved; the syndrome of an interrupt is 0. */
export interface ExceptionLevel {
  elr: number;
  esr: Word;
  far: Word;
  masks: Masks;
}

/** A hardware update that an access still owes its descriptor: which version of the cell was walked, and what is set. */
export interface Update {
  cell: Word;
  version: number;
  dirty: boolean;
}

/** What a load-exclusive marked: the load itself while it is in the window, then the version of the word that it read. */
export type Reservation = { serial: number } | { physical: Word; version: number };

/** Another CPU's instruction that a TLBI must outlast before a DSB calls it complete. */
export interface Await {
  cpu: number;
  serial: number;
  until: 'done' | 'translated';
}

/** An instruction of the window: fetched, and not yet of the past. */
export interface Instance {
  /** Its number in program order, counted from the oldest instruction of the window. */
  serial: number;
  /** Code index; `synchronises` marks an exception entry instead of the instruction. */
  ip: number;
  synchronises: boolean;
  /** The exceptions being handled, and the masks, before it. */
  exceptions: ExceptionLevel[];
  masks: Masks;
  /** A read-side section begins or ends behind it. */
  border: 'begins' | 'ends' | null;
  /** A result that is known when it is fetched (system registers). */
  known: Word | null;
  /** A conditional branch that was fetched before its condition was known: the way it was guessed. */
  guess: boolean | null;
  /** Physical address; an access keeps the translation that gave it. */
  physical: Word | null;
  translation: Region | null;
  read: { value: Word; source: Source } | null;
  /** The version that its write made; 0: a compare-and-swap or store-exclusive that does not write. */
  written: number | null;
  update: Update | null;
  /** A compare-and-swap that was walked without permission to make the page dirty: it must turn out not to write. */
  mustFail: boolean;
  /** Store-exclusive: what the load-exclusive before it marked. */
  reservation: Reservation | null;
  fault: Fault | null;
  /** AT: what it answers. */
  answer: Word | null;
  /** TLBI: whether it has happened on its own CPU, and on the others. */
  performed: { readonly own: Part; readonly others: Part };
  awaits: Await[];
  /** Lock and unlock: done; trylock: whether it got the lock. */
  lock: 'done' | 'failed' | null;
}

/** `open`: it may still happen. */
export type Part = 'open' | 'done' | 'never';

/** Where TLBIs have not happened that may not have: a DSB that asks for them there is never over. */
export type Lack = 'nowhere' | 'elsewhere' | 'everywhere';

export interface TwinCpu {
  pc: number;
  exceptions: ExceptionLevel[];
  masks: Masks;
  /** What the last load-exclusive marked, until a store-exclusive or an exception return. */
  reservation: Reservation | null;
  /** How often each interrupt may still come by itself; those that were sent. */
  interrupts: number[];
  pending: readonly number[];
  /** The read-side section that the past ends in, and whether anything of it has happened. */
  section: 'entered' | 'begun' | null;
  /** In a grace period: the sections of each CPU that it waits for. */
  grace: number[] | null;
  /** Backward branches taken. */
  back: number;
  /** The interrupt that is taken before the next instruction, once everything older is translated. */
  taking: number | null;
  /** Whether no interrupt comes right before the next instruction. */
  undisturbed: boolean;
  /** Registers as the instructions of the past left them. */
  registers: Word[];
  window: Instance[];
  tlb: TlbEntry[];
  /** What TLBIs of the past lack. */
  lacks: Lack;
  /** What has happened for certain and is observed, by kind and site: faults, findings. */
  told: string[];
}

export interface TwinState {
  /** Words that were written, by decimal address: value and version. All others have their first value and version 0. */
  memory: Record<string, { value: Word; version: number }>;
  /** For each lock the CPUs that hold it, and those that wait in its queue to write. */
  locks: { exclusive: boolean; holders: number[]; queue: number[] }[];
  /** Pages that an allocation may take, lowest first. */
  freePages: Word[];
  cpus: TwinCpu[];
}

/** A state that can be changed without changing this one. */
export function copyOf(state: TwinState): TwinState {
  return {
    memory: { ...state.memory },
    locks: [...state.locks],
    freePages: state.freePages,
    cpus: state.cpus.map((cpu) => ({
      ...cpu,
      registers: [...cpu.registers],
      interrupts: [...cpu.interrupts],
      grace: cpu.grace === null ? null : [...cpu.grace],
      window: cpu.window.map((instance) => ({ ...instance })),
    })),
  };
}

/** Equal for equal states, different for different ones. What says nothing prints as nothing, which is most of it. */
export function keyOf(state: TwinState): string {
  let key = `${state.freePages.join()};`;
  for (const address in state.memory) {
    const { value, version } = state.memory[address]!;
    key += `${address}=${value},${version} `;
  }
  for (const { exclusive, holders, queue } of state.locks)
    key += `${exclusive ? '!' : ''}${holders.join()}${queue.length > 0 ? `q${queue.join()}` : ''};`;
  for (const cpu of state.cpus) key += `\n${cpuKey(cpu)}`;
  return key;
}

function cpuKey(cpu: TwinCpu): string {
  let key = `${cpu.pc} ${cpu.registers.join()} ${cpu.lacks} ${cpu.told.join()} ${cpu.interrupts.join()} ${cpu.undisturbed}`;
  key += `${maskKey(cpu.masks)}${exceptionsKey(cpu.exceptions)}`;
  if (cpu.taking !== null) key += `t${cpu.taking}`;
  if (cpu.pending.length > 0) key += `q${cpu.pending.join()}`;
  if (cpu.section !== null) key += cpu.section;
  if (cpu.grace !== null) key += `g${cpu.grace.join()}`;
  if (cpu.back > 0) key += `b${cpu.back}`;
  if (cpu.reservation !== null) key += reservationKey(cpu.reservation);
  for (const e of cpu.tlb) key += `;${e.name}`;
  for (const instance of cpu.window) key += `|${instanceKey(instance)}`;
  return key;
}

function exceptionsKey(exceptions: readonly ExceptionLevel[]): string {
  let key = '';
  for (const e of exceptions) key += `e${e.elr} ${e.esr} ${e.far}${maskKey(e.masks)}`;
  return key;
}

function maskKey({ irq, nmi, preempt, rcu }: Masks): string {
  return `${irq ? 'i' : ''}${nmi ? 'n' : ''}${preempt > 0 ? `p${preempt}` : ''}${rcu > 0 ? `c${rcu}` : ''}`;
}

function reservationKey(r: Reservation): string {
  return 'serial' in r ? `l${r.serial}` : `x${r.physical} ${r.version}`;
}

function instanceKey(i: Instance): string {
  let key = `${i.ip}${i.synchronises ? '!' : ''}${maskKey(i.masks)}${exceptionsKey(i.exceptions)}`;
  if (i.border !== null) key += i.border;
  if (i.known !== null) key += `k${i.known}`;
  if (i.guess !== null) key += i.guess ? 'g1' : 'g0';
  if (i.physical !== null) key += `p${i.physical}`;
  if (i.translation !== null) key += `r${i.translation.base} ${i.translation.bytes}`;
  if (i.read !== null) key += `v${i.read.value}${'store' in i.read.source ? 's' : '#'}${sourceNumber(i.read.source)}`;
  if (i.written !== null) key += `w${i.written}`;
  if (i.update !== null) key += `u${i.update.cell} ${i.update.version}${i.update.dirty ? 'd' : ''}`;
  if (i.mustFail) key += 'm';
  if (i.reservation !== null) key += reservationKey(i.reservation);
  if (i.fault !== null) key += `f${i.fault.kind} ${i.fault.level} ${i.fault.base}`;
  if (i.answer !== null) key += `a${i.answer}`;
  if (i.performed.own !== 'open' || i.performed.others !== 'open') key += `t${i.performed.own} ${i.performed.others}`;
  for (const a of i.awaits) key += `o${a.cpu} ${a.serial} ${a.until}`;
  if (i.lock !== null) key += `c${i.lock}`;
  return key;
}

function sourceNumber(source: Source): number {
  return 'store' in source ? source.store : source.version;
}
