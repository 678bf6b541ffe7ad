/** What the tests of the elaboration stand on: text in, a program in words or an exploration's result out. */

import { expect } from 'vitest';
import { type ElaborateOptions, type Elaboration, elaborate } from '../../server/language/elaborate/elaborate';
import { describeInstruction } from '../../server/language/elaborate/listing';
import type { ElaboratedScenario } from '../../server/language/elaborate/scenario';
import type { Source } from '../../server/language/elaborate/source';
import { parse } from '../../server/language/parse';
import { explore } from '../../simulator/explore/explore';

export function sourceOf(text: string): Source {
  const parsed = parse(text);
  expect(parsed.diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
  return { uri: 'test.hvo', parsed, origin: 'user' };
}

export function elaborated(text: string, options: ElaborateOptions = {}): Elaboration {
  return elaborate(sourceOf(text), options);
}

/** The only scenario of a text that has no mistakes. */
export function scenarioOf(text: string): ElaboratedScenario {
  const { scenarios, diagnostics } = elaborated(text);
  expect(diagnostics.filter((one) => one.severity === 'error').map((one) => one.message)).toEqual([]);
  expect(scenarios).toHaveLength(1);
  return scenarios[0] as ElaboratedScenario;
}

/** The statements of `cpu 0` around which a test needs nothing else. */
export function cpu(statements: string): string {
  return `hugepage H { size 2M at 0x1_0000_0000 vmemmap pages }
var V = 7
var W = 0
lock L : spin
scenario "s" { cpu 0 { ${statements} } }`;
}

/** What a CPU does, in words; handlers are left out. */
export function programOf(text: string, index = 0): readonly string[] {
  const { program, registers } = scenarioOf(text);
  const { code, faults, interrupts } = program.cpus[index] as (typeof program.cpus)[number];
  const handlers = [...(faults.kind === 'handler' ? faults.entries : []), ...interrupts.flatMap((one) => one.entries)];
  const end = Math.min(code.length, ...handlers);
  return code.slice(0, end).map((instruction) => describeInstruction(instruction, program.locks, registers[index]));
}

/** Messages about a text, each with the text that it is about. */
export function complaintsOf(text: string): readonly string[] {
  return elaborated(text).diagnostics.map(
    ({ source, span, message }) => `${source.parsed.text.slice(span.start, span.end)}: ${message}`,
  );
}

/** Values of a register of CPU 0 that executions end with. */
export function finalValues(text: string, register: string): readonly bigint[] {
  const { program, registers } = scenarioOf(text);
  const index = registers[0]?.indexOf(register) ?? -1;
  const result = explore({ ...program, observe: [{ kind: 'register', cpu: 0, register: index }] });
  expect(result.complete).toBe(true);
  return result.outcomes.map((outcome) => outcome.values[0] as bigint).sort((a, b) => (a < b ? -1 : 1));
}
