/**
 * Loads and stores. A word of physical memory that no other code of the program writes is known to the code that
 * reads it in library text: such a read adds nothing to what can happen, and addresses that come from it stay known.
 */

import { pageBytes } from '../../../simulator/machine/granule';
import type { AccessInstruction } from '../../../simulator/machine/program';
import { structPageBytes } from '../../../simulator/machine/vmemmapLayout';
import { physicalOf } from './addressSpace';
import { type Compiler, emit, type Frame, operandOf } from './compiler';
import { initialWord } from './environment';
import { SOME_PAGE } from './knowledge';
import type { State } from './state';
import { inRegister, type Numeric, number, type VirtualRegister } from './value';

export type Bytes = 1 | 2 | 4 | 8;

export type AccessOptions = Pick<
  AccessInstruction,
  'acquire' | 'release' | 'exclusive' | 'noReturn' | 'operation' | 'moves' | 'fills'
> & {
  readonly compare?: Numeric;
  readonly status?: VirtualRegister;
  /** Nobody looks at the word: it stands for a page that is filled without any that somebody does. */
  readonly unseen?: true;
};

/** Emits a load and gives what it reads. */
export function load(
  compiler: Compiler,
  frame: Frame,
  state: State,
  address: Numeric,
  bytes: Bytes,
  options: AccessOptions = {},
): Numeric {
  const known = knownWord(compiler, frame, state, address, bytes, options);
  if (known !== undefined) return known;
  const destination = compiler.graph.register();
  emit(
    compiler,
    frame,
    state,
    accessInstruction(compiler, frame, state, 'load', address, bytes, options, { destination }),
  );
  return inRegister(destination);
}

export function store(
  compiler: Compiler,
  frame: Frame,
  state: State,
  address: Numeric,
  value: Numeric,
  bytes: Bytes,
  options: AccessOptions = {},
): void {
  const operand = operandOf(compiler, frame, state, value);
  emit(
    compiler,
    frame,
    state,
    accessInstruction(compiler, frame, state, 'store', address, bytes, options, { value: operand }),
  );
  noteWrite(compiler, state, address, options.exclusive === true || bytes !== 8 ? undefined : value);
  noteTable(compiler, value);
}

/** A value that is the descriptor of a table: bits 1:0 say so, and it has no access flag. */
function noteTable(compiler: Compiler, value: Numeric): void {
  const { granule } = compiler.world.environment.space;
  if (value.kind === 'register') {
    if (value.page && (value.plus & 0x403n) === 3n) compiler.knowledge.linkTable(SOME_PAGE);
  } else if ((value.value & 0x403n) === 3n)
    compiler.knowledge.linkTable(value.value & addressMask & ~(pageBytes(granule) - 1n));
}

/** Output address bits of descriptors: all physical addresses of a scenario are below 2^48. */
const addressMask = 0xffff_ffff_ffffn;

/** Emits an atomic read-modify-write and gives the value before. */
export function atomic(
  compiler: Compiler,
  frame: Frame,
  state: State,
  address: Numeric,
  value: Numeric,
  bytes: Bytes,
  options: AccessOptions,
): Numeric {
  const operand = operandOf(compiler, frame, state, value);
  const destination = compiler.graph.register();
  const result = options.noReturn ? { value: operand } : { value: operand, destination };
  emit(compiler, frame, state, accessInstruction(compiler, frame, state, 'atomic', address, bytes, options, result));
  noteWrite(compiler, state, address, undefined);
  return inRegister(destination);
}

type Bare = Omit<AccessInstruction, 'site'>;

/** The instruction itself; it notes what of vmemmap is touched. */
export function accessInstruction(
  compiler: Compiler,
  frame: Frame,
  state: State,
  access: AccessInstruction['access'],
  address: Numeric,
  bytes: Bytes,
  options: AccessOptions,
  rest: Partial<Pick<Bare, 'destination' | 'value'>>,
): Bare {
  const { compare, status, unseen, ...flags } = options;
  if (!unseen) noteTouched(compiler, address, access !== 'store' && !compiler.world.oneRun);
  const base =
    address.kind === 'number'
      ? ({ base: { kind: 'value', value: address.value }, offset: { kind: 'value', value: 0n } } as const)
      : ({
          base: { kind: 'register', register: address.register },
          offset: { kind: 'value', value: address.plus },
        } as const);
  return {
    kind: 'access',
    access,
    ...(access !== 'load' && setsEntry(frame) ? { entry: true } : {}),
    ...base,
    bytes,
    ...rest,
    ...flags,
    ...(compare === undefined ? {} : { compare: operandOf(compiler, frame, state, compare) }),
    ...(status === undefined ? {} : { status }),
  };
}

/** The kernel's functions that store an entry, whatever it is. */
const setters: ReadonlySet<string> = new Set([
  'set_pte',
  'set_pmd',
  'set_pud',
  'set_swapper_pgd',
  'ptep_get_and_clear',
  'pmdp_huge_get_and_clear',
  'ptep_set_wrprotect',
  'ptep_test_and_clear_young',
  'ptep_set_access_flags',
]);

const setsEntry = ({ active }: Frame): boolean => active.some(({ name }) => setters.has(name.name));

function noteTouched(compiler: Compiler, address: Numeric, reads: boolean): void {
  const { space, plan, tables, hugePages } = compiler.world.environment;
  const mask = pageBytes(space.granule) - 1n;
  if (address.kind !== 'number') {
    if (address.page && reads) compiler.knowledge.touchWord(SOME_PAGE, address.plus & mask & ~3n);
    // A field of a struct page that is found when it runs: a head, which a page of vmemmap begins with.
    else if (reads && address.plus > 0n && address.plus < structPageBytes)
      compiler.knowledge.touchOffset(address.plus & ~3n);
    return;
  }
  const physical = physicalOf(space, address.value);
  // Variables and the kernel's tables are nobody's copies.
  const isVariable = physical !== undefined && physical >= plan.data && physical < plan.tails;
  if (reads && physical !== undefined && !isVariable && tables.descriptorAt(physical) === undefined)
    compiler.knowledge.touchWord(physical & ~mask, physical & mask & ~3n);
  if (address.value < space.vmemmapStart || address.value >= space.vmemmapEnd) return;
  compiler.knowledge.touch(address.value & ~mask);
  if (hugePages.some((huge) => address.value >= huge.start && address.value < huge.end))
    compiler.knowledge.touchOffset(address.value & mask & ~3n);
}

/** After a store: what this code knows of the word. A store to an address that is not known is checked by the explorer. */
function noteWrite(compiler: Compiler, state: State, address: Numeric, value: Numeric | undefined): void {
  if (compiler.world.oneRun) return;
  const physical = address.kind === 'number' ? physicalOf(compiler.world.environment.space, address.value) : undefined;
  if (physical === undefined) return;
  const word = physical & ~7n;
  compiler.knowledge.write(word);
  state.memory.set(word, compiler.knowledge.isWrittenByOthers(word) ? undefined : value);
}

/** What a load gives, when it is known; only plain 64-bit loads of library text through the linear map. */
function knownWord(
  compiler: Compiler,
  frame: Frame,
  state: State,
  address: Numeric,
  bytes: Bytes,
  options: AccessOptions,
): Numeric | undefined {
  if (compiler.world.oneRun) return undefined;
  if (frame.source.origin !== 'library' || address.kind !== 'number' || bytes !== 8 || options.exclusive)
    return undefined;
  const { environment } = compiler.world;
  const physical = physicalOf(environment.space, address.value);
  if (physical === undefined || (physical & 7n) !== 0n || compiler.knowledge.isWrittenByOthers(physical))
    return undefined;
  if (compiler.knowledge.isFreed(physical & ~(pageBytes(environment.space.granule) - 1n))) return undefined;
  const known = state.memory.has(physical) ? state.memory.get(physical) : unchanged(compiler, physical);
  if (known === undefined || mayBeUpdatedByHardware(compiler, known)) return undefined;
  compiler.knowledge.assumptions.set(physical, { cpu: compiler.cpu, physicalAddress: physical });
  return known;
}

/** The value at the start: of a word that nobody writes, or that only this code writes and has not written so far. */
function unchanged(compiler: Compiler, physical: bigint): Numeric | undefined {
  if (!compiler.fromStart && compiler.knowledge.isWritten(physical)) return undefined;
  return number(initialWord(compiler.world.environment, physical));
}

/** Descriptors whose access flag or dirty state a walk may change by itself. */
function mayBeUpdatedByHardware(compiler: Compiler, value: Numeric): boolean {
  const { configuration } = compiler.world.environment;
  if (!configuration.hw_af && !configuration.hw_dbm) return false;
  if (value.kind !== 'number') return true;
  const valid = (value.value & 1n) !== 0n;
  const readOnlyDirty = (value.value & ((1n << 51n) | (1n << 7n))) === ((1n << 51n) | (1n << 7n));
  return valid && ((value.value & (1n << 10n)) === 0n || readOnlyDirty);
}
