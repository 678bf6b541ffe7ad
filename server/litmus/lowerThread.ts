/** One thread of a litmus test, its handler included, as code of a CPU. */

import type { FaultMode } from '../../simulator/machine/program';
import { type BuilderContext, CodeBuilder, type SiteInfo } from './codeBuilder';
import { conditionsUsed } from './flags';
import { lowerAccess } from './lowerAccess';
import { lowerArithmetic } from './lowerArithmetic';
import { lowerControl } from './lowerControl';
import { type Definitions, definitionsOf } from './registerUse';
import type { Settings } from './settings';
import type { AssemblyInstruction, Column, Constant, FaultType, LitmusProblem, LitmusTest } from './test';
import { codeAddress } from './world';

const memoryFaults: readonly FaultType[] = ['Translation', 'AccessFlag', 'Permission'];

export interface Thread {
  readonly number: number;
  readonly builder: CodeBuilder;
  readonly faults: FaultMode;
  readonly instructions: readonly AssemblyInstruction[];
  readonly definitions: Definitions;
  readonly constants: ReadonlyMap<number, Constant>;
  readonly initial: Map<number, bigint>;
}

/** Lowers a thread; its sites are added to `sites`. */
export function lowerThread(
  test: LitmusTest,
  main: Column,
  settings: Settings,
  sized: boolean,
  sites: SiteInfo[],
): Thread | LitmusProblem {
  const { thread } = main;
  const handler = test.columns.find((c) => c.handler && c.thread === thread);
  const columns = handler === undefined ? [main] : [main, handler];
  const instructions = columns.flatMap((c) => c.instructions);
  const definitions = definitionsOf(columns);
  const constants = registerConstants(test, thread);
  const context: BuilderContext = {
    thread,
    definitions,
    initial: new Map([...constants].map(([r, c]) => [r, c.kind === 'number' ? c.value : -1n & ~(-1n << 64n)])),
    sized,
    conditions: conditionsUsed(instructions),
    faultVariant: handler === undefined ? settings.faults : 'handler',
    privilegedPages: test.initial.some(({ values }) =>
      values.some((value) => value.kind === 'descriptor' && value.descriptor.el0 === 0),
    ),
    handlerSetsReturn: handler?.instructions.some((i) => i.mnemonic === 'MSR') ?? false,
  };
  const builder = new CodeBuilder(context);
  let entry = 0;
  for (const column of columns) {
    if (column.handler) {
      builder.emit({ kind: 'end' });
      entry = builder.code.length;
    }
    const refused = lowerColumn(column, builder, sites);
    if (refused !== undefined) return refused;
  }
  const missing = builder.resolve((index) => codeAddress(thread, index));
  if (missing !== undefined)
    return { kind: 'syntax', message: `expected a label \`${missing}\` in P${thread}`, ...main };
  return {
    number: thread,
    builder,
    faults: faultMode(handler, entry, settings),
    instructions,
    definitions,
    constants,
    initial: new Map(),
  };
}

function faultMode(handler: Column | undefined, entry: number, settings: Settings): FaultMode {
  if (handler !== undefined) return { kind: 'handler', entries: [entry] };
  return { kind: settings.faults === 'handled' ? 'retryOnce' : settings.faults };
}

function lowerColumn(column: Column, builder: CodeBuilder, sites: SiteInfo[]): LitmusProblem | undefined {
  const { thread } = column;
  for (let index = 0; index <= column.instructions.length; index++) {
    const labels = column.labels.filter((l) => l.index === index).map((l) => l.name);
    for (const label of labels) {
      if (builder.labels.has(label))
        return { kind: 'syntax', message: `the label \`${label}\` stands in P${thread} twice`, ...column };
      builder.labels.set(label, builder.code.length);
    }
    const i = column.instructions[index];
    if (i === undefined) continue;
    builder.startSite(sites.length);
    const result = lowerAccess(i, builder);
    const faults: readonly FaultType[] =
      result === 'done'
        ? memoryFaults
        : i.mnemonic === 'SVC'
          ? ['SupervisorCall']
          : i.mnemonic === 'UDF'
            ? ['UndefinedInstruction']
            : [];
    sites.push({ thread, labels, instruction: i, faults });
    const done = result ?? lowerArithmetic(i, builder) ?? lowerControl(i, builder);
    if (done === undefined)
      return { kind: 'unsupported', message: `the instruction ${i.text}`, line: i.line, column: i.column };
    if (done !== 'done') return { ...done, line: i.line, column: i.column };
  }
  return undefined;
}

/** Initial values of a thread's registers, as written. */
function registerConstants(test: LitmusTest, thread: number): ReadonlyMap<number, Constant> {
  const constants = new Map<number, Constant>();
  for (const { location, values } of test.initial) {
    const [value] = values;
    if (location.kind === 'register' && location.thread === thread && value !== undefined)
      constants.set(location.register, value);
  }
  return constants;
}
