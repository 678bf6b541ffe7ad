/**
 * A translation table walk of VMSAv8-64 stage 1 at EL1&0 from memory, and what an access gets from it: a physical
 * address, or an abort with ESR_EL1 and FAR_EL1, or PAR_EL1.
 */

import type { CpuFeatures } from './cpuFeatures';
import { type Descriptor, decodeDescriptor, type LeafDescriptor } from './descriptor';
import { abortEsr } from './esr';
import type { Fault } from './faultStatus';
import { type Level, pageBytes } from './granule';
import { mairByte } from './memoryAttributes';
import { faultPar, translatedPar } from './par';
import type { Permissions } from './permissions';
import { inUpperHalf, type TranslationControl, translationControl } from './translationControl';
import {
  type AccessKind,
  checkLeaf,
  isDataAccess,
  nextDescriptor,
  startWalk,
  stepWalk,
  type WalkPosition,
} from './walkSteps';

export interface Access {
  readonly kind: AccessKind;
  /** Bytes: 1, 2, 4, 8 or 16; of no effect for address translation instructions. */
  readonly size: number;
}

/** The system registers and the memory that a walk depends on. */
export interface WalkContext {
  readonly tcr: bigint;
  readonly mair: bigint;
  readonly ttbr0: bigint;
  readonly ttbr1: bigint;
  /** SCTLR_EL1; A (bit 1) and WXN (bit 19) matter. */
  readonly sctlr: bigint;
  readonly el: 0 | 1;
  /** PSTATE.PAN. */
  readonly pan: boolean;
  readonly cpu: CpuFeatures;
  readonly readDescriptor: (pa: bigint) => bigint | 'external-abort';
  /** Whether memory answers at a physical address; the access takes an external abort where it does not. */
  readonly answers: (pa: bigint) => boolean;
}

/** One descriptor that a walk read. */
export interface WalkStep {
  readonly level: Level;
  readonly index: number;
  readonly address: bigint;
  readonly descriptor: Descriptor;
}

/** What hardware management of the access flag and dirty state writes back. */
export interface DescriptorUpdate {
  readonly address: bigint;
  readonly from: bigint;
  readonly to: bigint;
}

export interface Translated {
  readonly kind: 'translated';
  readonly pa: bigint;
  readonly level: Level;
  readonly leaf: LeafDescriptor;
  readonly permissions: Permissions;
  /** The byte of MAIR_EL1, and the shareability of the descriptor (of TCR_EL1 with TCR.DS). */
  readonly attribute: number;
  readonly shareability: number;
  readonly par: bigint;
  readonly steps: readonly WalkStep[];
  readonly updates: readonly DescriptorUpdate[];
}

export interface Faulted {
  readonly kind: 'fault';
  readonly fault: Fault;
  /** ESR_EL1 and FAR_EL1 of the abort. An address translation instruction takes it only when there is no `par`. */
  readonly esr: bigint;
  readonly far: bigint;
  /** What an address translation instruction reports; absent for external aborts, which it takes as an exception. */
  readonly par?: bigint;
  readonly steps: readonly WalkStep[];
}

export type WalkResult = Translated | Faulted;

/**
 * Translates one access. An access that crosses into another page is translated for both; the first page that faults
 * decides, and FAR names the first byte there.
 */
export function walk(context: WalkContext, va: bigint, access: Access): WalkResult {
  const control = translationControl(context.tcr, inUpperHalf(va), context.cpu);
  const misaligned = isDataAccess(access.kind) && va % BigInt(access.size) !== 0n;
  const strict = access.kind === 'atomic' || ((context.sctlr >> 1n) & 1n) === 1n;
  // Alignment that does not depend on the memory type is checked before anything is translated.
  if (strict && misaligned) return faulted(context, va, access, { kind: 'alignment' }, true, []);
  const first = walkByte(context, control, va, access, misaligned);
  const page = pageBytes(control.geometry.granule);
  const last = BigInt.asUintN(64, va + BigInt(access.size) - 1n);
  if (first.kind === 'fault' || !misaligned || va / page === last / page) return first;
  const lastControl = translationControl(context.tcr, inUpperHalf(last), context.cpu);
  const second = walkByte(context, lastControl, (last / page) * page, access, misaligned);
  if (second.kind === 'fault') return second;
  return { ...first, updates: [...first.updates, ...second.updates] };
}

function walkByte(
  context: WalkContext,
  control: TranslationControl,
  va: bigint,
  access: Access,
  misaligned: boolean,
): WalkResult {
  const steps: WalkStep[] = [];
  const ttbr = control.upper ? context.ttbr1 : context.ttbr0;
  let position = startWalk(control, ttbr, va, access.kind, context.el);
  while (position.kind === 'position') {
    const { index, address } = nextDescriptor(control, position, va);
    const raw = context.readDescriptor(address);
    if (raw === 'external-abort') {
      return faulted(context, va, access, { kind: 'externalAbortOnWalk', level: position.level }, true, steps);
    }
    const descriptor = decodeDescriptor(control.format, position.level, raw);
    steps.push({ level: position.level, index, address, descriptor });
    const next = stepWalk(control, position, descriptor);
    if (next.kind === 'leaf') return useLeaf(context, control, position, next, va, access, misaligned, steps);
    position = next;
  }
  return faulted(context, va, access, position, true, steps);
}

function useLeaf(
  context: WalkContext,
  control: TranslationControl,
  position: WalkPosition,
  leaf: LeafDescriptor,
  va: bigint,
  access: Access,
  misaligned: boolean,
  steps: readonly WalkStep[],
): WalkResult {
  const check = checkLeaf(control, position, leaf, va, {
    kind: access.kind,
    misaligned,
    mair: context.mair,
    el: context.el,
    pan: context.pan,
    writableExecuteNever: ((context.sctlr >> 19n) & 1n) === 1n,
    noTranslationFaults: context.cpu.noTranslationFaults,
  });
  if (check.kind === 'refused') return faulted(context, va, access, check.fault, check.readFaults, steps);
  const touches = access.kind === 'fetch' || isDataAccess(access.kind);
  if (touches && !context.answers(check.pa)) {
    return faulted(context, va, access, { kind: 'externalAbort' }, true, steps);
  }
  const attribute = mairByte(context.mair, leaf.attrIndex);
  const shareability = control.format.ds ? control.shareability : leaf.sh;
  const address = steps[steps.length - 1]?.address ?? 0n;
  return {
    kind: 'translated',
    pa: check.pa,
    level: position.level,
    leaf,
    permissions: check.permissions,
    attribute,
    shareability,
    par: translatedPar(check.pa, attribute, shareability),
    steps,
    updates: check.updated === leaf.raw ? [] : [{ address, from: leaf.raw, to: check.updated }],
  };
}

/** The abort or the PAR_EL1 of a fault. `readFaults`: a read of the address would have faulted too. */
function faulted(
  context: WalkContext,
  va: bigint,
  access: Access,
  fault: Fault,
  readFaults: boolean,
  steps: readonly WalkStep[],
): Faulted {
  const esr = abortEsr({
    fault,
    fetch: access.kind === 'fetch',
    el: context.el,
    write: access.kind === 'store' || (access.kind === 'atomic' && !readFaults),
    maintenance: access.kind === 'translateRead' || access.kind === 'translateWrite',
  });
  const taken = fault.kind === 'externalAbort' || fault.kind === 'externalAbortOnWalk';
  return { kind: 'fault', fault, esr, far: va, steps, ...(taken ? {} : { par: faultPar(fault) }) };
}
