import { describe, expect, it } from 'vitest';
import { abortEsr, decodeEsr } from '../../simulator/machine/esr';
import { decodeFaultStatus, type Fault, faultStatusCode, faultStatusWords } from '../../simulator/machine/faultStatus';
import { parseRelease, releaseAtLeast } from '../../simulator/machine/kernelRelease';
import { faultInfo } from '../../simulator/machine/linuxFaultInfo';
import { attributeWords, decodeAttribute } from '../../simulator/machine/memoryAttributes';
import { decodePar, faultPar, translatedPar } from '../../simulator/machine/par';

const read = (fault: Fault) => abortEsr({ fault, fetch: false, el: 1, write: false });
const write = (fault: Fault) => abortEsr({ fault, fetch: false, el: 1, write: true });

describe('ESR_EL1 of data aborts in the kernel', () => {
  it.each<[string, bigint, bigint]>([
    ['level 2 translation, read', read({ kind: 'translation', level: 2 }), 0x96000006n],
    ['level 2 translation, write', write({ kind: 'translation', level: 2 }), 0x96000046n],
    ['level 3 translation, read', read({ kind: 'translation', level: 3 }), 0x96000007n],
    ['level 3 translation, write', write({ kind: 'translation', level: 3 }), 0x96000047n],
    ['level 1 translation, read', read({ kind: 'translation', level: 1 }), 0x96000005n],
    ['level 3 permission, write', write({ kind: 'permission', level: 3 }), 0x9600004fn],
    ['level 2 permission, write', write({ kind: 'permission', level: 2 }), 0x9600004en],
    ['TLB conflict, read', read({ kind: 'tlbConflict' }), 0x96000030n],
    ['level 2 access flag, read', read({ kind: 'accessFlag', level: 2 }), 0x9600000an],
  ])('%s', (_, esr, expected) => {
    expect(esr).toBe(expected);
  });

  it('decodes into its fields', () => {
    expect(decodeEsr(0x9600004fn)).toMatchObject({
      ec: 0x25,
      il: true,
      abort: { data: true, sameEl: true, isv: false, wnr: true, cm: false, status: { kind: 'permission', level: 3 } },
    });
    expect(decodeEsr(0x8600000fn).abort).toMatchObject({ data: false, wnr: false });
    expect(decodeEsr(0xbe000000n)).toMatchObject({ ec: 0x2f });
    expect(decodeEsr(0xbe000000n).abort).toBeUndefined();
  });
});

describe('fault status codes', () => {
  const levels = [-1, 0, 1, 2, 3] as const;

  it('are told apart, and decode to the fault', () => {
    const faults: readonly Fault[] = [
      ...(['addressSize', 'translation', 'externalAbortOnWalk'] as const).flatMap((kind) =>
        levels.map((level) => ({ kind, level })),
      ),
      ...(['accessFlag', 'permission'] as const).flatMap((kind) =>
        ([0, 1, 2, 3] as const).map((level) => ({ kind, level })),
      ),
      { kind: 'externalAbort' },
      { kind: 'alignment' },
      { kind: 'tlbConflict' },
      { kind: 'hardwareUpdate' },
    ];
    expect(new Set(faults.map(faultStatusCode)).size).toBe(faults.length);
    for (const fault of faults) expect(decodeFaultStatus(faultStatusCode(fault))).toMatchObject(fault);
  });

  it('all 64 have words', () => {
    for (let code = 0; code < 64; code++) expect(faultStatusWords(decodeFaultStatus(code))).not.toBe('');
    expect(faultStatusWords(decodeFaultStatus(0x2b))).toBe('translation fault, level -1');
    expect(faultStatusWords(decodeFaultStatus(0x3f))).toBe('reserved fault status code');
  });
});

describe('what Linux calls a fault, and who handles it', () => {
  it.each([
    [0x00, 'ttbr address size fault', 'do_bad'],
    [0x03, 'level 3 address size fault', 'do_bad'],
    [0x04, 'level 0 translation fault', 'do_translation_fault'],
    [0x07, 'level 3 translation fault', 'do_translation_fault'],
    [0x08, 'unknown 8', 'do_bad'],
    [0x0a, 'level 2 access flag fault', 'do_page_fault'],
    [0x0c, 'unknown 12', 'do_bad'],
    [0x0f, 'level 3 permission fault', 'do_page_fault'],
    [0x10, 'synchronous external abort', 'do_sea'],
    [0x11, 'synchronous tag check fault', 'do_tag_check_fault'],
    [0x13, 'unknown 19', 'do_bad'],
    [0x16, 'level 2 (translation table walk)', 'do_sea'],
    [0x18, 'synchronous parity or ECC error', 'do_sea'],
    [0x1d, 'level 1 synchronous parity error (translation table walk)', 'do_sea'],
    [0x21, 'alignment fault', 'do_alignment_fault'],
    [0x29, 'unknown 41', 'do_bad'],
    [0x2b, 'unknown 43', 'do_bad'],
    [0x30, 'TLB conflict abort', 'do_bad'],
    [0x31, 'Unsupported atomic hardware update fault', 'do_bad'],
    [0x3f, 'unknown 63', 'do_bad'],
  ])('v6.7, code 0x%s: %s', (code, name, handler) => {
    expect(faultInfo(code, 'v6.7')).toEqual({ name, handler });
  });

  it.each([
    [0x08, 'level 0 access flag fault', 'do_page_fault'],
    [0x0c, 'level 0 permission fault', 'do_page_fault'],
    [0x13, 'level -1 (translation table walk)', 'do_sea'],
    [0x1b, 'level -1 synchronous parity error (translation table walk)', 'do_sea'],
    [0x29, 'level -1 address size fault', 'do_bad'],
    [0x2b, 'level -1 translation fault', 'do_translation_fault'],
  ])('v6.9 has a name for code %i', (code, name, handler) => {
    expect(faultInfo(code, 'v6.9')).toEqual({ name, handler });
    expect(faultInfo(code, 'v6.8').name).toBe(`unknown ${code}`);
  });
});

describe('PAR_EL1', () => {
  it('of a fault', () => {
    expect(faultPar({ kind: 'translation', level: 2 })).toBe(0x80dn);
    expect(faultPar({ kind: 'translation', level: -1 })).toBe(0x857n);
    expect(decodePar(0x81fn)).toMatchObject({ kind: 'fault', status: { kind: 'permission', level: 3 } });
  });

  it('of a translation', () => {
    expect(translatedPar(0x90198020n, 0xff, 3)).toBe(0xff00000090198b80n);
    expect(decodePar(0xff00000090198b80n)).toEqual({
      kind: 'translated',
      pa: 0x90198000n,
      attribute: 0xff,
      shareability: 3,
    });
  });
});

describe('memory attributes', () => {
  it.each([
    [0xff, 'Normal write-back'],
    [0x44, 'Normal non-cacheable'],
    [0xf0, 'Normal write-back, tagged'],
    [0xbb, 'Normal write-through'],
    [0x4f, 'Normal outer non-cacheable, inner write-back'],
    [0x00, 'Device-nGnRnE'],
    [0x04, 'Device-nGnRE'],
    [0x0c, 'Device-GRE'],
    [0x02, 'reserved attribute encoding (unpredictable)'],
  ])('MAIR byte %i', (byte, words) => {
    expect(attributeWords(decodeAttribute(byte))).toBe(words);
  });
});

describe('kernel releases', () => {
  it('compare by number', () => {
    expect(releaseAtLeast('v6.12', 'v6.9')).toBe(true);
    expect(releaseAtLeast('v6.8', 'v6.9')).toBe(false);
    expect(releaseAtLeast('v7.2', 'v6.12')).toBe(true);
  });

  it('are read from text', () => {
    expect(parseRelease('6.12.117')).toBe('v6.12');
    expect(parseRelease('v7.2')).toBe('v7.2');
    expect(parseRelease('next')).toBeUndefined();
  });
});
