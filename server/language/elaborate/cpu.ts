/** One CPU: its program, and the handlers of its exceptions, once for each nesting depth. */

import { pageShift } from '../../../simulator/machine/granule';
import type { CodeIndex, CpuProgram, Instruction, Interrupt, Site } from '../../../simulator/machine/program';
import type { InterruptMember, Block as SyntaxBlock } from '../ast';
import { physicalOf } from './addressSpace';
import { type Block, CodeGraph, reachable } from './codeGraph';
import {
  type Compiler,
  type Counters,
  ELABORATION_LIMITS,
  type Frame,
  newCounters,
  operandOf,
  type RegisterName,
} from './compiler';
import { CopyOnWriteMap } from './copyOnWrite';
import { removeDeadCode } from './deadCode';
import { evaluate } from './expressions';
import { inline } from './inline';
import { Knowledge, type Round } from './knowledge';
import { linearise, threadConstants } from './linearise';
import { type FaultAddresses, faultWays } from './lowering/faultPath';
import { noteOverwrites } from './overwrites';
import { stopperFunctions, stopperInterrupt } from './regions';
import { allocateRegisters } from './registers';
import type { SiteTable } from './sites';
import { Diagnostics, type Source } from './source';
import { emptyState, type State } from './state';
import { execute } from './statements';
import { inRegister, type Value, zero } from './value';
import type { World } from './world';

/** A CPU of a scenario. */
export interface CpuText {
  readonly index: number;
  readonly number: number;
  /** `cpu 1`, or `cpu 1..3` for equal ones. */
  readonly name: string;
  readonly shared: boolean;
  readonly bodies: readonly SyntaxBlock[];
  readonly interrupts: readonly InterruptText[];
  /** Registers that the text of the CPU assigns; and those that more than one of its codes assigns. */
  readonly registers: readonly string[];
  readonly volatileRegisters: ReadonlySet<string>;
}

export interface InterruptText {
  readonly name: string;
  readonly delivery: Interrupt['delivery'];
  readonly times: number;
  /** Absent for the stopper, whose text is in the library. */
  readonly member?: InterruptMember;
}

export interface CpuContext {
  readonly world: World;
  readonly sites: SiteTable;
  readonly source: Source;
  readonly round: Round;
}

export interface CompiledCpu {
  readonly program: CpuProgram;
  /** The user's registers: index in this list is the register. */
  readonly registers: readonly string[];
  readonly allocations: number;
}

/** The library's function for exceptions from the kernel itself. */
const faultEntry = 'el1_abort';

/** A CPU's blocks; `finish` makes its code of them, which is worth the time only for blocks that stay. */
export interface MadeCpu {
  readonly exhausted: boolean;
  readonly making: Making;
  readonly main: Piece<Block>;
  readonly copies: Piece<readonly HandlerCopy[]> | undefined;
  readonly pieces: readonly Piece<unknown>[];
  finish(siteOf: (site: Site) => Site): CompiledCpu;
}

/** What stays over all rounds while a CPU is made. */
interface Making {
  readonly graph: CodeGraph;
  readonly counters: Counters;
  readonly registers: ReadonlyMap<string, RegisterName>;
}

function begin({ world }: CpuContext, cpu: CpuText): Making {
  const graph = new CodeGraph();
  const counters = newCounters();
  graph.isStructural = pmdCells(world);
  const registers = new Map<string, RegisterName>();
  for (const name of cpu.registers) {
    const variable = counters.variables++;
    const register = graph.register();
    registers.set(name, { variable, register });
    graph.homes.set(variable, register);
  }
  return { graph, counters, registers };
}

/**
 * Makes the blocks of a CPU, or takes those of the round `before` where they would come out the same. `withHandlers` is
 * false while it is only found out what the program itself touches.
 */
export function makeCpu(
  context: CpuContext,
  cpu: CpuText,
  withHandlers: boolean,
  before: MadeCpu | undefined,
): MadeCpu {
  const making = before?.making ?? begin(context, cpu);
  const { graph, counters } = making;
  graph.made = 0;
  counters.steps = 0;
  counters.allocations = 0;
  const main = makePiece(context, cpu, making, before?.main, (compilerFor) =>
    compileMain(context, compilerFor('program', true), cpu),
  );
  const stays = before !== undefined && sameAddresses(context, before.main, main);
  const copies = withHandlers
    ? makePiece(context, cpu, making, stays ? before.copies : undefined, (compilerFor) =>
        compileCopies(context, compilerFor, cpu, main.made),
      )
    : undefined;
  const { allocations, exhausted } = counters;
  return {
    exhausted,
    making,
    main,
    copies,
    pieces: copies === undefined ? [main] : [main, copies],
    finish: (siteOf) => finishCpu(context, cpu, making.registers, main.made, copies?.made ?? [], allocations, siteOf),
  };
}

/** A part of a CPU's code that is made at one go, and what has to be known to tell whether it stays. */
interface Piece<Made> {
  readonly made: Made;
  readonly knowledge: readonly Knowledge[];
  readonly sites: readonly Site[];
  readonly diagnostics: Diagnostics;
  readonly spent: { readonly steps: number; readonly instructions: number; readonly allocations: number };
  /** Pages that were given for good, before it and by it. */
  readonly given: { readonly before: number; readonly pages: number };
}

function makePiece<Made>(
  { world, sites, round }: CpuContext,
  cpu: CpuText,
  { graph, counters, registers }: Making,
  before: Piece<Made> | undefined,
  make: (compilerFor: CompilerFor) => Made,
): Piece<Made> {
  if (before?.given.before === round.given.pages && before.knowledge.every((one) => one.holdsIn(round))) {
    for (const one of before.knowledge) one.tell(round);
    graph.made += before.spent.instructions;
    counters.steps += before.spent.steps;
    counters.allocations += before.spent.allocations;
    round.given.pages += before.given.pages;
    return before;
  }
  const knowledge: Knowledge[] = [];
  const diagnostics = new Diagnostics();
  const compilerFor: CompilerFor = (code, fromStart) => {
    const known = new Knowledge(round, nameOfCode(cpu.index, code), cpu.shared, world.unsettled);
    knowledge.push(known);
    const compiler: Compiler = {
      world,
      graph,
      sites,
      diagnostics,
      cpu: cpu.index,
      cpuNumber: cpu.number,
      shared: cpu.shared,
      fromStart,
      knowledge: known,
      given: round.given,
      registers,
      volatileRegisters: cpu.volatileRegisters,
      truths: new Set(),
      equalities: new Map(),
      interruptible: cpu.interrupts.length > 0,
      activeConstants: new Set(),
      counters,
      evaluate: (frame, state, expression) => evaluate(compiler, frame, state, expression),
      execute: (frame, state, block) => execute(compiler, frame, state, block),
    };
    return compiler;
  };
  const { steps, allocations } = counters;
  const { made: instructions } = graph;
  const { pages } = round.given;
  const asked = sites.collect();
  const made = make(compilerFor);
  return {
    made,
    knowledge,
    sites: asked,
    diagnostics,
    spent: {
      steps: counters.steps - steps,
      instructions: graph.made - instructions,
      allocations: counters.allocations - allocations,
    },
    given: { before: pages, pages: round.given.pages - pages },
  };
}

/** Whether two programs of a CPU can fault at the same addresses, so that its handlers stay. */
function sameAddresses(context: CpuContext, before: Piece<Block>, now: Piece<Block>): boolean {
  if (before === now) return true;
  const [old, fresh] = [faultAddresses(context, [before.made]), faultAddresses(context, [now.made])];
  return (
    old.others === fresh.others &&
    old.known.length === fresh.known.length &&
    old.known.every((address, i) => address === fresh.known[i])
  );
}

/** Tells whether a word of physical memory is a level 2 descriptor. */
function pmdCells({ environment }: World): (word: bigint) => boolean {
  const pages = new Set(environment.tables.tables.filter(({ level }) => level === 2).map(({ at }) => at));
  const shift = BigInt(pageShift(environment.configuration.granule));
  return (word) => pages.has((word >> shift) << shift);
}

/** Lays the blocks of a CPU out, and gives them real registers. */
function finishCpu(
  context: CpuContext,
  cpu: CpuText,
  registers: ReadonlyMap<string, RegisterName>,
  main: Block,
  copies: readonly HandlerCopy[],
  allocations: number,
  siteOf: (site: Site) => Site,
): CompiledCpu {
  const entries: Block[] = [
    main,
    ...copies.flatMap(({ fault, interrupts }) => [...(fault ? [fault] : []), ...interrupts]),
  ];
  const pinned = [...registers.values()].map((one) => one.register);
  removeDeadCode(entries, new Set(pinned));
  for (const entry of entries) threadConstants(entry);
  removeDeadCode(entries, new Set(pinned));
  const linear = linearise(entries);
  const entryOf = (block: Block): number => entries.indexOf(block);
  const first = copies.map(({ fault, interrupts }) => entryOf((fault ?? interrupts[0]) as Block));
  const parts = [0, ...first].map((entry) => ({ from: linear.entries[entry] as CodeIndex }));
  const { space, plan, configuration } = context.world.environment;
  // Entries of page tables and struct pages; a variable means what its scenario makes of it.
  const counts = (address: bigint): boolean => {
    const physical = physicalOf(space, address);
    if (physical === undefined) return address >= space.vmemmapStart && address < space.vmemmapEnd;
    return physical < plan.data || physical >= plan.tails;
  };
  const code = context.world.oneRun ? linear.code : noteOverwrites(linear.code, linear.entries, counts);
  const allocated = allocateRegisters(code, linear.entries, parts, pinned);
  const at = (block: Block): CodeIndex => allocated.entries[entryOf(block)] as CodeIndex;
  return {
    program: {
      name: `cpu ${cpu.number}`,
      code: allocated.code.map((one) => withSite(one, siteOf(one.site))),
      registers: allocated.registers,
      initial: new Map(),
      faults: { kind: 'handler', entries: copies.flatMap(({ fault }) => (fault ? [at(fault)] : [])) },
      interrupts: cpu.interrupts.map((interrupt, i) => ({
        name: interrupt.name,
        entries: copies.map(({ interrupts }) => at(interrupts[i] as Block)),
        // Without priority masking there are no pseudo-NMIs: such a handler comes as any interrupt.
        delivery: interrupt.delivery === 'nmi' && !configuration.pseudo_nmi ? 'irq' : interrupt.delivery,
        times: interrupt.times,
      })),
      hardwareAccessFlag: configuration.hw_af,
      hardwareDirtyState: configuration.hw_dbm,
    },
    registers: [...registers.keys()],
    allocations,
  };
}

function withSite(instruction: Instruction, site: Site): Instruction {
  return instruction.site === site ? instruction : { ...instruction, site };
}

/** The handlers for exceptions at one nesting depth. */
interface HandlerCopy {
  /** Absent where no code that runs there can fault. */
  readonly fault: Block | undefined;
  readonly interrupts: readonly Block[];
}

/** Names the code of a CPU, its program or one of its handlers, in what is found out about who writes what. */
function nameOfCode(cpu: number, code: string): string {
  return `${cpu} ${code}`;
}

/** Whether code that a name stands for is a CPU's. */
export function isCodeOf(name: string, cpu: number): boolean {
  return name.startsWith(nameOfCode(cpu, ''));
}

type CompilerFor = (code: string, fromStart: boolean) => Compiler;

/**
 * Copies of the handlers, one set a nesting depth, as long as something can be interrupted there. Fault entries must
 * have no gap: a deeper copy is there only where the one above is.
 */
function compileCopies(
  context: CpuContext,
  compilerFor: CompilerFor,
  cpu: CpuText,
  main: Block,
): readonly HandlerCopy[] {
  const copies: HandlerCopy[] = [];
  let running: readonly Block[] = [main];
  let faultsSoFar = true;
  for (let depth = 0; depth < ELABORATION_LIMITS.nesting && running.length > 0; depth++) {
    const addresses = faultAddresses(context, running);
    const canFault = addresses.others || addresses.known.length > 0;
    faultsSoFar = faultsSoFar && (canFault || cpu.interrupts.length > 0);
    const fault = faultsSoFar
      ? compileHandler(context, compilerFor(`fault ${depth}`, false), 'fault path', (compiler, frame, state) =>
          faultWays(compiler, frame, state, addresses).flatMap((way) => callLibrary(compiler, frame, way, faultEntry)),
        )
      : undefined;
    const interrupts = cpu.interrupts.map((interrupt) => compileInterrupt(context, compilerFor, interrupt, depth));
    running = [...(fault === undefined ? [] : [fault]), ...interrupts];
    if (running.length > 0) copies.push({ fault, interrupts });
  }
  return copies;
}

/** Where the code may go through translation: anywhere but at known addresses of the linear map. */
function faultAddresses({ world }: CpuContext, entries: readonly Block[]): FaultAddresses {
  const known = new Set<bigint>();
  let others = false;
  for (const block of reachable(entries)) {
    const accesses: readonly Instruction[] =
      block.end?.kind === 'nofault' ? [...block.instructions, block.end.access] : block.instructions;
    for (const access of accesses) {
      if (access.kind !== 'access' && access.kind !== 'wait') continue;
      const base = access.kind === 'access' ? access.base : access.address;
      if (base.kind === 'register') others = true;
      else if (physicalOf(world.environment.space, base.value) === undefined) known.add(base.value);
    }
  }
  return { known: [...known].sort((a, b) => (a < b ? -1 : 1)), others };
}

function newState(compiler: Compiler, block: Block): State {
  const variables = new CopyOnWriteMap<number, Value>();
  for (const [name, { variable, register }] of compiler.registers) {
    const known = compiler.fromStart && !compiler.volatileRegisters.has(name);
    variables.set(variable, known ? zero : inRegister(register));
  }
  return emptyState(block, variables);
}

function newFrame(context: CpuContext, name: string, inFunction: boolean): Frame {
  const span = { start: 0, end: 0 };
  const stack = context.sites.root(name);
  return {
    source: context.source,
    stack,
    active: [],
    scope: { names: new Map(), outer: undefined },
    span,
    site: context.sites.site(stack, context.source, span),
    inFunction,
  };
}

function compileMain(context: CpuContext, compiler: Compiler, cpu: CpuText): Block {
  const { graph } = compiler;
  const entry = graph.block();
  const frame = newFrame(context, cpu.name, false);
  let states: readonly State[] = [newState(compiler, entry)];
  const ends: State[] = [];
  for (const body of cpu.bodies) {
    states = states.flatMap((state) =>
      compiler.execute(frame, state, body).flatMap((exit) => {
        if (exit.kind === 'next') return [exit.state];
        ends.push(exit.state);
        return [];
      }),
    );
  }
  for (const state of [...states, ...ends]) graph.end(state.block, { kind: 'end', site: frame.site });
  return entry;
}

type HandlerBody = (compiler: Compiler, frame: Frame, state: State) => readonly State[];

/** A handler ends with a return from the exception, to the fix-up where the fault path found one. */
function compileHandler(context: CpuContext, compiler: Compiler, name: string, body: HandlerBody): Block {
  const { graph } = compiler;
  const entry = graph.block();
  const frame = newFrame(context, name, true);
  const { site } = frame;
  for (const state of body(compiler, frame, newState(compiler, entry))) {
    if (state.fixup.kind === 'number') {
      graph.end(state.block, { kind: 'eret', toFixup: state.fixup.value !== 0n, site });
      continue;
    }
    const condition = operandOf(compiler, frame, state, state.fixup);
    const [ifTrue, ifFalse] = [graph.block(), graph.block()];
    graph.end(state.block, { kind: 'branch', condition, ifTrue, ifFalse, site });
    graph.end(ifTrue, { kind: 'eret', toFixup: true, site });
    graph.end(ifFalse, { kind: 'eret', toFixup: false, site });
  }
  return entry;
}

function callLibrary(compiler: Compiler, frame: Frame, state: State, name: string): readonly State[] {
  const declared = compiler.world.declarations.functions.get(name);
  if (declared === undefined) return [state];
  return inline(compiler, frame, state, declared, [], declared.item.name.span).map((way) => way.state);
}

function compileInterrupt(
  context: CpuContext,
  compilerFor: CompilerFor,
  interrupt: InterruptText,
  depth: number,
): Block {
  const compiler = compilerFor(`${interrupt.name} ${depth}`, false);
  const { member } = interrupt;
  if (member === undefined) {
    return compileHandler(context, compiler, stopperInterrupt, (made, frame, state) =>
      callLibrary(made, frame, state, stopperFunctions.wait),
    );
  }
  return compileHandler(context, compiler, `${interrupt.delivery} ${interrupt.name}`, (made, frame, state) =>
    made.execute({ ...frame, inFunction: false }, state, member.body).map((exit) => exit.state),
  );
}
