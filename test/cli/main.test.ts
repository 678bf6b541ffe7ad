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
    expect(stderr).toMatch(/there is no verb "chekc"; there are check, run/);
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
    });

    it(`${verb} with an unknown option is a misuse`, async () => {
      const { code, stderr } = await hvo([verb, '--no-such-option']);
      expect(code).toBe(2);
      expect(stderr).toMatch(new RegExp(`^hvo ${verb}: .*--no-such-option`));
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
  });

  it('prints data', async () => {
    const { stdout } = await hvo(['explain', 'HVO101', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, codes: [{ code: 'HVO101' }] });
  });
});
