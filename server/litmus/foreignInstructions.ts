/** Instructions of extensions that the machine does not have, and what they are about. */

import type { AssemblyInstruction } from './test';

const families: readonly (readonly [RegExp, string])[] = [
  [/^(?:STZ?2?G|LDG|ST[ZG]M|STGP|LDGM|IRG|GMI|ADDG|SUBG|SUBPS?)$/, 'memory tagging'],
  [/^(?:PAC|AUT|XPAC|RETA|BRA|BLRA|ERETA|LDRA)/, 'pointer authentication'],
  [/^(?:DC|IC)$/, 'cache maintenance'],
  [/^(?:CASP|SWPP|LDSETP|LDCLRP|STL?XP)/, 'an atomic of two registers'],
  [/^(?:WFET?|WFIT?|SEVL?|YIELD)$/, 'waiting for events'],
  [/^(?:HVC|SMC)$/, 'calls of a higher exception level'],
  [/^(?:BRK|HLT)$/, 'debug exceptions'],
  [/^LDTR|^STTR/, 'accesses with the permissions of EL0'],
];

const vectorRegister = /(?:^|[\s,{])[BHSDQVZ]\d{1,2}(?:\.\d*[BHSDQ])?(?=$|[\s,}.[])/i;

/** An instruction that is not known, with what it is about where that is. */
export function foreignInstruction({ mnemonic, text }: AssemblyInstruction): string {
  const about = families.find(([form]) => form.test(mnemonic))?.[1];
  return `${about ?? 'the instruction'}${about === undefined ? ' ' : ', '}${text}`;
}

/** Whether an instruction names vector registers, which no other kind has. */
export function usesVectors(text: string): boolean {
  return vectorRegister.test(text.replace(/^\S+/, ''));
}
