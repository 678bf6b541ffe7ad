/** Seeded scenarios: half of them with a CPU that changes an entry as the kernel does, with steps left out or swapped. */

import type { Cell, Content, Dependency, Op, Scenario, ScenarioCpu, Target } from './scenario';

export type Pick = <T>(...items: readonly T[]) => T;

interface Dice {
  /** True once in `n` times. */
  readonly one: (n: number) => boolean;
  readonly below: (n: number) => number;
  readonly pick: Pick;
}

/** A linear congruential generator with a scrambled output (PCG): the same seed, the same scenario everywhere. */
export function dice(seed: number): Dice {
  let state = (BigInt(seed) * 0x9e37_79b9_7f4a_7c15n + 0x1234_5678_9abc_def1n) & 0xffff_ffff_ffff_ffffn;
  const next = (): number => {
    const old = state;
    state = (old * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    const mixed = Number((((old >> 18n) ^ old) >> 27n) & 0xffff_ffffn);
    const turn = Number(old >> 59n);
    return ((mixed >>> turn) | (mixed << (-turn & 31))) >>> 0;
  };
  const below = (n: number): number => Math.floor((next() / 2 ** 32) * n);
  return {
    below,
    one: (n) => below(n) === 0,
    pick: (...items) => items[below(items.length)] as (typeof items)[number],
  };
}

/** What changes: level 3 entries; those of level 2 too; those of level 1 too. */
interface Shape {
  readonly levels: 1 | 2 | 3;
  readonly pages: 1 | 2;
}

export function generate(seed: number): Scenario {
  const d = dice(seed);
  const shape: Shape = { levels: d.pick(1, 1, 1, 1, 2, 2, 3), pages: d.one(2) ? 2 : 1 };
  const count = d.one(4) ? 3 : 2;
  const faults = d.pick<ScenarioCpu['faults']>('fatal', 'skip', 'skip', 'handler-skips', 'handler-mends');
  const cpus: ScenarioCpu[] = [];
  for (let t = 0; t < count; t++) {
    const kernel = shape.levels > 1 && d.one(3) ? linking : maintenance;
    const ops = t === 0 && d.one(2) ? kernel(d, shape) : randomOps(d, shape, count);
    cpus.push({ ops, faults });
  }
  return {
    ets: d.pick(0, 0, 2, 2, 3),
    levels: shape.levels === 3 ? 3 : 2,
    apart: shape.pages === 2 && shape.levels > 1 && d.one(2),
    pmd: shape.levels > 1 ? d.pick('table', 'table', 'block', 'invalid') : 'table',
    pages: [pageContent(d), pageContent(d)],
    cpus,
  };
}

function pageContent(d: Dice): Content {
  if (d.one(5)) return { kind: 'invalid' };
  return {
    kind: 'page',
    frame: d.pick(0, 0, 1, 2),
    ...(d.one(5) ? { readOnly: true } : {}),
    ...(d.one(9) ? { old: true } : {}),
  };
}

function cell(d: Dice, shape: Shape): Cell {
  if (shape.levels === 3 && d.one(3)) return { pud: true };
  if (shape.levels > 1 && d.one(2)) return { pmd: true };
  return { table: shape.levels > 1 ? d.pick(0, 1) : 0, page: shape.pages === 2 ? d.pick(0, 1) : 0 };
}

function content(d: Dice, of: Cell): Content {
  if ('pud' in of) return d.pick<Content>({ kind: 'invalid' }, { kind: 'upperTable', table: d.pick(0, 1) });
  if (!('pmd' in of)) return pageContent(d);
  return d.pick<Content>(
    { kind: 'invalid' },
    { kind: 'table', table: 0 },
    { kind: 'table', table: 1 },
    { kind: 'block' },
  );
}

function target(d: Dice, shape: Shape): Target {
  if (d.one(4)) return { flag: d.pick(0, 1) };
  return { page: shape.pages === 2 ? d.pick(0, 1) : 0, word: d.one(4) ? 1 : 0 };
}

/** Break, invalidate, make; a step may be missing, of another kind, or at another place. */
function maintenance(d: Dice, shape: Shape): Op[] {
  const at = cell(d, shape);
  const ops: Op[] = [
    ...(d.one(4) ? [] : [{ op: 'set', cell: at, to: { kind: 'invalid' } } as const]),
    { op: 'dsb', type: d.pick('full', 'store', 'store', 'load') },
    tlbi(d, shape),
    ...(d.one(5) ? [tlbi(d, shape)] : []),
    { op: 'dsb', type: d.pick('full', 'full', 'full', 'store'), ...(d.one(12) ? { local: true } : {}) },
    ...(d.one(2) ? [{ op: 'set', cell: at, to: content(d, at) } as const] : []),
    ...(d.one(2) ? [randomOp(d, shape, 2)] : []),
  ];
  if (d.one(3)) ops.splice(d.below(ops.length), 1);
  if (d.one(4)) {
    const n = d.below(ops.length - 1);
    ops.splice(n, 2, ops[n + 1] as Op, ops[n] as Op);
  }
  return ops.slice(0, 6);
}

/** A table is filled and linked in place of what was there, or unlinked and written to; with barriers and TLBIs, or without. */
function linking(d: Dice, shape: Shape): Op[] {
  const table = d.pick(0, 1, 1);
  const entry = (page: 0 | 1): Op => ({ op: 'set', cell: { table, page }, to: pageContent(d) });
  const ops: Op[] = [
    entry(0),
    ...(d.one(2) ? [entry(shape.pages === 2 ? d.pick(0, 1) : 0)] : []),
    ...(d.one(3) ? [] : [{ op: 'dsb', type: d.pick('store', 'full') } as const]),
    { op: 'set', cell: { pmd: true }, to: { kind: 'table', table } },
    ...(d.one(2) ? [{ op: 'dsb', type: 'store' } as const, tlbi(d, shape)] : []),
    ...(d.one(2) ? [{ op: 'dsb', type: 'full' } as const] : []),
    ...(d.one(3) ? [randomOp(d, shape, 2)] : []),
  ];
  if (d.one(3)) ops.unshift({ op: 'set', cell: { pmd: true }, to: { kind: 'invalid' } });
  return ops.slice(0, 6);
}

function tlbi(d: Dice, shape: Shape): Op {
  return {
    op: 'tlbi',
    scope: d.pick('all', 'address', 'address', 'address', 'range'),
    page: shape.pages === 2 ? d.pick(0, 1) : 0,
    ...(d.one(3) ? { leafOnly: true } : {}),
    ...(d.one(8) ? { local: true } : {}),
    ...(d.one(6) ? { level: d.pick(2, 3) } : {}),
  };
}

function randomOps(d: Dice, shape: Shape, cpus: number): Op[] {
  const count = 1 + d.below(cpus === 3 ? 3 : 4);
  const ops: Op[] = [];
  for (let n = 0; n < count; n++) ops.push(randomOp(d, shape, cpus));
  return d.one(7) ? locked(d, ops) : ops;
}

/** The operations, or a part of them, between taking and releasing a lock (sometimes two, sometimes without the release). */
function locked(d: Dice, ops: Op[]): Op[] {
  const lock = d.pick(0, 0, 0, 1);
  const from = d.below(ops.length);
  const all: Op[] = [...ops.slice(0, from), { op: 'lock', lock }, ...ops.slice(from)];
  if (d.one(8)) return all;
  all.push({ op: 'unlock', lock });
  return all;
}

function randomOp(d: Dice, shape: Shape, cpus: number): Op {
  const n = d.below(100);
  if (n < 27) {
    return {
      op: 'load',
      at: target(d, shape),
      ...(d.one(6) ? { acquire: d.pick('full', 'processorConsistent') } : {}),
      ...(d.one(5) ? { depends: true } : {}),
    };
  }
  if (n < 40) {
    const depends = d.one(4) ? { depends: d.pick<Dependency>('address', 'data') } : {};
    return { op: 'store', at: target(d, shape), ...(d.one(5) ? { release: true } : {}), ...depends };
  }
  if (n < 55) {
    const at = cell(d, shape);
    const depends = d.one(6) ? { depends: true as const } : {};
    return { op: 'set', cell: at, to: content(d, at), ...(d.one(6) ? { release: true } : {}), ...depends };
  }
  if (n < 58) return { op: 'get', cell: cell(d, shape) };
  if (n < 63) {
    return {
      op: 'atomic',
      at: target(d, shape),
      operation: d.pick('add', 'swap', 'compareAndSwap'),
      ...(d.one(3) ? { acquire: true } : {}),
      ...(d.one(3) ? { release: true } : {}),
      ...(d.one(4) ? { noReturn: true } : {}),
    };
  }
  if (n < 70) return { op: 'dmb', type: d.pick('full', 'load', 'store') };
  if (n < 78) return { op: 'dsb', type: d.pick('full', 'full', 'load', 'store') };
  if (n < 82) return { op: 'isb' };
  if (n < 89) return tlbi(d, shape);
  if (n < 92) return { op: 'translate', page: shape.pages === 2 ? d.pick(0, 1) : 0, write: d.one(2) };
  if (n < 97) return { op: 'branch', over: d.pick(1, 2), whenZero: d.one(2) };
  return cpus > 1 ? { op: 'wait', flag: d.pick(0, 1), ...(d.one(3) ? { acquire: true } : {}) } : { op: 'isb' };
}
