/** `hvo decode`: a value in words. */

import {
  type Decodable,
  type DecodeOptions,
  decodable,
  decode,
  decodedText,
  defaultDecodeOptions,
  parseValue,
  valueProblem,
} from '../server/features/decode';
import { nearest } from '../server/language/suggest';
import { type Granule, granules } from '../simulator/machine/granule';
import { type KernelRelease, parseRelease, releaseAtLeast } from '../simulator/machine/kernelRelease';
import { misuse, parseArguments } from './arguments';
import type { ExitCode, Io } from './io';

export const usage = `usage: hvo decode WHAT VALUE... [--granule 4K|16K|64K] [--va-bits N] [--kernel v6.7] [--memstart PA]
                  [--ds] [--range] [--json]

WHAT is one of
${Object.entries(decodable)
  .map(([name, doc]) => `  ${name.padEnd(5)} ${doc}`)
  .join('\n')}

VALUE is 0x..., 8 or 16 hexadecimal digits as in a kernel log, or decimal; 12_345_678 is always decimal.

  --granule   page size (4K)
  --va-bits   virtual address size (48; 47 with 16K pages)
  --kernel    Linux release, for names and the address layout (v6.7)
  --memstart  start of DRAM (0x40000000)
  --ds        TCR_EL1.DS is set: descriptors of 4K and 16K pages hold 52-bit addresses
  --range     the TLBI operand is that of a range operation (RVAE1 and its kin)
  --json      print one JSON document
`;

/** Exit code 0: decoded; 2: unusable arguments. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  // A negative number looks like an option.
  const negative = args.find((text) => /^-(0x)?[0-9]/.test(text));
  if (negative !== undefined) return misuse(io, 'decode', valueProblem(negative));
  const parsed = parseArguments(args, {
    granule: { type: 'string', default: defaultDecodeOptions.granule },
    'va-bits': { type: 'string' },
    kernel: { type: 'string', default: defaultDecodeOptions.release },
    memstart: { type: 'string', default: `0x${defaultDecodeOptions.memstart.toString(16)}` },
    ds: { type: 'boolean', default: false },
    range: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  const fail = (message: string): ExitCode => misuse(io, 'decode', message);
  if (parsed.kind === 'problem') return fail(parsed.message);
  if (parsed.values.help) {
    io.stdout(usage);
    return 0;
  }
  const [what, ...values] = parsed.positionals;
  if (what === undefined || values.length === 0) return fail('name what to decode, and at least one value');
  if (!Object.hasOwn(decodable, what)) {
    const near = nearest(what, Object.keys(decodable));
    const known = Object.keys(decodable).join(', ');
    return fail(
      `"${what}" cannot be decoded${near === undefined ? '' : ` (did you mean ${near}?)`}; expected one of ${known}`,
    );
  }
  const options = readOptions(parsed.values);
  if (typeof options === 'string') return fail(options);
  const results = [];
  for (const text of values) {
    const value = parseValue(text);
    if (value === undefined) return fail(valueProblem(text));
    const result = decode(what as Decodable, value, options);
    if (result.kind === 'problem') return fail(result.message);
    results.push(result);
  }
  if (parsed.values.json) {
    const data = results.map(({ what: kind, value, title, fields }) => {
      return { what: kind, value: `0x${value.toString(16)}`, title, fields };
    });
    io.stdout(`${JSON.stringify({ values: data }, undefined, 2)}\n`);
  } else {
    for (const result of results) io.stdout(decodedText(result));
  }
  return 0;
}

interface OptionTexts {
  readonly granule: string;
  readonly 'va-bits'?: string | undefined;
  readonly kernel: string;
  readonly memstart: string;
  readonly ds: boolean;
  readonly range: boolean;
}

/** The options as values, or a sentence that says which is unusable. */
function readOptions(texts: OptionTexts): DecodeOptions | string {
  const granule = granules.find((name) => name.toLowerCase() === texts.granule.toLowerCase());
  if (granule === undefined) return `--granule: expected ${granules.join(', ')}, found "${texts.granule}"`;
  const release = parseRelease(texts.kernel);
  if (release === undefined) return `--kernel: expected a release such as v6.7, found "${texts.kernel}"`;
  if (!releaseAtLeast(release, oldestRelease))
    return `--kernel: what is known begins with ${oldestRelease}, found "${texts.kernel}"`;
  const memstart = parseValue(texts.memstart);
  if (memstart === undefined)
    return `--memstart: expected a physical address such as 0x40000000, found "${texts.memstart}"`;
  const vaBits = texts['va-bits'] === undefined ? usualVaBits[granule] : Number(texts['va-bits']);
  if (!Number.isInteger(vaBits)) return `--va-bits: expected a number such as 48, found "${texts['va-bits']}"`;
  return { granule, vaBits, release, memstart, ds: texts.ds, range: texts.range };
}

/** The first one whose vmemmap is a projection of the linear map. */
const oldestRelease: KernelRelease = 'v5.11';

const usualVaBits: Readonly<Record<Granule, number>> = { '4K': 48, '16K': 47, '64K': 48 };
