import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../cli/io';
import { main, verbs } from '../../cli/main';
import { parse } from '../../server/language/parse';
import { openFile, sourceOf } from '../../server/verdict/fileCheck';
import { hvo } from './strings';

const pages = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)];

/** Blocks of a page that are marked with a language, indented ones included. */
function blocks(page: string, language: string): readonly string[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(
    ([, indent, body]) => (body as string).replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** A command line as a shell splits it, without redirection. */
function words(line: string): readonly string[] {
  return [...line.replace(/ > .*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

const commands = pages.flatMap((page) =>
  blocks(page, 'sh')
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('hvo '))
    .map((line) => ({ page, line, args: words(line).slice(1) })),
);

describe('the pages', () => {
  it('have scenarios that are laid out as the language wants', () => {
    // The reference has fragments of scenarios.
    for (const page of pages.filter((one) => one !== 'docs/reference.md')) {
      for (const block of blocks(page, 'hvo')) {
        const errors = parse(block).diagnostics.filter((one) => one.severity === 'error');
        expect(errors.map((one) => `${page}: ${one.code} ${one.message}`)).toEqual([]);
      }
    }
  });

  it('lead to files that are there', () => {
    for (const page of pages) {
      const folder = page.includes('/') ? 'docs/' : '';
      for (const [, target] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
        expect(() => statSync(`${folder}${target}`), `${page}: ${target}`).not.toThrow();
    }
  });

  it('name verbs, files and scenarios that are there', () => {
    expect(commands.length).toBeGreaterThan(5);
    for (const { page, line, args } of commands) {
      const [verb = '', ...rest] = args;
      expect(Object.keys(verbs), `${page}: ${line}`).toContain(verb);
      const paths = rest.filter((word) => word.startsWith('examples'));
      for (const path of paths) expect(() => statSync(path), `${page}: ${line}`).not.toThrow();
      const named = rest[rest.indexOf('--scenario') + 1];
      if (!rest.includes('--scenario')) continue;
      const { items } = parse(readFileSync(paths[0] as string, 'utf8')).file;
      const titles = items.flatMap((item) => (item.kind === 'scenario' ? [item.title.value] : []));
      expect(titles, `${page}: ${line}`).toContain(named);
    }
  });

  for (const { line, args } of commands.filter(({ args }) => args[0] === 'run' || args[0] === 'explain')) {
    it(`${line} does what the page says`, async () => {
      let stderr = '';
      const io: Io = {
        stdout: () => {},
        stderr: (text) => {
          stderr += text;
        },
        readText: async (path) => readFileSync(path, 'utf8'),
        writeText: async () => {},
        exists: async () => true,
        isDirectory: async (path) => statSync(path).isDirectory(),
        list: async (path) => readdirSync(path).sort(),
      };
      const code = await main(args, io);
      expect(stderr).toBe('');
      expect(code).toBeLessThan(2);
    });
  }

  it('show scenarios that can be pasted and checked', () => {
    for (const text of blocks('README.md', 'hvo').filter((block) => block.includes('scenario "'))) {
      const { scenarios, diagnostics } = openFile(sourceOf('pasted.hvo', text), () => undefined);
      expect(diagnostics.filter((one) => one.of === 'text').map((one) => one.message)).toEqual([]);
      expect(scenarios.length).toBeGreaterThan(0);
    }
  });

  it('begin the language with a scenario that holds', async () => {
    const [first = ''] = blocks('docs/language.md', 'hvo');
    expect(await hvo(['check', 'a.hvo'], { 'a.hvo': first })).toMatchObject({ code: 0, stderr: '' });
  });

  it('show in the README what hvo check prints of its remap', async () => {
    const text = blocks('README.md', 'hvo').find((block) => block.includes('fn remap(')) ?? '';
    const { code, stdout } = await hvo(['check', 'remap.hvo'], { 'remap.hvo': text });
    expect(code).toBe(1);
    const plain = (lines: string): string =>
      lines
        .replace(/\s+/g, ' ')
        .replace(/\d+ ms/g, 'N ms')
        .trim();
    const printed = plain(stdout);
    let at = 0;
    for (const line of (blocks('README.md', 'text')[0] ?? '').split('\n').map(plain)) {
      expect(printed.slice(at)).toContain(line);
      at = printed.indexOf(line, at) + line.length;
    }
    expect(at).toBeGreaterThan(1000);
    const [, again = ''] = /`hvo (run remap\.hvo [^`]*)`/.exec(readFileSync('README.md', 'utf8')) ?? [];
    expect(await hvo(again.split(' '), { 'remap.hvo': text })).toMatchObject({ code: 1, stderr: '' });
  });

  it("lead a reader of the README from a first scenario's failure to its proof", () => {
    const [, first = ''] = [...blocks('README.md', 'hvo').slice(-1), blocks('README.md', 'hvo').at(-1)];
    const steps = [
      first,
      first.replace('set_pte_at(', 'vmemmap_update_pte('),
      first
        .replace('set_pte_at(', 'vmemmap_update_pte(')
        .replace('  cpu 0', '  on fault vmemmap_handle_page_fault\n  cpu 0'),
    ];
    const codes = steps.map((text) => {
      const [planned] = openFile(sourceOf('first.hvo', text), () => undefined).scenarios;
      const check = planned?.start({ maxStates: 100_000, draws: false });
      while (check !== undefined && !check.isDone) check.advance(10_000);
      return [...new Set(check?.report(0).findings.map((one) => one.code))];
    });
    expect(codes).toEqual([['HVO101'], ['HVO501'], []]);
  });
});
