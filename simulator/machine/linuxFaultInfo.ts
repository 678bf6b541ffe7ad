/**
 * What Linux makes of a fault status code: the name that it prints and the function that handles it
 * (arch/arm64/mm/fault.c, fault_info).
 */

import { type KernelRelease, releaseAtLeast } from './kernelRelease';

export type FaultHandler =
  | 'do_bad'
  | 'do_translation_fault'
  | 'do_page_fault'
  | 'do_sea'
  | 'do_tag_check_fault'
  | 'do_alignment_fault';

export interface FaultInfo {
  readonly name: string;
  readonly handler: FaultHandler;
}

const bad = (name: string): FaultInfo => ({ name, handler: 'do_bad' });
const translation = (level: number): FaultInfo => {
  return { name: `level ${level} translation fault`, handler: 'do_translation_fault' };
};
const page = (name: string): FaultInfo => ({ name, handler: 'do_page_fault' });
const externalAbort = (name: string): FaultInfo => ({ name, handler: 'do_sea' });

const named: ReadonlyMap<number, FaultInfo> = new Map([
  [0x00, bad('ttbr address size fault')],
  [0x01, bad('level 1 address size fault')],
  [0x02, bad('level 2 address size fault')],
  [0x03, bad('level 3 address size fault')],
  ...[0, 1, 2, 3].map((level) => [0x04 + level, translation(level)] as const),
  ...[1, 2, 3].map((level) => [0x08 + level, page(`level ${level} access flag fault`)] as const),
  ...[1, 2, 3].map((level) => [0x0c + level, page(`level ${level} permission fault`)] as const),
  [0x10, externalAbort('synchronous external abort')],
  [0x11, { name: 'synchronous tag check fault', handler: 'do_tag_check_fault' }],
  ...[0, 1, 2, 3].map((level) => [0x14 + level, externalAbort(`level ${level} (translation table walk)`)] as const),
  [0x18, externalAbort('synchronous parity or ECC error')],
  ...[0, 1, 2, 3].map((level) => [0x1c + level, externalAbort(parityOnWalk(level))] as const),
  [0x21, { name: 'alignment fault', handler: 'do_alignment_fault' }],
  [0x30, bad('TLB conflict abort')],
  [0x31, bad('Unsupported atomic hardware update fault')],
  [0x34, bad('implementation fault (lockdown abort)')],
  [0x35, bad('implementation fault (unsupported exclusive)')],
  [0x3d, bad('section domain fault')],
  [0x3e, bad('page domain fault')],
]);

/** Codes that got a name with 52-bit addresses for 4K and 16K pages. */
const namedSince69: ReadonlyMap<number, FaultInfo> = new Map([
  [0x08, page('level 0 access flag fault')],
  [0x0c, page('level 0 permission fault')],
  [0x13, externalAbort('level -1 (translation table walk)')],
  [0x1b, externalAbort(parityOnWalk(-1))],
  [0x29, bad('level -1 address size fault')],
  [0x2b, translation(-1)],
]);

function parityOnWalk(level: number): string {
  return `level ${level} synchronous parity error (translation table walk)`;
}

/** The entry for a fault status code (0 to 63) in a release. Codes without a name are "unknown N", handled by do_bad. */
export function faultInfo(code: number, release: KernelRelease): FaultInfo {
  const later = releaseAtLeast(release, 'v6.9') ? namedSince69.get(code) : undefined;
  return later ?? named.get(code) ?? bad(`unknown ${code}`);
}
