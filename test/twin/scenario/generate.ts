/** Seeded scenarios of several kinds, each about other features of the machine, with steps left out, weakened or swapped. */

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

type Faults = ScenarioCpu['faults'];

/** What a scenario is about. Each kind is small where its own steps are many. */
const kinds = [
  { weight: 5, make: anything },
  { weight: 3, make: remapping },
  { weight: 3, make: linkingTables },
  { weight: 2, make: exclusives },
  { weight: 2, make: hardware },
  { weight: 2, make: handlers },
  { weight: 2, make: lockers },
  { weight: 2, make: interrupts },
  { weight: 2, make: lifeOfPages },
  { weight: 2, make: readers },
  { weight: 2, make: sentInterrupts },
  { weight: 1, make: retries },
  { weight: 1, make: ownTlb },
  { weight: 2, make: unprivileged },
  { weight: 1, make: calls },
] as const;

export function generate(seed: number): Scenario {
  const d = dice(seed);
  const all = kinds.flatMap(({ weight, make }) => Array<typeof make>(weight).fill(make));
  return shortened(d, d.pick(...all)(d), d.one(10) ? 9 : 5);
}

/** With operations left out here and there until so many remain in all. */
function shortened(d: Dice, scenario: Scenario, most: number): Scenario {
  const counts = scenario.cpus.map(({ ops }) => ops.length);
  if (counts.reduce((sum, n) => sum + n, 0) <= most) return scenario;
  const longest = counts.indexOf(Math.max(...counts));
  const without = d.below(counts[longest] as number);
  const cpus = scenario.cpus.map((cpu, t) =>
    t === longest ? { ...cpu, ops: cpu.ops.filter((_, n) => n !== without) } : cpu,
  );
  return shortened(d, { ...scenario, cpus }, most);
}

/** What kinds have in common: how the walk looks at first, and FEAT_ETS. */
function setting(d: Dice, shape: Shape, cpus: readonly ScenarioCpu[]): Scenario {
  return {
    ets: d.pick(0, 0, 2, 2, 3),
    levels: shape.levels === 3 ? 3 : 2,
    apart: shape.pages === 2 && shape.levels > 1 && d.one(2),
    pmd: shape.levels > 1 ? d.pick('table', 'table', 'block', 'invalid') : 'table',
    pages: [pageContent(d), pageContent(d)],
    cpus,
  };
}

function someShape(d: Dice): Shape {
  return { levels: d.pick(1, 1, 1, 1, 2, 2, 3), pages: d.one(2) ? 2 : 1 };
}

const someFaults = (d: Dice): Faults => d.pick('fatal', 'skip', 'skip', 'handler-skips', 'handler-mends');

function anything(d: Dice): Scenario {
  const shape = someShape(d);
  const count = d.one(6) ? 3 : 2;
  const faults = someFaults(d);
  const cpus = Array.from({ length: count }, () => ({ ops: randomOps(d, shape, count), faults }));
  return setting(d, shape, cpus);
}

/** One CPU changes an entry as the kernel does, with steps left out or swapped; others look. */
function remapping(d: Dice): Scenario {
  const shape = someShape(d);
  const faults = someFaults(d);
  const cpus: ScenarioCpu[] = [{ ops: maintenance(d, shape), faults }];
  cpus.push({ ops: few(d, 2, () => randomOp(d, shape, 2)), faults });
  if (d.one(6)) cpus.push({ ops: [access(d, shape)], faults });
  return setting(d, shape, cpus);
}

function linkingTables(d: Dice): Scenario {
  const shape: Shape = { levels: d.pick(2, 2, 3), pages: d.one(2) ? 2 : 1 };
  const faults = someFaults(d);
  const ops = linking(d, shape);
  if (d.one(3)) ops.push({ op: 'free', page: { table: d.pick(0, 1) } });
  return setting(d, shape, [
    { ops, faults },
    { ops: few(d, 2, () => access(d, shape)), faults },
  ]);
}

/** Load-exclusive and store-exclusive, with something between them, against stores and atomics to the same word. */
function exclusives(d: Dice): Scenario {
  const shape: Shape = { levels: 1, pages: 1 };
  const faults = d.pick<Faults>('skip', 'handler-skips', 'handler-mends');
  const at = (): Target => (d.one(3) ? { page: 0, word: 0 } : { flag: d.one(4) ? 1 : 0 });
  const pair = (): Op[] => {
    const place = at();
    const between = d.pick<readonly Op[]>([], [], [randomOp(d, shape, 2)]);
    return [
      { op: 'load', at: place, exclusive: true, ...(d.one(3) ? { acquire: 'full' as const } : {}) },
      ...between,
      { op: 'storeExclusive', at: d.one(6) ? at() : place, ...(d.one(3) ? { release: true as const } : {}) },
      ...(d.one(4) ? [{ op: 'branch', over: 1, whenZero: d.one(2) } as const] : []),
      ...few(d, 1, () => randomOp(d, shape, 2)),
    ];
  };
  const rival = (): Op[] => few(d, 2, () => (d.one(3) ? randomOp(d, shape, 2) : atomicOrStore(d, at())));
  return setting(d, shape, [
    { ops: pair(), faults },
    { ops: d.one(3) ? pair().slice(0, 2) : rival(), faults },
  ]);
}

function atomicOrStore(d: Dice, at: Target): Op {
  return d.one(2)
    ? { op: 'store', at, ...(d.one(3) ? { release: true } : {}) }
    : { op: 'atomic', at, operation: d.pick('add', 'swap', 'compareAndSwap'), ...(d.one(3) ? { acquire: true } : {}) };
}

/** CPUs of which one or all manage the access flag or the dirty state, over entries that are old or clean. */
function hardware(d: Dice): Scenario {
  const shape: Shape = { levels: d.pick(1, 1, 1, 2), pages: 1 };
  const faults = d.pick<Faults>('skip', 'fatal', 'handler-skips');
  const manages = d.pick<NonNullable<ScenarioCpu['hardware']>>('accessFlag', 'dirtyState', 'dirtyState');
  const descriptor = { table: 0, page: 0 } as const;
  const look = (): Op =>
    d.pick<Op>(
      { op: 'load', at: { page: 0, word: 0 } },
      { op: 'store', at: { page: 0, word: 0 } },
      { op: 'atomic', at: { page: 0, word: 0 }, operation: d.pick('add', 'compareAndSwap') },
    );
  const change = (): Op[] => [
    d.pick<Op>(
      { op: 'get', cell: descriptor },
      { op: 'set', cell: descriptor, to: pageContent(d) },
      { op: 'set', cell: descriptor, to: { kind: 'invalid' } },
      { op: 'modify', cell: descriptor, how: d.pick('clear', 'accessFlag', 'readOnly') },
    ),
    ...few(d, 2, () =>
      d.pick<Op>({ op: 'dsb', type: 'full' }, tlbi(d, shape), { op: 'get', cell: descriptor }, randomOp(d, shape, 2)),
    ),
  ];
  const s = setting(d, shape, [
    { ops: [look(), ...few(d, 1, () => randomOp(d, shape, 2))], faults, hardware: manages },
    d.one(4)
      ? { ops: [look()], faults, ...(d.one(2) ? { hardware: manages } : {}) }
      : { ops: change(), faults, ...(d.one(3) ? { hardware: manages } : {}) },
  ]);
  const page: Content = {
    kind: 'page',
    frame: 0,
    ...d.pick({ old: true }, { clean: true }, { old: true, clean: true }),
  };
  return { ...s, pages: [page, s.pages[1]] };
}

/** A CPU that faults, its handler, and one that makes or mends. */
function handlers(d: Dice): Scenario {
  const shape: Shape = { levels: d.pick(1, 1, 2), pages: d.one(3) ? 2 : 1 };
  const how = d.pick<Faults>('handler-skips', 'handler-mends', 'handler-waits', 'handler-waits');
  const at = cell(d, shape);
  const steps: Op[] = [
    ...(d.one(2) ? [{ op: 'set', cell: at, to: { kind: 'invalid' } } as const] : []),
    ...(d.one(2) ? [tlbi(d, shape), { op: 'dsb', type: 'full' } as const] : []),
    { op: 'set', cell: at, to: content(d, at) },
  ];
  return setting(d, shape, [
    { ops: d.one(3) ? steps : [{ op: 'lock', lock: 0 }, ...steps, { op: 'unlock', lock: 0 }], faults: how },
    { ops: [access(d, shape), ...few(d, 1, () => randomOp(d, shape, 2))], faults: how },
  ]);
}

/** A CPU at EL0, and one that changes what it may use. */
function unprivileged(d: Dice): Scenario {
  const shape: Shape = { levels: d.pick(1, 1, 1, 2), pages: d.one(3) ? 2 : 1 };
  const faults = d.pick<Faults>('fatal', 'skip', 'skip', 'handler-skips');
  const at = { table: 0, page: 0 } as const;
  const forUsers = (content: Content): Content =>
    content.kind === 'page' && !d.one(4) ? { ...content, user: true } : content;
  const own = (): Op => (d.one(8) ? { op: 'svc' } : d.one(6) ? plain(d) : userAccess(d, shape));
  const change: Op[] = d.one(3)
    ? maintenance(d, shape)
    : [
        { op: 'set', cell: at, to: forUsers(pageContent(d)) },
        ...(d.one(2)
          ? [{ op: 'dsb', type: 'full' } as const, tlbi(d, shape), { op: 'dsb', type: 'full' } as const]
          : []),
        ...few(d, 1, () => randomOp(d, shape, 2)),
      ];
  const s = setting(d, shape, [
    {
      ops: [userAccess(d, shape), ...few(d, 2, own)],
      faults,
      unprivileged: true,
      ...(faults === 'fatal' ? {} : managing(d)),
    },
    d.one(5) ? { ops: few(d, 2, own), faults, unprivileged: true } : { ops: change, faults },
  ]);
  return { ...s, pages: [forUsers(s.pages[0]), forUsers(s.pages[1])] };
}

function managing(d: Dice): { readonly hardware?: ScenarioCpu['hardware'] & string } {
  return d.one(4) ? { hardware: d.pick('accessFlag', 'dirtyState') } : {};
}

function userAccess(d: Dice, shape: Shape): Op {
  const at: Target = d.one(8) ? { flag: d.pick(0, 1) } : { page: shape.pages === 2 ? d.pick(0, 1) : 0, word: 0 };
  return d.pick<Op>(
    { op: 'load', at },
    { op: 'load', at, ...(d.one(2) ? { acquire: 'full' } : { depends: true }) },
    { op: 'store', at, ...(d.one(3) ? { release: true } : {}) },
    { op: 'atomic', at, operation: d.pick('add', 'swap', 'compareAndSwap') },
  );
}

/** Instructions that need no privilege and access nothing. */
function plain(d: Dice): Op {
  return d.pick<Op>(
    { op: 'dmb', type: d.pick('full', 'load', 'store') },
    { op: 'dsb', type: d.pick('full', 'load', 'store') },
    { op: 'isb' },
    { op: 'branch', over: 1, whenZero: d.one(2) },
  );
}

/** Supervisor calls between accesses that may fault, and a CPU that changes what they use. */
function calls(d: Dice): Scenario {
  const shape: Shape = { levels: d.pick(1, 1, 2), pages: 1 };
  const faults = d.pick<Faults>('fatal', 'skip', 'handler-skips', 'handler-mends', 'handler-waits');
  return setting(d, shape, [
    {
      ops: [...few(d, 2, () => randomOp(d, shape, 2)), { op: 'svc' }, ...few(d, 2, () => randomOp(d, shape, 2))],
      faults,
    },
    { ops: d.one(2) ? maintenance(d, shape).slice(0, 4) : few(d, 2, () => randomOp(d, shape, 2)), faults },
  ]);
}

/** Locks taken in any order and mode, tried, not released. */
function lockers(d: Dice): Scenario {
  const shape: Shape = { levels: 1, pages: 1 };
  const faults = d.pick<Faults>('skip', 'handler-skips', 'handler-waits');
  const section = (): Op[] => {
    const lock = d.pick(0, 0, 1);
    const inside = few(d, 2, () => randomOp(d, shape, 2));
    if (d.one(4)) {
      const how = d.one(3) ? ({ lock, shared: true } as const) : ({ lock } as const);
      const body: Op[] = [...inside, { op: 'unlock', ...how }];
      const tried: Op[] = [{ op: 'trylock', ...how }, { op: 'branch', over: 2, whenZero: true }, ...body];
      return 'shared' in how && d.one(2) ? [{ op: 'lock', ...how }, ...tried, { op: 'unlock', ...how }] : tried;
    }
    if (d.one(4)) {
      const [take, give] = [{ op: 'lock', lock, shared: true } as const, { op: 'unlock', lock, shared: true } as const];
      return d.one(3) ? [take, ...inside.slice(0, 1), take, give, give] : [take, ...inside, give];
    }
    if (d.one(4)) {
      const other = lock === 0 ? 1 : 0;
      return [
        { op: 'lock', lock },
        { op: 'lock', lock: other },
        ...inside,
        { op: 'unlock', lock: other },
        { op: 'unlock', lock },
      ];
    }
    return [{ op: 'lock', lock }, ...inside, ...(d.one(6) ? [] : [{ op: 'unlock', lock } as const])];
  };
  const count = d.one(4) ? 3 : 2;
  return setting(
    d,
    shape,
    Array.from({ length: count }, (_, t) => ({ ops: t === 2 ? section().slice(0, 3) : section(), faults })),
  );
}

/** An interrupt or pseudo-NMI anywhere in a CPU's program, masked here and there. */
function interrupts(d: Dice): Scenario {
  const shape: Shape = { levels: d.pick(1, 1, 2), pages: 1 };
  const faults = d.pick<Faults>('skip', 'handler-skips', 'handler-waits');
  const what = d.pick('irq', 'irq', 'nmi');
  let ops = d.one(2) ? maintenance(d, shape).slice(0, 4) : few(d, 3, () => randomOp(d, shape, 2));
  if (d.one(2)) {
    const masked = d.pick(what, what, 'irq', 'nmi');
    const from = d.below(ops.length + 1);
    ops = [...ops.slice(0, from), { op: 'mask', what: masked }, ...ops.slice(from)];
    if (!d.one(4)) ops.push({ op: 'unmask', what: masked });
  }
  const handler = few(d, 2, () => (d.one(6) ? { op: d.pick('lock', 'unlock'), lock: 0 } : randomOp(d, shape, 1)));
  return setting(d, shape, [
    { ops, faults, interrupt: { delivery: what, ops: handler } },
    { ops: few(d, 2, () => access(d, shape)), faults },
  ]);
}

/** Pages are freed behind an unmapping that may lack a step, and come back as something else. */
function lifeOfPages(d: Dice): Scenario {
  const shape: Shape = { levels: d.pick(1, 1, 2), pages: 1 };
  const faults = d.pick<Faults>('skip', 'skip', 'fatal', 'handler-skips');
  const page = { frame: d.pick(0, 0, 1) } as const;
  const ops: Op[] = [
    ...maintenance(d, shape).slice(0, 4),
    { op: 'free', page },
    ...few(d, 2, () => d.pick<Op>({ op: 'allocate' }, { op: 'free', page }, access(d, shape))),
  ];
  const other: Op[] = d.pick<Op[]>(
    [access(d, shape)],
    [access(d, shape), access(d, shape)],
    [{ op: 'allocate' }, ...few(d, 1, () => access(d, shape))],
  );
  const s = setting(d, shape, [
    { ops, faults },
    { ops: other, faults },
  ]);
  return { ...s, pages: [{ kind: 'page', frame: 0 }, s.pages[1]], ...(d.one(2) ? { freshPage: true } : {}) };
}

/** A grace period between two writes, or before a page is given back; readers in sections of every kind, and beside them. */
function readers(d: Dice): Scenario {
  const shape: Shape = { levels: 1, pages: 1 };
  const faults = d.pick<Faults>('skip', 'skip', 'fatal', 'handler-skips');
  const descriptor = { table: 0, page: 0 } as const;
  const before = d.pick<Op[]>(
    [{ op: 'store', at: { flag: 0 } }],
    [{ op: 'store', at: { flag: 0 }, release: true }],
    [{ op: 'set', cell: descriptor, to: { kind: 'invalid' } }],
    [
      { op: 'set', cell: descriptor, to: d.pick<Content>({ kind: 'invalid' }, { kind: 'page', frame: 1 }) },
      { op: 'dsb', type: 'store' },
      tlbi(d, shape),
      { op: 'dsb', type: 'full' },
    ],
  );
  const behind = d.pick<Op>(
    { op: 'store', at: { flag: 1 } },
    { op: 'store', at: { flag: 1 } },
    { op: 'free', page: { frame: 0 } },
    { op: 'set', cell: descriptor, to: { kind: 'page', frame: 1 } },
  );
  const writer: Op[] = [...before, { op: 'rcu', operation: 'synchronize' }, behind];
  const one = (): Op =>
    d.pick<Op>(
      { op: 'load', at: { flag: 0 } },
      { op: 'load', at: { flag: 1 } },
      { op: 'load', at: { flag: 1 }, acquire: 'full' },
      access(d, shape),
      { op: 'atomic', at: { flag: d.pick(0, 1) }, operation: 'add' },
      { op: 'dmb', type: d.pick('full', 'load') },
      { op: 'isb' },
      tlbi(d, shape),
      { op: 'dsb', type: 'full' },
    );
  const section = (): Op[] => {
    const inside = few(d, 2, one);
    return d.pick<Op[]>(
      [{ op: 'rcu', operation: 'readLock' }, ...inside, { op: 'rcu', operation: 'readUnlock' }],
      [{ op: 'rcu', operation: 'readLock' }, ...inside, { op: 'rcu', operation: 'readUnlock' }],
      [{ op: 'mask', what: 'irq' }, ...inside, { op: 'unmask', what: 'irq' }],
      [{ op: 'preempt', change: 1 }, ...inside, { op: 'preempt', change: -1 }],
      [{ op: 'lock', lock: 0 }, ...inside, { op: 'unlock', lock: 0 }],
      [{ op: 'mask', what: 'irq' }, ...inside],
    );
  };
  const reader = d.pick<Op[]>(
    section(),
    [...section(), one()],
    [one(), ...section()],
    [...section(), ...section()],
    few(d, 2, one),
  );
  const other = d.one(5) ? [{ ops: d.one(2) ? writer.slice(-2) : section(), faults }] : [];
  const handler = d.one(6) ? { interrupt: { delivery: d.pick('irq', 'nmi'), ops: few(d, 2, one) } } : {};
  const s = setting(d, shape, [{ ops: writer, faults }, { ops: reader, faults, ...handler }, ...other]);
  return { ...s, pages: [{ kind: 'page', frame: 0 }, s.pages[1]] };
}

/** An interrupt or a stopper that another CPU sends: it may come anywhere, also where its CPU waits, or is masked for ever. */
function sentInterrupts(d: Dice): Scenario {
  const shape: Shape = { levels: 1, pages: 1 };
  const faults = d.pick<Faults>('skip', 'skip', 'handler-skips');
  const delivery = d.pick('irq', 'irq', 'nmi', 'stopper');
  const sender: Op[] = [
    ...few(d, 2, () => d.pick<Op>(randomOp(d, shape, 1), { op: 'store', at: { flag: 0 } })),
    { op: 'send', to: 1 },
    d.pick<Op>({ op: 'wait', flag: 1 }, { op: 'store', at: { flag: 1 } }, access(d, shape)),
  ];
  const handler = few(d, 2, () =>
    d.pick<Op>({ op: 'store', at: { flag: 1 } }, { op: 'load', at: { flag: 0 } }, { op: 'isb' }, access(d, shape)),
  );
  const calm = (): Op[] => few(d, 2, () => randomOp(d, shape, 1));
  const receiver = d.pick<Op[]>(
    calm(),
    [...calm(), { op: 'wait', flag: 1 }],
    [
      { op: 'mask', what: delivery === 'nmi' ? 'nmi' : 'irq' },
      ...calm(),
      { op: 'unmask', what: delivery === 'nmi' ? 'nmi' : 'irq' },
    ],
    [{ op: 'lock', lock: 0 }, ...calm(), { op: 'unlock', lock: 0 }],
    [{ op: 'preempt', change: 1 }, ...calm(), ...(d.one(3) ? [] : [{ op: 'preempt', change: -1 } as const])],
    [{ op: 'mask', what: 'irq' }, ...calm()],
  );
  return setting(d, shape, [
    { ops: sender, faults },
    { ops: receiver, faults, interrupt: { delivery, ops: handler, isSent: true } },
  ]);
}

/** A load-exclusive and a store-exclusive that are tried again, once at most. */
function retries(d: Dice): Scenario {
  const shape: Shape = { levels: 1, pages: 1 };
  const faults = d.pick<Faults>('skip', 'fatal', 'handler-skips');
  const at: Target = d.one(3) ? { page: 0, word: 0 } : { flag: 0 };
  const between = d.one(3) ? [randomOp(d, shape, 1)] : [];
  const loop: Op[] = [
    { op: 'load', at, exclusive: true, ...(d.one(3) ? { acquire: 'full' as const } : {}) },
    ...between,
    { op: 'storeExclusive', at, ...(d.one(3) ? { release: true as const } : {}) },
    { op: 'retry', over: 2 + between.length },
  ];
  const ops = [...(d.one(3) ? [randomOp(d, shape, 1)] : []), ...loop, ...(d.one(2) ? [randomOp(d, shape, 1)] : [])];
  return setting(d, shape, [
    { ops, faults },
    { ops: few(d, 2, () => (d.one(3) ? randomOp(d, shape, 1) : atomicOrStore(d, at))), faults },
  ]);
}

/** Non-shareable DSBs and TLBIs, beside shareable ones: what a CPU does to its own TLB. */
function ownTlb(d: Dice): Scenario {
  const shape: Shape = { levels: d.pick(1, 1, 2), pages: 1 };
  const faults = someFaults(d);
  const ops = maintenance(d, shape).map((op): Op => {
    if (op.op === 'dsb' && d.one(2)) return { ...op, local: true };
    return op.op === 'tlbi' && d.one(3) ? { ...op, local: true } : op;
  });
  const look = (): Op => (d.one(4) ? { op: 'get', cell: cell(d, shape) } : access(d, shape));
  return setting(d, shape, [
    { ops: [...ops.slice(0, 4), ...(d.one(4) ? [{ op: 'isb' } as const] : []), access(d, shape)], faults },
    { ops: d.one(3) ? [look(), { op: 'dmb', type: 'full' }, look()] : few(d, 2, look), faults },
  ]);
}

/** At most `most` operations, one at least. */
function few(d: Dice, most: number, make: () => Op): Op[] {
  return Array.from({ length: 1 + d.below(most) }, make);
}

/** A load or store, mostly of a page. */
function access(d: Dice, shape: Shape): Op {
  const at = target(d, shape);
  return d.one(3) ? { op: 'store', at } : { op: 'load', at, ...(d.one(5) ? { acquire: 'full' } : {}) };
}

function pageContent(d: Dice): Content {
  if (d.one(5)) return { kind: 'invalid' };
  return {
    kind: 'page',
    frame: d.pick(0, 0, 1, 2),
    ...(d.one(5) ? { readOnly: true } : {}),
    ...(d.one(9) ? { old: true } : {}),
    ...(d.one(9) ? { clean: true } : {}),
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
  const scope = d.pick('all', 'address', 'address', 'address', 'range');
  return {
    op: 'tlbi',
    scope,
    page: shape.pages === 2 ? d.pick(0, 1) : 0,
    ...(d.one(3) ? { leafOnly: true } : {}),
    ...(d.one(8) ? { local: true } : {}),
    ...(scope !== 'all' && d.one(6) ? { level: d.pick(2, 3) } : {}),
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
  if (n < 78) return { op: 'dsb', type: d.pick('full', 'full', 'load', 'store'), ...(d.one(6) ? { local: true } : {}) };
  if (n < 82) return { op: 'isb' };
  if (n < 89) return tlbi(d, shape);
  if (n < 92) return { op: 'translate', page: shape.pages === 2 ? d.pick(0, 1) : 0, write: d.one(2) };
  if (n < 97) return { op: 'branch', over: d.pick(1, 2), whenZero: d.one(2) };
  return cpus > 1 ? { op: 'wait', flag: d.pick(0, 1), ...(d.one(3) ? { acquire: true } : {}) } : { op: 'isb' };
}
