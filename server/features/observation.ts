/** What an access or an address translation instruction gave, as recorded or as walked, and how the two compare. */

import { decodeAttribute, forcedOuterShareable } from '../../simulator/machine/memoryAttributes';
import { decodePar } from '../../simulator/machine/par';
import type { WalkResult } from '../../simulator/machine/walk';
import type { AccessKind } from '../../simulator/machine/walkSteps';
import type { Shape } from './fieldNames';
import { asObject, hex, refuse, wordField } from './jsonLines';

export type Observation =
  | { readonly kind: 'ok'; readonly pa: bigint }
  | { readonly kind: 'abort'; readonly esr: bigint; readonly far: bigint }
  | { readonly kind: 'par'; readonly par: bigint };

export const observationFields = ['read', 'write', 'at_read', 'at_write'] as const;

export type ObservationField = (typeof observationFields)[number];

/** The access behind a field of a recorded line. */
export const accessOfField: Readonly<Record<ObservationField, AccessKind>> = {
  read: 'load',
  write: 'store',
  at_read: 'translateRead',
  at_write: 'translateWrite',
};

export const fieldTitle: Readonly<Record<ObservationField, string>> = {
  read: 'read',
  write: 'write',
  at_read: 'AT S1E1R',
  at_write: 'AT S1E1W',
};

/** What is recorded of an access; recorders name the page too. */
const recordedFields: Shape = { ok: true, pa: true, esr: true, far: true, par: true, page: true };

/** The fields of a line that are observations. */
export const observationShape: Shape = Object.fromEntries(observationFields.map((field) => [field, recordedFields]));

/** Reads a recorded observation: `{"ok": true, "pa"}`, `{"ok": false, "esr", "far"}`, `{"par"}` or `{"esr", "far"}`. */
export function readObservation(
  line: Readonly<Record<string, unknown>>,
  field: ObservationField,
): Observation | undefined {
  if (line[field] === undefined) return undefined;
  const value = asObject(line[field]) ?? refuse(`"${field}": expected an object with what was recorded`);
  if (value.ok !== undefined && value.ok !== (value.pa !== undefined))
    refuse(
      `"${field}": "ok" is true with "pa" and false with "esr" and "far", found ${JSON.stringify(value).slice(0, 60)}`,
    );
  if (value.par !== undefined) return { kind: 'par', par: wordField(value, 'par') };
  if (value.pa !== undefined) return { kind: 'ok', pa: wordField(value, 'pa') };
  return { kind: 'abort', esr: wordField(value, 'esr'), far: wordField(value, 'far') };
}

/** What a walk gives for a field: address translation reports in PAR_EL1 unless it takes an external abort. */
export function observe(field: ObservationField, result: WalkResult): Observation {
  const translation = field === 'at_read' || field === 'at_write';
  if (translation && result.par !== undefined) return { kind: 'par', par: result.par };
  if (result.kind === 'translated') return { kind: 'ok', pa: result.pa };
  return { kind: 'abort', esr: result.esr, far: result.far };
}

/**
 * Bits of PAR_EL1 that are not compared: NS, which is unknown outside the Secure state; and the shareability of Device
 * and Normal non-cacheable memory, where emulators report the descriptor's and the architecture says outer shareable.
 */
function comparedPar(par: bigint): bigint {
  const known = par & ~(1n << 9n);
  const decoded = decodePar(par);
  if (decoded.kind === 'fault' || !forcedOuterShareable(decodeAttribute(decoded.attribute))) return known;
  return known & ~(3n << 7n);
}

/** Whether two observations are the same: ESR, FAR and physical addresses exactly, PAR but for the bits above. */
export function sameObservation(one: Observation, other: Observation): boolean {
  switch (one.kind) {
    case 'ok':
      return other.kind === 'ok' && one.pa === other.pa;
    case 'abort':
      return other.kind === 'abort' && one.esr === other.esr && one.far === other.far;
    case 'par':
      return other.kind === 'par' && comparedPar(one.par) === comparedPar(other.par);
  }
}

/** An observation on one line. */
export function observationWords(observation: Observation): string {
  switch (observation.kind) {
    case 'ok':
      return `PA ${hex(observation.pa)}`;
    case 'abort':
      return `ESR ${hex(observation.esr)} FAR ${hex(observation.far)}`;
    case 'par':
      return `PAR ${hex(observation.par)}`;
  }
}

/** An observation as the recorded form. */
export function observationData(field: ObservationField, observation: Observation): Readonly<Record<string, unknown>> {
  const translation = field === 'at_read' || field === 'at_write';
  switch (observation.kind) {
    case 'ok':
      return { ok: true, pa: hex(observation.pa) };
    case 'par':
      return { par: hex(observation.par) };
    case 'abort': {
      const registers = { esr: hex(observation.esr), far: hex(observation.far) };
      return translation ? registers : { ok: false, ...registers };
    }
  }
}
