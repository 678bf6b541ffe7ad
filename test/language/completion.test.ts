import { describe, expect, it } from 'vitest';
import { type Completion, completionsAt } from '../../server/features/completion';
import { barrierOptions } from '../../server/language/primitives/barriers';
import { tlbiOperations } from '../../server/language/primitives/tlb';
import { switches } from '../../server/language/switches';
import { inCpu, marked } from './marked';

const all = (written: string): readonly Completion[] => {
  const { names, offset } = marked(written);
  return completionsAt(names, offset);
};
const labels = (written: string): readonly string[] => all(written).map((one) => one.label);
const find = (written: string, label: string): Completion | undefined =>
  all(written).find((one) => one.label === label);

describe('completion', () => {
  it('offers items at the top of a file', () => {
    expect(labels('|>')).toEqual(['machine', 'hugepage', 'page', 'lock', 'var', 'const', 'fn', 'scenario', 'use']);
    expect(labels('lock a : spin\nsce|>')).toContain('scenario');
  });

  it('offers members and items in a scenario', () => {
    const offered = labels('scenario "s" {\n  |>\n}');
    expect(offered).toEqual(
      expect.arrayContaining(['cpu', 'irq', 'nmi', 'on', 'never', 'sometimes', 'always', 'fn', 'machine']),
    );
    expect(offered).not.toContain('scenario');
  });

  it('offers statements, functions, primitives and names in code', () => {
    const offered = labels(inCpu('|>'));
    expect(offered).toEqual(
      expect.arrayContaining([
        'let',
        'while',
        'choose',
        'remap',
        'vmemmap_update_pte',
        'spin_lock',
        'tlbi',
        'H',
        'paused',
        'r1',
        'mk_pte',
        'PAGE_SIZE',
      ]),
    );
    expect(new Set(offered).size).toBe(offered.length);
  });

  it('offers no statements in the middle of one', () => {
    const offered = labels(inCpu('r2 = lo|>'));
    expect(offered).toContain('load');
    expect(offered).not.toContain('loop');
  });

  it('offers locals where they are known', () => {
    expect(labels(inCpu('|>'))).not.toContain('ptep');
    expect(labels('fn f(addr) {\n  let ptep = addr;\n  |>\n}')).toEqual(expect.arrayContaining(['ptep', 'addr']));
  });

  it('offers the members of what stands before the dot', () => {
    expect(labels(inCpu('load(H.|>);'))).toEqual(expect.arrayContaining(['tail(i)', 'page(k)', 'head', 'frame(i)']));
    expect(labels(inCpu('load(H.page(64).|>);'))).toEqual(expect.arrayContaining(['flags', 'refcount']));
    expect(labels(inCpu('load(H.page(64).|>);'))).not.toContain('head');
    expect(labels(inCpu('load(P.|>);'))).toEqual(['pa', 'va', 'struct']);
    expect(labels(inCpu('spin_lock(init_mm.pa|>);'))).toEqual(['page_table_lock', 'mmap_lock']);
    expect(labels(inCpu('r2 = machine.|>'))).toEqual(expect.arrayContaining(['bbm', 'levels']));
  });

  it('offers only the words that an argument takes', () => {
    expect(labels(inCpu('dsb(|>);'))).toEqual(barrierOptions.map((row) => row.name));
    expect(labels(inCpu('tlbi(va|>);'))).toEqual(tlbiOperations.map((row) => row.name));
    expect(labels(inCpu('spin_lock(|>);')).slice(0, 2)).toEqual(['init_mm.page_table_lock', 'zone']);
    expect(labels(inCpu('spin_lock(|>);'))).not.toContain('quiet');
    expect(labels(inCpu('raw_spin_lock(|>);'))).toEqual(['quiet']);
    expect(labels(inCpu('send_ipi(1, |>);'))).toEqual(['tick']);
    expect(labels(inCpu('report(fix|>);'))).toContain('fixed-up');
    expect(labels(inCpu('tlbi(vaale1is, |>);'))).toContain('H');
  });

  it('offers outcomes behind an arrow, levels behind `at`', () => {
    expect(labels(inCpu('load(V);  => ok | |>'))).toEqual(expect.arrayContaining(['ok', 'fixed-up', 'oops-paging']));
    expect(labels(inCpu('load(V);  => oops-paging at |>'))).toEqual(['L0', 'L1', 'L2', 'L3']);
  });

  it('offers outcomes, registers and final values in expectations', () => {
    const expectation = (text: string): readonly string[] => labels(inCpu('isb();').replace('never oops', text));
    expect(expectation('never |>')).toEqual(expect.arrayContaining(['oops', 'deadlock', 'cpu', 'r1', 'load', 'pte']));
    expect(expectation('sometimes cpu 0 |>')).toEqual(expect.arrayContaining(['faults', 'stale-read']));
    expect(expectation('always r1 == |>')).toEqual(expect.arrayContaining(['H', 'load']));
    expect(expectation('always r1 == |>')).not.toContain('spin_lock');
    expect(expectation('sometimes oops at |>')).toContain('L3');
  });

  it('offers switches and their values', () => {
    expect(labels('machine { |> }')).toEqual(switches.map((row) => row.name));
    expect(labels('machine { bbm |> }')).toEqual(['0', '1', '2', '2-noabort', '3']);
    expect(labels('hugepage H { size 2M  vmemmap |> }')).toEqual(['pages', 'blocks']);
    expect(labels('lock L : |>')).toEqual(['spin', 'raw', 'mutex', 'rwsem']);
    expect(labels('scenario "s" { on |> }')).toEqual(['fault']);
    expect(labels('scenario "s" { on fault |> }')).toContain('vmemmap_handle_page_fault');
  });

  it('replaces the word that is being typed, by a snippet with places for the arguments', () => {
    const { text } = marked(inCpu('rem|>'));
    const remap = find(inCpu('rem|>'), 'remap');
    expect(text.slice(remap?.replace.start, remap?.replace.end)).toBe('rem');
    expect(remap?.snippet.replaceAll('$', '')).toBe('remap({1:addr}, {2:entry})');
    expect(remap?.markdown).toContain('Remaps one page.\nIt takes the lock.');
    expect(find(inCpu('|>'), 'while')?.snippet.replaceAll('$', '')).toBe('while ({1:condition}) {\n\t0\n}');
  });

  it('offers nothing in comments and texts', () => {
    expect(labels('// sce|>')).toEqual([]);
    expect(labels('/* |> */')).toEqual([]);
    expect(labels('scenario "a |> b" {}')).toEqual([]);
  });

  it('works in a text that is broken elsewhere', () => {
    expect(labels(inCpu('r0 = load(;\n dsb(|>'))).toContain('ishst');
  });
});
