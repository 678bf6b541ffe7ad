import { describe, expect, it } from 'vitest';
import type { Io } from '../../cli/io';
import { run } from '../../cli/litmus';

const remap = `AArch64 remap
Variant=vmsa,fatal
{
 [x]=1; [y]=2;
 0:X0=(oa:PA(y)); 0:X1=PTE(x);
 1:X1=x;
}
 P0          | P1              ;
 STR X0,[X1] | L0: LDR W0,[X1] ;
             | L1: LDR W2,[X1] ;
locations [1:X0; PTE(x); fault(P1:L0,x);]
~exists (1:X0=2 /\\ 1:X2=1)
`;

const fault = `AArch64 fault
{
 [PTE(x)]=(valid:0); 0:X1=x;
}
 P0              ;
 L0: LDR W0,[X1] ;
forall (fault(P0:L0,x) /\\ 0:X0=0)
`;

const tagged = `AArch64 tagged\nVariant=memtag\n{\n}\n P0 ;\n NOP ;\nexists (0:X0=0)\n`;

/** Files under /t, and what a verb prints. */
function host(files: Readonly<Record<string, string>>): { io: Io; out: () => string; err: () => string } {
  let out = '';
  let err = '';
  const io: Io = {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    readText: async (path) => files[path.replace(/^.*\/t\//, '')] as string,
    writeText: async () => undefined,
    exists: async (path) => path === '/t' || path.replace(/^.*\/t\//, '') in files,
    isDirectory: async (path) => path === '/t',
    list: async () => Object.keys(files).sort(),
  };
  return { io, out: () => out, err: () => err };
}

const head = 'name\tfile\tcategory\tkind\tkind_ets2\therd7_observed\therd7_states\therd7_flags\n';

describe('hvo litmus', () => {
  it('prints in the form of herd7', async () => {
    const { io, out } = host({ 'a.litmus': remap, 'b.litmus': fault });
    expect(await run(['/t'], io)).toBe(0);
    expect(out()).toBe(`Test remap Forbidden
States 4
1:X0=1; 1:X2=1; [PTE(x)]=(oa:PA(y)); ~Fault(P1:L0,x);
1:X0=1; 1:X2=2; [PTE(x)]=(oa:PA(y)); ~Fault(P1:L0,x);
1:X0=2; 1:X2=1; [PTE(x)]=(oa:PA(y)); ~Fault(P1:L0,x);
1:X0=2; 1:X2=2; [PTE(x)]=(oa:PA(y)); ~Fault(P1:L0,x);
No
Witnesses
Positive: 3 Negative: 1
Flag Warning-BBM-expected
Condition ~exists (1:X0=2 /\\ 1:X2=1)
Observation remap Sometimes 1 3
/t/a.litmus:9:2: remap: break-before-make: P0 makes PTE(x) (oa:PA(y)) while P0, P1 may still use (oa:PA(x)) (Arm ARM RWHZWS 2); missing: invalid value, dsb(ishst) before the TLBI, TLBI, dsb(ish) after the TLBI, before line 9 (\`STR X0,[X1]\`)

Test fault Required
States 1
0:X0=0; Fault(P0:L0,x,MMU:Translation);
Ok
Witnesses
Positive: 1 Negative: 0
Condition forall (fault(P0:L0,x) /\\ 0:X0=0)
Observation fault Always 1 0

`);
  });

  it('says what it cannot run and where, and fails', async () => {
    const { io, out } = host({ 'c.litmus': tagged });
    expect(await run(['/t/c.litmus'], io)).toBe(1);
    expect(out()).toBe('/t/c.litmus:2:1: tagged: not supported: memory tagging (Variant=memtag)\n');
  });

  it('counts agreement by category, and names what does not agree', async () => {
    const manifest = `${head}remap\ta.litmus\tBBM\tAllowed\t\tSometimes\t4\tWarning-BBM-expected\nfault\tb.litmus\tfaults\tRequired\t\tAlways\t2\t\ntagged\tc.litmus\tfaults\tForbidden\t\t\t\t\n`;
    const { io, out } = host({ 'a.litmus': remap, 'b.litmus': fault, 'c.litmus': tagged, 'm.tsv': manifest });
    expect(await run(['/t', '--manifest', '/t/m.tsv'], io)).toBe(1);
    expect(out().split('\n')).toEqual([
      'fault: states: here Always, 1 state',
      '/t/c.litmus:2:1: tagged: not supported: memory tagging (Variant=memtag)',
      '',
      'category  tests  agree  false alarm  miss  states differ  no reference  incomplete  unsupported  flags agree',
      'BBM           1      1            0     0              0             0           0            0       1 of 1',
      'faults        2      0            0     0              1             0           0            1       1 of 1',
      'all           3      1            0     0              1             0           0            1       2 of 2',
      '',
    ]);
  });

  it('tells false alarms from misses', async () => {
    const manifest = `${head}remap\ta.litmus\tBBM\tForbidden\t\t\t\t\nfault\tb.litmus\tfaults\t\t\tNever\t\t\n`;
    const { io, out } = host({ 'a.litmus': remap, 'b.litmus': fault.replace('0:X0=0', '0:X0=1'), 'm.tsv': manifest });
    expect(await run(['/t', '--manifest', '/t/m.tsv'], io)).toBe(1);
    expect(out()).toContain('remap: falseAlarm: here Sometimes, 4 states');
    expect(out()).not.toContain('fault: ');
  });

  it('says what a manifest cannot mean, where it stands, and compares the rest', async () => {
    const manifest = `name\tfile\tcategory\tkind\therd7_observed\therd7_state\tmeaning\nremap\ta.litmus\tBBM\tAlowed\tSometime\t4\tits own\nfault\tb.litmus\tfaults\tRequire\tTIMEOUT\n`;
    const { io, out, err } = host({ 'a.litmus': remap, 'b.litmus': fault, 'm.tsv': manifest });
    expect(await run(['/t', '--manifest', '/t/m.tsv'], io)).toBe(2);
    expect(err().split('\n')).toEqual([
      "/t/m.tsv:1: there is no column 'herd7_state'; did you mean 'herd7_states'?",
      "/t/m.tsv:2: 'kind': expected Required, Allowed or Forbidden, or nothing, found 'Alowed'",
      "/t/m.tsv:2: 'herd7_observed': expected Never, Sometimes or Always, or nothing, found 'Sometime'",
      '',
    ]);
    expect(out()).toContain('remap: noReference: here Sometimes, 4 states');
    expect(out()).toMatch(/all +2 +1 +0 +0 +0 +1 /);
  });

  it('prints one JSON document', async () => {
    const { io, out } = host({ 'a.litmus': remap, 'c.litmus': tagged });
    await run(['/t', '--json', '--ets2'], io);
    const document = JSON.parse(out());
    expect(document.settings).toEqual({ ets: 2, faults: 'fatal' });
    expect(document.tests[0]).toMatchObject({
      name: 'remap',
      observation: 'Sometimes',
      positive: 1,
      negative: 3,
      complete: true,
    });
    expect(document.tests[0].states).toHaveLength(4);
    expect(document.tests[1].problem).toEqual({
      kind: 'unsupported',
      message: 'memory tagging (Variant=memtag)',
      line: 2,
      column: 1,
    });
  });

  it('reports a bound that was hit, and fails', async () => {
    const { io, out } = host({ 'a.litmus': remap });
    expect(await run(['/t', '--max-states', '2'], io)).toBe(1);
    expect(out()).toContain('Incomplete: the bound `states` was hit');
    expect(out()).toMatch(/^States \d+\n(.*\n)*?Unknown\nWitnesses\n/m);
    expect(out()).toMatch(/^Observation \S+ Unknown \d+ \d+$/m);
  });

  it('refuses what it cannot use', async () => {
    const { io, err } = host({ 'm.tsv': 'a\tb\n', 'a.litmus': remap });
    expect(await run([], io)).toBe(2);
    expect(await run(['/t/none.litmus'], io)).toBe(2);
    expect(await run(['/t', '--faults', 'ignored'], io)).toBe(2);
    expect(await run(['/t', '--manifest', '/t/m.tsv'], io)).toBe(2);
    expect(err()).toContain('name at least one file or directory');
    expect(err()).toContain('/t/none.litmus: no such file');
    expect(err()).toContain('--faults: expected fatal, handled, skip, found "ignored"');
    expect(err()).toContain('expected a column `name` in the first line of the manifest');
  });

  it('a file that is no litmus test is exit code 2, and the others run', async () => {
    const { io, out } = host({ 'a.litmus': 'junk\n', 'b.litmus': fault, 'c.litmus': tagged });
    expect(await run(['/t'], io)).toBe(2);
    expect(out()).toContain('a.litmus:1:1: expected a header');
    expect(out()).toContain('Test fault');
    const only = host({ 'c.litmus': tagged });
    expect(await run(['/t'], only.io)).toBe(1);
  });

  it('a file that cannot be read is exit code 2, and the others run', async () => {
    const { io, out, err } = host({ 'b.litmus': fault });
    const readText = async (path: string): Promise<string> => {
      if (path.endsWith('a.litmus')) throw Object.assign(new Error('no'), { code: 'EACCES' });
      return io.readText(path);
    };
    const list = async (): Promise<readonly string[]> => ['a.litmus', 'b.litmus'];
    expect(await run(['/t', '--json'], { ...io, readText, list })).toBe(2);
    expect(err()).toBe('hvo litmus: /t/a.litmus: reading it is not allowed\n');
    expect(JSON.parse(out())).toMatchObject({ unreadable: [{ file: '/t/a.litmus' }], tests: [{ name: 'fault' }] });
  });
});
