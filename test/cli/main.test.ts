import { describe, expect, it } from 'vitest';
import { verbs } from '../../cli/main';
import { version } from '../../package.json';
import { hvo } from './strings';

describe('hvo', () => {
  it('lists its verbs, on stdout when asked and on stderr when misused', async () => {
    const asked = await hvo(['--help']);
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    for (const verb of Object.keys(verbs)) expect(asked.stdout).toContain(`  ${verb} `);
    expect(await hvo([])).toMatchObject({ code: 2, stdout: '', stderr: asked.stdout });
  });

  it('says its version', async () => {
    expect(await hvo(['--version'])).toMatchObject({ code: 0, stdout: `hvo ${version}\n` });
  });

  it('names the verbs when there is no such verb', async () => {
    const { code, stderr } = await hvo(['chekc', 'x.hvo']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/there is no verb "chekc" \(did you mean check\?\); there are check, run/);
  });

  it('is not fooled by names that every object has', async () => {
    expect((await hvo(['constructor'])).code).toBe(2);
    expect((await hvo(['__proto__'])).code).toBe(2);
  });

  for (const verb of Object.keys(verbs)) {
    it(`${verb} --help says how to use it`, async () => {
      const { code, stdout } = await hvo([verb, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^usage: hvo ${verb}`));
      expect((await hvo(['help', verb])).stdout).toBe(stdout);
    });

    it(`${verb} with an unknown option is a misuse: one line, and where to look`, async () => {
      const { code, stderr, stdout } = await hvo([verb, '--hepl']);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(`hvo ${verb}: there is no option --hepl; did you mean --help?\nTry: hvo ${verb} --help\n`);
    });

    it(`${verb} without arguments does not print its whole usage`, async () => {
      if (verb === 'compare') return;
      const { code, stderr } = await hvo([verb]);
      expect(code).toBe(2);
      expect(stderr).toMatch(new RegExp(`^hvo ${verb}: .+\nTry: hvo ${verb} --help\n$`));
    });
  }
});

describe('hvo explain', () => {
  it('tells a rule with its source and examples', async () => {
    const { code, stdout } = await hvo(['explain', 'hvo103']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^HVO103: .+\n/);
    for (const part of ['Source: Arm ARM', 'Wrong:', 'Right:', 'scenario "']) expect(stdout).toContain(part);
  });

  it('lists all codes', async () => {
    const { stdout } = await hvo(['explain', '--list']);
    for (const code of ['HVO001', 'HVO030', 'HVO101', 'HVO531']) expect(stdout).toContain(code);
  });

  it('knows no other codes', async () => {
    expect(await hvo(['explain', 'HVO999'])).toMatchObject({ code: 2, stdout: '' });
    expect(await hvo(['explain', 'set_ptee_at'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean set_pte_at?'),
    });
  });

  it('prints the text of a kernel function, for each kernel that has another one', async () => {
    const { code, stdout } = await hvo(['explain', 'vmemmap_handle_page_fault']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\/\/ hvo-library:\/v6\.7\/vmemmapHook\.hvo:\d+, kernel v6\.7\n/);
    expect(stdout).toMatch(/\n\/\/ hvo-library:\/v6\.8\/vmemmapHook\.hvo:\d+, kernel v6\.8, v6\.11, v7\.2\n/);
    expect(stdout.match(/^fn vmemmap_handle_page_fault\(addr, esr\)/gm)?.length).toBe(2);
  });

  it('prints what stands at a place of the library that results lead to', async () => {
    const { stdout } = await hvo(['explain', 'set_pte_at']);
    const [, address = ''] = /(hvo-library:\S+:\d+),/.exec(stdout) ?? [];
    expect((await hvo(['explain', address])).stdout).toContain('fn set_pte_at(addr, ptep, pte)');
    const file = await hvo(['explain', address.replace(/:\d+$/, '')]);
    expect(file.stdout.split('\n').length).toBeGreaterThan(100);
    expect(await hvo(['explain', 'hvo-library:/v6.7/none.hvo'])).toMatchObject({ code: 2, stdout: '' });
  });

  it('says what an outcome, a primitive, an unmet expectation is', async () => {
    expect((await hvo(['explain', 'spurious-warn'])).stdout).toMatch(/It fails no scenario/);
    expect((await hvo(['explain', 'stale-read'])).stdout).toMatch(/A scenario fails.*hvo explain HVO511/);
    expect((await hvo(['explain', 'dsb'])).stdout).toMatch(/^dsb\(option\)\n/);
    expect((await hvo(['explain', 'expectation'])).stdout).toMatch(/^expectation: Expectation that does not hold/);
  });

  it('prints data', async () => {
    const { stdout } = await hvo(['explain', 'HVO101', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, codes: [{ code: 'HVO101' }] });
  });
});
