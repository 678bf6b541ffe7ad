import { describe, expect, it, vi } from 'vitest';
import { costsUnder } from './shipped';

const MiB = 2 ** 20;

vi.setConfig({ testTimeout: 600_000 });

describe('what a job costs', () => {
  it('the patch: 8 splits of 512 TLBIs each and 4096 windows for 1G, and nothing of it with larger pages', async () => {
    const costs = await costsUnder(
      'a-seed-v1',
      'optimise 2M with 4K pages',
      'optimise 1G with 4K pages',
      'optimise 32M with 16K pages',
      'optimise 512M with 64K pages',
      'restore 2M with 4K pages',
    );
    // A split flushes 512 pages one by one (the rule up to v6.12 is "more than PTRS_PER_PTE"), every entry one page.
    expect(costs.get('optimise 1G with 4K pages')).toMatchObject({
      tlbis: 8 * 512 + 4096,
      windows: 4096 + 8,
      splits: 8,
      // 512 entries of each table and 3 of each window: before the TLBI, behind it, behind the make.
      dsbs: 8 * 512 + 3 * (4096 + 8),
      hiddenBytes: 128 * MiB,
      freed: 4096,
      // A table for each split, and the copy of the head.
      allocated: 8 + 1,
      ipis: 0,
      inPlace: 0,
      longestStop: 0,
    });
    expect(costs.get('optimise 2M with 4K pages')).toMatchObject({ tlbis: 512 + 8, windows: 9, splits: 1, freed: 8 });
    // A huge page of a PMD has 8 pages of vmemmap whatever the page size; one entry describes 4 MiB, or 64 MiB.
    const counterpart = { tlbis: 8, windows: 8, splits: 0, freed: 8, allocated: 1 };
    expect(costs.get('optimise 32M with 16K pages')).toMatchObject({ ...counterpart, hiddenBytes: 4 * MiB });
    expect(costs.get('optimise 512M with 64K pages')).toMatchObject({ ...counterpart, hiddenBytes: 64 * MiB });
    expect(costs.get('restore 2M with 4K pages')).toMatchObject({ windows: 7, splits: 0, freed: 0, allocated: 7 });
  });

  it('stop_machine: one stop for each split and one for all entries, three CPUs each', async () => {
    const costs = await costsUnder('b-stop-machine', 'optimise 1G with 4K pages', 'optimise 512M with 64K pages');
    const cost = costs.get('optimise 1G with 4K pages');
    expect(cost).toMatchObject({ ipis: (8 + 1) * 3, windows: 4104, tlbis: 8192 });
    // The longest stop is the one of the entries: all of their windows are in it.
    expect(cost?.longestStop).toBeGreaterThan((4096 * (cost?.tlbis ?? 0)) / 8192);
    expect(costs.get('optimise 512M with 64K pages')).toMatchObject({ ipis: 3, windows: 8 });
  });

  it('pauses: the entries of a table are hidden together, one flush for all of them', async () => {
    const costs = await costsUnder('d-pause-irq', 'optimise 1G with 4K pages', 'restore 2M with 4K pages');
    expect(costs.get('optimise 1G with 4K pages')).toMatchObject({
      ipis: (8 + 8) * 3,
      hiddenBytes: 128 * MiB,
      dsbs: 8 * 512 + 8 * 3 + 8 * (2 + 512),
    });
    expect(costs.get('restore 2M with 4K pages')).toMatchObject({ ipis: 3, windows: 7, hiddenBytes: (7 * MiB) / 4 });
  });

  it('without a break there is no window, but a flush for each step', async () => {
    const costs = await costsUnder('e-three-steps', 'optimise 1G with 4K pages');
    // Two steps for each tail; TLBI by range makes a split one TLBI (v7.2). The head keeps its page.
    expect(costs.get('optimise 1G with 4K pages')).toMatchObject({
      windows: 0,
      inPlace: 2 * 4095 + 8,
      tlbis: 2 * 4095 + 8,
    });
    const trick = await costsUnder('f-access-flag', 'optimise 1G with 4K pages');
    // The block's access flag goes before the table comes.
    expect(trick.get('optimise 1G with 4K pages')).toMatchObject({ windows: 0, inPlace: 2 * 4095 + 16, splits: 8 });
  });
});
