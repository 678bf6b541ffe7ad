/** A scenario as a litmus test in herd7's AArch64 VMSA format. */

import type { ClaimCondition } from '../../language/elaborate/claims';
import type { ElaboratedScenario } from '../../language/elaborate/scenario';
import { reachOf, translatesDirectly } from '../promela/reach';
import { type Exported, UnsaidList, unsaidLine } from '../unsaid';
import { type ConditionParts, conditionText } from './condition';
import { descriptorText, isOrdinary, numberText, unsaidBits } from './constants';
import { locationText, type ThreadText, threadText } from './thread';
import { type Variable, type Variables, variablesOf } from './variables';

export interface ExportedTest extends Exported {
  /** The claim that the condition is, by its place among those of the scenario, from 1; 0: none of them. */
  readonly claim: number;
}

export function exportLitmus(scenario: ElaboratedScenario): ExportedTest {
  const { program } = scenario;
  const unsaid = new UnsaidList(scenario.sites);
  const nothing = (): ExportedTest => ({ output: undefined, unsaid: unsaid.list, claim: 0 });
  // The kernel's fault path is left out: a fault ends a CPU.
  const reach = reachOf({
    ...program,
    cpus: program.cpus.map((cpu) => ({ ...cpu, faults: { kind: 'fatal' }, interrupts: [] })),
  });
  if (reach.exceeded !== undefined) {
    unsaid.prevented('values that the text does not bound', reach.exceeded);
    return nothing();
  }
  const translated = new Set<bigint>();
  program.cpus.forEach(({ code }, cpu) => {
    code.forEach((i, at) => {
      const point = reach.points[cpu]?.[at];
      if (point === undefined || (i.kind !== 'access' && i.kind !== 'wait')) return;
      const of = (operand: { kind: string } & object): readonly bigint[] => {
        const one = operand as { kind: 'value'; value: bigint } | { kind: 'register'; register: number };
        if (one.kind === 'value') return [one.value];
        return [...(point.registers[one.register] ?? [])].map((value) => reach.values.get(value));
      };
      const bases = i.kind === 'access' ? of(i.base) : of(i.address);
      const offsets = i.kind === 'access' ? of(i.offset) : [0n];
      for (const base of bases)
        for (const offset of offsets)
          if (translatesDirectly(program, base + offset) === undefined) translated.add(base + offset);
    });
  });
  const variables = variablesOf(reach, scenario.world, [...translated], unsaid);
  if (unsaid.prevents) return nothing();
  const threads = program.cpus.map((_, cpu) => threadText(scenario, reach, variables, cpu, unsaid));
  const parts: ConditionParts = { reach, variables, threads };
  limits(scenario, reach, variables, unsaid);
  const condition = chosenCondition(scenario, parts, unsaid);
  if (unsaid.prevents) return nothing();
  const lines = [
    `AArch64 ${testName(scenario.name)}`,
    `"${scenario.name.replace(/"/g, "'")}"`,
    ...metadata(scenario),
    ...comment(scenario, unsaid, condition.claim),
    '{',
    ...initialState(parts, program.initialWord),
    ...threads.flatMap((thread) => thread.initial.map((item) => ` ${item};`)),
    '}',
    ...columns(threads),
    ...locations(parts),
    ...filters(threads),
    condition.text,
  ];
  return { output: `${lines.join('\n')}\n`, unsaid: unsaid.list, claim: condition.claim };
}

function testName(name: string): string {
  const plain = name.replace(/[^\w.+-]+/g, '-').replace(/^-+|-+$/g, '');
  return plain === '' ? 'scenario' : plain;
}

function metadata({ program }: ElaboratedScenario): readonly string[] {
  const ets = program.switches.enhancedTranslationSynchronisation;
  const variants = ['vmsa', 'fatal', ...(ets === 0 ? [] : [`ets${ets}`])];
  const managed = (name: 'HA' | 'HD', has: (cpu: (typeof program.cpus)[number]) => boolean) =>
    program.cpus.flatMap((cpu, t) => (has(cpu) ? [`P${t}:${name}`] : []));
  const tthm = [
    ...managed('HA', (cpu) => cpu.hardwareAccessFlag && !cpu.hardwareDirtyState),
    ...managed('HD', (cpu) => cpu.hardwareDirtyState),
  ];
  return [`Variant=${variants.join(',')}`, ...(tthm.length === 0 ? [] : [`TTHM=${tthm.join(' ')}`])];
}

function comment(scenario: ElaboratedScenario, unsaid: UnsaidList, claim: number): readonly string[] {
  const text = scenario.claims[claim - 1]?.text.replace(/\s+/g, ' ');
  const lines = [
    'Written by hvo export --format litmus.',
    ...(text === undefined ? [] : [`The condition is: ${text}`]),
    ...(unsaid.list.length === 0 ? [] : ['Not said:', ...unsaid.list.map((one) => `  ${unsaidLine(one)}`)]),
  ];
  return ['(*', ...lines.map((line) => ` * ${line.replace(/\(\*|\*\)/g, '*')}`), ' *)'];
}

/** What is left out of every test. */
function limits(
  { program, world, expected }: ElaboratedScenario,
  reach: ConditionParts['reach'],
  variables: Variables,
  unsaid: UnsaidList,
): void {
  if (
    program.cpus.some(({ faults }) => faults.kind === 'handler') &&
    variables.list.some(({ page }) => page !== undefined)
  )
    unsaid.leftOut("the kernel's fault path", 'a fault ends the CPU, and the test observes it (`Variant=fatal`)');
  program.cpus.forEach(({ interrupts }, cpu) => {
    for (const { name } of interrupts)
      unsaid.leftOut(`the interrupt \`${name}\` of CPU ${world.cpuNumbers[cpu] ?? cpu}`, 'herd7 has no interrupts');
  });
  if (expected.length > 0) unsaid.leftOut('`=> …` behind an access', 'a test has one condition');
  if (program.switches.bbm !== 0) unsaid.leftOut('FEAT_BBM', 'herd7 has one size of pages');
  for (const { entry, name } of variables.list) {
    const all = entry === undefined ? [] : [...reach.valuesOf(entry)].map((value) => reach.values.get(value));
    if (all.some((a) => all.some((b) => unsaidBits(a, b) !== 0n)))
      unsaid.leftOut(
        `bits in which the entries of ${name} differ`,
        'herd7 has fields for af, db, dbm, el0 and valid only',
      );
  }
}

/** The first claim that the format can say; the others are listed. */
function chosenCondition(scenario: ElaboratedScenario, parts: ConditionParts, unsaid: UnsaidList) {
  let chosen: { readonly text: string; readonly claim: number } | undefined;
  const faults = parts.threads.flatMap((thread, t) =>
    thread.accesses.map(({ label, variable }) => `fault(P${t}:${label},${variable.name})`),
  );
  const isMended = scenario.world.hook !== undefined && faults.length > 0;
  scenario.claims.forEach(({ quantifier, condition, text }, i) => {
    const said = conditionText(parts, condition);
    const plain = text.replace(/\s+/g, ' ');
    if (typeof said !== 'string') unsaid.leftOut(`the claim \`${plain}\``, said.problem);
    else if (said === 'false' || said === 'true')
      unsaid.leftOut(`the claim \`${plain}\``, 'nothing in the test can tell');
    else if (chosen !== undefined) unsaid.leftOut(`the claim \`${plain}\``, 'a test has one condition');
    else
      chosen = {
        text: `${{ never: '~exists', sometimes: 'exists', always: 'forall' }[quantifier]} ${parenthesised(
          isMended && !speaksOfEvents(condition) ? withoutFaults(said, quantifier, faults, unsaid) : said,
        )}`,
        claim: i + 1,
      };
  });
  if (chosen !== undefined) return chosen;
  return { text: faults.length === 0 ? 'forall (true)' : `exists (${faults.join(' \\/ ')})`, claim: 0 };
}

function speaksOfEvents(condition: ClaimCondition): boolean {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return speaksOfEvents(condition.left) || speaksOfEvents(condition.right);
    case 'not':
      return speaksOfEvents(condition.operand);
    default:
      return condition.kind !== 'value';
  }
}

/** Where the kernel mends faults a claim about values is one of executions that go on; in the test a fault ends its CPU. */
function withoutFaults(
  said: string,
  quantifier: 'never' | 'sometimes' | 'always',
  faults: readonly string[],
  unsaid: UnsaidList,
): string {
  unsaid.leftOut('executions in which an access faults', 'the condition asks nothing of them: a fault ends the CPU');
  const some = faults.join(' \\/ ');
  return quantifier === 'always' ? `(${said} \\/ ${some})` : `(${said} /\\ ~(${some}))`;
}

function parenthesised(text: string): string {
  return text.startsWith('(') && closes(text) ? text : `(${text})`;
}

/** Whether the first parenthesis is closed by the last one. */
function closes(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return i === text.length - 1;
  }
  return false;
}

function initialState(
  { reach, variables, threads }: ConditionParts,
  initialWord: (word: bigint) => bigint,
): readonly string[] {
  const lines: string[] = [];
  const word = (variable: Variable, offset: bigint): string => numberText(initialWord(variable.frame + offset));
  for (const variable of variables.list) {
    const { name, offsets, entry } = variable;
    if (variables.isArray(variable))
      lines.push(
        ` uint64_t ${name}[${offsets.length}]={${offsets.map((offset) => word(variable, offset)).join(',')}};`,
      );
    else lines.push(` uint64_t ${name}=${word(variable, offsets[0] ?? 0n)};`);
    if (entry === undefined) continue;
    const initial = reach.values.get(reach.values.of(initialWord(reach.values.get(entry))));
    if (!isOrdinary(initial, variable)) lines.push(` [PTE(${name})]=${descriptorText(initial, variable, variables)};`);
  }
  const locks = new Set(
    threads.flatMap(({ initial }) => initial.flatMap((item) => /=(lock\d+)$/.exec(item)?.[1] ?? [])),
  );
  for (const lock of [...locks].sort()) lines.push(` uint64_t ${lock}=0;`);
  return lines;
}

/** Rows of the program, columns of equal width. */
function columns(threads: readonly ThreadText[]): readonly string[] {
  const cells = threads.map(({ lines }, t) => [`P${t}`, ...lines]);
  const rows = Math.max(...cells.map((column) => column.length));
  const widths = cells.map((column) => Math.max(...column.map((cell) => cell.length)));
  return Array.from(
    { length: rows },
    (_, row) => ` ${cells.map((column, t) => (column[row] ?? '').padEnd(widths[t] as number)).join(' | ')} ;`,
  );
}

/** Registers of the user, entries and words that the scenario looks at. */
function locations({ reach, variables, threads }: ConditionParts): readonly string[] {
  const items: string[] = [];
  for (const o of reach.program.observe) {
    if (o.kind === 'register') items.push(threads[o.cpu]?.registerOf(o.register) ?? '');
    if (o.kind !== 'word') continue;
    const own = variables.ofEntry(reach.values.of(o.physicalAddress));
    const place = variables.ofWord(o.physicalAddress);
    if (own !== undefined) items.push(`[PTE(${own.name})]`);
    else if (place !== undefined) items.push(locationText(place, variables));
  }
  threads.forEach((thread, t) => {
    for (const { label, variable } of thread.accesses) items.push(`fault(P${t}:${label},${variable.name})`);
  });
  const unique = [...new Set(items)].filter((item) => item !== '');
  return unique.length === 0 ? [] : [`locations [${unique.join('; ')};]`];
}

function filters(threads: readonly ThreadText[]): readonly string[] {
  const all = threads.flatMap((thread) => thread.filters);
  return all.length === 0 ? [] : [`filter (${all.join(' /\\ ')})`];
}
