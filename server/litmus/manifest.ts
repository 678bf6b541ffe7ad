/**
 * Verdicts of a reference, herd7's or a catalogue's, in a table with one line a test, and how a run compares with them.
 * Columns by name: name, file, category, kind, kind_ets2, herd7_observed, herd7_states, the same with _ets2, herd7_flags.
 */

import type { Observation } from './verdict';

export interface ManifestRow {
  readonly name: string;
  readonly file: string;
  readonly category: string;
  /** Without FEAT_ETS2 and with it. */
  readonly plain: Reference;
  readonly ets2: Reference;
  readonly flags: readonly string[];
}

export interface Reference {
  /** The catalogue's word: the condition must, may or must not hold. */
  readonly kind?: 'Required' | 'Allowed' | 'Forbidden';
  readonly observed?: Observation;
  readonly states?: number;
}

export interface Manifest {
  readonly rows: readonly ManifestRow[];
  /** Words that a column cannot have. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
  /** Columns that are not read, and those that would be and are not there. */
  readonly unread: readonly string[];
  readonly absent: readonly string[];
}

const needed = ['name', 'file', 'category', 'kind'] as const;
const optional = [
  'kind_ets2',
  'herd7_observed',
  'herd7_states',
  'herd7_observed_ets2',
  'herd7_states_ets2',
  'herd7_flags',
] as const;
type Column = (typeof needed)[number] | (typeof optional)[number];

/** The table, or what is wrong with it as a sentence. */
export function parseManifest(text: string): Manifest | string {
  const [head = '', ...lines] = text.split(/\r?\n/);
  const columns = head.split('\t');
  for (const wanted of needed) {
    if (!columns.includes(wanted)) return `expected a column \`${wanted}\` in the first line of the manifest`;
  }
  const problems: { line: number; message: string }[] = [];
  const rows = lines.flatMap((line, i): ManifestRow[] => {
    if (line.trim() === '') return [];
    const cells = line.split('\t');
    const cell = (name: Column): string => cells[columns.indexOf(name)]?.trim() ?? '';
    const read = <T>(name: Column, words: ReadWord<T>): T | undefined => {
      const value = words.of(cell(name));
      if (value !== undefined || isNothing(cell(name))) return value;
      problems.push({ line: i + 2, message: `'${name}': expected ${words.expected}, found '${cell(name)}'` });
      return undefined;
    };
    const reference = (ets2: '' | '_ets2'): Reference => {
      const kind = read(`kind${ets2}`, kinds);
      const observed = read(`herd7_observed${ets2}`, observations);
      const states = read(`herd7_states${ets2}`, numbers);
      return {
        ...(kind === undefined ? {} : { kind }),
        ...(observed === undefined ? {} : { observed }),
        ...(states === undefined ? {} : { states }),
      };
    };
    return [
      {
        name: cell('name'),
        file: cell('file'),
        category: cell('category') || 'other',
        plain: reference(''),
        ets2: reference('_ets2'),
        flags: cell('herd7_flags')
          .split(/[;,\s]+/)
          .filter((flag) => flag !== ''),
      },
    ];
  });
  const known: readonly string[] = [...needed, ...optional];
  return {
    rows,
    problems,
    unread: columns.filter((name) => !known.includes(name)),
    absent: known.filter((name) => !columns.includes(name)),
  };
}

interface ReadWord<T> {
  readonly of: (text: string) => T | undefined;
  readonly expected: string;
}

/** herd7 did not finish, or nobody has said. */
const isNothing = (text: string): boolean => /^(|-|n\/?a|timeout|error|unknown|undetermined)$/i.test(text);

const kinds: ReadWord<NonNullable<Reference['kind']>> = {
  // Catalogues write both `Forbid` and `Forbidden`, and `Allowed(.expected)`.
  of: (text) => {
    const [, word] = /^(allow|forbid|require)(?:d|ed|den)?(?:\(.*\))?$/i.exec(text) ?? [];
    return (['Required', 'Allowed', 'Forbidden'] as const).find((k) =>
      k.toLowerCase().startsWith(word?.toLowerCase() ?? '-'),
    );
  },
  expected: 'Required, Allowed or Forbidden, or nothing',
};

const observations: ReadWord<Observation> = {
  of: (text) => (['Never', 'Sometimes', 'Always'] as const).find((o) => o.toLowerCase() === text.toLowerCase()),
  expected: 'Never, Sometimes or Always, or nothing',
};

const numbers: ReadWord<number> = {
  of: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  expected: 'a number of states, or nothing',
};

/** `falseAlarm`: the machine shows what the reference forbids; `miss`: it does not show what the reference allows. */
export const agreements = [
  'agree',
  'falseAlarm',
  'miss',
  'states',
  'noReference',
  'incomplete',
  'unsupported',
] as const;
export type Agreement = (typeof agreements)[number];

/**
 * The catalogue's kind decides the verdict; where it says nothing, what herd7 observed. herd7's number of states counts too,
 * unless what it observed contradicts the kind.
 */
export function compare(reference: Reference, observation: Observation, states: number): Agreement {
  const { kind, observed } = reference;
  const canHold = observation !== 'Never';
  const canFail = observation !== 'Always';
  if (kind === 'Forbidden' && canHold) return 'falseAlarm';
  if (kind === 'Required' && canFail) return 'falseAlarm';
  if (kind === 'Allowed' && !canHold) return 'miss';
  if (kind === undefined && observed !== undefined) {
    if ((canHold && observed === 'Never') || (canFail && observed === 'Always')) return 'falseAlarm';
    if ((!canHold && observed !== 'Never') || (!canFail && observed !== 'Always')) return 'miss';
  }
  if (!contradictsItself(reference) && reference.states !== undefined && reference.states !== states) return 'states';
  return kind === undefined && observed === undefined ? 'noReference' : 'agree';
}

/** What herd7 observed is not what the catalogue's kind says: its states are not those of the right verdict. */
export function contradictsItself({ kind, observed }: Reference): boolean {
  if (observed === undefined) return false;
  return (
    (kind === 'Forbidden' && observed !== 'Never') ||
    (kind === 'Required' && observed !== 'Always') ||
    (kind === 'Allowed' && observed === 'Never')
  );
}

/** herd7's flag for two valid entries in a row that break-before-make should separate. */
export const BBM_FLAG = 'Warning-BBM-expected';

export interface Compared {
  readonly category: string;
  readonly agreement: Agreement;
  /** Whether the break-before-make finding and herd7's flag agree; absent where one of them is not there. */
  readonly flagAgrees?: boolean;
}

const headings: Readonly<Record<Agreement, string>> = {
  agree: 'agree',
  falseAlarm: 'false alarm',
  miss: 'miss',
  states: 'states differ',
  noReference: 'no reference',
  incomplete: 'incomplete',
  unsupported: 'unsupported',
};

/** The table: one line a category, one for all. */
export function agreementTable(results: readonly Compared[]): string {
  const categories = [...new Set(results.map((r) => r.category))].sort();
  const rows = [
    ['category', 'tests', ...agreements.map((a) => headings[a]), 'flags agree'],
    ...categories.map((category) =>
      tableRow(
        category,
        results.filter((r) => r.category === category),
      ),
    ),
    tableRow('all', results),
  ];
  const widths = (rows[0] as string[]).map((_, c) => Math.max(...rows.map((row) => (row[c] as string).length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c] as number) : cell.padStart(widths[c] as number))).join('  ');
  return `${rows.map((row) => line(row).trimEnd()).join('\n')}\n`;
}

function tableRow(name: string, results: readonly Compared[]): string[] {
  const count = (agreement: Agreement): string => String(results.filter((r) => r.agreement === agreement).length);
  const flagged = results.filter((r) => r.flagAgrees !== undefined);
  const agreeing = flagged.filter((r) => r.flagAgrees).length;
  return [name, String(results.length), ...agreements.map(count), `${agreeing} of ${flagged.length}`];
}
