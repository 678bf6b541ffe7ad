import { describe, expect, it } from 'vitest';
import { documentSymbols, type OutlineNode, workspaceSymbols } from '../../server/features/documentSymbols';
import { foldingRanges } from '../../server/features/folding';
import { hoverAt } from '../../server/features/hover';
import { definitionAt, highlightsAt, referencesOf, symbolAt } from '../../server/features/occurrences';
import { renameAt, renamePlaceAt } from '../../server/features/rename';
import { semanticTokens } from '../../server/features/semanticTokens';
import { signatureHelpAt } from '../../server/features/signatureHelp';
import { resolveNames } from '../../server/language/names';
import { parse } from '../../server/language/parse';
import { inCpu, marked } from './marked';

const hover = (written: string): string => {
  const { names, offset } = marked(written);
  return hoverAt(names, offset)?.markdown ?? 'nothing';
};

describe('hover', () => {
  it('documents statements, primitives, members, words, switches and outcomes', () => {
    expect(hover(inCpu('whi|>le (load(H.start)) {}'))).toMatch(/^```hvo\nwhile \(condition\)/);
    expect(hover(inCpu('d|>sb(ishst);'))).toContain('Data synchronisation barrier');
    expect(hover(inCpu('dsb(is|>hst);'))).toContain('Stores in the inner shareable domain');
    expect(hover(inCpu('tlbi(vaa|>le1is, H.start);'))).toContain(
      'last-level entries for one VA, any ASID, on all CPUs',
    );
    expect(hover(inCpu('load(H.ta|>il(1));'))).toContain('hugepage.tail(i)');
    expect(hover(inCpu('load(H.page(1).ref|>count);'))).toContain('Offset 52 of struct page, 4 bytes');
    expect(hover('machine { gra|>nule 4K }')).toContain('granule 4K|16K|64K');
    expect(hover(inCpu('isb();').replace('never oops', 'never oo|>ps'))).toContain('The kernel died there');
    expect(hover(inCpu('isb();').replace('never oops', 'ne|>ver oops'))).toContain('In no execution');
  });

  it('shows a function with the comment above it', () => {
    const shown = hover(inCpu('re|>map(H.tail(1), none);'));
    expect(shown).toBe('```hvo\nfn remap(addr, entry)\n```\n\nRemaps one page.\nIt takes the lock.');
  });

  it('shows functions of the library with where they are', () => {
    expect(hover(inCpu('flush_tlb|>_all();'))).toMatch(
      /fn flush_tlb_all\(\)\n```\n\n[\s\S]*_standard library: v6.7\/tlbflush.hvo_$/,
    );
  });

  it('shows declarations, and numbers in other notations', () => {
    expect(hover(inCpu('load(pau|>sed);'))).toContain('var paused = 0');
    expect(hover(inCpu('load(|>H.start);'))).toContain('hugepage H { size 2M');
    expect(hover(inCpu('r2 = 0x1_00|>00_0000;'))).toContain('0x1_0000_0000 = 4294967296 = 4G');
  });

  it('says nothing of comments and spaces', () => {
    expect(hover('// wh|>ile')).toBe('nothing');
    expect(hover('\n|>\n')).toBe('nothing');
  });
});

describe('signature help', () => {
  const help = (written: string) => {
    const { names, offset } = marked(inCpu(written));
    const found = signatureHelpAt(names, offset);
    return found === undefined ? 'nothing' : `${found.label} ${found.active}`;
  };

  it('knows functions, primitives, builtins and members, and which argument is typed', () => {
    expect(help('remap(H.tail(1), |>')).toBe('remap(addr, entry) 1');
    expect(help('flush_tlb_kernel_range(|>')).toBe('flush_tlb_kernel_range(start, end) 0');
    expect(help('store(H.page(f(1, 2)).flags, |>')).toBe('store(address, value) 1');
    expect(help('tlbi(vaale1is, H.start|>)')).toBe('tlbi(operation, [va], [end], [ttl]) 1');
    expect(help('r2 = mk_pte(|>')).toBe('mk_pte(pa, prot) 0');
    expect(help('load(H.page(|>')).toBe('page(k) 0');
    expect(help('remap(H.page(1|>), 2)')).toBe('page(k) 0');
    expect(help('r2 = any(1, 2, |>')).toBe('any(choice) 0');
    expect(help('isb(); |>')).toBe('nothing');
  });
});

describe('definition, references, highlights', () => {
  it('goes to declarations of the file, the library and used files', () => {
    const here = marked(inCpu('rem|>ap(H.start, none);'));
    const found = definitionAt(here.names, here.offset);
    expect(here.text.slice(found?.span.start, found?.span.end)).toBe('remap');
    expect(found?.uri).toBe('file:///main.hvo');
    expect(here.text.slice(found?.extent.start, found?.extent.end)).toMatch(/^fn remap[\s\S]*\}$/);
    const there = marked(inCpu('flush_|>tlb_all();'));
    expect(definitionAt(there.names, there.offset)?.uri).toBe('hvo-library:/v6.7/tlbflush.hvo');
    const used = [{ uri: 'file:///dir/other.hvo', parsed: parse('fn helper() {}') }];
    const other = marked('use "../dir/oth|>er.hvo"\nfn f() { helper(); }', used);
    expect(definitionAt(other.names, other.offset)?.uri).toBe('file:///dir/other.hvo');
    const helper = marked('use "other.hvo"\nfn f() { hel|>per(); }', used);
    expect(definitionAt(helper.names, helper.offset)).toMatchObject({
      uri: 'file:///dir/other.hvo',
      span: { start: 3, end: 9 },
    });
  });

  it('finds every place of a name in several files', () => {
    const { names, offset } = marked('fn f|>(a) { return a; }\nfn g() { f(1); f(2); }');
    const other = { uri: 'file:///b.hvo', parsed: parse('use "main.hvo"\nfn h() { f(3); }') };
    const both = [names, resolveNames(other, { used: [names.source], library: [] })];
    const symbol = symbolAt(names, offset);
    expect(symbol && referencesOf(symbol, both, true).map(({ uri, span }) => `${uri.slice(8)} ${span.start}`)).toEqual([
      'main.hvo 3',
      'main.hvo 31',
      'main.hvo 37',
      'b.hvo 24',
    ]);
    expect(symbol && referencesOf(symbol, both, false)).toHaveLength(3);
  });

  it('highlights reads and writes, and names of the language', () => {
    const local = marked('fn f() { let x|> = 1; x = x + 1; }');
    expect(
      highlightsAt(local.names, local.offset)
        .map((one) => one.kind)
        .sort(),
    ).toEqual(['read', 'write', 'write']);
    const barrier = marked('fn f() { d|>sb(ish); isb(); dsb(ishst); }');
    expect(highlightsAt(barrier.names, barrier.offset)).toHaveLength(2);
  });
});

describe('rename', () => {
  const rename = (written: string, name: string): string => {
    const { names, text, offset } = marked(written);
    const result = renameAt(names, offset, name, [names]);
    if (result.kind === 'problem') return result.message;
    const edits = [...(result.files[0]?.edits ?? [])].sort((a, b) => b.span.start - a.span.start);
    return edits.reduce((done, { span, text: put }) => done.slice(0, span.start) + put + done.slice(span.end), text);
  };

  it('changes every place of the name and no other', () => {
    expect(rename('fn f(a|>) { let b = a; { let a_ = a; } return a.flags; }\nfn g(a) { return a; }', 'addr')).toBe(
      'fn f(addr) { let b = addr; { let a_ = addr; } return addr.flags; }\nfn g(a) { return a; }',
    );
    expect(rename('scenario "s" {\n  cpu 0 { r0 = 1; r0|> = r0 + 1; }\n  always r0 == 2\n}', 'r5')).toBe(
      'scenario "s" {\n  cpu 0 { r5 = 1; r5 = r5 + 1; }\n  always r5 == 2\n}',
    );
  });

  it('refuses what would mean something else', () => {
    expect(rename('fn f(a|>) { let b = a; return b; }', 'b')).toBe('There is a local `b` already.');
    expect(rename('fn f(a|>) {}', 'load')).toBe('`load` is a name of the language.');
    expect(rename('fn f(a|>) {}', 'while')).toBe('`while` is a word of the language.');
    expect(rename('fn f(a|>) {}', '1x')).toBe('`1x` is no name: letters, digits and `_`, no digit first.');
    expect(rename('fn f() { flush_tlb_|>all(); }', 'x')).toBe('`flush_tlb_all` belongs to the standard library.');
    expect(rename('fn flush_tlb_|>all() { }', 'x')).toBe(
      "`flush_tlb_all` replaces the library's function of this name; with another name it would not.",
    );
    expect(rename('fn f() { ds|>b(ish); }', 'x')).toBe('`dsb` is a name of the language.');
  });

  it('says what would be renamed', () => {
    const { names, text, offset } = marked('fn f(addr|>) { return addr; }');
    const place = renamePlaceAt(names, offset);
    expect(place.kind === 'place' && text.slice(place.span.start, place.span.end)).toBe('addr');
  });
});

describe('outline, folding, colours, symbols', () => {
  const shape = (nodes: readonly OutlineNode[], indent = ''): readonly string[] =>
    nodes.flatMap((node) => [
      `${indent}${node.kind} ${node.name} ${node.detail}`.trimEnd(),
      ...shape(node.children, `${indent}  `),
    ]);

  it('outlines a file', () => {
    const { names } = marked(inCpu('isb();|>'));
    expect(shape(documentSymbols(names.source.parsed))).toEqual([
      'hugepage H huge page, vmemmap pages',
      'page P page',
      'lock zone spin',
      'lock quiet raw',
      'var paused shared word',
      'fn remap (addr, entry)',
      'scenario one scenario',
      '  interrupt irq tick cpu 0',
      '  cpu cpu 0',
      '  expectation never oops',
    ]);
  });

  it('outlines what is half typed', () => {
    expect(shape(documentSymbols(parse('fn \nscenario { cpu { }\n never }')))).toEqual([
      'fn (no name) ()',
      'scenario scenario scenario',
      '  cpu cpu 0',
      '  expectation never',
    ]);
  });

  it('folds blocks and comments', () => {
    const folds = foldingRanges(parse('// one\n// two\nfn f() {\n  if (1) {\n    isb();\n  }\n}\n/* a\n b */\n'));
    expect(folds).toEqual([
      { startLine: 0, endLine: 1, kind: 'comment' },
      { startLine: 2, endLine: 5, kind: 'region' },
      { startLine: 3, endLine: 4, kind: 'region' },
      { startLine: 7, endLine: 8, kind: 'comment' },
    ]);
  });

  it('colours names by what they are', () => {
    const { names, text } = marked(
      'const A = 1\nfn f(p) { let x = p + A; tlbi(vmalle1is); x = flush_tlb_all(); return H.tail(1).flags; }\nscenario "s" { hugepage H { size 2M at 0 vmemmap pages } }|>',
    );
    const shown = semanticTokens(names).map(
      ({ span, type, modifiers }) => `${text.slice(span.start, span.end)} ${[type, ...modifiers].join(' ')}`,
    );
    expect(shown).toEqual([
      'A variable declaration readonly',
      'f function declaration',
      'p parameter declaration',
      'x variable declaration',
      'p parameter',
      'A variable readonly',
      'tlbi macro defaultLibrary',
      'vmalle1is enumMember defaultLibrary',
      'x variable modification',
      'flush_tlb_all function defaultLibrary',
      'H class readonly',
      'tail method defaultLibrary',
      'flags property defaultLibrary',
      'H class declaration readonly',
    ]);
  });

  it('finds symbols of many files by their letters', () => {
    const a = {
      uri: 'a',
      parsed: parse('fn vmemmap_update_pte(a) {}\nlock late : spin\nscenario "update" { var upd = 0 }'),
    };
    expect(workspaceSymbols([a], 'upd').map((one) => `${one.name} ${one.container}`)).toEqual([
      'update ',
      'upd update',
      'vmemmap_update_pte ',
    ]);
    expect(workspaceSymbols([a], 'vup').map((one) => one.name)).toEqual(['vmemmap_update_pte']);
    expect(workspaceSymbols([a], 'zzz')).toEqual([]);
  });
});
