import { describe, expect, it } from 'vitest';
import { broken, failing, hvo, ok } from './strings';

const window = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "window" {
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`;

describe('hvo run', () => {
  it('shows a failing execution with what changes at each step, and the oops', async () => {
    const { code, stdout } = await hvo(['run', 'w.hvo'], { 'w.hvo': window });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^scenario "window": failed, \d+ states\n/);
    expect(stdout).toMatch(/ pte_clear\(.*\n {6}\| PTE of H\.tail\(1\): 0x[0-9a-f]+ -> 0x0\n {6}\| - 0x/);
    expect(stdout).toContain('Internal error: Oops: 0000000096000007 [#1] SMP');
    expect(stdout).toMatch(/\nend: the kernel oopses\nschedule: hvo1:\S+\n$/);
  });

  it('replays the schedule that check printed', async () => {
    const checked = (await hvo(['check', 'w.hvo'], { 'w.hvo': window })).stdout;
    const schedule = /schedule: (\S+)/.exec(checked)?.[1] ?? '';
    const { stdout } = await hvo(['run', 'w.hvo', '--schedule', schedule], { 'w.hvo': window });
    expect(stdout).toContain(`schedule: ${schedule}\n`);
    expect(stdout).toContain('end: the kernel oopses');
  });

  it('an endless loop comes to no end: its first rounds are shown, until everybody else is done', async () => {
    const text = `var x = 0
scenario "alone" { cpu 0 { loop { r0 = load(x); } } }
scenario "beside another" { cpu 0 { loop { store(x, 1); } } cpu 1 { store(x, 2); } }
scenario "left in time" { cpu 0 { loop { if (load(x) == 1) break; } } cpu 1 { store(x, 1); } }
`;
    const end = async (scenario: string, ...more: string[]) => {
      const { code, stdout } = await hvo(['run', 'a.hvo', '--scenario', scenario, ...more], { 'a.hvo': text });
      expect(code).toBe(0);
      return /\nend: (.*)\nschedule: (.*)\n$/.exec(stdout)?.slice(1) ?? [];
    };
    const endless = 'what is left is endless: each such loop has done a round, and the next one would begin';
    expect(await end('alone')).toEqual([endless, 'hvo1:']);
    expect(await end('alone', '--schedule', 'hvo1:')).toEqual([endless, 'hvo1:']);
    for (const seed of ['1', '2', '3', '4']) {
      const [how, schedule = ''] = await end('beside another', '--seed', seed);
      expect(how).toBe(endless);
      expect(await end('beside another', '--schedule', schedule)).toEqual([endless, schedule]);
      expect((await end('left in time', '--seed', seed))[0]).toBe('every CPU comes to its end');
    }
  });

  it('a seed gives the same execution each time, and it comes to an end', async () => {
    for (const seed of ['1', '2', '3', '4', '5', '6', '7', '8']) {
      const first = await hvo(['run', 'w.hvo', '--seed', seed], { 'w.hvo': window });
      expect(first.stderr).toBe('');
      expect(first.stdout).toMatch(/end: (every CPU comes to its end|the kernel oopses)\n/);
      expect((await hvo(['run', 'w.hvo', '--seed', seed], { 'w.hvo': window })).stdout).toBe(first.stdout);
    }
  });

  it('says so when the states that it knows are not all', async () => {
    const { stdout } = await hvo(['run', 'a.hvo', '--max-states', '1'], {
      'a.hvo': window.replace('load', 'r0 = load'),
    });
    expect(stdout).toMatch(/^scenario "window": unknown, \d+ states?; the bound on states was hit \(--max-states\)\n/);
    expect(stdout).toMatch(
      /\nshown: a random execution, seed 1: nothing fails up to \d+ states?, and no claim asks for one\n/,
    );
  });

  it('tells why a text seems to have no scenario', async () => {
    for (const verb of [['run'], ['export', '--format', 'promela']]) {
      const { code, stderr } = await hvo([...verb, 'b.hvo'], { 'b.hvo': '\0\0' });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^b\.hvo:1:1: HVO007: .*\nhvo (run|export): b\.hvo has no scenario\n$/);
    }
  });

  it('prints data', async () => {
    const { stdout } = await hvo(['run', 'w.hvo', '--json'], { 'w.hvo': window });
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, scenario: 'window', execution: { end: 'oops' } });
  });

  it('asks for the scenario when there are several', async () => {
    const { code, stderr } = await hvo(['run', 'a.hvo'], { 'a.hvo': failing });
    expect(code).toBe(2);
    expect(stderr).toMatch(/name the scenario with --scenario:\n {2}"one order"\n {2}"two orders"/);
    const deadlock = await hvo(['run', 'a.hvo', '--scenario', 'two orders'], { 'a.hvo': failing });
    expect(deadlock.stdout).toMatch(/\*\*\* DEADLOCK \*\*\*\n\nend: deadlock\n/);
  });

  it('shows what a `sometimes` asks for when nothing fails, and says so', async () => {
    const text = window
      .replace('scenario "window" {', 'scenario "window" {\n  on fault vmemmap_handle_page_fault')
      .replace(/}\n$/, '  sometimes spurious-warn\n}\n');
    const { code, stdout } = await hvo(['run', 'w.hvo'], { 'w.hvo': text });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^scenario "window": ok, .*\nshown: sometimes spurious-warn: holds\n/);
    expect(stdout).toContain('*** spurious-warn');
    const plain = await hvo(['run', 'a.hvo'], { 'a.hvo': 'var x = 0\nscenario "s" { cpu 0 { store(x, 1); } }\n' });
    expect(plain.stdout).toMatch(/\nshown: a random execution, seed 1/);
  });

  it('an execution in which something fails is exit code 1, though it comes to its end', async () => {
    const text = window.replace('vmemmap_update_pte(', 'set_pte_at(').replace('  cpu 1', '  cpu 1 { isb(); }\n  cpu 2');
    const shown = await hvo(['run', 'w.hvo'], { 'w.hvo': text });
    expect(shown).toMatchObject({ code: 1, stdout: expect.stringContaining('*** bbm') });
    const seeds = await Promise.all(
      ['1', '2', '3', '4'].map((seed) => hvo(['run', 'w.hvo', '--seed', seed], { 'w.hvo': text })),
    );
    const ended = seeds.filter((one) => one.stdout.includes('end: every CPU comes to its end'));
    expect(ended.length).toBeGreaterThan(0);
    for (const { code, stdout } of ended) expect(code).toBe(stdout.includes('*** ') ? 1 : 0);
  });

  it('the witness of an expectation that does not hold is exit code 1', async () => {
    const text = 'var x = 0\nscenario "s" { cpu 0 { store(x, 1); } never load(x) == 1 }\n';
    const { code, stdout } = await hvo(['run', 'a.hvo'], { 'a.hvo': text });
    expect(code).toBe(1);
    expect(stdout).toContain('shown: never load(x) == 1: does not hold\n');
  });

  it('a good execution is exit code 0', async () => {
    expect(await hvo(['run', 'a.hvo'], { 'a.hvo': ok })).toMatchObject({ code: 0 });
  });

  for (const [args, message] of [
    [['--schedule', 'hvo1:zz'], /step 1 of the schedule does not exist in "window"/],
    [['--schedule', '0.1'], /--schedule: a schedule starts with hvo1:/],
    [['--schedule', 'hvo1:0*900000'], /--schedule: it has 900000 steps; at most 5000 are shown/],
    [['--schedule', 'hvo1:'], /--schedule: it has no step; paste all of what hvo check printed/],
    [['--seed', 'x'], /--seed: expected a whole number from 1 on, found "x"/],
    [['--seed', '1', '--schedule', 'hvo1:'], /name two executions/],
    [['--scenario', 'none'], /there is no scenario "none"; there are\n {2}"window"/],
  ] as const) {
    it(`${args.join(' ')} is a misuse`, async () => {
      const { code, stderr } = await hvo(['run', 'w.hvo', ...args], { 'w.hvo': window });
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
    });
  }

  it('a broken text is not run', async () => {
    const { code, stderr } = await hvo(['run', 'b.hvo'], { 'b.hvo': broken });
    expect(code).toBe(2);
    expect(stderr).toMatch(/b\.hvo:1:27: HVO030: /);
  });
});
