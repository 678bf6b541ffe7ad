/** The switches of a machine: what `machine { ... }` says, with the defaults for what it leaves out. */

import { type Granule, granules } from '../../../simulator/machine/granule';
import { type KernelRelease, parseRelease } from '../../../simulator/machine/kernelRelease';
import type { BbmLevel } from '../../../simulator/machine/program';
import { layoutProblem, linuxVaSizes, memstartOf } from '../../../simulator/machine/vmemmapLayout';
import type { MachineItem, MachineSetting } from '../ast';
import { switches } from '../switches';
import { elaborationCodes } from './codes';
import type { Diagnostics, Source } from './source';

export interface Configuration {
  readonly kernel: KernelRelease;
  readonly granule: Granule;
  readonly va_bits: number;
  /** memstart_addr: where DRAM begins, as the kernel rounds it. */
  readonly memstart: bigint;
  readonly bbm: BbmLevel;
  readonly ets2: boolean;
  readonly ets3: boolean;
  /** Atomics are single instructions; otherwise load-exclusive and store-exclusive. */
  readonly lse: boolean;
  readonly hw_af: boolean;
  readonly hw_dbm: boolean;
  readonly pseudo_nmi: boolean;
  readonly preempt_rt: boolean;
  readonly stolen_time: boolean;
  readonly panic_on_warn: boolean;
  /** CONFIG_HUGETLB_PAGE_OPTIMIZE_VMEMMAP. */
  readonly hvo: boolean;
  readonly debug_vm: boolean;
  readonly lockdep: boolean;
}

const bbmLevels: readonly BbmLevel[] = [0, 1, 2, '2-noabort', 3];

type Reader<T> = (setting: MachineSetting) => T | undefined;

const yesOrNo: Reader<boolean> = ({ value }) => (value.text === 'yes' ? true : value.text === 'no' ? false : undefined);

const readers: { readonly [Name in keyof Configuration]: Reader<Configuration[Name]> } = {
  kernel: ({ value }) => parseRelease(value.text),
  granule: ({ value }) => granules.find((granule) => granule === value.text),
  va_bits: ({ value }) => (value.number === undefined || value.number > 64n ? undefined : Number(value.number)),
  memstart: ({ value }) => value.number,
  bbm: ({ value }) => bbmLevels.find((level) => String(level) === value.text),
  ets2: yesOrNo,
  ets3: yesOrNo,
  lse: yesOrNo,
  hw_af: yesOrNo,
  hw_dbm: yesOrNo,
  pseudo_nmi: yesOrNo,
  preempt_rt: yesOrNo,
  stolen_time: yesOrNo,
  panic_on_warn: yesOrNo,
  hvo: yesOrNo,
  debug_vm: yesOrNo,
  lockdep: yesOrNo,
};

/** The machine of a file that says nothing: the initial values of the table of switches. */
export const defaultConfiguration: Configuration = Object.fromEntries(
  switches.map(({ name, initial }) => [name, readers[name as keyof Configuration](settingOf(initial))]),
) as unknown as Configuration;

/** A switch's initial value as if it were written. */
function settingOf(text: string): MachineSetting {
  const span = { start: 0, end: 0 };
  const digits = text.replaceAll('_', '');
  const numeric = /^(0x[0-9a-fA-F]+|\d+)$/.test(digits);
  return { span, name: { span, name: '' }, value: { span, text, ...(numeric ? { number: BigInt(digits) } : {}) } };
}

/** A `machine` item and the file that it stands in. */
export interface MachineSource {
  readonly item: MachineItem;
  readonly source: Source;
}

/**
 * The configuration that machine items give together; a later one wins. What a single setting may be, the parser's
 * tables say; here only what settings mean together is diagnosed, and an unusable setting is left at its default.
 */
export function readConfiguration(machines: readonly MachineSource[], diagnostics: Diagnostics): Configuration {
  let configuration = defaultConfiguration;
  const last = new Map<string, { readonly setting: MachineSetting; readonly source: Source }>();
  for (const { item, source } of machines) {
    for (const setting of item.settings) {
      if (!(setting.name.name in readers)) continue;
      const name = setting.name.name as keyof Configuration;
      const value = readers[name](setting);
      if (value === undefined) continue;
      configuration = { ...configuration, [name]: value };
      last.set(name, { setting, source });
    }
  }
  return checked(configuration, last, diagnostics);
}

function checked(
  configuration: Configuration,
  last: ReadonlyMap<string, { readonly setting: MachineSetting; readonly source: Source }>,
  diagnostics: Diagnostics,
): Configuration {
  const complain = (name: keyof Configuration, message: string, expected?: readonly string[]) => {
    const at = last.get(name) ?? last.get('granule') ?? last.get('kernel');
    if (at === undefined) return;
    diagnostics.error(elaborationCodes.machine, { source: at.source, span: at.setting.span }, message, expected);
  };
  let result = configuration;
  const problem = layoutProblem(result.granule, result.va_bits, result.kernel);
  if (problem !== undefined) {
    complain('va_bits', problem, linuxVaSizes(result.granule, result.kernel).map(String));
    result = { ...result, va_bits: 48 };
  }
  if (memstartOf(result.granule, result.memstart) !== result.memstart || result.memstart >= 1n << 47n) {
    const rounded = hex(memstartOf(result.granule, result.memstart));
    complain('memstart', `the kernel rounds memstart down (ARM64_MEMSTART_ALIGN): ${rounded}; it is below 2^47 here`);
    result = { ...result, memstart: defaultConfiguration.memstart };
  }
  if (result.hw_dbm && !result.hw_af) {
    if (last.has('hw_af')) complain('hw_dbm', 'hardware dirty state needs the hardware access flag: `hw_af yes`');
    result = { ...result, hw_af: true };
  }
  return result;
}

export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
