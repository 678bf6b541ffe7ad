/** `hvo export`: a scenario in another tool's format, so that the tool can be asked the same question. */

import { exportLitmus } from '../server/export/litmus/export';
import { exportPromela } from '../server/export/promela/export';
import { unsaidLine } from '../server/export/unsaid';
import type { ElaboratedScenario } from '../server/language/elaborate/scenario';
import type { ScenarioReport } from '../server/verdict/report';
import { misuse, parseArguments } from './arguments';
import { defaultMaxStates, maxStatesOption, readMaxStates } from './bounds';
import { type ExitCode, type Io, writeFailure } from './io';
import { exploreOne } from './oneScenario';

export const usage = `usage: hvo export --format litmus|promela FILE [--scenario NAME] [-o OUTPUT] [--max-states N] [--json]

Writes a scenario, or the part of it that the format can say, for another tool: a litmus test for herd7 (AArch64, VMSA),
or a Promela model for SPIN. What the format cannot say is listed on stderr and in a comment of the output.

  --format F       litmus or promela
  --scenario NAME  the scenario; needed when the file has several
  -o OUTPUT        the file to write; without it the text goes to stdout
  --max-states N   states to visit for hvo's own verdicts (${defaultMaxStates})
  --json           print one JSON document: the text, what is not said, the claims with hvo's own verdicts
`;

/** What a verb of another tool answers about one claim, and what hvo found. */
interface ExportedClaim {
  readonly number: number;
  readonly text: string;
  readonly holdsWhen?: string;
  readonly holds: 'yes' | 'no' | 'unknown';
}

interface Exporting {
  readonly output: string | undefined;
  readonly unsaid: ReturnType<typeof exportPromela>['unsaid'];
  readonly claims: readonly ExportedClaim[];
}

type Exporter = (scenario: ElaboratedScenario, report: ScenarioReport) => Exporting;

/** A row for each format. */
const formats: Readonly<Record<string, Exporter>> = {
  litmus: (scenario, report) => {
    const { output, unsaid } = exportLitmus(scenario);
    return { output, unsaid, claims: verdictsOf(report) };
  },
  promela: (scenario, report) => {
    const { output, unsaid, claims } = exportPromela(scenario);
    const own = verdictsOf(report);
    return {
      output,
      unsaid,
      claims: claims.map(({ number, text, holdsWhen }) => ({
        number,
        text,
        holdsWhen,
        holds: own.find((one) => one.number === number)?.holds ?? 'unknown',
      })),
    };
  },
};

/** Exit code 0: written; 1: the format cannot say the scenario; 2: unusable input or arguments. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    format: { type: 'string' },
    scenario: { type: 'string' },
    output: { type: 'string', short: 'o' },
    ...maxStatesOption,
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'problem') return misuse(io, 'export', parsed.message);
  const { values, positionals } = parsed;
  if (values.help) {
    io.stdout(usage);
    return 0;
  }
  const exporter =
    values.format !== undefined && Object.hasOwn(formats, values.format) ? formats[values.format] : undefined;
  if (exporter === undefined) {
    const found = values.format === undefined ? 'nothing' : `"${values.format}"`;
    return misuse(io, 'export', `--format: expected ${Object.keys(formats).join(' or ')}, found ${found}`);
  }
  const maxStates = readMaxStates(values);
  if (typeof maxStates === 'string') return misuse(io, 'export', maxStates);
  const { scenario } = values;
  const explored = await exploreOne('export', 'exported', { positionals, scenario, first: [], maxStates }, io);
  if (typeof explored === 'number') return explored;
  const { path, name, check } = explored;
  return write(exporter(check.scenario, check.report(0)), { path, name, ...values }, io);
}

/** Claim 0 is that nothing else fails; the others are those of the scenario in their order. */
function verdictsOf({ claims, findings, bound }: ScenarioReport): readonly ExportedClaim[] {
  const fails = findings.some((finding) => finding.severity === 'error');
  const rest = { number: 0, text: 'nothing fails that is not expected' };
  return [
    { ...rest, holds: fails ? 'no' : bound === undefined ? 'yes' : 'unknown' },
    ...claims.filter((claim) => claim.kind !== 'expect').map(({ text, holds }, i) => ({ number: i + 1, text, holds })),
  ];
}

interface Target {
  readonly path: string;
  readonly name: string;
  readonly format?: string | undefined;
  readonly output?: string | undefined;
  readonly json: boolean;
}

async function write({ output, unsaid, claims }: Exporting, target: Target, io: Io): Promise<ExitCode> {
  if (target.json) {
    const document = {
      version: 1,
      file: target.path,
      scenario: target.name,
      format: target.format,
      output,
      unsaid,
      claims,
    };
    io.stdout(`${JSON.stringify(document, undefined, 2)}\n`);
  } else for (const one of unsaid) io.stderr(`not said: ${unsaidLine(one)}\n`);
  if (output === undefined) {
    io.stderr(`hvo export: ${target.format} cannot say "${target.name}"\n`);
    return 1;
  }
  if (target.output !== undefined) {
    try {
      await io.writeText(target.output, output);
    } catch (error) {
      io.stderr(`hvo export: ${target.output}: ${writeFailure(error)}\n`);
      return 2;
    }
  } else if (!target.json) io.stdout(output);
  return 0;
}
