import { describe, expect, it } from 'vitest';
import type { FunctionItem } from '../../server/language/ast';
import { formatFile } from '../../server/language/format';
import { resolveNames } from '../../server/language/names';
import { parse } from '../../server/language/parse';
import { libraryReleases, standardLibrary } from '../../server/language/stdlib/library';
import { complaintsOf, programOf } from './check';

describe.each(libraryReleases)('the standard library of %s', (release) => {
  const library = standardLibrary(release);
  const functions = library.flatMap((source) =>
    source.parsed.file.items
      .filter((item): item is FunctionItem => item.kind === 'fn')
      .map((item) => ({ source, item, name: item.name.name })),
  );

  it('is one text, in its one form, with every name known', () => {
    for (const source of library) {
      const others = library.filter((other) => other !== source);
      const { diagnostics } = resolveNames(source, { used: [], library: others });
      expect([...source.parsed.diagnostics, ...diagnostics].map((one) => `${source.uri}: ${one.message}`)).toEqual([]);
      expect(formatFile(source.parsed)).toBe(source.parsed.text);
    }
  });

  it('is read by the piece as it is as a whole', () => {
    for (const { uri, parsed } of library) {
      const { file, lines, diagnostics } = parse(parsed.text);
      const items = file.items.map((item) => {
        if (!('keyword' in item)) return item;
        const { start, end } = item.keyword;
        return { ...item, keyword: { start, end } };
      });
      expect({ ...parsed.file }, uri).toEqual({ ...file, items });
      expect(parsed.lines).toEqual(lines);
      expect(parsed.diagnostics).toEqual(diagnostics);
    }
  });

  it('says of each function where it comes from', () => {
    for (const { source, item, name } of functions) {
      const before = source.parsed.text.slice(0, item.span.start);
      const comment = before.slice(before.lastIndexOf('\n\n')).trim();
      expect(comment, name).toMatch(/^(\/\/|fn )/);
    }
  });

  it('has every function once', () => {
    const names = functions.map((one) => one.name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('has the patch under its names', () => {
    const names = functions.map((one) => one.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'is_vmemmap_address',
        'vmemmap_fault_may_fixup',
        'vmemmap_addr_healthy',
        'vmemmap_handle_page_fault',
        'vmemmap_update_pmd',
        'vmemmap_update_pte',
        ...(release === 'v6.7' ? ['flush_tlb_vmemmap_all', 'flush_tlb_vmemmap_range'] : []),
        'vmemmap_flush_tlb_all',
        'vmemmap_flush_tlb_range',
      ]),
    );
  });

  it('elaborates on every configuration of Linux', { timeout: 120_000 }, () => {
    const configurations = [
      ['4K', 39, '2M', 'blocks'],
      ['4K', 48, '2M', 'blocks'],
      ['4K', 48, '32M', 'pages'],
      ['16K', 36, '32M', 'pages'],
      ['16K', 47, '32M', 'pages'],
      ['64K', 42, '512M', 'pages'],
      ['64K', 48, '512M', 'pages'],
    ] as const;
    for (const [granule, bits, size, mapping] of configurations) {
      const complaints =
        complaintsOf(`machine { kernel ${release} granule ${granule} va_bits ${bits} memstart ${bits === 36 ? '0' : '0x4000_0000'} }
        hugepage H { size ${size} at 0x6000_0000 vmemmap ${mapping} }
        scenario "s" {
          on fault vmemmap_handle_page_fault
          cpu 0 { hugetlb_vmemmap_optimize(H); hugetlb_vmemmap_restore(H); }
          cpu 1 { load(H.page(H.nr_pages - 1).flags); }
        }`);
      expect(complaints, `${granule} ${bits}`).toEqual([]);
    }
  });
});

const page = (statements: string, mapping = 'pages', machine = '') => `machine { ${machine} }
hugepage H { size 2M at 0x1_0000_0000 vmemmap ${mapping} }
scenario "s" { cpu 0 { ${statements} } }`;

describe('what the library does', () => {
  it('remaps one entry with break-before-make under the lock', () => {
    const call = 'vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));';
    expect(programOf(page(call))).toEqual([
      'lock init_mm.page_table_lock',
      'store [0xffff000008803008] = 0',
      'dsb innerShareable store',
      'tlbi last-level entries of page 0xfffc0003001 on all CPUs',
      'dsb innerShareable full',
      'isb',
      'store [0xffff000008803008] = 0x60000050600783',
      'dsb innerShareable store',
      'isb',
      'unlock init_mm.page_table_lock',
      'end',
    ]);
  });

  it('remaps it in place when the patch is configured out', () => {
    const call = 'vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));';
    expect(programOf(page(call, 'pages', 'hvo no'))).toEqual([
      'store [0xffff000008803008] = 0x60000050600783',
      'dsb innerShareable store',
      'isb',
      'end',
    ]);
  });

  it('changes eight entries and frees seven tails and the old head', () => {
    const words = programOf(page('hugetlb_vmemmap_optimize(H);'));
    expect(words.filter((one) => one.startsWith('tlbi'))).toHaveLength(8);
    expect(words.filter((one) => one.startsWith('free page'))).toHaveLength(8);
    const lastFlush = words.findLastIndex((one) => one.startsWith('tlbi'));
    expect(words.findIndex((one) => one.startsWith('free page'))).toBeGreaterThan(lastFlush);
  });

  it('splits a block into the same frames, before the table is linked', () => {
    const words = programOf(page('hugetlb_vmemmap_split(H); ', 'blocks'));
    const filled = words.findIndex((one) => /^store \[0xffff0000.*\] = 0x68000050600703$/.test(one));
    const linked = words.findIndex((one) => /^store \[0xffff0000088020c0\] = 0x10000000/.test(one));
    const broken = words.indexOf('store [0xffff0000088020c0] = 0');
    expect(filled).toBeGreaterThan(-1);
    expect(filled).toBeLessThan(broken);
    expect(broken).toBeLessThan(linked);
    expect(words[linked + 1]).toBe('dsb innerShareable store');
  });

  it('restores seven pages, all of them taken before the first is mapped', () => {
    const words = programOf(`hugepage H { size 2M at 0x1_0000_0000 vmemmap pages optimised }
      scenario "s" { cpu 0 { hugetlb_vmemmap_restore(H); } }`);
    expect(words.filter((one) => one.startsWith('take page'))).toHaveLength(7);
    expect(words.findLastIndex((one) => one.startsWith('take page'))).toBeLessThan(
      words.findIndex((one) => one.startsWith('lock init_mm.mmap_lock')),
    );
  });

  it('flushes once for a batch without the patch, before anything is freed', () => {
    const words = programOf(`machine { hvo no } hugepage A { size 2M at 0x1_0000_0000 vmemmap pages }
      hugepage B { size 2M at 0x1_0020_0000 vmemmap pages }
      scenario "s" { cpu 0 { hugetlb_vmemmap_optimize_folios(list(A, B)); } }`);
    const flushes = words.slice(
      0,
      words.findIndex((one) => one.startsWith('free page')),
    );
    expect(new Set(flushes.filter((one) => one.startsWith('tlbi')))).toEqual(new Set(['tlbi all entries on all CPUs']));
    const remapped = flushes.findLastIndex((one) => one.includes('= 0x60000050'));
    expect(flushes.findLastIndex((one) => one.startsWith('tlbi'))).toBeGreaterThan(remapped);
  });
});
