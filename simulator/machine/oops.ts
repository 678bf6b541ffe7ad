/**
 * What the kernel prints when it cannot handle a fault on a kernel address: the abort decoded, the page table entries
 * as they are at that moment, and how it ends (arch/arm64/mm/fault.c, arch/arm64/kernel/traps.c). Source of the text is
 * Linux; the layout is what log readers know.
 */

import { type DescriptorFormat, decodeDescriptor, descriptorAddress } from './descriptor';
import { className, type DecodedEsr, decodeEsr } from './esr';
import { type Geometry, type Level, pageBytes, tableIndex } from './granule';
import { type KernelRelease, releaseAtLeast } from './kernelRelease';
import { faultInfo } from './linuxFaultInfo';

/** An entry that the dump has read. */
export interface DumpedEntry {
  readonly level: Level;
  readonly raw: bigint;
}

/**
 * Reads the entries that a dump prints: from the top level down, up to the first that is none or no table. Memory is
 * read now, so that a table that was mended after the fault shows as mended.
 */
export function readDump(
  shape: Geometry,
  format: DescriptorFormat,
  root: bigint,
  va: bigint,
  read: (pa: bigint) => bigint,
): readonly DumpedEntry[] {
  const entries: DumpedEntry[] = [];
  let table = root;
  for (let level = shape.topLevel; level <= 3; level++) {
    const raw = read(descriptorAddress(table, tableIndex(shape, level as Level, va)));
    entries.push({ level: level as Level, raw });
    const descriptor = decodeDescriptor(format, level as Level, raw);
    if (descriptor.kind !== 'table') break;
    table = descriptor.nextTable;
  }
  return entries;
}

export interface OopsInput {
  readonly esr: bigint;
  readonly far: bigint;
  readonly release: KernelRelease;
  readonly shape: Geometry;
  /** Physical address of swapper_pg_dir. */
  readonly root: bigint;
  readonly entries: readonly DumpedEntry[];
  /** How many oopses there were, this one included. */
  readonly count: number;
  readonly preemption: '' | 'PREEMPT' | 'PREEMPT_RT';
  /**
   * Whether the ISS2 fields of the abort are printed. Kernels from v6.12 on do and v6.1 does not; between them it
   * depends on the exact kernel. Absent: from v6.12 on.
   */
  readonly syndrome2?: boolean;
  /** The task and where it was, as far as known. */
  readonly cpu?: number;
  readonly task?: { readonly pid: number; readonly name: string };
  readonly pc?: string;
  readonly lr?: string;
  /** The fault came in interrupt context, which panics; in task context only panic_on_oops does. */
  readonly inInterrupt: boolean;
  readonly panicOnOops: boolean;
}

/** Why the kernel gives up on a kernel-mode abort. */
export type OopsReason =
  /** `Unable to handle kernel … at virtual address`, then the dump, then `Oops`. */
  | { readonly kind: 'unhandled'; readonly what: string }
  /** External aborts: dies at once under the name of the fault, without a dump. */
  | { readonly kind: 'died'; readonly name: string };

/** The words for an abort that no fix-up took, from the handler that fault_info names. */
export function oopsReason(esr: bigint, far: bigint, shape: Geometry, release: KernelRelease): OopsReason {
  const decoded = decodeEsr(esr);
  if (decoded.abort === undefined) return { kind: 'died', name: className(decoded.ec) };
  const { abort } = decoded;
  const info = faultInfo(abort.status.code, release);
  switch (info.handler) {
    case 'do_sea':
      return { kind: 'died', name: info.name };
    case 'do_bad':
      return { kind: 'unhandled', what: info.name };
    case 'do_translation_fault':
    case 'do_page_fault':
    case 'do_tag_check_fault':
    case 'do_alignment_fault':
      break;
  }
  if (abort.sameEl && abort.status.kind === 'permission') {
    if (abort.wnr) return { kind: 'unhandled', what: 'write to read-only memory' };
    const what = abort.data ? 'read from unreadable memory' : 'execute from non-executable memory';
    return { kind: 'unhandled', what };
  }
  const nullPage = far < pageBytes(shape.granule);
  return { kind: 'unhandled', what: nullPage ? 'NULL pointer dereference' : 'paging request' };
}

/** The whole report, line by line. */
export function oopsLines(input: OopsInput): readonly string[] {
  const reason = oopsReason(input.esr, input.far, input.shape, input.release);
  const name = reason.kind === 'died' ? reason.name : 'Oops';
  const flavour = [input.preemption, 'SMP'].filter((word) => word !== '').join(' ');
  return [
    ...(reason.kind === 'unhandled'
      ? [
          `Unable to handle kernel ${reason.what} at virtual address ${sixteen(input.far)}`,
          ...abortLines(input),
          ...tableLines(input),
        ]
      : []),
    `Internal error: ${name}: ${sixteen(input.esr)} [#${input.count}] ${flavour}`,
    ...placeLines(input),
    ...panicLines(input, name),
  ];
}

function placeLines(input: OopsInput): readonly string[] {
  const task = input.task === undefined ? '' : ` PID: ${input.task.pid} Comm: ${input.task.name}`;
  return [
    ...(input.cpu === undefined ? [] : [`CPU: ${input.cpu}${task}`]),
    ...(input.pc === undefined ? [] : [`pc : ${input.pc}`]),
    ...(input.lr === undefined ? [] : [`lr : ${input.lr}`]),
  ];
}

function panicLines(input: OopsInput, name: string): readonly string[] {
  if (input.inInterrupt) return [`Kernel panic - not syncing: ${name}: Fatal exception in interrupt`];
  return input.panicOnOops ? [`Kernel panic - not syncing: ${name}: Fatal exception`] : [];
}

function sixteen(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

function eight(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function two(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}

function digit(value: boolean): string {
  return value ? '1' : '0';
}

/** The abort decoded: "Mem abort info" and, for a data abort, "Data abort info". */
export function abortLines(input: Pick<OopsInput, 'esr' | 'release' | 'syndrome2'>): readonly string[] {
  const decoded = decodeEsr(input.esr);
  const lines = [
    'Mem abort info:',
    `  ESR = 0x${sixteen(input.esr)}`,
    `  EC = ${two(decoded.ec)}: ${className(decoded.ec)}, IL = ${decoded.il ? 32 : 16} bits`,
  ];
  const { abort } = decoded;
  if (abort === undefined) return lines;
  lines.push(
    `  SET = ${abort.set}, FnV = ${digit(abort.fnv)}`,
    `  EA = ${digit(abort.ea)}, S1PTW = ${digit(abort.s1ptw)}`,
    `  FSC = ${two(abort.status.code)}: ${faultInfo(abort.status.code, input.release).name}`,
  );
  return abort.data ? [...lines, ...dataAbortLines(decoded, abort, showsSyndrome2(input))] : lines;
}

function showsSyndrome2(input: Pick<OopsInput, 'release' | 'syndrome2'>): boolean {
  return input.syndrome2 ?? releaseAtLeast(input.release, 'v6.12');
}

function dataAbortLines(
  { iss, iss2 }: DecodedEsr,
  abort: NonNullable<DecodedEsr['abort']>,
  syndrome2: boolean,
): readonly string[] {
  const bits = (from: number, high: number, low: number) => (from >> low) & (2 ** (high - low + 1) - 1);
  const lines = ['Data abort info:'];
  if (abort.isv) {
    lines.push(
      `  Access size = ${2 ** bits(iss, 23, 22)} byte(s)`,
      `  SSE = ${bits(iss, 21, 21)}, SRT = ${bits(iss, 20, 16)}`,
      `  SF = ${bits(iss, 15, 15)}, AR = ${bits(iss, 14, 14)}`,
    );
  } else {
    lines.push(`  ISV = 0, ISS = 0x${eight(iss)}${syndrome2 ? `, ISS2 = 0x${eight(iss2)}` : ''}`);
  }
  const more = syndrome2 ? `, TnD = ${bits(iss2, 10, 10)}, TagAccess = ${bits(iss2, 9, 9)}` : '';
  lines.push(`  CM = ${digit(abort.cm)}, WnR = ${digit(abort.wnr)}${more}`);
  if (syndrome2) {
    lines.push(
      `  GCS = ${bits(iss2, 8, 8)}, Overlay = ${bits(iss2, 6, 6)}, ` +
        `DirtyBit = ${bits(iss2, 5, 5)}, Xs = ${bits(iss2, 4, 0)}`,
    );
  }
  return lines;
}

const linuxNames: readonly string[] = ['pgd', 'p4d', 'pud', 'pmd', 'pte'];

/**
 * The page table dump: granule, address size and pgd, then the raw entries. Levels that a kernel folds into the top
 * level are printed with the value of the top-level entry.
 */
export function tableLines(input: Pick<OopsInput, 'shape' | 'root' | 'far' | 'entries'>): readonly string[] {
  const { shape, root, far, entries } = input;
  const kilobytes = pageBytes(shape.granule) >> 10n;
  const values = entries.flatMap(({ level, raw }) => {
    const names = level === shape.topLevel ? linuxNames.slice(0, level + 2) : [linuxNames[level + 1] ?? ''];
    return names.map((name) => `${name}=${sixteen(raw)}`);
  });
  return [
    `swapper pgtable: ${kilobytes}k pages, ${shape.vaBits}-bit VAs, pgdp=${sixteen(root)}`,
    `[${sixteen(far)}] ${values.join(', ')}`,
  ];
}

/** The rate-limited warning for a translation fault whose address translates again when the handler looks. */
export function spuriousWarning(far: bigint): string {
  return `Ignoring spurious kernel translation fault at virtual address ${sixteen(far)}`;
}
