/** The missing steps of a break-before-make sequence as words, for every front end that has places for its events. */

import type { MissingStep, Shortfall } from '../../simulator/machine/flushSequence';

/**
 * "dsb(ishst) before the TLBI and the TLBI are missing; they belong before line 14". Neighbours that belong before the same
 * place share it; a step that something was meant to be is told with the reason why it is not.
 */
export function missingStepsText(missing: readonly MissingStep[], placeName: (at: number) => string): string {
  const groups: MissingStep[][] = [];
  for (const step of missing) {
    const last = groups.at(-1);
    const joins = last !== undefined && last[0]!.before === step.before && !last[0]!.because && !step.because;
    if (joins) last.push(step);
    else groups.push([step]);
  }
  return groups.map((group) => groupText(group, placeName)).join('; ');
}

function groupText(group: readonly MissingStep[], placeName: (at: number) => string): string {
  const { before, because } = group[0]!;
  const steps = group.map(({ step }) => step).join(', ');
  if (because) return `missing: ${steps}, at ${placeName(before)} (${shortfallText(because)})`;
  return `missing: ${steps}, before ${placeName(before)}`;
}

/** Why a barrier or a TLBI is not the step that it stands for, as a clause about it. */
export function shortfallText(because: Shortfall): string {
  switch (because) {
    case 'otherRegime':
      return 'the TLBI there is for another translation regime';
    case 'otherVmid':
      return 'another VMID is current there';
    case 'otherAsid':
      return 'the TLBI there is for the non-global entries of one ASID';
    case 'otherAddresses':
      return 'the TLBI there is for other addresses';
    case 'leafOnly':
      return 'the TLBI there removes only what leaf entries gave';
    case 'otherLevel':
      return 'the level hint of the TLBI there is another level';
    case 'notBroadcast':
      return 'the TLBI there works on its own CPU only';
    case 'nonShareable':
      return 'the DSB there waits for its own CPU only';
    case 'loadsOnly':
      return 'the DSB there waits for loads only';
    case 'storesOnly':
      return 'the DSB there waits for stores only, not for the TLBI';
  }
}
