/** Pages: allocation, copies, and which of them the scenario looks at. */

import { descriptorBytes, levelsOf, pageBytes, tableIndex } from '../../../../simulator/machine/granule';
import type { AllocateInstruction } from '../../../../simulator/machine/program';
import { type AccessOptions, load, store } from '../access';
import { physicalOf } from '../addressSpace';
import { elaborationCodes } from '../codes';
import { type Compiler, complain, emit, type Frame, operandOf } from '../compiler';
import { poolPage } from '../environment';
import { SOME_PAGE } from '../knowledge';
import { maximumPool } from '../memoryPlan';
import { fork, type State, type Way } from '../state';
import { apartIf, inRegister, type Numeric, number, one, plus, type Value, zero } from '../value';
import { type Lowering, numbers, withNumbers } from './call';

/**
 * A page from the allocator. Where no page can have been freed before, every page that it may give is a fresh one, and
 * fresh pages are alike: then it is a certain page of the pool, and addresses in it are known.
 */
function allocatePage(compiler: Compiler, frame: Frame, state: State, flags: AllocationFlags): Numeric {
  const { given, knowledge, world } = compiler;
  const certain =
    !world.oneRun &&
    compiler.fromStart &&
    !compiler.shared &&
    !knowledge.othersFree() &&
    !state.freed &&
    !state.repeats;
  const destination = compiler.graph.register();
  if (certain && given.pages < maximumPool / 2) {
    const page = poolPage(world.environment, maximumPool - ++given.pages);
    emit(compiler, frame, state, { kind: 'allocate', destination, page, ...flags });
    return number(page);
  }
  compiler.counters.allocations++;
  emit(compiler, frame, state, { kind: 'allocate', destination, ...flags });
  return { ...inRegister(destination), page: true };
}

const allocate: Lowering = withNumbers((compiler, frame, state, [gfp]) => {
  const flags = flagsOf(compiler, frame, gfp);
  return allocatePage(compiler, frame, state, { ...flags, sleeps: gfp === undefined || flags.sleeps });
}, 0);

const tryAllocate: Lowering = ({ compiler, frame, state, call }) =>
  numbers(compiler, frame, state, call.arguments).flatMap((way) =>
    tryAllocateWith(compiler, frame, way.state, way.value[0]),
  );

function tryAllocateWith(
  compiler: Compiler,
  frame: Frame,
  state: State,
  gfp: Numeric | undefined,
): readonly Way<Value>[] {
  const { graph } = compiler;
  const [found, failed] = [graph.block(), graph.block()];
  graph.end(state.block, { kind: 'choose', to: [found, failed], site: frame.site });
  const success = fork(state, found);
  // The two ways stay apart: what follows an allocation that failed is other code anyway.
  const page = allocatePage(compiler, frame, success, flagsOf(compiler, frame, gfp));
  return [
    { state: success, value: page.kind === 'number' ? apartIf(true, page) : page },
    { state: fork(state, failed), value: apartIf(true, zero) },
  ];
}

type AllocationFlags = Required<Pick<AllocateInstruction, 'sleeps' | 'zeroes'>>;

/** Bits of GFP flags (include/linux/gfp_types.h) that make a difference here. */
export const gfpFlag = { zero: 0x100n, directReclaim: 0x400n } as const;

function flagsOf(compiler: Compiler, frame: Frame, gfp: Numeric | undefined): AllocationFlags {
  if (gfp === undefined) return { sleeps: false, zeroes: false };
  if (gfp.kind === 'number')
    return { sleeps: (gfp.value & gfpFlag.directReclaim) !== 0n, zeroes: (gfp.value & gfpFlag.zero) !== 0n };
  complain(compiler, frame, elaborationCodes.notConstant, frame.span, 'the flags of an allocation must be known here');
  return { sleeps: false, zeroes: false };
}

const free: Lowering = withNumbers((compiler, frame, state, [page = zero]) => {
  state.freed = true;
  compiler.knowledge.free();
  if (page.kind === 'number') compiler.knowledge.freePage(page.value);
  emit(compiler, frame, state, { kind: 'free', address: operandOf(compiler, frame, state, page) });
  return undefined;
}, 1);

/** Offsets of the words that somebody may look at in a page that is copied or cleared, from the lowest on; walks of a table included. */
function lookedAt(compiler: Compiler, to: Numeric, from?: Numeric): readonly bigint[] {
  const { knowledge, world } = compiler;
  const { space, tables } = world.environment;
  const mask = pageBytes(space.granule) - 1n;
  const physical = (address: Numeric): bigint | undefined => {
    const at = address.kind === 'number' ? physicalOf(space, address.value) : undefined;
    return at === undefined ? undefined : at & ~mask;
  };
  const [target, source] = [physical(to), from && physical(from)];
  const offsets = knowledge.touchedOffsets(target);
  const isTable = (page: bigint | undefined): boolean =>
    page !== undefined && (tables.descriptorAt(page) !== undefined || knowledge.isLinked(page));
  // Of a copy to a page that is known only when it runs, the source says if it is a table.
  if (isTable(source) || isTable(from === undefined ? (target ?? SOME_PAGE) : target))
    for (const page of knowledge.touchedPages())
      for (const level of levelsOf(tables.geometry))
        offsets.add(BigInt(tableIndex(tables.geometry, level, page)) * descriptorBytes);
  return [...offsets].sort((a, b) => (a < b ? -1 : 1));
}

/**
 * A copy moves only the words of a page that somebody in the scenario looks at. The third argument bounds it: so many
 * bytes from the beginning of both.
 */
const copyPage: Lowering = withNumbers((compiler, frame, state, [to = zero, from = zero, bytes]) => {
  const limit = bytes?.kind === 'number' && bytes.value > 0n ? bytes.value : undefined;
  const words = lookedAt(compiler, to, from).filter((offset) => limit === undefined || offset < limit);
  fill(compiler, frame, state, to, { words, bytes: limit, clears: false }, (offset, unseen) => {
    // What is copied may be a copy itself: all of them move the word, so that a long chain settles at once.
    if (!compiler.world.oneRun && !unseen.unseen) compiler.knowledge.touchWord(SOME_PAGE, offset);
    return load(compiler, frame, state, plus(from, offset), sizeAt(offset), { moves: true, ...unseen });
  });
  return undefined;
}, 2);

/**
 * Stores the words of a copy or clear, one at least: the first store says which words it all is about, so that an access
 * to another one is noticed.
 */
function fill(
  compiler: Compiler,
  frame: Frame,
  state: State,
  to: Numeric,
  { words, bytes, clears }: { words: readonly bigint[]; bytes: bigint | undefined; clears: boolean },
  valueAt: (offset: bigint, unseen: Pick<AccessOptions, 'unseen'>) => Numeric,
): void {
  const { oneRun, environment } = compiler.world;
  const unseen = words.length > 0 || oneRun ? {} : ({ unseen: true } as const);
  const all = unseen.unseen ? [0n] : words;
  const fills = { words: all, bytes: bytes ?? pageBytes(environment.space.granule), clears };
  all.forEach((offset, n) => {
    const options = { ...unseen, ...(n === 0 && !oneRun ? { fills } : {}) };
    store(compiler, frame, state, plus(to, offset), valueAt(offset, unseen), sizeAt(offset), options);
  });
}

/** An offset that is 4 modulo 8 is that of an upper half, such as `_refcount`: a word of its own. */
function sizeAt(offset: bigint): 4 | 8 {
  return offset % descriptorBytes === 0n ? 8 : 4;
}

const clearPage: Lowering = withNumbers((compiler, frame, state, [to = zero]) => {
  fill(compiler, frame, state, to, { words: lookedAt(compiler, to), bytes: undefined, clears: true }, () => zero);
  return undefined;
}, 1);

/** Whether a page of vmemmap matters: it belongs to a huge page, or somebody accesses it. */
function matters(compiler: Compiler, page: bigint): boolean {
  const { configuration, hugePages } = compiler.world.environment;
  const end = page + pageBytes(configuration.granule);
  return hugePages.some((huge) => page < huge.end && huge.start < end) || compiler.knowledge.isTouched(page);
}

/** Text may leave out what nobody could see. */
const touched: Lowering = withNumbers((compiler, frame, _state, [va = zero]) => {
  if (compiler.world.oneRun) return one;
  if (va.kind !== 'number') return unknownPage(compiler, frame);
  const mask = pageBytes(compiler.world.environment.configuration.granule) - 1n;
  return matters(compiler, va.value & ~mask) ? one : zero;
}, 1);

/** The first page from an address on that matters, or the end. */
const nextTouched: Lowering = withNumbers((compiler, frame, _state, [va = zero, end = zero]) => {
  if (compiler.world.oneRun) return va;
  if (va.kind !== 'number' || end.kind !== 'number') return unknownPage(compiler, frame);
  const page = pageBytes(compiler.world.environment.configuration.granule);
  let at = va.value & ~(page - 1n);
  for (let n = 0; at < end.value && n < maximumPages; n++, at += page) if (matters(compiler, at)) return number(at);
  return end;
}, 2);

/** Pages of the largest level 2 entry: no loop goes over more. */
const maximumPages = 8192;

function unknownPage(compiler: Compiler, frame: Frame): Numeric {
  complain(compiler, frame, elaborationCodes.notConstant, frame.span, 'the address of touched() must be known here');
  return one;
}

export const pageLowerings: readonly (readonly [string, Lowering])[] = [
  ['alloc_page', allocate],
  ['try_alloc_page', tryAllocate],
  ['free_page', free],
  ['copy_page', copyPage],
  ['clear_page', clearPage],
  ['touched', touched],
  ['next_touched', nextTouched],
];
