/** ESR_EL1 and PAR_EL1, field by field. */

import { className, decodeEsr } from '../../simulator/machine/esr';
import { faultStatusWords } from '../../simulator/machine/faultStatus';
import type { KernelRelease } from '../../simulator/machine/kernelRelease';
import { faultInfo } from '../../simulator/machine/linuxFaultInfo';
import { attributeWords, decodeAttribute, shareabilityWords } from '../../simulator/machine/memoryAttributes';
import { decodePar } from '../../simulator/machine/par';
import type { DecodedField } from './decode';

const classWords: ReadonlyMap<number, string> = new Map([
  [0x20, 'instruction abort from EL0'],
  [0x21, 'instruction abort, taken without a change of exception level'],
  [0x24, 'data abort from EL0'],
  [0x25, 'data abort, taken without a change of exception level'],
]);

function number(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function flag(name: string, value: boolean, set: string, clear: string): DecodedField {
  return { name, value: value ? '1' : '0', words: value ? set : clear };
}

/** The fields of a syndrome; for aborts also what the kernel calls the fault and who handles it. */
export function decodeEsrFields(raw: bigint, release: KernelRelease): readonly DecodedField[] {
  const { ec, il, iss, abort } = decodeEsr(raw);
  const more = classWords.get(ec);
  const fields: DecodedField[] = [
    { name: 'EC', value: number(ec, 2), words: more === undefined ? className(ec) : `${className(ec)}: ${more}` },
    flag('IL', il, '32-bit instruction', '16-bit instruction'),
    { name: 'ISS', value: number(iss, 7), words: abort === undefined ? 'syndrome of this class' : '' },
  ];
  const [iss2, rest] = [(raw >> 32n) & 0xffffffn, raw >> 56n];
  if (iss2 !== 0n) fields.push({ name: 'ISS2', value: `0x${iss2.toString(16)}`, words: 'bits 55:32, not decoded' });
  if (rest !== 0n)
    fields.push({ name: 'RES0', value: `0x${rest.toString(16)}`, words: 'bits 63:56 are 0 in an ESR_EL1' });
  if (abort === undefined) return fields;
  const info = faultInfo(abort.status.code, release);
  if (abort.data) {
    fields.push(flag('ISV', abort.isv, 'instruction syndrome valid', 'no instruction syndrome'));
  }
  fields.push(
    { name: 'SET', value: `${abort.set}`, words: 'synchronous error type, of external aborts only' },
    flag('FnV', abort.fnv, 'FAR_EL1 is not valid', 'FAR_EL1 holds the address'),
    flag('EA', abort.ea, 'implementation defined kind of external abort', ''),
  );
  if (abort.data) {
    fields.push(flag('CM', abort.cm, 'cache maintenance or address translation instruction', 'a load or store'));
  }
  fields.push(flag('S1PTW', abort.s1ptw, 'stage 2 fault of a stage 1 walk', 'not a stage 2 fault of a walk'));
  if (abort.data) {
    fields.push(flag('WnR', abort.wnr, 'a write', 'a read, or a read-modify-write whose read faults'));
  }
  fields.push(
    { name: abort.data ? 'DFSC' : 'IFSC', value: number(abort.status.code, 2), words: faultStatusWords(abort.status) },
    { name: 'Linux', value: release, words: `"${info.name}", handled by ${info.handler}` },
  );
  return fields;
}

/** The fields of a translation result. */
export function decodeParFields(raw: bigint, release: KernelRelease): readonly DecodedField[] {
  const par = decodePar(raw);
  if (par.kind === 'fault') {
    const info = faultInfo(par.status.code, release);
    return [
      { name: 'F', value: '1', words: 'the translation faulted' },
      { name: 'FST', value: number(par.status.code, 2), words: faultStatusWords(par.status) },
      flag('PTW', par.stage2OnWalk, 'stage 2 fault of a stage 1 walk', 'not a stage 2 fault of a walk'),
      flag('S', par.stage2, 'stage 2', 'stage 1'),
      { name: 'Linux', value: release, words: `"${info.name}"` },
    ];
  }
  return [
    { name: 'F', value: '0', words: 'the address translates' },
    { name: 'PA', value: `0x${par.pa.toString(16)}`, words: 'bits 51:12 of the physical address' },
    { name: 'SH', value: `${par.shareability}`, words: shareabilityWords(par.shareability) },
    { name: 'ATTR', value: number(par.attribute, 2), words: attributeWords(decodeAttribute(par.attribute)) },
  ];
}
