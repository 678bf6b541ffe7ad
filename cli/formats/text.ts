/** The results for people: each scenario's verdict, and for each failure the rule, the place, a shortest execution. */

import { libraryScheme } from '../../server/language/stdlib/library';
import { executionLines } from '../../server/verdict/columns';
import { counted, grouped } from '../../server/verdict/counts';
import type {
  ClaimReport,
  FileReport,
  Finding,
  ReportDiagnostic,
  ReportPlace,
  ScenarioReport,
  Witness,
} from '../../server/verdict/report';
import { MAX_VALUES } from '../../simulator/machine/values';
import { type Mistake, mistakesOf, withoutMend } from './mistakes';
import type { FileHeading, Printer, PrintOptions } from './printer';
import { duration, nothing, type Summary, withFile } from './summary';

export function textPrinter(options: PrintOptions): Printer {
  let sum = nothing;
  let namesLibrary = false;
  let isBegun = false;
  let widest = 0;
  const untouched: FileReport[] = [];
  const text = (lines: readonly string[]): string => {
    namesLibrary ||= lines.some((line) => line.includes(`${libraryScheme}:/`));
    return lines.map((line) => `${line}\n`).join('');
  };
  return {
    begin: (heading) => {
      isBegun = true;
      widest = heading.titles.reduce((most, { length }) => Math.max(most, Math.min(length, maximumColumn)), 0);
      return text(headingLines(heading, options));
    },
    scenario: (scenario, heading) => text(scenarioLines(heading, scenario, widest, options)),
    file: (file) => {
      // Those that cannot be read stand on stderr, where people see them at once.
      sum = withFile(sum, file);
      if (file.problem !== undefined) return '';
      const { leftOut = [] } = file;
      if (!isBegun) untouched.push(file);
      if (!isBegun) return '';
      isBegun = false;
      return text([...leftOut.map((title) => `  ${'unknown'.padEnd(8)}${title}  ${leftOutReason}`), '']);
    },
    end: (milliseconds) =>
      sum.files === 0
        ? ''
        : text([
            ...untouchedLines(untouched),
            ...(namesLibrary
              ? [`Places in ${libraryScheme}: are the kernel's functions; \`hvo explain PLACE\` prints them.`, '']
              : []),
            summaryLine({ ...sum, files: sum.files - untouched.length }, milliseconds),
          ]),
  };
}

/** Why there is no result, where somebody stopped it. */
export const leftOutReason = 'not explored: it was stopped';

/** Files that are named; a folder may have thousands. */
const maximumUntouched = 5;

function untouchedLines(files: readonly FileReport[]): readonly string[] {
  if (files.length === 0) return [];
  const more = files.length - maximumUntouched;
  const shown = files.slice(0, more > 1 ? maximumUntouched : files.length);
  return [
    'nothing was explored of',
    ...shown.map(({ path, leftOut = [] }) =>
      leftOut.length === 0 ? `  ${path}` : `  ${path}: ${counted(leftOut.length, 'scenario')}`,
    ),
    ...(more > 1 ? [`  and ${counted(more, 'more file')}`] : []),
    '',
  ];
}

/** Problems of one text that are told; one whose syntax is another one has one in each line. */
const maximumTold = 20;

function headingLines({ path, diagnostics, titles }: FileHeading, options: PrintOptions): readonly string[] {
  const told = diagnostics.filter((one) => one.severity !== 'hint' || options.verbose);
  const shown = options.verbose || told.length <= maximumTold ? told : told.slice(0, maximumTold);
  const more = told.length - shown.length;
  return [
    path,
    ...shown.flatMap(diagnosticLines),
    ...(more === 0 ? [] : [`  and ${counted(more, 'more problem')} of the text (--verbose shows all)`]),
    ...(titles.length === 0 && told.length === 0
      ? [`  it has no scenario${options.isPart ? ' that is asked for' : ''}`]
      : []),
  ];
}

function at({ path, line, column }: ReportPlace): string {
  return `${path}:${line}:${column}`;
}

function diagnosticLines({ place, severity, code, message, related }: ReportDiagnostic): readonly string[] {
  return [
    `  ${at(place)}: ${severity} ${code}: ${message}`,
    ...related.map((one) => `      ${at(one.place)}: ${one.message}`),
  ];
}

/** Titles up to this length stand in a column. */
const maximumColumn = 60;

/** `widest`: the length that titles are padded to. */
function scenarioLines(
  file: FileHeading,
  scenario: ScenarioReport,
  widest: number,
  options: PrintOptions,
): readonly string[] {
  const { name, verdict, states, milliseconds } = scenario;
  const head = `  ${verdict.padEnd(8)}${name.padEnd(widest)}`;
  if (verdict === 'error') return [`${head}  its text has errors; not explored`];
  const claims = scenario.claims.filter((claim) => options.verbose || claim.holds !== 'yes');
  const findings = scenario.findings.filter((finding) => options.verbose || finding.severity !== 'note');
  return [
    `${head}  ${counted(states, 'state')}, ${duration(milliseconds)}${boundText(scenario)}`,
    ...claims.flatMap((claim) => claimLines(claim)),
    ...(options.verbose ? outcomeLines(scenario) : []),
    ...(options.verbose ? findings.map((one): Mistake => [one]) : mistakesOf(findings)).flatMap((mistake, i, all) =>
      mistakeLines(
        file,
        scenario,
        mistake,
        all.slice(0, i).map(([lead]) => lead),
        options,
      ),
    ),
    ...claims
      .filter((claim) => claim.holds === 'no' && claim.witness !== undefined && !isShown(claim.witness, findings))
      .flatMap((claim, i, all) => {
        const witness = claim.witness as Witness;
        const isAbove = all.slice(0, i).some((other) => other.witness?.schedule === witness.schedule);
        return [
          '',
          `    ${claim.text.replace(/\s+/g, ' ')}`,
          ...(isAbove
            ? [`    in the execution above, ${witness.schedule}`]
            : witnessLines(file, scenario, witness, options)),
        ];
      }),
  ];
}

function boundText({ bound, verdict, states }: ScenarioReport): string {
  if (bound === undefined) return '';
  const reached = verdict === 'unknown' ? `unknown up to ${counted(states, 'state')}: ` : 'incomplete: ';
  return `; ${reached}${boundReason(bound)}`;
}

/** What a bound means, and what to do about it. */
export function boundReason(bound: string): string {
  switch (bound) {
    case 'states':
      return 'the bound on states was hit (--max-states)';
    case 'time':
      return 'the time was over (--timeout)';
    case 'memory':
      return 'the states took too much memory; a smaller scenario, or fewer CPUs, may fit';
    case 'cancelled':
      return 'it was stopped';
    case 'instructions':
      return (
        'the bound "instructions" of the machine was hit; where a `while` waits for another CPU write ' +
        '`wait(*p == v)`, which waits without rounds, and let other loops run fewer times'
      );
    case 'pageWords':
      return (
        'an address that is loaded or computed leads to a word that `copy_page` or `clear_page` has left out, since they ' +
        'store the words that the text names; read that word by an address that is known (`P.va + 24`) too'
      );
    case 'values':
      return (
        `the machine tells only ${grouped(MAX_VALUES)} values of words apart, and a loop or another CPU goes on making new ones, such as a count that only ` +
        'grows (bound "values"); let it run fewer times, or store one of a few values'
      );
    case 'windowSlots':
      return 'a CPU has more instructions in flight than the machine follows (bound "windowSlots"); a `dsb` or an `isb` in a long run of them, or fewer of them, may fit';
    case 'historyLength':
      return 'an entry has more old values that some CPU may still use than the machine follows (bound "historyLength"); fewer changes of one entry without a TLBI between them may fit';
    case 'waits':
      return 'a DSB waits for more accesses of other CPUs than the machine follows (bound "waits"); fewer accesses at once may fit';
    case 'strays':
      return 'a TLB may hold more entries of tables that were unlinked than the machine follows (bound "strays"); fewer tables that are unlinked without a TLBI may fit';
    case 'locations':
      return 'more words of memory are both written and read than the machine follows (bound "locations"); smaller huge pages, or fewer rounds, may fit';
    case 'frames':
      return 'more pages are allocated or freed than the machine follows (bound "frames"); fewer of them may fit';
    case 'nesting':
      return 'exceptions are taken inside exceptions deeper than the machine follows (bound "nesting"); fewer interrupts, or a handler that does not fault itself, may fit';
    default:
      return `the bound "${bound}" of the machine was hit; a smaller scenario may stay below it`;
  }
}

function claimLines({ text, holds, why, place }: ClaimReport): readonly string[] {
  // Why it is not decided says that it is not.
  const mark = { yes: 'holds: ', no: 'does not hold: ', unknown: '' }[holds];
  return [`    ${at(place)}: ${text.replace(/\s+/g, ' ')}: ${mark}${why}`];
}

function outcomeLines({ outcomes }: ScenarioReport): readonly string[] {
  return outcomes.map(({ place, cpu, items }) => {
    const list = items.map(({ outcome, count }) => `${outcome} x${grouped(count)}`).join(' | ');
    return `    ${at(place)}: cpu ${cpu}: ${list}`;
  });
}

function mistakeLines(
  file: FileHeading,
  scenario: ScenarioReport,
  [lead, ...others]: Mistake,
  above: readonly Finding[],
  options: PrintOptions,
): readonly string[] {
  const { place, severity, code, outcome, related, witness } = lead;
  // The rule stands above, with what is missing and where.
  const isSaid = file.diagnostics.some(
    (one) =>
      one.of === 'rule' &&
      one.severity !== 'hint' &&
      one.code === code &&
      one.place.path === place.path &&
      one.place.line === place.line,
  );
  const shown = isShown(witness, above);
  return [
    '',
    `    ${at(place)}: ${severity} ${code} ${outcome}: ${messageOf(lead, !isSaid || options.verbose)}`,
    ...related.map((one) => `        ${at(one.place)}: ${one.message}`),
    ...(shown ? [`    in the execution above, ${witness.schedule}`] : witnessLines(file, scenario, witness, options)),
    ...(others.length === 0 ? [] : ['', '    The same mistake shows here too (--verbose draws each):']),
    ...others.map((one) => {
      const where = one.witness.schedule === witness.schedule ? 'in the execution above' : one.witness.schedule;
      return `      ${at(one.place)}: ${code} ${one.outcome}: ${messageOf(one, false)} [${where}]`;
    }),
  ];
}

function messageOf(finding: Finding, withMend: boolean): string {
  return withMend ? finding.message : withoutMend(finding);
}

/** A shortest execution, and how to see it again. */
function witnessLines(
  file: FileHeading,
  scenario: ScenarioReport,
  { schedule, execution }: Witness,
  { verbose, first = [] }: PrintOptions,
): readonly string[] {
  const drawn = execution === undefined ? [] : executionLines(execution, { verbose, changes: true });
  return [
    ...(drawn.length === 0 ? [] : ['', ...drawn.map((line) => (line === '' ? '' : `    ${line}`)), '']),
    `    schedule: ${schedule}`,
    `    replay:   hvo run ${[file.path, ...first.flatMap((one) => ['--with', one])].map(quoted).join(' ')} --scenario ${quoted(scenario.name)} --schedule ${quoted(schedule)}`,
  ];
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function isShown(witness: Witness, findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.witness.schedule === witness.schedule);
}

function summaryLine(summary: Summary, milliseconds: number): string {
  const { scenarios, leftOut, verdicts, errors, brokenRules, states } = summary;
  const parts = (['ok', 'failed', 'unknown', 'error'] as const)
    .filter((verdict) => verdict === 'ok' || verdicts[verdict] > 0)
    .map((verdict) => `${verdicts[verdict]} ${verdict}`);
  const inTexts =
    (brokenRules === 0 ? '' : `; ${counted(brokenRules, 'broken rule')}`) +
    (errors === 0 ? '' : `; ${counted(errors, 'mistake')} in the texts`) +
    (leftOut === 0 ? '' : `; stopped, ${counted(leftOut, 'scenario')} left out`) +
    (summary.unreadable === 0 ? '' : `; ${counted(summary.unreadable, 'file')} cannot be read`);
  return (
    `${counted(scenarios, 'scenario')} in ${counted(summary.files, 'file')}: ${parts.join(', ')}${inTexts} ` +
    `(${counted(states, 'state')}; ${duration(summary.milliseconds)} to explore, ${duration(milliseconds)} in all)`
  );
}
