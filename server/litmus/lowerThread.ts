/** One thread of a litmus test, its handler included, as code of a CPU. */

import type { FaultMode } from '../../simulator/machine/program';
import { type BuilderContext, CodeBuilder, type SiteInfo } from './codeBuilder';
import { OUTPUT_MASK } from './descriptor';
import { conditionsUsed } from './flags';
import { foreignInstruction } from './foreignInstructions';
import { lowerAccess } from './lowerAccess';
import { lowerArithmetic } from './lowerArithmetic';
import { lowerCall, placesOf } from './lowerCall';
import { lowerControl } from './lowerControl';
import { codePage, instructionPage, type ModifiedCode, normalInstruction, refusedUse } from './modifiedCode';
import { type Definitions, definitionsOf } from './registerUse';
import type { Settings } from './settings';
import type { AssemblyInstruction, Column, Constant, FaultType, LitmusProblem, LitmusTest } from './test';
import { codeAddress, type Page } from './world';

const memoryFaults: readonly FaultType[] = ['Translation', 'AccessFlag', 'Permission'];

export interface Thread {
  readonly number: number;
  readonly builder: CodeBuilder;
  readonly faults: FaultMode;
  readonly instructions: readonly AssemblyInstruction[];
  readonly definitions: Definitions;
  readonly constants: ReadonlyMap<number, Constant>;
  readonly initial: Map<number, bigint>;
  /** The instruction that each modified label begins with, as names of pages. */
  readonly originals: ReadonlyMap<string, string>;
}

/** What a thread needs to know of the whole test. */
export interface Surroundings {
  /** Accesses have the size of their register. */
  readonly sized: boolean;
  readonly modified: ModifiedCode;
  readonly pages: ReadonlyMap<string, Page>;
}

/** Lowers a thread; its sites are added to `sites`. */
export function lowerThread(
  test: LitmusTest,
  main: Column,
  settings: Settings,
  { sized, modified, pages }: Surroundings,
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
    conditions: conditionsUsed([...instructions, ...modified.instructions]),
    modifiesCode: modified.labels.size > 0,
    faultVariant: handler === undefined ? settings.faults : 'handler',
    places: placesOf(columns),
    qualified: qualifiedTlbis([...instructions, ...modified.instructions]),
    wideNumbers: hasWideNumbers(test),
    privilegedPages: test.initial.some(({ values }) =>
      values.some((value) => value.kind === 'descriptor' && value.descriptor.el0 === 0),
    ),
    handlerReadsReturn: handler?.instructions.some((i) => /^MRS .*ELR_EL1$/i.test(i.text)) ?? false,
    handlerSetsReturn: handler?.instructions.some((i) => i.mnemonic === 'MSR') ?? false,
  };
  const builder = new CodeBuilder(context);
  const originals = new Map<string, string>();
  let entry = 0;
  for (const column of columns) {
    const refusedCode = refusedUse(column, modified, settings.cleansItself, constants);
    if (refusedCode !== undefined) return refusedCode;
    if (column.handler) {
      builder.emit({ kind: 'end' });
      entry = builder.code.length;
    }
    const refused = lowerColumn({ column, builder, sites, modified, pages, originals });
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
    originals,
  };
}

function faultMode(handler: Column | undefined, entry: number, settings: Settings): FaultMode {
  if (handler !== undefined) return { kind: 'handler', entries: [entry] };
  return { kind: settings.faults === 'handled' ? 'retryOnce' : settings.faults };
}

/** TLBIs with nXS: a DSB with nXS completes no others. */
function qualifiedTlbis(instructions: readonly AssemblyInstruction[]): BuilderContext['qualified'] {
  const tlbis = instructions.filter((i) => i.mnemonic === 'TLBI');
  const qualified = tlbis.filter(({ operands: [name] }) => name?.kind === 'name' && /NXS$/i.test(name.name));
  return { some: qualified.length > 0, all: qualified.length === tlbis.length };
}

/** Instructions that make large numbers of small ones. */
const makesWide =
  /^(?:SUBS?|NEGS?|SBC|NGC|REV(?:16|32)?|RBIT|MVN|MOVN|MOVK|ORN|EON|CSETM|CSINV|CSNEG|CINV|CNEG|LSL|ROR|SXT[BHW]|LDRS[BHW]|M(?:UL|ADD|SUB|NEG))$/;

/** Whether a test has numbers of more than 32 bits, which W names do not see whole. Addresses and descriptors are none. */
function hasWideNumbers({ initial, columns }: LitmusTest): boolean {
  const wide = (value: bigint): boolean => value < 0n || value >= 1n << 32n;
  if (initial.some(({ values }) => values.some((value) => value.kind === 'number' && wide(value.value)))) return true;
  return columns.some(({ instructions }) =>
    instructions.some((i) => {
      const [target] = i.operands;
      if (target?.kind === 'register' && target.wide && makesWide.test(i.mnemonic)) return true;
      return i.operands.some((o) => o.kind === 'immediate' && wide(o.value));
    }),
  );
}

interface ColumnWork {
  readonly column: Column;
  readonly builder: CodeBuilder;
  readonly sites: SiteInfo[];
  readonly modified: ModifiedCode;
  readonly pages: ReadonlyMap<string, Page>;
  readonly originals: Map<string, string>;
}

function lowerColumn(work: ColumnWork): LitmusProblem | undefined {
  const { column, builder } = work;
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
    const page = labels.map((name) => codePage(thread, name)).find((name) => work.modified.labels.has(name));
    const refused = page === undefined ? lowerInstruction(i, labels, work) : lowerModified(i, labels, page, work);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function lowerInstruction(
  i: AssemblyInstruction,
  labels: readonly string[],
  { column, builder, sites }: ColumnWork,
): LitmusProblem | undefined {
  builder.startSite(sites.length);
  const begin = builder.code.length;
  const result = lowerAccess(i, builder);
  const faults: readonly FaultType[] =
    result === 'done'
      ? memoryFaults
      : i.mnemonic === 'SVC'
        ? ['SupervisorCall']
        : i.mnemonic === 'UDF'
          ? ['UndefinedInstruction']
          : [];
  sites.push({ thread: column.thread, labels, instruction: i, faults });
  if (result === 'done' && builder.makeWhole(begin) && builder.context.handlerReadsReturn && !column.handler) {
    const message = `ELR_EL1 in the handler, for a fault of \`${i.text}\`, which is several steps here`;
    return { kind: 'unsupported', message, line: i.line, column: i.column };
  }
  const done = result ?? lowerArithmetic(i, builder) ?? lowerCall(i, builder) ?? lowerControl(i, builder);
  if (done === undefined)
    return { kind: 'unsupported', message: foreignInstruction(i), line: i.line, column: i.column };
  return done === 'done' ? undefined : { ...done, line: i.line, column: i.column };
}

/** Fetches what the label has now, or had, and does that: each instruction that may be there stands behind a branch. */
function lowerModified(
  i: AssemblyInstruction,
  labels: readonly string[],
  name: string,
  work: ColumnWork,
): LitmusProblem | undefined {
  const { builder, sites, modified, pages } = work;
  const page = pages.get(name) as Page;
  work.originals.set(name, instructionPage(i.text));
  builder.startSite(sites.length);
  const fetched = builder.scratch('fetched');
  builder.emit({
    kind: 'translate',
    address: { kind: 'value', value: page.address },
    write: false,
    destination: fetched,
    fetches: true,
  });
  builder.arithmetic('and', fetched, { kind: 'register', register: fetched }, { kind: 'value', value: OUTPUT_MASK });
  const others = modified.instructions.filter((one) => normalInstruction(one.text) !== normalInstruction(i.text));
  const end = `${name} end`;
  for (const other of others) {
    const next = `${name} not ${other.text}`;
    const isThis = builder.scratch('fetched is');
    const { frame } = pages.get(instructionPage(other.text)) as Page;
    builder.arithmetic('equal', isThis, { kind: 'register', register: fetched }, { kind: 'value', value: frame });
    builder.emitTo(next, {
      kind: 'branch',
      condition: { kind: 'register', register: isThis },
      whenZero: true,
      target: 0,
    });
    const refused = lowerInstruction(other, labels, work);
    if (refused !== undefined) return refused;
    builder.emitTo(end, { kind: 'jump', target: 0 });
    builder.labels.set(next, builder.code.length);
  }
  const refused = lowerInstruction(i, labels, work);
  builder.labels.set(end, builder.code.length);
  return refused;
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
