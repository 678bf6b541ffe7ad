import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../cli/io';
import { run } from '../../cli/trace';
import { traceCodes } from '../../server/trace/traceMachine';

/** The verb on files that are given as text. */
async function trace(args: string, files: Readonly<Record<string, string>>) {
  let stdout = '';
  let stderr = '';
  const io: Pick<Io, 'stdout' | 'stderr' | 'readText'> = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    readText: (path) => {
      const text = files[path];
      return text === undefined
        ? Promise.reject(Object.assign(new Error(), { code: 'ENOENT' }))
        : Promise.resolve(text);
    },
  };
  const code = await run(args.split(' '), io as Io);
  return { code, stdout, stderr };
}

const start = `(mem-init (id 0) (tid 0) (address 0x1000) (size 0x1000))
(hint (id 1) (tid 0) (kind set_root_lock) (location 0x1000) (value 0xf000))
(mem-write (id 2) (tid 0) (mem-order plain) (address 0x1000) (value 0x2003))
(sysreg-write (id 3) (tid 0) (sysreg ttbr0_el2) (value 0x1000))
(lock (id 4) (tid 0) (address 0xf000))
(mem-write (id 5) (tid 0) (mem-order plain) (address 0x1000) (value 0) (src "tables.c:20"))
(barrier (id 6) (tid 0) dsb (kind ish))
`;
const good = `${start}(tlbi (id 7) (tid 0) alle2is)
(barrier (id 8) (tid 0) dsb (kind ish))
(mem-write (id 9) (tid 0) (mem-order plain) (address 0x1000) (value 0x3003) (src "tables.c:24"))
`;
const bad = `${start}(barrier (id 8) (tid 0) dsb (kind ish))
(mem-write (id 9) (tid 0) (mem-order plain) (address 0x1000) (value 0x3003) (src "tables.c:24"))
! BBM invalid unclean->valid
`;
const files = {
  'good.log': good,
  'bad.log': bad,
  'unknown.log': '(tlbi (id 0) (tid 0) alle7is)',
  'broken.log': '(lock (id 1)\n',
  'empty.log': '',
  'manifest.tsv': [
    'file\texpected\tcasemate_message_in_file\tusable_by_somebody',
    'good.log\taccept\t-\tyes',
    'bad.log\treject\tBBM invalid unclean->valid\tyes (one level)',
    'unknown.log\taccept\t-\tno',
    'elsewhere.log\taccept\t-\tno',
  ].join('\n'),
  'misspelt.tsv': 'file\texpeced\texpected\tcasemate_mesage_in_file\ngood.log\t\tacept\nbad.log\t\treject\n\treject\n',
  'wrong.tsv': 'file\texpected\ngood.log\treject\nbad.log\taccept\n',
  'list.txt': 'good.log\n',
};

describe('hvo trace', () => {
  it('accepts a good trace', async () => {
    expect(await trace('good.log', files)).toEqual({ code: 0, stdout: 'good.log: accepted\n', stderr: '' });
  });

  it('rejects a bad one, with the missing step, and where it belongs', async () => {
    const { code, stdout } = await trace('bad.log', files);
    expect(code).toBe(1);
    expect(stdout).toBe(`bad.log: rejected
  bad.log:9: error make-too-early: entry 0x1000 (level 0 of the EL2 stage 1 tables at 0x1000) becomes valid while TLBs may still hold its old translation (a table is replaced by another table; Arm ARM RWHZWS 2)
    at record 9, tables.c:24
    missing: TLBI, before line 8 (record 8)
    line 6 (record 5): changed here
`);
  });

  it('prints one JSON document', async () => {
    const { stdout } = await trace('bad.log --json --manifest manifest.tsv', files);
    const { traces, agreement } = JSON.parse(stdout);
    expect(traces).toMatchObject([
      {
        path: 'bad.log',
        verdict: 'reject',
        records: 9,
        roots: 1,
        casemate: 'BBM invalid unclean->valid',
        findings: [
          {
            code: 'make-too-early',
            severity: 'error',
            line: 9,
            missing: [{ step: 'TLBI', before: { line: 8, record: 8 } }],
          },
        ],
      },
    ]);
    expect(agreement.traces).toMatchObject([{ file: 'bad.log', agreement: 'agree' }]);
  });

  it('compares with a manifest', async () => {
    const { code, stdout } = await trace('good.log bad.log --manifest manifest.tsv', files);
    expect(code).toBe(0);
    expect(stdout.slice(stdout.indexOf('\ntrace'))).toBe(`
trace     expected  verdict  agreement  reason                                   casemate
good.log  accept    accept   agree      -                                        -
bad.log   reject    reject   agree      make-too-early at line 9, missing: TLBI  BBM invalid unclean->valid

usable  traces  agree  false alarm  miss  unsupported  not compared
yes     2       2      0            0     0            0
all     2       2      0            0     0            0

not given: unknown.log
not given: elsewhere.log
`);
  });

  it('a verdict that is not the expected one, or none, is no agreement', async () => {
    expect((await trace('good.log --manifest wrong.tsv', files)).stdout).toContain('false alarm');
    expect((await trace('good.log bad.log --manifest wrong.tsv', files)).code).toBe(1);
    expect((await trace('unknown.log --manifest manifest.tsv', files)).code).toBe(1);
    expect((await trace('unknown.log', files)).stdout).toContain('unknown.log: not judged');
  });

  it('says what a manifest cannot mean, where it stands, and compares the rest', async () => {
    const { code, stdout, stderr } = await trace('good.log bad.log --manifest misspelt.tsv', files);
    expect(code).toBe(2);
    expect(stderr.split('\n')).toEqual([
      "misspelt.tsv:1: there is no column 'casemate_mesage_in_file'; did you mean 'casemate_message_in_file'?",
      "misspelt.tsv:2: 'expected': expected accept or reject, or n/a where nothing is to be compared, found 'acept'",
      "misspelt.tsv:4: 'file': expected the name of a trace, found nothing",
      '',
    ]);
    expect(stdout).toMatch(/good\.log {2}n\/a .*not compared/);
    expect(stdout).toMatch(/bad\.log {3}reject {4}reject {3}agree/);
  });

  it('says what it cannot use, and goes on with the rest', async () => {
    const { code, stdout, stderr } = await trace('absent.log broken.log empty.log good.log', files);
    expect(code).toBe(2);
    expect(stdout).toBe('good.log: accepted\n');
    expect(stderr).toBe(
      `hvo trace: absent.log: no such file\nbroken.log:1:1: this record is not closed; add ')'\nhvo trace: empty.log: the trace has no records\n`,
    );
  });

  it('says what is wrong with its arguments', async () => {
    expect((await trace('--bbm 4 good.log', files)).stderr).toMatch(
      /^hvo trace: --bbm: expected 0, 1, 2, 3, 2-noabort, found "4"\n/,
    );
    expect((await trace('--json', files)).stderr).toMatch(/^hvo trace: name at least one trace\n/);
    expect((await trace('--verbose good.log', files)).code).toBe(2);
    expect((await trace('good.log --manifest list.txt', files)).stderr).toMatch(/^list.txt:1: a manifest begins with/);
    expect((await trace('--help', files)).code).toBe(0);
  });
});

it('every code is explained in docs/trace.md', async () => {
  const page = await readFile('docs/trace.md', 'utf8');
  for (const code of traceCodes) expect(page).toContain(`| \`${code}\` |`);
});
