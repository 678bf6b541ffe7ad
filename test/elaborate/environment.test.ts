import { describe, expect, it } from 'vitest';
import type { ElaboratedScenario } from '../../server/language/elaborate/scenario';
import type { Level } from '../../simulator/machine/granule';
import { complaintsOf, scenarioOf } from './check';

const with48 = (declarations: string, machine = '') =>
  `machine { ${machine} } ${declarations} scenario "s" { cpu 0 { } }`;

/** The frame and protection that a walk of the tables at the start finds, and the word there. */
function walked({ world, program }: ElaboratedScenario, va: bigint) {
  const { tables, configuration } = world.environment;
  for (const level of [2, 3] as Level[]) {
    const cell = tables.cellOf(va, level);
    const descriptor = cell === undefined ? 0n : program.initialWord(cell);
    const isLeaf = (descriptor & 3n) === (level === 3 ? 3n : 1n);
    if (!isLeaf) continue;
    const shift = { '4K': [21n, 12n], '16K': [25n, 14n], '64K': [29n, 16n] }[configuration.granule][
      level - 2
    ] as bigint;
    const frame = ((descriptor & 0xffff_ffff_ffffn) >> shift) << shift;
    return {
      level,
      frame,
      bits: descriptor & ~(0xffff_ffff_ffffn & ~0xfffn),
      word: program.initialWord(frame + (va & ((1n << shift) - 1n))),
    };
  }
  return undefined;
}

const hugePage = (text: string) => {
  const scenario = scenarioOf(text);
  return {
    scenario,
    huge: scenario.world.environment.hugePages[0] as (typeof scenario.world.environment.hugePages)[number],
  };
};

describe('the world that a scenario starts in', () => {
  it.each([
    ['kernel v6.7 granule 4K va_bits 48', '2M', 0xffff_fc00_0300_0000n],
    ['kernel v7.2 granule 4K va_bits 48', '2M', 0xffff_fdff_c300_0000n],
    ['kernel v6.7 granule 4K va_bits 39', '2M', 0xffff_fffe_0300_0000n],
    ['kernel v6.7 granule 16K va_bits 47', '32M', 0xffff_ff80_00c0_0000n],
    ['kernel v7.2 granule 16K va_bits 47', '32M', 0xffff_ffbf_c0c0_0000n],
    ['kernel v6.7 granule 64K va_bits 48', '512M', 0xffff_ffc0_0030_0000n],
    ['kernel v7.2 granule 64K va_bits 48', '512M', 0xffff_ffdf_c030_0000n],
  ])('has the struct page of 4 GiB where Linux has it: %s', (machine, size, start) => {
    const { scenario, huge } = hugePage(with48(`hugepage H { size ${size} at 0x1_0000_0000 vmemmap pages }`, machine));
    expect(huge.start).toBe(start);
    expect(huge.vmemmapPages).toBe(8n);
    const head = walked(scenario, huge.start);
    expect(head?.level).toBe(3);
    expect((head?.word ?? 0n) & 0x40n).toBe(0x40n);
  });

  it('maps vmemmap by pages with real descriptors', () => {
    const { scenario, huge } = hugePage(with48('hugepage H { size 2M at 0x1_0000_0000 vmemmap pages }'));
    const tail = walked(scenario, huge.start + 0x1000n);
    expect(tail?.bits).toBe(0x0068_0000_0000_0703n);
    expect(tail?.word).toBe(0x10_0040_0000n);
  });

  it('maps vmemmap by one block', () => {
    const { scenario, huge } = hugePage(with48('hugepage H { size 2M at 0x1_0000_0000 vmemmap blocks }'));
    expect(walked(scenario, huge.start)).toMatchObject({ level: 2, bits: 0x0068_0000_0000_0701n });
  });

  it('maps the tails of an optimised page read-only to the head', () => {
    const { scenario, huge } = hugePage(with48('hugepage H { size 2M at 0x1_0000_0000 vmemmap pages optimised }'));
    const head = walked(scenario, huge.start);
    const tail = walked(scenario, huge.start + 0x3000n);
    expect(tail?.frame).toBe(head?.frame);
    expect(tail?.bits).toBe(0x0060_0000_0000_0783n);
    expect(head?.bits).toBe(0x0068_0000_0000_0703n);
  });

  it('has struct pages that can be told apart', () => {
    const { scenario, huge } = hugePage(
      with48('hugepage H { size 2M at 0x1_0000_0000 vmemmap pages refcount 3 } page slab at 0x1_0640_0000'),
    );
    const word = (k: bigint, offset: bigint) => walked(scenario, huge.start + k * 64n + offset)?.word;
    expect(word(0n, 0x30n)).toBe((3n << 32n) | 0xffff_ffffn);
    expect(word(1n, 0x08n)).toBe(huge.start + 1n);
    expect(word(5n, 0x18n)).toBe(0xdead_0000_0000_0400n);
    expect(word(0x6400n, 0n)).toBe(0x10_6400_0008n);
  });

  it('reads the upper half of a word at its own address', () => {
    const { scenario, huge } = hugePage(with48('hugepage H { size 2M at 0x1_0000_0000 vmemmap pages refcount 3 }'));
    const frame = walked(scenario, huge.start)?.frame ?? 0n;
    expect(scenario.program.initialWord(frame + 0x34n)).toBe(3n);
  });

  it('keeps clear of memory that the scenario names', () => {
    const { world } = scenarioOf(with48('page a at 0x4800_0000 page b at 0x5060_0000'));
    const { kernel } = world.environment.plan;
    for (const { at } of world.environment.pages) expect(at >= kernel.end || at < kernel.start).toBe(true);
  });

  it('folds levels as the configuration does', () => {
    const { program, world } = scenarioOf(
      with48('hugepage H { size 512M at 0x1_0000_0000 vmemmap pages }', 'granule 64K va_bits 42'),
    );
    expect(world.environment.tables.geometry.topLevel).toBe(2);
    expect(program.translation.root).toBe(world.environment.plan.tables);
  });
});

describe('what cannot be is said', () => {
  it.each([
    ['hugepage H { size 3M at 0x1_0000_0000 vmemmap pages }', '', '3M: with 4K pages a huge page has 64K, 2M, 32M, 1G'],
    [
      'hugepage H { size 2M at 0x1_0010_0000 vmemmap pages }',
      '',
      '0x1_0010_0000: a physical address here is a multiple of 0x200000',
    ],
    ['hugepage H { size 2M at 0 vmemmap pages }', '', '0: memory is from memstart, 0x40000000, up to 0x800040000000'],
    [
      'hugepage A { size 2M at 0x1_0000_0000 vmemmap pages } hugepage B { size 2M at 0x1_0020_0000 vmemmap blocks }',
      '',
      'B: the struct pages of B and A share one 2M part of vmemmap, which is mapped by pages or by a block, not both',
    ],
    [
      'hugepage A { size 2M at 0x1_0000_0000 vmemmap pages } page b at 0x1_0010_0000',
      '',
      'A: A covers 0x100000000 to 0x100200000, where b is too; give it another `at`',
    ],
    [
      'hugepage H { size 32M at 0x1_0000_0000 vmemmap blocks }',
      'granule 16K va_bits 47',
      'vmemmap blocks: vmemmap is never mapped by blocks with 16K pages (vmemmap_populate uses base pages): `vmemmap pages`',
    ],
    [
      '',
      'va_bits 52',
      'va_bits 52: Linux v6.7 with 4K pages has 39, 48 virtual address bits, not 52; 52 bits came with v6.9',
    ],
  ])('%s %s', (declarations, machine, message) => {
    expect(complaintsOf(with48(declarations, machine))).toEqual([message]);
  });
});
