import { describe, expect, it } from 'vitest';
import { broken, endless, failing, hvo, ok } from './strings';

describe('hvo check', () => {
  it('prints each scenario with its verdict, states and time', async () => {
    const { code, stdout, stderr } = await hvo(['check', 'a.hvo'], { 'a.hvo': ok });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^a\.hvo\n {2}ok {6}fine {2}1 state, \d+ ms\n/);
    expect(stdout).toMatch(/1 scenario in 1 file: 1 ok \(1 state; \d+ ms to explore, .* in all\)\n$/);
  });

  it('prints for a failure the rule, the place, the execution in columns and its schedule', async () => {
    const { code, stdout } = await hvo(['check', 'a.hvo'], { 'a.hvo': failing });
    expect(code).toBe(1);
    expect(stdout).toMatch(/ {2}ok {6}one order /);
    expect(stdout).toMatch(/ {2}failed {2}two orders /);
    expect(stdout).toMatch(/a\.hvo:9:3: never deadlock: does not hold: CPU0 waits at a\.hvo:7 for b, which CPU1 holds/);
    expect(stdout).toMatch(/a\.hvo:7:25: error HVO209 ABBA-deadlock: CPU0 waits/);
    expect(stdout).toContain(' *** DEADLOCK ***');
    expect(stdout).toMatch(
      / {4}schedule: hvo1:\S+\n {4}replay: {3}hvo run a\.hvo --scenario 'two orders' --schedule hvo1:/,
    );
  });

  it('tells one mistake once: its mend with the rule, one execution, the other findings in a line each', async () => {
    const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "a live entry is changed" {
  cpu 0 { set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`;
    const { stdout } = await hvo(['check', 'a.hvo'], { 'a.hvo': text });
    expect(stdout.match(/ (is|are) missing before line 3|Missing: /g)).toEqual([' are missing before line 3']);
    expect(stdout.match(/schedule: hvo1:/g)?.length).toBe(1);
    const lines = stdout.split('\n');
    const rest = lines.slice(lines.findIndex((line) => line.includes('The same mistake shows here too')) + 1);
    expect(rest.slice(0, 4).map((line) => /HVO101 (\S+):.* \[hvo1:\S+\]$/.exec(line)?.[1])).toEqual([
      'stale-read',
      'unpredictable',
      'oops-TLB-conflict',
      undefined,
    ]);
    const all = (await hvo(['check', 'a.hvo', '--verbose'], { 'a.hvo': text })).stdout;
    expect(all.match(/schedule: hvo1:/g)?.length).toBe(4);
    expect(all.match(/Missing: /g)?.length).toBe(4);
  });

  it('other formats tell one mistake once too, with the places where it shows', async () => {
    const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "a live entry is changed" {
  cpu 0 { set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`;
    const as = async (format: string) => (await hvo(['check', 'a.hvo', '--format', format], { 'a.hvo': text })).stdout;
    const { results } = JSON.parse(await as('sarif')).runs[0];
    const [found, ...more] = results.filter((one: { codeFlows?: unknown }) => one.codeFlows !== undefined);
    expect([found.ruleId, more]).toEqual(['HVO101', []]);
    const related: readonly { readonly message: { readonly text: string } }[] = found.relatedLocations;
    const words = related.flatMap((one) => /^(\S+) here too: /.exec(one.message.text)?.[1] ?? []);
    expect(words).toEqual(['stale-read', 'unpredictable', 'oops-TLB-conflict']);
    for (const format of ['junit', 'github']) {
      const told = await as(format);
      expect(told.match(/HVO101 bbm/g)?.length, format).toBe(1);
      expect(told.match(/ here too, a\.hvo:4: /g)?.length, format).toBe(3);
    }
  });

  it('two mistakes under one rule are told each', async () => {
    const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "two entries" {
  cpu 0 {
    set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));
    set_pte_at(H.tail(2), virt_to_kpte(H.tail(2)), mk_pte(H.head, PAGE_KERNEL_RO));
  }
  cpu 1 { load(H.page(64).flags); load(H.page(128).flags); }
}
`;
    const { stdout } = await hvo(['check', 'a.hvo'], { 'a.hvo': text });
    expect(stdout.match(/error HVO101 bbm: PTE of H\.tail\(\d\)/g)?.length).toBe(2);
  });

  it('takes directories, with what is below them', async () => {
    const files = { 'd/a.hvo': ok, 'd/deep/b.hvo': failing, 'd/notes.md': '', 'd/node_modules/c.hvo': broken };
    const { code, stdout } = await hvo(['check', 'd'], files);
    expect(code).toBe(1);
    expect(stdout.match(/^d\/.*$/gm)).toEqual(['d/a.hvo', 'd/deep/b.hvo']);
  });

  it('finds what a file uses, beside it', async () => {
    const files = {
      'd/a.hvo': 'use "lib/b.hvo"\nscenario "s" { cpu 0 { read(); } }\n',
      'd/lib/b.hvo': 'use "c.hvo"\nfn read() { load(H.page(1).flags); }\n',
      'd/lib/c.hvo': 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }\n',
    };
    expect((await hvo(['check', 'd/a.hvo'], files)).code).toBe(0);
  });

  it('a mistake in a text is exit code 2, with its place and what to do', async () => {
    const { code, stdout } = await hvo(['check', 'a.hvo', 'b.hvo'], { 'a.hvo': broken, 'b.hvo': failing });
    expect(code).toBe(2);
    expect(stdout).toMatch(/a\.hvo:1:27: error HVO030: .*`load`/);
    expect(stdout).toMatch(/ {2}error {3}typo {2}its text has errors; not explored/);
    expect(stdout).toContain(' *** DEADLOCK ***');
  });

  it('a file that is not there is exit code 2, and the others are checked', async () => {
    const { code, stdout, stderr } = await hvo(['check', 'none.hvo', 'a.hvo'], { 'a.hvo': ok });
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'hvo check: none.hvo: no such file\n' });
    expect(stdout).toContain('1 ok');
  });

  it.each([
    [
      'json',
      (text: string) => expect(JSON.parse(text)).toMatchObject({ verdict: 'error', summary: { unreadable: 1 } }),
    ],
    [
      'sarif',
      (text: string) =>
        expect(JSON.parse(text).runs[0].invocations[0]).toMatchObject({
          executionSuccessful: false,
          toolExecutionNotifications: [{ level: 'error', message: { text: 'none.hvo: no such file' } }],
        }),
    ],
    [
      'junit',
      (text: string) => {
        expect(text).toContain('<testsuites name="hvo" tests="1" failures="0" errors="1"');
        expect(text).toContain('<error type="unreadable" message="no such file"/>');
      },
    ],
    ['github', (text: string) => expect(text).toBe('::error file=none.hvo,title=unreadable::no such file\n')],
    ['text', (text: string) => expect(text).toBe('')],
  ] as const)('a file that cannot be read is an error in the words of %s', async (format, expectText) => {
    const { code, stdout, stderr } = await hvo(['check', 'none.hvo', '--format', format]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'hvo check: none.hvo: no such file\n' });
    expectText(stdout);
  });

  it('files that cannot be read are counted beside the others', async () => {
    const files = { 'a.hvo': ok };
    expect((await hvo(['check', 'none.hvo', 'a.hvo'], files)).stdout).toMatch(/1 file: 1 ok; 1 file cannot be read \(/);
    const { stdout } = await hvo(['check', 'none.hvo', 'a.hvo', '--json'], files);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'error',
      summary: { files: 1, unreadable: 1, verdicts: { ok: 1 } },
      files: [
        { path: 'a.hvo', verdict: 'ok' },
        { path: 'none.hvo', problem: 'no such file', verdict: 'error' },
      ],
    });
  });

  it('a bound that is hit is "unknown", never "ok", and exit code 1', async () => {
    const text = `var x = 0
scenario "long" {
  cpu 0 { repeat 4 { store(x, 1); r0 = load(x); } }
  cpu 1 { repeat 4 { store(x, 2); r0 = load(x); } }
  never cpu 0: r0 == 7
}
`;
    const { code, stdout } = await hvo(['check', 'a.hvo', '--max-states', '9'], { 'a.hvo': text });
    expect(code).toBe(1);
    expect(stdout).toMatch(/ {2}unknown long .*unknown up to \d+ states: the bound on states was hit \(--max-states\)/);
    expect(stdout).toMatch(/\n {4}a\.hvo:5:3: never cpu 0: r0 == 7: not decided up to \d+ states\n/);
  });

  it('only one scenario, or one part of them', async () => {
    const one = await hvo(['check', 'a.hvo', '--scenario', 'one order'], { 'a.hvo': failing });
    expect(one).toMatchObject({ code: 0 });
    const parts = await Promise.all(
      ['1/2', '2/2'].map((part) => hvo(['check', 'a.hvo', '--shard', part], { 'a.hvo': failing })),
    );
    expect(parts.map((part) => part.code)).toEqual([0, 1]);
    const none = await hvo(['check', 'a.hvo', '--scenario', 'none'], { 'a.hvo': failing });
    expect(none).toMatchObject({
      code: 2,
      stderr: 'hvo check: there is no scenario "none"; there are\n  "one order"\n  "two orders"\n',
    });
    const near = await hvo(['check', 'a.hvo', '--scenario', 'one ordr'], { 'a.hvo': failing });
    expect(near.stderr).toContain('(did you mean "one order"?)');
    const other = await hvo(['check', 'a.hvo', '--scenario', 'one order', '--shard', '2/2'], { 'a.hvo': failing });
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('is in another part') });
  });

  it('tells nothing that the other scenarios say: neither rules that they break nor mistakes in them', async () => {
    const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
fn change(p) { set_pte(p, pte_wrprotect(READ_ONCE(*p))); }
scenario "right" { cpu 0 { r0 = load(H.page(1).flags); } }
scenario "no flush" { cpu 0 { change(virt_to_kpte(H.tail(1))); } }
scenario "no flush, expected" { cpu 0 { change(virt_to_kpte(H.tail(1))); r0 = load(H.page(64).flags); => stale-read } }
scenario "typo" { cpu 0 { laod(1); } }
`;
    const told = async (...args: string[]) => {
      const { code, stdout } = await hvo(['check', 'a.hvo', '--json', ...args], { 'a.hvo': text });
      const [{ diagnostics }] = JSON.parse(stdout).files as [{ diagnostics: { code: string; severity: string }[] }];
      return [code, ...diagnostics.map(({ code: of, severity }) => `${of} ${severity}`)];
    };
    const all = [[0], [1, 'HVO103 error'], [1, 'HVO103 hint'], [2, 'HVO030 error']];
    const titles = ['right', 'no flush', 'no flush, expected', 'typo'];
    expect(await Promise.all(titles.map((title) => told('--scenario', title)))).toEqual(all);
    expect(await Promise.all(titles.map((_, i) => told('--shard', `${i + 1}/4`)))).toEqual(all);
  });

  it('what stands outside the scenarios is told with the first of them that is asked for, and where it is used', async () => {
    const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
fn entry(addr) { let ptep = virt_to_kpte(addr); return READ_ONCE(*ptep); }
scenario "one" { cpu 0 { r0 = load(H.page(1).flags); } }
scenario "two" { cpu 0 { r0 = entry(H.tail(1)); } }
`;
    const told = async (...args: string[]) => {
      const { stdout } = await hvo(['check', 'a.hvo', '--json', ...args], { 'a.hvo': text });
      return (JSON.parse(stdout).files[0].diagnostics as { code: string }[]).map(({ code }) => code);
    };
    expect(await told()).toEqual(['HVO601']);
    expect([await told('--shard', '1/2'), await told('--shard', '2/2')]).toEqual([['HVO601'], []]);
    expect([await told('--scenario', 'one'), await told('--scenario', 'two')]).toEqual([[], ['HVO601']]);
    expect(await told('--scenario', 'two', '--shard', '2/2')).toEqual(['HVO601']);
  });

  for (const args of [
    ['--format', 'yaml'],
    ['--max-states', '0'],
    ['--max-states', 'many'],
    ['--timeout', '0'],
    ['--shard', '3/2'],
    ['--jobs', 'x'],
    ['--jobs', '999'],
  ]) {
    it(`${args.join(' ')} is a misuse`, async () => {
      const { code, stderr, stdout } = await hvo(['check', 'a.hvo', ...args], { 'a.hvo': ok });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^hvo check: ${args[0]}: expected .*found "${args[1]}"`));
    });
  }
});

describe('results come while others are still explored', () => {
  const files = { 'a.hvo': failing, 'b.hvo': endless, 'c.hvo': ok, 'd.hvo': 'var x = 0\n' };
  const all = Object.keys(files);

  it('each is printed as soon as those before it are; Ctrl-C says what is left out', async () => {
    const { code, stdout, stderr } = await hvo(['check', ...all], files, (told) => told.includes('short'));
    expect(code).toBe(130);
    expect(stdout).toMatch(/^a\.hvo\n.*\n.*\n {2}ok {6}one order .*\n {2}failed {2}two orders /);
    expect(stdout.slice(stdout.indexOf('\nb.hvo')).replace(/\d+ ms/g, 'T')).toMatch(
      new RegExp(
        [
          '^\nb\\.hvo\n {2}ok {6}short {2}\\d+ states?, T\n {2}unknown long {2}not explored: it was stopped\n',
          'nothing was explored of\n {2}c\\.hvo: 1 scenario\n {2}d\\.hvo\n',
          '3 scenarios in 2 files: 2 ok, 1 failed; stopped, 2 scenarios left out \\(.*\\)\n$',
        ].join('\n'),
      ),
    );
    expect(stderr).toMatch(/hvo check: stopped; 2 scenarios not explored\n$/);
  });

  it('a document stays whole, and says what it lacks', async () => {
    const as = async (format: string) => {
      const { code, stdout } = await hvo(['check', ...all, '--format', format], files, () => true);
      expect(code, format).toBe(130);
      return stdout;
    };
    const json = JSON.parse(await as('json'));
    const titles = (names: 'leftOut' | 'scenarios'): string[] =>
      json.files.flatMap((file: Record<string, unknown[]>) => file[names] ?? []);
    expect(json.files.map((file: { path: string }) => file.path)).toEqual(all);
    expect(titles('leftOut')).toContain('long');
    expect(titles('leftOut').length + titles('scenarios').length).toBe(5);
    expect(json.summary.leftOut).toBe(titles('leftOut').length);
    expect(json.files[1]).toMatchObject({ path: 'b.hvo', verdict: 'unknown' });

    const [{ invocations }] = JSON.parse(await as('sarif')).runs;
    expect(invocations[0].executionSuccessful).toBe(false);
    expect(invocations[0].toolExecutionNotifications).toContainEqual(
      expect.objectContaining({ message: { text: 'b.hvo: "long" was not explored: it was stopped' } }),
    );

    const junit = await as('junit');
    expect(junit).toContain('<testsuites name="hvo" tests="5"');
    expect(junit).toMatch(/name="long" time="0\.000">\n {6}<skipped message="not explored: it was stopped"\/>/);

    expect(await as('github')).toContain('::warning file=b.hvo,title=long::not explored: it was stopped\n');
  });
});

describe('a file that is no text, or steers the terminal', () => {
  it.each([
    ['a NUL byte', `${ok}\0`],
    ['UTF-16', ok.split('').join('\0')],
    ['bytes that are no UTF-8', '\ufffd\u0001x'.repeat(100)],
  ])('%s: one error', async (_, text) => {
    const { code, stdout } = await hvo(['check', 'a.hvo'], { 'a.hvo': text });
    expect(code).toBe(2);
    expect(stdout.match(/HVO\d{3}/g)).toEqual(['HVO007']);
  });

  it('says of what it seems to be, and what to do, whichever verb reads it', async () => {
    const wide = (text: string) => [...text].map((one) => `${one}\0`).join('');
    const files = {
      'utf16.x': wide('one line\n'),
      'bom.x': `\ufffd\ufffd${wide('one\n')}`,
      'zip.x': '\u001f\ufffd\b\0',
    };
    const why = {
      'utf16.x': /UTF-16, .*save it as UTF-8/,
      'bom.x': /UTF-16, .*save it as UTF-8/,
      'zip.x': /`gunzip` it first/,
    };
    for (const [path, words] of Object.entries(why)) {
      for (const verb of ['check', 'fmt', 'litmus', 'trace', 'walk']) {
        const { code, stdout, stderr } = await hvo([verb, path], files);
        expect(code, verb).toBe(2);
        expect(`${stdout}${stderr}`, verb).toMatch(words);
        expect(stderr.trimEnd().split('\n').length, verb).toBeLessThan(2);
      }
      expect((await hvo(['trace', 'none.log', '--manifest', path], files)).stderr).toMatch(words);
      expect((await hvo(['litmus', path, '--manifest', path], files)).stderr).toMatch(words);
    }
    expect((await hvo(['check', 'a.hvo'], { 'a.hvo': `${ok}\0` })).stdout).toMatch(/character 1\d\d is NUL/);
  });

  it('shows control characters in place of sending them', async () => {
    const text = 'scenario "\u001b[31mred\u202e" { cpu 0 { \u001b[2Jx(); } }\n';
    for (const format of ['text', 'json', 'sarif', 'junit', 'github']) {
      const { stdout } = await hvo(['check', 'a.hvo', '--format', format], { 'a.hvo': text });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be there.
      expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      if (format === 'json') expect(JSON.parse(stdout).files[0].scenarios[0].name).toBe('\u001b[31mred\u202e');
    }
    const { stderr } = await hvo(['run', '\u001b[2J.hvo']);
    expect(stderr).toBe('hvo run: \\u001b[2J.hvo: no such file\n');
  });
});

describe('a file that is something else', () => {
  it('is told by its first problems', async () => {
    const { stdout } = await hvo(['check', 'a.hvo'], { 'a.hvo': 'int main(void);\n'.repeat(60) });
    expect(stdout.match(/error HVO/g)?.length).toBe(20);
    expect(stdout).toMatch(/\n {2}and \d+ more problems of the text \(--verbose shows all\)\n/);
  });

  it('leaves open what a scenario means that uses it: a kernel function may have another text there', async () => {
    const { code, stdout } = await hvo(['check', 'a.hvo', '--with', 'b.hvo'], { 'a.hvo': ok, 'b.hvo': '\0\0' });
    expect(code).toBe(2);
    expect(stdout).toContain('b.hvo:1:1: error HVO007');
    expect(stdout).toContain('error   fine  its text has errors; not explored');
  });

  it('is not said to have no scenario when another part was asked for', async () => {
    const { code, stdout } = await hvo(['check', 'a.hvo', '--shard', '2/2'], { 'a.hvo': ok });
    expect(code).toBe(0);
    expect(stdout).toContain('a.hvo\n  it has no scenario that is asked for\n');
  });

  it('is said to have no scenario', async () => {
    const files = { 'a.hvo': 'var x = 0\n', 'b/c.hvo': '' };
    const library = await hvo(['check', 'a.hvo'], files);
    expect(library.stdout).toMatch(/^a\.hvo\n {2}it has no scenario\n/);
    expect([library.code, (await hvo(['check', 'b'], files)).code]).toEqual([0, 0]);
  });

  it('cannot be checked when it is named and has nothing at all', async () => {
    expect(await hvo(['check', 'a.hvo'], { 'a.hvo': '// nothing yet\n' })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'hvo check: a.hvo: it has no scenario, and nothing that another file could use\n',
    });
    const { stderr } = await hvo(['check', '']);
    expect(stderr).toMatch(/^hvo check: an argument is empty; a variable of the shell may not be set\n/);
  });

  it('says what to write for what the kernel writes otherwise', async () => {
    const text = `fn f() { isb(); }
scenario "s" { cpu 0 { stop_machine(f, NULL, cpus); ftrace_modify_code(1); } }
`;
    const { stdout } = await hvo(['check', 'a.hvo'], { 'a.hvo': text });
    expect(stdout).toContain('2:24: error HVO015: `stop_machine` is a block and no call: `stop_machine { f(); }`.');
    expect(stdout).toContain(
      'error HVO031: `ftrace_modify_code` is not modelled; the text of the kernel never changes',
    );
  });

  it('draws one execution once, whichever claims it breaks', async () => {
    const text = `var x = 0
scenario "s" {
  cpu 0 { store(x, 1); }
  never *x == 1
  always *x == 0
}
`;
    const { stdout } = await hvo(['check', 'a.hvo'], { 'a.hvo': text });
    expect(stdout.match(/ {4}schedule: hvo1/g)).toHaveLength(1);
    expect(stdout).toMatch(/\n {4}always \*x == 0\n {4}in the execution above, hvo1:/);
  });
});

describe('options', () => {
  it.each([
    [['--scenari', 'x'], 'there is no option --scenari; did you mean --scenario?'],
    [['--timeout'], '--timeout needs a value behind it'],
    [['--timeout', '--json'], '--timeout needs a value behind it, found the option --json (or write --timeout=--json)'],
    [['--json=yes'], '--json takes no value, found "yes"'],
    [['--json', '--format', 'sarif'], '--json and --format sarif name two formats; give one of them'],
    [['-x'], expect.stringMatching(/^there is no option -x; there are --format, --json/)],
  ])('%s: a sentence', async (args, message) => {
    const { code, stderr } = await hvo(['check', 'a.hvo', ...args], { 'a.hvo': ok });
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]?.replace('hvo check: ', '')).toEqual(message);
    expect(stderr.split('\n').slice(1)).toEqual(['Try: hvo check --help', '']);
  });
});

describe('the formats of hvo check', () => {
  const files = { 'a.hvo': failing, 'b.hvo': broken };
  const run = async (...args: string[]) => (await hvo(['check', 'a.hvo', 'b.hvo', ...args], files)).stdout;

  it('--json is one document', async () => {
    const report = JSON.parse(await run('--json'));
    expect(report).toMatchObject({
      version: 1,
      verdict: 'failed',
      summary: { files: 2, scenarios: 3, verdicts: { ok: 1, failed: 1, unknown: 0, error: 1 }, errors: 1 },
    });
    const [, two] = report.files[0].scenarios;
    expect(two).toMatchObject({
      name: 'two orders',
      verdict: 'failed',
      claims: [{ kind: 'never', text: 'never deadlock', holds: 'no' }],
      findings: [{ code: 'HVO209', outcome: 'ABBA-deadlock', severity: 'error', place: { line: 7, column: 25 } }],
    });
    expect(two.findings[0].witness.execution).toMatchObject({ cpus: ['CPU0', 'CPU1'], end: 'deadlock' });
  });

  it('sarif has results with rules, places and the execution', async () => {
    const { version, runs } = JSON.parse(await run('--format', 'sarif'));
    expect(version).toBe('2.1.0');
    const [{ tool, results }] = runs;
    expect(tool.driver.rules.map((rule: { id: string }) => rule.id)).toEqual(['HVO030', 'HVO209', 'expectation']);
    for (const one of results) expect(tool.driver.rules[one.ruleIndex].id).toBe(one.ruleId);
    const deadlock = results.find(
      (one: { ruleId: string; codeFlows?: unknown }) => one.ruleId === 'HVO209' && one.codeFlows,
    );
    expect(deadlock).toMatchObject({
      level: 'error',
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'a.hvo' }, region: { startLine: 7, startColumn: 25 } } },
      ],
    });
    expect(deadlock.codeFlows[0].threadFlows.map((flow: { id: string }) => flow.id)).toEqual(['CPU0', 'CPU1']);
  });

  it('paths are those of the folder in which it ran, whatever is before them', async () => {
    for (const path of ['a b#1.hvo', './a b#1.hvo', '/srv/a b#1.hvo']) {
      const there = { [path]: failing };
      const { results } = JSON.parse((await hvo(['check', path, '--format', 'sarif'], there)).stdout).runs[0];
      const uris = new Set(
        results.map(
          (one: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
            one.locations[0]?.physicalLocation.artifactLocation.uri,
        ),
      );
      expect([...uris]).toEqual([path.startsWith('/') ? 'file:///srv/a%20b%231.hvo' : 'a%20b%231.hvo']);
    }
    const { stdout } = await hvo(['check', './a b#1.hvo', '--format', 'github'], { './a b#1.hvo': failing });
    expect(stdout).toMatch(/^::\w+ file=a b#1\.hvo,line=/);
    expect((await hvo(['check', '.'], { './a.hvo': ok, 'a.hvo': ok })).stdout).toMatch(/^a\.hvo\n/);
  });

  it('a file of another verb is led there', async () => {
    const files = { 'a.hvo': ok, 'b.litmus': 'AArch64 b\n' };
    for (const verb of ['litmus', 'trace', 'walk'])
      expect((await hvo([verb, 'a.hvo'], files)).stderr, verb).toBe(
        `hvo ${verb}: a.hvo: it is a .hvo file; \`hvo check\` explores its scenarios\n`,
      );
    for (const verb of ['check', 'run'])
      expect((await hvo([verb, 'b.litmus'], files)).stderr, verb).toBe(
        `hvo ${verb}: b.litmus: it is a litmus test; \`hvo litmus\` runs it\n`,
      );
  });

  it('junit has a case for each scenario', async () => {
    const text = await run('--format', 'junit');
    expect(text).toContain('<testsuites name="hvo" tests="3" failures="1" errors="1" skipped="0"');
    expect(text).toMatch(/<testcase classname="a\.hvo" name="one order" time="[\d.]+"\/>/);
    expect(text).toMatch(/<failure type="HVO209 ABBA-deadlock" message="CPU0 waits at a\.hvo:7/);
    const opened = [...text.matchAll(/<(testsuites|testsuite|testcase|failure)\b[^>]*[^/]>/g)].length;
    expect(opened).toBe([...text.matchAll(/<\/(testsuites|testsuite|testcase|failure)>/g)].length);
  });

  it('junit passes no file whose text alone is wrong', async () => {
    const quiet = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
fn remap(addr) { pte_clear(addr, virt_to_kpte(addr)); set_pte_at(addr, virt_to_kpte(addr), mk_pte(H.head, PAGE_KERNEL_RO)); }
scenario "all that comes of it is expected" {
  cpu 0 { remap(H.tail(1)); }
  sometimes bbm
}
`;
    const files = { 'binary.hvo': '\0\0', 'junk.hvo': 'junk\n', 'quiet.hvo': quiet, 'fine.hvo': ok };
    for (const path of Object.keys(files)) {
      const { stdout, code } = await hvo(['check', path, '--format', 'junit'], files);
      const [, failures, errors] = /<testsuites [^>]*failures="(\d+)" errors="(\d+)"/.exec(stdout) ?? [];
      expect(code, path).toBe(errors !== '0' ? 2 : failures !== '0' ? 1 : 0);
      expect(stdout.match(/<error /g)?.length ?? 0, path).toBe(Number(errors));
      expect(stdout.match(/<failure /g)?.length ?? 0, path).toBe(Number(failures));
    }
    const { stdout } = await hvo(['check', 'junk.hvo', '--format', 'junit'], files);
    expect(stdout).toContain(
      '<testcase classname="junk.hvo" name="the text" time="0.000">\n      <error type="HVO016"',
    );
  });

  it('github has an annotation for each', async () => {
    const lines = (await run('--format', 'github')).trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^::(error|warning|notice) file=[ab]\.hvo,line=\d+,col=\d+,title=/);
    expect(lines.some((line) => line.includes('title=HVO209 ABBA-deadlock::CPU0 waits'))).toBe(true);
  });
});
