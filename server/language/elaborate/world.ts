/** A scenario's world: its environment with everything that has a name in it. */

import { entrySpan, geometry, pageBytes } from '../../../simulator/machine/granule';
import type { Lock, LockKind } from '../../../simulator/machine/program';
import { blockMapsVmemmap, hugePageSizes, sectionBytes, sizeWords } from '../../../simulator/machine/vmemmapLayout';
import type { Expression, HugePageItem, LockKindWord } from '../ast';
import { type AddressSpace, addressSpace, linearOf, physicalEnd, structPageOf } from './addressSpace';
import { elaborationCodes } from './codes';
import { type Configuration, hex, readConfiguration } from './configuration';
import { constantValue } from './constantExpression';
import type { Declarations, Declared } from './declarations';
import { type Environment, makeEnvironment, type NamedPage } from './environment';
import { type HugePage, makeHugePage } from './hugePage';
import type { VmemmapPart } from './kernelTables';
import { maximumVmemmapParts, planMemory } from './memoryPlan';
import { namedNumbers, switchNumbers } from './namedNumbers';
import type { Diagnostics } from './source';
import { number, type Value } from './value';

/** An interrupt of the scenario on one CPU, by the CPU's index in the program. */
export interface InterruptPlace {
  readonly name: string;
  readonly cpu: number;
  readonly index: number;
}

export interface World {
  readonly declarations: Declarations;
  readonly environment: Environment;
  readonly numbers: ReadonlyMap<string, bigint>;
  readonly switches: ReadonlyMap<string, bigint>;
  /** Huge pages, named pages, locks and variables. */
  readonly objects: ReadonlyMap<string, Value>;
  readonly locks: readonly Lock[];
  /** The function that `on fault` names. */
  readonly hook: string | undefined;
  readonly interrupts: readonly InterruptPlace[];
  /** The number that the scenario gives each CPU, by index in the program. */
  readonly cpuNumbers: readonly number[];
  /** Words that an exploration found to be written by somebody whom the elaboration did not see. */
  readonly unsettled: ReadonlySet<bigint>;
  /** Other scenarios of the file have another kernel, so that what a function names may be missing here. */
  readonly librariesDiffer: boolean;
  /** The program is executed once and not explored: see `ElaborateOptions`. */
  readonly oneRun: boolean;
}

export const pageTableLock = 0;
export const mmapLock = 1;

const kinds: Readonly<Record<LockKindWord, LockKind>> = {
  spin: 'spin',
  raw: 'rawSpin',
  mutex: 'mutex',
  rwsem: 'rwSemaphore',
};

export type ScenarioShape = Pick<
  World,
  'hook' | 'interrupts' | 'cpuNumbers' | 'unsettled' | 'librariesDiffer' | 'oneRun'
>;

/** Builds the world of a scenario. What cannot be built as said is diagnosed and left out. */
export function makeWorld(declarations: Declarations, shape: ScenarioShape, diagnostics: Diagnostics): World {
  const configuration = readConfiguration(declarations.machines, diagnostics);
  const space = addressSpace(configuration);
  const tableShape = geometry(configuration.granule, configuration.va_bits);
  const optimised = [...declarations.hugePages.values()].filter(({ item }) => item.optimised).length;
  const numbers = namedNumbers(configuration, space, tableShape, shape.cpuNumbers.length, optimised);
  const constant = constantsOf(declarations, numbers);
  const pages = readPages(declarations, space, constant, diagnostics);
  const hugePages = readHugePages(declarations, configuration, space, constant, pages, diagnostics);
  const plan = planMemory(configuration.granule, configuration.memstart, [
    ...hugePages.map((huge) => ({ start: huge.at, end: huge.at + huge.bytes })),
    ...pages.map((page) => ({ start: page.at, end: page.at + pageBytes(configuration.granule) })),
  ]);
  const parts = mapVmemmap(declarations, configuration, space, plan, hugePages, pages, diagnostics);
  const environment = makeEnvironment(configuration, space, plan, parts, hugePages, pages);
  const { objects, locks } = nameObjects(declarations, environment);
  return {
    ...shape,
    declarations,
    environment,
    numbers,
    switches: switchNumbers(configuration, tableShape),
    objects,
    locks,
  };
}

/** Looks constants up, those of the scenario and those of the machine; a constant that needs itself has no value. */
export function constantsOf(declarations: Declarations, numbers: ReadonlyMap<string, bigint>) {
  const active = new Set<string>();
  const lookup = (name: string): bigint | undefined => {
    const declared = declarations.constants.get(name);
    if (declared === undefined || active.has(name)) return active.has(name) ? undefined : numbers.get(name);
    active.add(name);
    const value = constantValue(declared.item.value, lookup);
    active.delete(name);
    return value;
  };
  return lookup;
}

type Lookup = (name: string) => bigint | undefined;

function readPages(
  declarations: Declarations,
  space: AddressSpace,
  constant: Lookup,
  diagnostics: Diagnostics,
): readonly NamedPage[] {
  const pages: NamedPage[] = [];
  for (const [name, { item, source }] of declarations.pages) {
    const at = placeInMemory(item.at, space, pageBytes(space.granule), constant);
    if (typeof at === 'bigint') pages.push({ name, at });
    else if (at !== undefined) diagnostics.error(elaborationCodes.object, { source, span: item.at.span }, at.problem);
  }
  return pages;
}

interface Problem {
  readonly problem: string;
}

/** A physical address that must be aligned and inside memory; undefined when the text is broken, which is said elsewhere. */
function placeInMemory(
  expression: Expression | undefined,
  space: AddressSpace,
  alignment: bigint,
  constant: Lookup,
): bigint | Problem | undefined {
  if (expression === undefined || expression.kind === 'missing') return undefined;
  const at = constantValue(expression, constant);
  if (at === undefined)
    return { problem: 'this is not a constant: use a number, a `const` or a constant of the machine' };
  if (at % alignment !== 0n) return { problem: `a physical address here is a multiple of ${hex(alignment)}` };
  const end = physicalEnd(space);
  if (at < space.memstart || at >= end || at >= 1n << 48n)
    return {
      problem: `memory is from memstart, ${hex(space.memstart)}, up to ${hex(end < 1n << 48n ? end : 1n << 48n)}`,
    };
  return at;
}

function readHugePages(
  declarations: Declarations,
  configuration: Configuration,
  space: AddressSpace,
  constant: Lookup,
  pages: readonly NamedPage[],
  diagnostics: Diagnostics,
): readonly HugePage[] {
  const found: HugePage[] = [];
  const part = entrySpan(configuration.granule, 2);
  const parts = new Set<bigint>();
  for (const [name, declared] of declarations.hugePages) {
    const huge = readHugePage(name, declared, configuration, space, constant, diagnostics);
    if (huge === undefined) continue;
    const { source, item } = declared;
    for (let start = huge.start & ~(part - 1n); start < huge.end; start += part) parts.add(start);
    if (parts.size > maximumVmemmapParts - 4) {
      diagnostics.error(
        elaborationCodes.object,
        { source, span: item.name.span },
        `the huge pages of a scenario may use ${maximumVmemmapParts - 4} parts of vmemmap of ${sizeWords(part)} at most; use fewer or smaller ones`,
      );
      break;
    }
    const overlap = [...found, ...pages.map((page) => ({ ...page, bytes: pageBytes(configuration.granule) }))].find(
      (other) => other.at < huge.at + huge.bytes && huge.at < other.at + other.bytes,
    );
    if (overlap === undefined) found.push(huge);
    else
      diagnostics.error(
        elaborationCodes.object,
        { source, span: item.name.span },
        `${name} covers ${hex(huge.at)} to ${hex(huge.at + huge.bytes)}, where ${overlap.name} is too; give it another \`at\``,
      );
  }
  return found;
}

function readHugePage(
  name: string,
  { item, source }: Declared<HugePageItem>,
  configuration: Configuration,
  space: AddressSpace,
  constant: Lookup,
  diagnostics: Diagnostics,
): HugePage | undefined {
  if (item.size === undefined || item.at === undefined || item.size.kind === 'missing') return undefined;
  const say = (span: { start: number; end: number }, message: string) =>
    diagnostics.error(elaborationCodes.object, { source, span }, message);
  const bytes = constantValue(item.size, constant);
  const sizes = hugePageSizes(configuration.granule);
  if (bytes === undefined || !sizes.some((size) => size.bytes === bytes)) {
    say(
      item.size.span,
      `with ${configuration.granule} pages a huge page has ${sizes.map((size) => size.name).join(', ')}`,
    );
    return undefined;
  }
  const at = placeInMemory(item.at, space, bytes, constant);
  if (typeof at !== 'bigint') {
    if (at !== undefined) say(item.at.span, at.problem);
    return undefined;
  }
  const mapping = item.vmemmap ?? 'pages';
  if (mapping === 'blocks' && !blockMapsVmemmap(configuration.granule)) {
    say(
      item.properties.find((property) => property.name === 'vmemmap')?.span ?? item.name.span,
      `vmemmap is never mapped by blocks with ${configuration.granule} pages (vmemmap_populate uses base pages): \`vmemmap pages\``,
    );
    return undefined;
  }
  if (mapping === 'blocks' && item.optimised) {
    say(item.name.span, 'an optimised huge page has its vmemmap mapped by pages: `vmemmap pages optimised`');
    return undefined;
  }
  const refcount = item.refcount === undefined ? 0n : constantValue(item.refcount, constant);
  if (refcount === undefined || refcount > 0x7fff_ffffn) {
    if (item.refcount?.kind !== 'missing')
      say(item.refcount?.span ?? item.span, 'a reference count is a constant below 2^31');
    return undefined;
  }
  return makeHugePage(space, { name, bytes, at, mapping, optimised: item.optimised, refcount });
}

/** The parts of vmemmap that hold the struct pages of everything that has a name, and of the kernel's own memory. */
function mapVmemmap(
  declarations: Declarations,
  configuration: Configuration,
  space: AddressSpace,
  plan: ReturnType<typeof planMemory>,
  hugePages: readonly HugePage[],
  pages: readonly NamedPage[],
  diagnostics: Diagnostics,
): readonly VmemmapPart[] {
  const part = entrySpan(configuration.granule, 2);
  const usual = blockMapsVmemmap(configuration.granule) ? 'blocks' : 'pages';
  const wanted = new Map<bigint, { mapping: 'pages' | 'blocks'; by?: HugePage }>();
  for (const huge of hugePages) {
    for (let start = huge.start & ~(part - 1n); start < huge.end; start += part) {
      const present = wanted.get(start);
      if (present?.by !== undefined && present.mapping !== huge.mapping) {
        const { item, source } = declarations.hugePages.get(huge.name) as Declared<HugePageItem>;
        diagnostics.error(
          elaborationCodes.object,
          { source, span: item.name.span },
          `the struct pages of ${huge.name} and ${present.by.name} share one ${sizeWords(part)} part of vmemmap, which is mapped by pages or by a block, not both`,
        );
        continue;
      }
      wanted.set(start, { mapping: huge.mapping, by: huge });
    }
  }
  const cover = (physical: bigint) => {
    const start = structPageOf(space, physical) & ~(part - 1n);
    if (wanted.size < maximumVmemmapParts && !wanted.has(start)) wanted.set(start, { mapping: usual });
  };
  for (const page of pages) cover(page.at);
  for (let at = plan.kernel.start; at < plan.kernel.end; at += sectionBytes(configuration.granule)) cover(at);
  return [...wanted]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([start, { mapping }], i) => ({ start, mapping, frames: plan.vmemmap + BigInt(i) * part }));
}

function nameObjects(
  declarations: Declarations,
  environment: Environment,
): { readonly objects: ReadonlyMap<string, Value>; readonly locks: readonly Lock[] } {
  const objects = new Map<string, Value>();
  const sleeping = environment.configuration.preempt_rt;
  const kindOf = (word: LockKindWord): LockKind => (sleeping && word === 'spin' ? 'sleepingSpin' : kinds[word]);
  const locks: Lock[] = [
    { name: 'init_mm.page_table_lock', kind: kindOf('spin') },
    { name: 'init_mm.mmap_lock', kind: 'rwSemaphore' },
  ];
  for (const [name, { item }] of declarations.locks) {
    const kind = kindOf(item.lockKind ?? 'spin');
    objects.set(name, { kind: 'lock', lock: locks.length, lockKind: kind });
    locks.push({ name, kind });
  }
  let variables = 0n;
  for (const name of declarations.variables.keys()) {
    objects.set(name, number(linearOf(environment.space, environment.plan.data + variables * 64n)));
    variables++;
  }
  for (const page of environment.pages) objects.set(page.name, { kind: 'page', page });
  for (const page of environment.hugePages) objects.set(page.name, { kind: 'hugepage', page });
  objects.set('init_mm', { kind: 'memory' });
  return { objects, locks };
}
