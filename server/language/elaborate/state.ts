/** What is known at a point of the program that is being made, and how what is known on several ways comes together. */

import type { Site } from '../../../simulator/machine/program';
import type { Block, CodeGraph } from './codeGraph';
import { CopyOnWriteMap } from './copyOnWrite';
import {
  inRegister,
  isNumeric,
  type ListId,
  type Numeric,
  sameValue,
  type Value,
  type VirtualRegister,
  zero,
} from './value';

/** Identity of a local variable, a parameter or a register of the user. */
export type VariableId = number;

export interface State {
  block: Block;
  readonly variables: CopyOnWriteMap<VariableId, Value>;
  readonly lists: CopyOnWriteMap<ListId, readonly Value[]>;
  /** Words of physical memory that this code wrote, by their address: what they hold now; undefined: not known. */
  readonly memory: CopyOnWriteMap<bigint, Numeric | undefined>;
  /** This code may have freed a page before. */
  freed: boolean;
  /** In the code of a loop, which may run again. */
  repeats: boolean;
  /** Computations whose result is in a register, by operation and operands. */
  readonly computed: CopyOnWriteMap<string, Numeric>;
  /** Registers whose value is known from the branches that led here. */
  readonly facts: CopyOnWriteMap<VirtualRegister, bigint>;
  /** In the fault path: FAR_EL1, where it is known. */
  readonly faultAddress: Numeric | undefined;
  /** In an exception handler: not 0 when the return goes to the fix-up of the access. */
  fixup: Numeric;
}

export function fork(state: State, block: Block): State {
  return {
    block,
    variables: state.variables.fork(),
    lists: state.lists.fork(),
    memory: state.memory.fork(),
    freed: state.freed,
    repeats: state.repeats,
    computed: state.computed.fork(),
    facts: state.facts.fork(),
    faultAddress: state.faultAddress,
    fixup: state.fixup,
  };
}

/** The state at the beginning of a piece of code. */
export function emptyState(block: Block, variables = new CopyOnWriteMap<VariableId, Value>()): State {
  return {
    block,
    variables,
    lists: new CopyOnWriteMap(),
    memory: new CopyOnWriteMap(),
    freed: false,
    repeats: false,
    computed: new CopyOnWriteMap(),
    facts: new CopyOnWriteMap(),
    faultAddress: undefined,
    fixup: zero,
  };
}

/** A way that computed a value. */
export interface Way<Result> {
  readonly state: State;
  readonly value: Result;
}

/**
 * Brings ways together that go on with the same code. Ways that agree on everything but numbers become one, with
 * registers for the numbers that differ; others, such as those with another number of items in a list, stay apart and
 * each gets its own copy of what follows.
 */
export function join<Result extends Value | undefined>(
  graph: CodeGraph,
  ways: readonly Way<Result>[],
  site: Site,
): readonly Way<Result>[] {
  if (ways.length < 2) return ways;
  const groups = new Map<string, Way<Result>[]>();
  const differing = differingParts(ways);
  for (const way of ways) {
    const key = shape(graph, way, differing);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [way]);
    else group.push(way);
  }
  return [...groups.values()].map((group) =>
    group.length === 1 ? (group[0] as Way<Result>) : merge(graph, group, site),
  );
}

/** Which parts of the states are not the very same: ways that parted a moment ago have most in common. */
function differingParts(ways: readonly Way<Value | undefined>[]) {
  const differs = (part: 'variables' | 'lists' | 'memory'): boolean =>
    ways.some(({ state }) => !state[part].isForkOf((ways[0] as Way<Value | undefined>).state[part] as never));
  return { variables: differs('variables'), lists: differs('lists'), memory: differs('memory') };
}

/** Ways with the same shape can be merged: everything that is not a number is the same. */
function shape(
  graph: CodeGraph,
  { state, value }: Way<Value | undefined>,
  differing: ReturnType<typeof differingParts>,
): string {
  const lists = differing.lists ? [...state.lists].map(([id, items]) => `${id}[${items.map(shapeOf).join(',')}]`) : [];
  const words = differing.memory
    ? [...state.memory].flatMap(([word, held]) =>
        held?.kind === 'number' && graph.isStructural(word) ? [`${word}:${held.value}`] : [],
      )
    : [];
  const variables = differing.variables ? variablesShape(state) : '';
  return `${value === undefined ? '' : shapeOf(value)};${variables};${lists.join(';')};${words.join(',')}`;
}

function variablesShape(state: State): string {
  return [...state.variables]
    .filter(([, value]) => !isNumeric(value) || (value.kind === 'number' ? value.apart : value.page))
    .map(([id, value]) => `${id}=${shapeOf(value)}`)
    .join(',');
}

function shapeOf(value: Value): string {
  switch (value.kind) {
    case 'number':
      if (value.apart) return `${value.value}`;
      return value.bytes === 4 ? 'n4' : 'n';
    case 'register':
      if (value.page) return 'address of a page';
      return value.bytes === 4 ? 'n4' : 'n';
    case 'lock':
      return `lock${value.lock}`;
    case 'memory':
      return 'mm';
    case 'hugepage':
      return `huge ${value.page.name}`;
    case 'page':
      return `page ${value.page.name}`;
    case 'list':
      return `list${value.list}`;
  }
}

function merge<Result extends Value | undefined>(
  graph: CodeGraph,
  ways: readonly Way<Result>[],
  site: Site,
): Way<Result> {
  const first = ways[0] as Way<Result>;
  const block = graph.block();
  const moves: Move[][] = ways.map(() => []);
  const together = (values: readonly Value[]): Value => {
    const value = values[0] as Value;
    if (values.every((other) => sameValue(value, other))) return value;
    const register = graph.register();
    values.forEach((source, i) => {
      (moves[i] as Move[]).push({ register, source: source as Numeric });
    });
    const { bytes } = value as Numeric;
    const isPage = values.every((other) => other.kind === 'register' && other.page);
    return { ...inRegister(register), ...(bytes === undefined ? {} : { bytes }), ...(isPage && { page: true }) };
  };
  const variables = new CopyOnWriteMap<VariableId, Value>();
  for (const id of first.state.variables.keys()) {
    const values = ways.map((way) => way.state.variables.get(id));
    if (!values.every((value) => value !== undefined)) continue;
    const home = graph.homes.get(id);
    const same = values.every((value) => sameValue(values[0] as Value, value));
    variables.set(id, home === undefined || same ? together(values) : inRegister(home));
  }
  const lists = new CopyOnWriteMap<ListId, readonly Value[]>();
  for (const [id, items] of first.state.lists) {
    const all = ways.map((way) => way.state.lists.get(id) as readonly Value[]);
    lists.set(
      id,
      items.map((_, i) => together(all.map((list) => list[i] as Value))),
    );
  }
  const memory = commonMemory(ways.map((way) => way.state.memory));
  const computed = common(
    ways.map((way) => way.state.computed),
    sameValue,
  );
  const facts = common(
    ways.map((way) => way.state.facts),
    (left, right) => left === right,
  );
  const fixup = together(ways.map((way) => way.state.fixup)) as Numeric;
  const value = (first.value === undefined ? undefined : together(ways.map((way) => way.value as Value))) as Result;
  ways.forEach((way, i) => {
    addMoves(graph, way.state.block, moves[i] as Move[], site);
    graph.end(way.state.block, { kind: 'jump', to: block, site });
  });
  const { faultAddress, repeats } = first.state;
  const freed = ways.some((way) => way.state.freed);
  return {
    state: { block, variables, lists, memory, freed, repeats, computed, facts, faultAddress, fixup },
    value,
  };
}

/** What all maps agree on. */
function common<Key, Held>(
  maps: readonly CopyOnWriteMap<Key, Held>[],
  same: (left: Held, right: Held) => boolean,
): CopyOnWriteMap<Key, Held> {
  const [first, ...others] = maps as [CopyOnWriteMap<Key, Held>, ...CopyOnWriteMap<Key, Held>[]];
  if (others.every((other) => other.isForkOf(first))) return first.fork();
  const kept = new CopyOnWriteMap<Key, Held>();
  for (const [key, value] of first) {
    const agreed = others.every((other) => {
      const found = other.get(key);
      return found !== undefined && same(value, found);
    });
    if (agreed) kept.set(key, value);
  }
  return kept;
}

/** Words that every way wrote with one value keep it; others that any way wrote are not known any more. */
function commonMemory(
  maps: readonly CopyOnWriteMap<bigint, Numeric | undefined>[],
): CopyOnWriteMap<bigint, Numeric | undefined> {
  const [first, ...others] = maps as [(typeof maps)[number], ...(typeof maps)[number][]];
  if (others.every((other) => other.isForkOf(first))) return first.fork();
  const kept = new CopyOnWriteMap<bigint, Numeric | undefined>();
  for (const map of maps) {
    for (const address of map.keys()) {
      if (kept.has(address)) continue;
      const value = first.get(address);
      const same = others.every((other) => {
        const found = other.get(address);
        return value !== undefined && found !== undefined && sameValue(value, found);
      });
      kept.set(address, same ? value : undefined);
    }
  }
  return kept;
}

export interface Move {
  readonly register: VirtualRegister;
  readonly source: Numeric;
}

/** Moves that happen at the same time: a source that another move overwrites is saved first. */
export function addMoves(graph: CodeGraph, block: Block, moves: readonly Move[], site: Site): void {
  const written = new Set(moves.map((move) => move.register));
  const saved = moves.map((move) => {
    const { source } = move;
    if (source.kind !== 'register' || source.register === move.register || !written.has(source.register)) return move;
    const register = graph.register();
    addMove(graph, block, { register, source }, site);
    return { register: move.register, source: inRegister(register) };
  });
  for (const move of saved) addMove(graph, block, move, site);
}

/** Sets a register to a value: a move, or an addition for a register with an offset. */
export function addMove(graph: CodeGraph, block: Block, move: Move, site: Site): void {
  const { register: destination, source } = move;
  if (source.kind === 'number') {
    graph.add(block, {
      kind: 'arithmetic',
      operation: 'move',
      destination,
      sources: [{ kind: 'value', value: source.value }],
      site,
    });
    return;
  }
  if (source.plus === 0n && source.register === destination) return;
  const register = { kind: 'register', register: source.register } as const;
  graph.add(
    block,
    source.plus === 0n
      ? { kind: 'arithmetic', operation: 'move', destination, sources: [register], site }
      : {
          kind: 'arithmetic',
          operation: 'add',
          destination,
          sources: [register, { kind: 'value', value: source.plus }],
          site,
        },
  );
}
