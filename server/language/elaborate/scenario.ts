/** One scenario: from its text to a program, the claims about it, and the places that both refer to. */

import { entrySpan, pageBytes } from '../../../simulator/machine/granule';
import { MAX_INTERRUPTS } from '../../../simulator/machine/layout';
import type { CpuProgram, Observable, Program } from '../../../simulator/machine/program';
import type { CpuMember, ExpectationMember, Expression, InterruptMember, ScenarioItem, Span } from '../ast';
import { visitStatements } from '../walk';
import { physicalOf } from './addressSpace';
import type { Claim, ExpectedAccess } from './claims';
import { CodeGraph } from './codeGraph';
import { elaborationCodes } from './codes';
import { type Assumption, type Compiler, ELABORATION_LIMITS, type Frame, newCounters } from './compiler';
import { constantValue } from './constantExpression';
import { type CompiledCpu, type CpuText, type InterruptText, isCodeOf, type MadeCpu, makeCpu } from './cpu';
import { collectDeclarations, type Declarations, declaredAtTop } from './declarations';
import { initialWord, poolPage, translationOf } from './environment';
import { readExpectations } from './expectations';
import { evaluate } from './expressions';
import { type AccessRecord, firstRound, Knowledge, nextRound, noRecord, type Round } from './knowledge';
import { maximumPool, maximumPoolInOneRun } from './memoryPlan';
import { assignedRegisters, calls, reachableBlocks, stopsMachine } from './reach';
import { stopperInterrupt } from './regions';
import { isWithin, type SiteInfo, SiteTable } from './sites';
import { Diagnostics, type LocatedDiagnostic, type Source } from './source';
import { emptyState } from './state';
import { execute } from './statements';
import { constantsOf, makeWorld, type World } from './world';

export interface ElaboratedScenario {
  readonly name: string;
  /** The title in the user's file, and the whole scenario. */
  readonly span: Span;
  readonly extent: Span;
  readonly program: Program;
  readonly claims: readonly Claim[];
  readonly expected: readonly ExpectedAccess[];
  /** By `Instruction.site`. */
  readonly sites: readonly SiteInfo[];
  readonly world: World;
  /** The user's registers of each CPU: name by register. */
  readonly registers: readonly (readonly string[])[];
  /** Words that were taken as known because nobody was seen to write them; an exploration that sees a write disproves it. */
  readonly assumptions: readonly Assumption[];
  /** False when an error was found: the program is not what the text means. */
  readonly isUsable: boolean;
  readonly diagnostics: readonly LocatedDiagnostic[];
}

export interface ScenarioContext {
  readonly main: Source;
  readonly used: readonly Source[];
  readonly library: readonly Source[];
  /** Other scenarios of the file have another library. */
  readonly librariesDiffer: boolean;
  /** Words of physical memory that no assumption may be made about. */
  readonly unsettled: ReadonlySet<bigint>;
  readonly oneRun: boolean;
}

interface Shape {
  readonly cpus: readonly CpuText[];
  readonly cpuNumbers: readonly number[];
  readonly hook: string | undefined;
}

/** Elaborates a scenario. Never throws; what is wrong is in the diagnostics. */
export function elaborateScenario(context: ScenarioContext, item: ScenarioItem): ElaboratedScenario {
  const diagnostics = new Diagnostics();
  const declarations = collectDeclarations(item, context.main, context.used, context.library);
  const shape = shapeOf(context.main, item, declarations, diagnostics);
  const world = makeWorld(
    declarations,
    {
      hook: shape.hook,
      cpuNumbers: shape.cpuNumbers,
      unsettled: context.unsettled,
      librariesDiffer: context.librariesDiffer,
      oneRun: context.oneRun,
      interrupts: shape.cpus.flatMap((cpu) =>
        cpu.interrupts.map(({ name }, index) => ({ name, cpu: cpu.index, index })),
      ),
    },
    diagnostics,
  );
  const ofWorld = [...diagnostics.list];
  // What a statement says of a huge page that is not there follows from why it is not.
  const isWhole = !ofWorld.some((one) => one.severity === 'error');
  setVariables(context, world, diagnostics);
  const expectations = (made: MadeCpus, into: Diagnostics) =>
    readExpectations(
      {
        world,
        source: context.main,
        diagnostics: into,
        registers: made.cpus.map((cpu) => cpu.registers),
        constant: (expression) => constantOf(context, world, into, expression),
      },
      item.members.filter((member): member is ExpectationMember => member.kind === 'expectation'),
    );
  let made = makeCpus(context, world, shape, item, diagnostics, noRecord());
  if (made.copies && !context.oneRun) {
    const looked = observedWords(world, expectations(made, new Diagnostics()).observe);
    if (looked !== undefined) made = makeCpus(context, world, shape, item, diagnostics, looked);
  }
  const { claims, observe } = expectations(made, diagnostics);
  const { environment } = world;
  const { configuration } = environment;
  const wanted = made.cpus.reduce((sum, cpu) => sum + cpu.allocations, 0);
  // In one run a place of the text may allocate any number of pages.
  const allocations = context.oneRun ? maximumPoolInOneRun : Math.min(maximumPool / 2, wanted);
  const program: Program = {
    switches: {
      conflictsHappen: true,
      bbm: configuration.bbm,
      enhancedTranslationSynchronisation: configuration.ets3 ? 3 : configuration.ets2 ? 2 : 0,
      stolenTime: configuration.stolen_time,
      exceptionEntrySynchronises: true,
      exceptionReturnSynchronises: true,
    },
    translation: translationOf(environment),
    cpus: made.cpus.map((cpu): CpuProgram => cpu.program),
    locks: world.locks,
    initialWord: (physicalAddress) => initialWord(environment, physicalAddress),
    freePages: Array.from({ length: allocations }, (_, i) => poolPage(environment, i)),
    pageBytes: pageBytes(configuration.granule),
    observe,
    tables: environment.tables.tables.map(({ at, level, base }) => ({ physicalAddress: at, level, base })),
    structPages: environment.parts.map(({ frames }) => ({
      physicalAddress: frames,
      bytes: entrySpan(configuration.granule, 2),
    })),
    descriptors: contestedDescriptors(world, shape, made.writers),
  };
  const list = isWhole ? [...diagnostics.list, ...made.diagnostics] : ofWorld;
  return {
    name: item.title.value,
    span: item.title.span,
    extent: item.span,
    program,
    claims,
    expected: expectedAccesses(context.main, item, made.sites),
    sites: made.sites,
    world,
    registers: made.cpus.map((cpu) => cpu.registers),
    assumptions: [...made.assumptions.values()],
    isUsable: !list.some((one) => one.severity === 'error'),
    diagnostics: list,
  };
}

/** The CPUs of a scenario, and what can interrupt them. */
function shapeOf(main: Source, item: ScenarioItem, declarations: Declarations, diagnostics: Diagnostics): Shape {
  const members = item.members.filter((member): member is CpuMember => member.kind === 'cpu' && member.cpus.first >= 0);
  const interrupts = item.members.filter(
    (member): member is InterruptMember => member.kind === 'interrupt' && member.cpus.first >= 0,
  );
  const hook = item.members.find((member) => member.kind === 'onFault');
  const numbers = new Set<number>();
  for (const { cpus } of [...members, ...interrupts]) {
    for (let number = cpus.first; number <= Math.min(cpus.last, cpus.first + maximumCpus); number++) {
      numbers.add(number);
      if (numbers.size !== maximumCpus + 1) continue;
      const message = `a scenario has ${maximumCpus} CPUs at most; every one multiplies what there is to explore`;
      diagnostics.error(elaborationCodes.tooLong, { source: main, span: cpus.span }, message);
    }
  }
  const cpuNumbers = [...numbers].sort((a, b) => a - b).slice(0, maximumCpus);
  const bodies = [...members, ...interrupts].map((member) => member.body);
  const stopped = stopsMachine(reachableBlocks(bodies, declarations.functions));
  const times = new Map(interrupts.map((member) => [member, timesOf(main, member, declarations, diagnostics)]));
  const most = MAX_INTERRUPTS - (stopped ? 1 : 0);
  const cpus = cpuNumbers.map((number, index) => {
    const own = interrupts.filter(({ cpus: { first, last } }) => first <= number && number <= last);
    const tooMany = own[most];
    if (tooMany !== undefined) {
      const message = `cpu ${number} has ${own.length} interrupts; at most ${most} can be pending at once${stopped ? ', beside that of stop_machine' : ''}. Give several of them one handler`;
      diagnostics.error(elaborationCodes.tooLong, { source: main, span: tooMany.name.span }, message);
    }
    return cpuText(number, index, members, own.slice(0, most), times, declarations, stopped, cpuNumbers);
  });
  return { cpus, cpuNumbers, hook: hook?.handler.name };
}

/** A state record holds CPUs as bits of a word; more than a few are never explored to the end anyway. */
const maximumCpus = 16;

const sends: ReadonlySet<string> = new Set(['send_ipi', 'send_ipi_others']);

function cpuText(
  number: number,
  index: number,
  members: readonly CpuMember[],
  interrupts: readonly InterruptMember[],
  times: ReadonlyMap<InterruptMember, number>,
  declarations: Declarations,
  stopped: boolean,
  cpuNumbers: readonly number[],
): CpuText {
  const isOn = ({ cpus }: { readonly cpus: { readonly first: number; readonly last: number } }) =>
    cpus.first <= number && number <= cpus.last;
  const own = members.filter(isOn);
  const handlers = interrupts.filter(isOn);
  const range = own[0]?.cpus;
  const isRange = range !== undefined && range.first !== range.last;
  const reached = reachableBlocks(
    own.map((member) => member.body),
    declarations.functions,
  );
  const consecutive = cpuNumbers.every((one, i) => one === i);
  const shared = isRange && consecutive && !stopped && handlers.length === 0 && !calls(reached, sends);
  const inHandlers = new Set(handlers.flatMap((member) => assignedRegisters(member.body)));
  return {
    index,
    number,
    name: isRange ? `cpu ${range.first}..${range.last}` : `cpu ${number}`,
    shared,
    bodies: own.map((member) => member.body),
    interrupts: [
      ...handlers.map(
        (member): InterruptText => ({
          name: member.name.name,
          delivery: member.delivery,
          times: times.get(member) ?? 1,
          member,
        }),
      ),
      ...(stopped ? [{ name: stopperInterrupt, delivery: 'stopper' as const, times: 0 }] : []),
    ],
    registers: [...new Set([...own.flatMap((member) => assignedRegisters(member.body)), ...inHandlers])],
    volatileRegisters: inHandlers,
  };
}

/** More than this is never needed to show anything, and never explored to the end. */
const maximumTimes = 100n;

/** How often an interrupt comes by itself: once where the text says nothing. */
function timesOf(
  main: Source,
  { times }: InterruptMember,
  declarations: Declarations,
  diagnostics: Diagnostics,
): number {
  if (times === undefined || times.kind === 'missing') return 1;
  const value = constantValue(times, constantsOf(declarations, new Map()));
  if (value !== undefined && value <= maximumTimes) return Number(value);
  const message = `how often an interrupt may come is a constant of at most ${maximumTimes}; a few times show what there is`;
  diagnostics.error(elaborationCodes.notConstant, { source: main, span: times.span }, message);
  return 1;
}

interface MadeCpus {
  readonly cpus: readonly CompiledCpu[];
  readonly sites: readonly SiteInfo[];
  readonly diagnostics: readonly LocatedDiagnostic[];
  readonly assumptions: ReadonlyMap<bigint, Assumption>;
  /** Words that are written by an address that is known, and the code that does it. */
  readonly writers: AccessRecord['writers'];
  /** Some page is copied or cleared, and which words move is settled. */
  readonly copies: boolean;
}

/** The words that claims look at, as accesses to them; undefined when there are none. */
function observedWords({ environment: { space } }: World, observe: readonly Observable[]): AccessRecord | undefined {
  const looked = noRecord();
  const mask = pageBytes(space.granule) - 1n;
  for (const o of observe) {
    if (o.kind === 'word') looked.words.set(o.physicalAddress & ~mask, new Set());
    if (o.kind === 'translatedWord') looked.offsets.add(o.virtualAddress & mask & ~7n);
  }
  for (const o of observe)
    if (o.kind === 'word') looked.words.get(o.physicalAddress & ~mask)?.add(o.physicalAddress & mask & ~7n);
  return looked.words.size + looked.offsets.size === 0 ? undefined : looked;
}

/**
 * Descriptors of vmemmap that several CPUs write: what they do to each other's entries counts whether or not a third one
 * walks them.
 */
function contestedDescriptors(
  { environment }: World,
  { cpus }: Shape,
  writers: AccessRecord['writers'],
): NonNullable<Program['descriptors']> {
  const page = pageBytes(environment.configuration.granule);
  const descriptors: { physicalAddress: bigint; level: number; base: bigint }[] = [];
  for (const { start } of environment.parts) {
    const pmd = environment.tables.cellOf(start, 2);
    const table = environment.tables.cellOf(start, 3);
    for (const [word, names] of writers) {
      const first = cpus.filter(({ index }) => [...names].some((name) => isCodeOf(name, index)));
      // Equal CPUs have their code made once, for the first of them.
      if (first.length < 2 && !first.some(({ shared }) => shared)) continue;
      if (word === pmd) descriptors.push({ physicalAddress: word, level: 2, base: start });
      if (table !== undefined && word >= table && word < table + page)
        descriptors.push({ physicalAddress: word, level: 3, base: start + ((word - table) / 8n) * page });
    }
  }
  return descriptors;
}

/**
 * Makes the programs of all CPUs, again and again until what they touch and write is what was assumed when they were
 * made: copies of pages move only words that somebody accesses, and words that nobody else writes are known. `looked` is
 * what claims look at.
 */
function makeCpus(
  context: ScenarioContext,
  world: World,
  shape: Shape,
  item: ScenarioItem,
  outer: Diagnostics,
  looked: AccessRecord,
): MadeCpus {
  const sites = new SiteTable();
  let made: readonly MadeCpu[] = [];
  let settled = true;
  let round: Round = { ...firstRound(), known: looked };
  for (let n = 1; ; n++) {
    const before = made;
    const cpuContext = { world, sites, source: context.main, round };
    const groups = new Map<string, MadeCpu>();
    made = shape.cpus.map((cpu, i): MadeCpu => {
      const same = cpu.shared ? groups.get(cpu.name) : undefined;
      if (same !== undefined) return same;
      const one = makeCpu(cpuContext, cpu, n > 1, before[i]);
      groups.set(cpu.name, one);
      return one;
    });
    const next = nextRound(round);
    if ((n > 1 && next === undefined) || made.some((cpu) => cpu.exhausted)) break;
    if (n === ELABORATION_LIMITS.rounds) {
      settled = false;
      outer.error(
        elaborationCodes.tooLong,
        { source: context.main, span: item.title.span },
        `what the CPUs access did not settle in ${n} rounds of elaboration; is there a copy_page() to an address that depends on another one?`,
      );
      break;
    }
    round = next ?? { ...firstRound(), known: round.known };
  }
  return { ...finishAll(shape, made, sites, round.found.writers), copies: settled && made.some(copiesPages) };
}

function copiesPages({ pieces }: MadeCpu): boolean {
  return pieces.some(({ knowledge }) => knowledge.some((one) => one.copies));
}

/** The code of every CPU; equal CPUs have the same. Sites of code that did not stay are left out. */
function finishAll(
  shape: Shape,
  made: readonly MadeCpu[],
  sites: SiteTable,
  writers: AccessRecord['writers'],
): Omit<MadeCpus, 'copies'> {
  const different = [...new Set(made)];
  const pieces = different.flatMap((cpu) => cpu.pieces);
  const used = [...new Set(pieces.flatMap((piece) => piece.sites))];
  const numbers = new Map(used.map((site, i) => [site, i]));
  const finished = new Map(different.map((cpu) => [cpu, cpu.finish((site) => numbers.get(site) ?? 0)]));
  const diagnostics = new Diagnostics();
  const assumptions = new Map<bigint, Assumption>();
  for (const piece of pieces) {
    diagnostics.add(piece.diagnostics);
    for (const { assumptions: some } of piece.knowledge) for (const [word, one] of some) assumptions.set(word, one);
  }
  return {
    cpus: made.map((one, i) => {
      const compiled = finished.get(one) as CompiledCpu;
      const { number } = shape.cpus[i] as CpuText;
      return { ...compiled, program: { ...compiled.program, name: `cpu ${number}` } };
    }),
    sites: used.map((site) => sites.infos[site] as SiteInfo),
    diagnostics: diagnostics.list,
    assumptions,
    writers,
  };
}

/** Initial values of `var` items go into memory. */
function setVariables(context: ScenarioContext, world: World, diagnostics: Diagnostics): void {
  for (const [name, { item, source }] of world.declarations.variables) {
    const address = world.objects.get(name);
    if (address?.kind !== 'number' || item.value.kind === 'missing') continue;
    const physical = physicalOf(world.environment.space, address.value);
    const value = constantOf({ ...context, main: source }, world, diagnostics, item.value);
    if (value === undefined)
      diagnostics.error(
        elaborationCodes.notConstant,
        { source, span: item.value.span },
        `the value that ${name} starts with must be known before the scenario runs`,
      );
    else if (physical !== undefined && value !== 0n) world.environment.data.set(physical, value);
  }
}

/** The value of an expression that may name everything in the scenario but registers; undefined when it needs to run. */
function constantOf(
  context: ScenarioContext,
  world: World,
  diagnostics: Diagnostics,
  expression: Expression,
): bigint | undefined {
  const graph = new CodeGraph();
  const compiler: Compiler = {
    world,
    graph,
    sites: new SiteTable(),
    diagnostics,
    cpu: 0,
    cpuNumber: 0,
    shared: false,
    fromStart: true,
    knowledge: new Knowledge(firstRound(), 'none', false, new Set()),
    registers: new Map(),
    volatileRegisters: new Set(),
    truths: new Set(),
    equalities: new Map(),
    interruptible: false,
    activeConstants: new Set(),
    counters: newCounters(),
    given: { pages: 0 },
    evaluate: (frame, state, inner) => evaluate(compiler, frame, state, inner),
    execute: (frame, state, inner) => execute(compiler, frame, state, inner),
  };
  const frame: Frame = {
    source: context.main,
    stack: compiler.sites.root('expectation'),
    active: [],
    scope: { names: new Map(), outer: undefined },
    span: expression.span,
    site: 0,
    inFunction: true,
  };
  const state = emptyState(graph.block());
  const [way] = evaluate(compiler, frame, state, expression);
  if (way === undefined || graph.made > 0) return undefined;
  if (way.value.kind === 'page') return way.value.page.at;
  return way.value.kind === 'number' ? way.value.value : undefined;
}

/** Statements of the scenario and its file that say which outcomes their accesses have. */
function expectedAccesses(main: Source, item: ScenarioItem, infos: readonly SiteInfo[]): readonly ExpectedAccess[] {
  const found: ExpectedAccess[] = [];
  const bodies = item.members.flatMap((member) =>
    member.kind === 'cpu' || member.kind === 'interrupt' || member.kind === 'fn' ? [member.body] : [],
  );
  const functions = declaredAtTop(main).flatMap((one) => (one.kind === 'fn' ? [one.body] : []));
  for (const body of [...bodies, ...functions]) {
    visitStatements(body, (statement) => {
      const { expected } = statement;
      if (expected === undefined) return;
      const place = { source: main, span: statement.span };
      const sites = infos.flatMap((info, site) => (isWithin(info, place) ? [site] : []));
      found.push({
        statement: statement.span,
        span: expected.span,
        outcomes: expected.outcomes.map(({ outcome, level }) => ({
          word: outcome.word,
          ...(level === undefined ? {} : { level: level.level }),
        })),
        sites,
      });
    });
  }
  return found;
}
