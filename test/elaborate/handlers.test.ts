import { describe, expect, it } from 'vitest';
import { describeInstruction } from '../../server/language/elaborate/listing';
import type { CpuProgram, Instruction } from '../../simulator/machine/program';
import { finalValues, scenarioOf } from './check';

const huge = 'hugepage H { size 2M at 0x1_0000_0000 vmemmap pages } var V = 0';
const cpuOf = (text: string, index = 0) => scenarioOf(`${huge} ${text}`).program.cpus[index] as CpuProgram;
const faultEntries = (cpu: CpuProgram) => (cpu.faults.kind === 'handler' ? cpu.faults.entries : []);

/** Registers that the code from one index up to another uses. */
function registersOf(cpu: CpuProgram, from: number, to: number): ReadonlySet<string> {
  const words = cpu.code.slice(from, to).map((one: Instruction) => describeInstruction(one, []));
  return new Set(words.flatMap((one) => one.match(/\bx\d+\b/g) ?? []));
}

describe('exception handlers', () => {
  it('are not there on a CPU that cannot fault', () => {
    const cpu = cpuOf('scenario "s" { cpu 0 { store(V, 1); } }');
    expect(faultEntries(cpu)).toEqual([]);
    expect(cpu.code).toHaveLength(2);
  });

  it('have a copy for the program, and more only where the copy can fault itself', () => {
    expect(faultEntries(cpuOf('scenario "s" { cpu 0 { load(H.start); } }'))).toHaveLength(1);
    const text = `scenario "s" { on fault vmemmap_handle_page_fault
      cpu 0 { load(H.start); }
      cpu 1 { WRITE_ONCE(*pmd_off_k(H.start), none); } }`;
    expect(faultEntries(cpuOf(text)).length).toBeGreaterThan(1);
  });

  it('know the address when there are few that can fault', () => {
    const cpu = cpuOf('scenario "s" { cpu 0 { load(H.page(64).flags); } }');
    const words = cpu.code.map((one) => describeInstruction(one, []));
    expect(words.some((one) => one.endsWith('translate 0xfffffc0003001000 for reading'))).toBe(true);
  });

  it('have one copy a nesting depth, with registers of their own', () => {
    const cpu = cpuOf(`scenario "s" { on fault vmemmap_handle_page_fault
      cpu 0 { r0 = load(V); load(H.start); }
      irq tick on cpu 0 { let a = load(V); store(V, a + load(H.page(1).flags)); } }`);
    const interrupt = cpu.interrupts[0] as CpuProgram['interrupts'][number];
    expect(interrupt.entries).toHaveLength(3);
    const starts = [...faultEntries(cpu), ...interrupt.entries, cpu.code.length].sort((a, b) => a - b);
    const copies = interrupt.entries.map((start) => {
      const next = starts.find((other) => other > start) as number;
      return registersOf(cpu, start, next);
    });
    for (const [i, one] of copies.entries()) {
      for (const other of copies.slice(i + 1)) expect([...one].filter((register) => other.has(register))).toEqual([]);
    }
  });

  it('come once if nothing is said, K times with `times K`, and only when sent with `times 0`', () => {
    const cpu = cpuOf(
      `machine { pseudo_nmi yes }
       scenario "s" { cpu 0 { } irq a on cpu 0 { } irq b on cpu 0 times 3 { } nmi c on cpu 0 times 0 { } }`,
    );
    expect(cpu.interrupts.map(({ name, times, delivery }) => [name, times, delivery])).toEqual([
      ['a', 1, 'irq'],
      ['b', 3, 'irq'],
      ['c', 0, 'nmi'],
    ]);
  });

  it('share the registers of the user with the program', () => {
    const text = `scenario "s" { cpu 0 { r0 = 1; r1 = r0; local_irq_disable(); r2 = r0; } irq tick on cpu 0 { r0 = 5; } }`;
    expect(finalValues(`${huge} ${text}`, 'r2')).toEqual([1n, 5n]);
  });

  it('reach other CPUs by name', () => {
    const { program } =
      scenarioOf(`${huge} scenario "s" { cpu 0 { send_ipi(2, b); send_ipi_others(a); } cpu 1 { } cpu 2 { }
      irq a on cpu 1 times 0 { } irq a on cpu 2 times 0 { } irq b on cpu 2 times 0 { } }`);
    const words = program.cpus[0]?.code.map((one) => describeInstruction(one, []));
    expect(words?.slice(0, 3)).toEqual([
      'send interrupt 1 to CPU index 2',
      'send interrupt 0 to CPU index 1',
      'send interrupt 0 to CPU index 2',
    ]);
  });

  it('stop the machine with a stopper on every CPU', () => {
    const { program } = scenarioOf('scenario "s" { cpu 0 { stop_machine { } } cpu 1 { } cpu 2 { } }');
    expect(program.cpus.map((cpu) => cpu.interrupts.map((one) => one.delivery))).toEqual([
      ['stopper'],
      ['stopper'],
      ['stopper'],
    ]);
  });

  it('are one code for equal CPUs', () => {
    const { program } = scenarioOf(
      `${huge} scenario "s" { cpu 0 { store(V, 1); } cpu 1..3 { r0 = load(V); load(H.start); } }`,
    );
    expect(program.cpus[2]?.code).toBe(program.cpus[1]?.code);
    expect(program.cpus.map((cpu) => cpu.name)).toEqual(['cpu 0', 'cpu 1', 'cpu 2', 'cpu 3']);
  });
});
