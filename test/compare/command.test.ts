import { describe, expect, it } from 'vitest';
import { hvo } from '../cli/strings';

const files = {
  'mine/readers.hvo': `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "a reader" {
  on fault hook
  cpu 0 { remap(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`,
  'mine/sizes.hvo': `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "one entry" { cpu 0 { remap(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); } }
`,
  'mine/part.hvo': `fn remap(addr, ptep, entry) {
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
}
`,
  'mine/dies.hvo': `// Nobody waits.
use "part.hvo"
fn hook(addr, esr) { return false; }
`,
  'mine/spins.hvo': `// Who faults tries again.
use "part.hvo"
fn hook(addr, esr) { return true; }
`,
};

describe('hvo compare', () => {
  it("compares a folder's files", async () => {
    const { code, stdout, stderr } = await hvo(['compare', 'mine'], files);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.replaceAll(/hvo1:\S+'/g, "SCHEDULE'")).toBe(`approaches
  dies   Nobody waits
  spins  Who faults tries again

readers
  1  a reader

hazards, by reader
         oops-paging  fixed-up  spurious-warn
  dies   1            -         1
  spins  -            1         1

one entry
         TLBI  DSB  ISB  IPI  locks  splits  in place  windows  longest    hides  stop  freed  allocated
  dies      1    3    2    0      0       0         0        1        4  256 KiB     0      0          0
  spins     1    3    2    0      0       0         0        1        4  256 KiB     0      0          0

executions that show them
  dies   oops-paging    1  hvo run mine/readers.hvo --with mine/dies.hvo --scenario 'a reader' --schedule 'SCHEDULE'
  dies   spurious-warn  1  hvo run mine/readers.hvo --with mine/dies.hvo --scenario 'a reader' --schedule 'SCHEDULE'
  spins  fixed-up       1  hvo run mine/readers.hvo --with mine/spins.hvo --scenario 'a reader' --schedule 'SCHEDULE'
  spins  spurious-warn  1  hvo run mine/readers.hvo --with mine/spins.hvo --scenario 'a reader' --schedule 'SCHEDULE'
`);
  });

  it('says what was not explored, and never that it is fine', async () => {
    const { code, stdout } = await hvo(['compare', 'mine', '--hazards', '--max-states', '3'], files);
    expect(code).toBe(1);
    expect(stdout).toMatch(/not explored\n {2}dies .* 1\n/);
    expect(stdout).toMatch(/ {2}dies, a reader: unknown up to \d+ states \(states\)/);
  });

  it('tells mistakes of the texts with their place', async () => {
    const wrong = { ...files, 'mine/dies.hvo': 'fn hook(addr, esr) { return no_such_thing; }\n' };
    const { code, stdout } = await hvo(['compare', 'mine', '--hazards', '--approach', 'dies'], wrong);
    expect(code).toBe(2);
    expect(stdout).toMatch(/dies, a reader: mine\/dies\.hvo:1:\d+: .*no_such_thing/);
  });

  it('says what is missing in a folder, and which names there are', async () => {
    const none = await hvo(['compare', 'other'], { 'other/a.hvo': '' });
    expect(none).toMatchObject({ code: 2 });
    expect(none.stderr).toContain('other: there is neither readers.hvo nor sizes.hvo in it');
    expect((await hvo(['compare', 'mine', '--approach', 'x'], files)).stderr).toContain('there are dies, spins');
    expect((await hvo(['compare', 'mine', '--reader', 'x'], files)).stderr).toContain('there are "a reader"');
  });
});
