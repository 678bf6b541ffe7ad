import { describe, expect, it } from 'vitest';
import { verbs } from '../../cli/main';
import { version } from '../../package.json';
import {
  builtinFunctions,
  constants,
  finalFunctions,
  hugePageMembers,
  pageFields,
  pageMembers,
} from '../../server/language/builtins';
import { memberRows } from '../../server/language/items/members';
import { itemRows } from '../../server/language/items/table';
import { outcomes } from '../../server/language/outcomes';
import { primitives } from '../../server/language/primitives';
import { barrierOptions } from '../../server/language/primitives/barriers';
import { kernelInterrupts, systemRegisters } from '../../server/language/primitives/kernel';
import { kernelLocks } from '../../server/language/primitives/locks';
import { tlbiOperations } from '../../server/language/primitives/tlb';
import { statementRows } from '../../server/language/statements/table';
import { libraryNames } from '../../server/language/stdlib/libraryPart';
import { derivedSwitches, switches } from '../../server/language/switches';
import { unmodelledNames } from '../../server/language/unmodelled';
import { explanations } from '../../server/verdict/explanations';
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
    expect((await hvo(['explain', 'stale-read'])).stdout).toMatch(/A scenario fails.*\n\nMore: hvo explain HVO511/);
    expect((await hvo(['explain', 'dsb'])).stdout).toMatch(/^dsb\(option\)\n\nA primitive\. /);
    expect((await hvo(['explain', 'expectation'])).stdout).toMatch(/^expectation: Expectation that does not hold/);
  });

  it('every row of the tables of the language is explained, by what the row says', async () => {
    const rows: readonly (readonly [string, string])[] = [
      ...[...itemRows, ...memberRows, ...statementRows].map(({ keyword, doc }) => [keyword, doc] as const),
      ...outcomes.map(({ word, doc }) => [word, doc] as const),
      ...kernelLocks.map(({ member, doc }) => [member, doc] as const),
      ...[primitives, switches, derivedSwitches, constants, builtinFunctions, finalFunctions, hugePageMembers]
        .flat()
        .concat([pageMembers, pageFields, barrierOptions, tlbiOperations, systemRegisters, kernelInterrupts].flat())
        .map(({ name, doc }) => [name, doc] as const),
      ...unmodelledNames,
    ];
    const { code, stdout } = await hvo(['explain', '--json', ...rows.map(([word]) => word)]);
    expect(code).toBe(0);
    const told = new Map<string, string>();
    for (const { word, doc } of JSON.parse(stdout).words) told.set(word, `${told.get(word) ?? ''}${doc}`);
    expect(rows.filter(([word, doc]) => !told.get(word)?.includes(doc))).toEqual([]);
    expect(rows.length).toBeGreaterThan(400);
    const all = [...libraryNames(), ...explanations.map((one) => one.code)];
    expect((await hvo(['explain', ...all])).code).toBe(0);
  });

  it('takes words as they stand in texts and results, and says which was probably meant', async () => {
    const first = async (...words: string[]) => (await hvo(['explain', ...words])).stdout.split('\n')[0];
    expect(await first('dsb(ish);')).toBe('dsb(option)');
    expect(await first('H.tail(1)')).toBe('hugepage.tail(i)');
    expect(await first('machine.bbm')).toBe('bbm 0|1|2|2-noabort|3');
    expect(await first('oops-paging at L3')).toBe('oops-paging');
    const meant = async (word: string) => /did you mean (\S+)\?/.exec((await hvo(['explain', word])).stderr)?.[1];
    for (const [word, near] of Object.entries({
      PTE_VALD: 'PTE_VALID',
      chose: 'choose',
      vale1i: 'vale1is',
      'stale-red': 'stale-read',
      vmemmap_handle_fault: 'vmemmap_handle_page_fault',
    }))
      expect(await meant(word), word).toBe(near);
  });

  it('prints data', async () => {
    const { stdout } = await hvo(['explain', 'HVO101', 'dsb', 'vmemmap_handle_page_fault', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      codes: [{ code: 'HVO101' }],
      words: [{ word: 'dsb', of: 'primitive', form: 'dsb(option)' }],
      texts: [{ kernels: ['v6.7'] }, { kernels: ['v6.8', 'v6.11', 'v7.2'] }],
    });
  });
});
