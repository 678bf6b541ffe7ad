/** One instruction of a CPU as Promela statements. */

import { written } from '../../../simulator/machine/atomics';
import type { Level } from '../../../simulator/machine/granule';
import type {
  AccessInstruction,
  Instruction,
  Operand,
  Register,
  TlbiInstruction,
} from '../../../simulator/machine/program';
import type { ValueId } from '../../../simulator/machine/values';
import { all, any, choose, equals } from './expression';
import { holds, isAwaited, isFree, release, take } from './locks';
import { accessChecks, arrival, faultingValues, type ModelParts } from './memory';
import { levelNumber } from './names';
import { covers } from './plan';
import { type Point, type Possible, parOf, syndromeOf, translatesDirectly } from './reach';

/** One way for the CPU to go on. `next`: a code index, `end`, or `dead`; absent: the next instruction. */
export interface Option {
  readonly guard: string;
  readonly effects: readonly string[];
  readonly next?: number | 'end' | 'dead';
}

export interface Step {
  /** Others can tell when it happens: it is one atomic step, and interrupts are taken before it. */
  readonly visible: boolean;
  readonly options: readonly Option[];
}

/** The instructions of one CPU. */
export class Steps {
  constructor(
    private readonly parts: ModelParts,
    readonly cpu: number,
  ) {}

  private get plan() {
    return this.parts.plan;
  }

  private get program() {
    return this.plan.program.cpus[this.cpu] as (typeof this.plan.program.cpus)[number];
  }

  /** Whether it matters which interrupts are masked. */
  get tracksMasks(): boolean {
    return (
      this.program.interrupts.length > 0 ||
      this.program.code.some(
        (i) => (i.kind === 'mask' && i.save !== undefined) || (i.kind === 'systemRegister' && i.name === 'irqsMasked'),
      )
    );
  }

  point(at: number): Point | undefined {
    return this.plan.reach.points[this.cpu]?.[at];
  }

  step(at: number): Step {
    const i = this.program.code[at] as Instruction;
    const point = this.point(at) as Point;
    const { names, events } = this.parts;
    const { number, reach } = this.plan;
    const drained = names.drained(this.cpu);
    const local = (...effects: readonly string[]): Step => ({ visible: false, options: [{ guard: 'true', effects }] });
    const one = (guard: string, ...effects: readonly string[]): Step => ({
      visible: true,
      options: [{ guard, effects }],
    });
    switch (i.kind) {
      case 'access':
        return { visible: true, options: this.access(i, at, point) };
      case 'translate':
        return { visible: true, options: this.translate(i.address, i.write, i.destination, point) };
      case 'wait':
        return { visible: true, options: this.wait(i, at, point) };
      case 'dmb':
        if (i.type === 'store') return this.storeBarrier();
        return i.type === 'load' ? local(...this.noneAhead()) : one(drained, ...this.noneAhead());
      case 'dsb':
        if (i.type === 'load') return local(...this.noneAhead());
        if (i.type === 'store') return one(drained);
        return one(
          all([drained, i.domain === 'nonShareable' ? `NOTHING_PENDING_${this.cpu}` : 'NOTHING_PENDING']),
          ...this.noneAhead(),
        );
      case 'isb':
        return one('true', ...this.synchronise());
      case 'tlbi':
        return one('true', ...this.invalidate(i, point));
      case 'arithmetic': {
        const sets = i.sources.map((source) => this.set(source, point));
        const cases = product(sets).map((tuple) => ({
          condition: all(i.sources.map((source, n) => this.is(source, tuple[n] as ValueId, point))),
          result: String(number(reach.values.compute(i.operation, tuple[0] ?? 0, tuple[1] ?? 0, tuple[2] ?? 0))),
        }));
        return local(this.assign(i.destination, choose(cases)));
      }
      case 'branch': {
        const zero = this.is(i.condition, 0, point);
        const taken = i.whenZero ? zero : `!(${zero})`;
        if (zero === 'true' || zero === 'false') {
          const goes = (zero === 'true') === i.whenZero;
          return { visible: false, options: [{ guard: 'true', effects: [], ...(goes ? { next: i.target } : {}) }] };
        }
        return {
          visible: false,
          options: [
            { guard: taken, effects: [], next: i.target },
            { guard: 'else', effects: [] },
          ],
        };
      }
      case 'jump':
        return { visible: false, options: [{ guard: 'true', effects: [], next: i.target }] };
      case 'choose':
        return { visible: false, options: i.targets.map((next) => ({ guard: 'true', effects: [], next })) };
      case 'end':
        return { visible: false, options: [{ guard: 'true', effects: [], next: 'end' }] };
      case 'eret':
        return { visible: true, options: this.exceptionReturn(i.toFixup === true, point.depth) };
      case 'systemRegister': {
        const d = Math.max(1, point.depth);
        if (i.read === undefined) return local();
        const source = {
          esr: `esr${d}`,
          far: `far${d}`,
          elr: '0',
          fixup: this.hasFixup(d),
          irqsMasked: choose([
            { condition: `irqs${d} != 0`, result: String(number(reach.values.of(1n))) },
            { condition: `irqs${d} == 0`, result: '0' },
          ]),
        }[i.name];
        return local(this.assign(i.read, source));
      }
      case 'cpuNumber':
        return local(this.assign(i.destination, String(number(reach.values.of(BigInt(this.cpu))))));
      case 'mask':
        return local(...this.mask(i, point));
      case 'lock': {
        const { program } = this.plan;
        const free = isFree(i);
        const counts = this.tracksMasks && /pin$/.test(program.locks[i.lock]?.kind ?? '');
        const effects = [...take(i, this.cpu), ...(counts ? ['nopreempt++'] : [])];
        if (i.taken === undefined) return one(free, `wants${this.cpu} = 0`, ...effects, ...this.noneAhead());
        const yes = String(number(reach.values.of(1n)));
        const awaited = isAwaited(program, i);
        const [had, refused] =
          awaited === 'false' ? [free, `!${free}`] : [`${free} && !${awaited}`, `!${free} || ${awaited}`];
        return {
          visible: true,
          options: [
            { guard: had, effects: [...effects, ...this.noneAhead(), this.assign(i.taken, yes)] },
            { guard: refused, effects: [this.assign(i.taken, '0')] },
          ],
        };
      }
      case 'unlock': {
        const { program } = this.plan;
        const counts = this.tracksMasks && /pin$/.test(program.locks[i.lock]?.kind ?? '');
        return one(
          drained,
          `if :: !${holds(i.lock, this.cpu)} -> ${events.tell('unlock-not-held', this.cpu)} :: else fi`,
          release(program, i.lock, this.cpu),
          ...(counts ? ['if :: nopreempt > 0 -> nopreempt-- :: else fi'] : []),
        );
      }
      case 'assertHeld':
        return one('true', `if :: !${holds(i.lock, this.cpu)} -> ${events.tell('lock-not-held', this.cpu)} :: else fi`);
      case 'allocate':
        return { visible: true, options: this.allocate(i.page, i.destination) };
      case 'free':
        return one(drained, ...this.free(i.address, point));
      case 'rcu':
        return this.rcu(i.operation);
      case 'sendInterrupt':
        return one(
          drained,
          ...this.plan.program.cpus.flatMap((other, u) =>
            u === this.cpu || (i.cpu !== undefined && i.cpu !== u) || other.interrupts[i.interrupt] === undefined
              ? []
              : [`sent${u}_${i.interrupt} = 1`],
          ),
        );
      case 'report':
        return this.report(i, point);
      case 'svc':
        this.parts.unsaid.prevented('a supervisor call', 'the model has faults and interrupts only', i.site);
        return local();
    }
  }

  /** The value of an operand as an expression. */
  text(operand: Operand, { registers }: Point): string {
    const { number, reach } = this.plan;
    if (operand.kind === 'value') return String(number(reach.values.of(operand.value)));
    const set = registers[operand.register] as Possible;
    return set.size === 1 ? String(number([...set][0] as ValueId)) : `x${operand.register}`;
  }

  private set(operand: Operand | undefined, { registers }: Point): readonly ValueId[] {
    if (operand === undefined) return [0];
    if (operand.kind === 'value') return [this.plan.reach.values.of(operand.value)];
    return [...(registers[operand.register] as Possible)];
  }

  private is(operand: Operand | undefined, value: ValueId, point: Point): string {
    const set = this.set(operand, point);
    if (!set.includes(value)) return 'false';
    if (set.length === 1 || operand === undefined) return 'true';
    return equals(this.text(operand, point), this.plan.number(value));
  }

  assign(register: Register | undefined, value: string): string {
    return register === undefined ? 'skip' : `x${register} = ${value}`;
  }

  /** Loads that went ahead are done again: what comes now is ordered behind what came before. */
  noneAhead(): readonly string[] {
    return (this.plan.early[this.cpu] ?? []).map((address) => `${this.parts.names.ahead(this.cpu, address)} = 0`);
  }

  /** A context synchronisation: walks and loads that went ahead are done again. */
  synchronise(): readonly string[] {
    if (this.plan.ets) return this.noneAhead();
    const walks = this.plan.cells.flatMap((cell) => {
      const faulting = faultingValues(this.plan, cell);
      if (!cell.walkers.includes(this.cpu) || faulting.length === 0) return [];
      const memory = this.parts.names.memory(cell.word);
      const now = any(faulting.map((value) => equals(memory, this.plan.number(value))));
      return [`${this.parts.names.early(this.cpu, cell.word)} = (${now} -> ${memory} + 1 : 0)`];
    });
    return [...walks, ...this.noneAhead()];
  }

  /** The addresses that an access may have, each with the condition on its registers. */
  private addresses(base: Operand, offset: Operand | undefined, point: Point) {
    const { values } = this.plan.reach;
    return this.set(base, point).flatMap((b) =>
      this.set(offset, point).map((o) => ({
        address: values.sum(b, o),
        when: all([this.is(base, b, point), offset === undefined ? 'true' : this.is(offset, o, point)]),
      })),
    );
  }

  private access(i: AccessInstruction, at: number, point: Point): readonly Option[] {
    const options: Option[] = [];
    const reads = i.access !== 'store';
    const writes = i.access !== 'load';
    if (i.exclusive === true)
      this.parts.unsaid.prevented('a load or store exclusive', 'the model has atomics only', i.site);
    const { translation } = this.parts;
    options.push(...this.loadedAhead(i, point));
    for (const { address, when } of this.addresses(i.base, i.offset, point)) {
      const direct = translatesDirectly(this.plan.program, this.plan.reach.values.get(address));
      if (direct !== undefined) {
        options.push(this.atWord(i, this.plan.reach.values.of(direct), when, undefined, point));
        continue;
      }
      for (const path of translation.paths(address, writes)) {
        const usable = all([when, translation.usable(this.cpu, path)]);
        if (path.end.kind === 'word') options.push(this.atWord(i, path.end.word, usable, address, point));
        else {
          if (path.end.updates) this.hardwareUpdate(i.site);
          const { fault, level } = path.end;
          options.push(
            ...this.fault(usable, at, point.depth, fault, level, syndromeOf(fault, level, reads, writes), address),
          );
        }
      }
    }
    return options;
  }

  /** The load has gone before older ones. */
  private loadedAhead(i: AccessInstruction, point: Point): readonly Option[] {
    const { number, reach, early } = this.plan;
    if (point.depth !== 0 || i.access !== 'load' || i.acquire !== undefined) return [];
    if (i.base.kind !== 'value' || i.offset.kind !== 'value') return [];
    const address = reach.values.of(i.base.value + i.offset.value);
    if (!early[this.cpu]?.includes(address)) return [];
    const ahead = this.parts.names.ahead(this.cpu, address);
    const possible = new Set(this.parts.wordsOf(address).flatMap((word) => [...reach.valuesOf(word)]));
    const read = choose(
      [...possible].map((value) => ({
        condition: equals(ahead, number(value) + 1),
        result: String(number(reach.values.truncate(value, i.bytes))),
      })),
    );
    return [{ guard: `${ahead} != 0`, effects: [this.assign(i.destination, read), `${ahead} = 0`] }];
  }

  /** What an access does to loads of the CPU that went ahead: an acquire comes before them, a newer value is not unseen. */
  private loadsAfter(i: AccessInstruction, word: ValueId): readonly string[] {
    if (i.acquire !== undefined) return this.noneAhead();
    return (this.plan.early[this.cpu] ?? [])
      .filter((address) => this.parts.wordsOf(address).includes(word))
      .map((address) => `${this.parts.names.ahead(this.cpu, address)} = 0`);
  }

  private hardwareUpdate(site: number): void {
    const { hardwareAccessFlag, hardwareDirtyState } = this.program;
    if (hardwareAccessFlag || hardwareDirtyState)
      this.parts.unsaid.prevented(
        'hardware management of the access flag and the dirty state',
        'the model has no updates of descriptors by hardware',
        site,
      );
  }

  /** The access at a word that it has come to, directly or through a translation. */
  private atWord(
    i: AccessInstruction,
    word: ValueId,
    guard: string,
    address: ValueId | undefined,
    point: Point,
  ): Option {
    const { names } = this.parts;
    const { number, reach, buffered } = this.plan;
    const { values } = reach;
    const through = address === undefined ? [] : [address];
    const isBuffered = buffered[this.cpu]?.includes(word) ?? false;
    const source = names.read(this.cpu, word);
    const read = choose(
      [...reach.valuesOf(word)].map((value) => ({
        condition: equals(source, number(value)),
        result: String(number(values.truncate(value, i.bytes))),
      })),
    );
    const narrow = [...reach.valuesOf(word)].every((value) => values.truncate(value, i.bytes) === value);
    const readText = narrow ? source : read;
    const drained = i.release === true ? names.drained(this.cpu) : 'true';
    if (i.access === 'load')
      return {
        guard,
        effects: [
          ...accessChecks(this.parts, this.cpu, word, through, readText),
          this.assign(i.destination, readText),
          ...this.loadsAfter(i, word),
        ],
      };
    if (i.access === 'store') {
      const value = choose(
        this.set(i.value, point).map((one) => ({
          condition: this.is(i.value, one, point),
          result: String(number(values.truncate(one, i.bytes))),
        })),
      );
      if (!isBuffered)
        return {
          guard: all([guard, drained]),
          effects: [...arrival(this.parts, this.cpu, word, value, through), ...this.loadsAfter(i, word)],
        };
      const buffer = names.buffer(this.cpu, word);
      return {
        guard: all([guard, drained, `${buffer} == 0`]),
        effects: [`${buffer} = ${value} + 1`, ...this.loadsAfter(i, word)],
      };
    }
    // An atomic works on memory itself, when no older store of its own to the word waits.
    const own = isBuffered ? `${names.buffer(this.cpu, word)} == 0` : 'true';
    const memory = names.memory(word);
    const known = [...reach.valuesOf(word)];
    const results: { condition: string; result: string }[] = [];
    for (const old of known)
      for (const operand of this.set(i.value, point)) {
        const cut = values.truncate(old, i.bytes);
        const expected = i.operation === 'compareAndSwap' ? this.set(i.compare, point) : [undefined];
        for (const compare of expected) {
          const fails = compare !== undefined && values.truncate(compare, i.bytes) !== cut;
          results.push({
            condition: all([
              equals(memory, number(old)),
              this.is(i.value, operand, point),
              compare === undefined ? 'true' : this.is(i.compare, compare, point),
            ]),
            result: String(number(fails ? old : written(values, i, cut, operand))),
          });
        }
      }
    return {
      guard: all([guard, drained, own]),
      effects: [
        `scratch = ${memory}`,
        ...this.loadsAfter(i, word),
        ...arrival(this.parts, this.cpu, word, choose(results), through),
        ...(i.destination === undefined
          ? []
          : [
              this.assign(
                i.destination,
                narrow
                  ? 'scratch'
                  : choose(
                      known.map((value) => ({
                        condition: equals('scratch', number(value)),
                        result: String(number(values.truncate(value, i.bytes))),
                      })),
                    ),
              ),
            ]),
      ],
    };
  }

  /** Takes a fault: the handler's copy for the next depth begins. */
  private fault(
    guard: string,
    at: number,
    depth: number,
    kind: number,
    level: number,
    esr: bigint,
    address: ValueId,
  ): readonly Option[] {
    const { faults } = this.program;
    const { number, reach } = this.plan;
    const entry = faults.kind === 'handler' ? faults.entries[depth] : undefined;
    const outcome = ['', 'translation-fault', 'access-flag-fault', 'permission-fault'][kind] as string;
    const effects = [this.parts.events.tell(outcome, this.cpu, String(levelNumber(level)))];
    if (entry === undefined) {
      if (faults.kind === 'handler')
        this.parts.unsaid.leftOut(
          'exceptions within exceptions',
          `at most ${faults.entries.length} deep; an execution ends where one more comes`,
        );
      return [{ guard, effects, next: 'dead' }];
    }
    const d = depth + 1;
    return [
      {
        guard,
        effects: [
          ...effects,
          `esr${d} = ${number(reach.values.of(esr))}`,
          `far${d} = ${number(address)}`,
          `level${d} = ${levelNumber(level)}`,
          ...this.saveContext(d, at),
          ...(this.tracksMasks ? ['noirq = 1', 'nonmi = 1'] : []),
          ...this.synchronise(),
        ],
        next: entry,
      },
    ];
  }

  saveContext(d: number, at: number): readonly string[] {
    if (!this.tracksMasks) return [`elr${d} = ${at}`];
    return [`elr${d} = ${at}`, `irqs${d} = noirq`, `nmis${d} = nonmi`, `preempts${d} = nopreempt`];
  }

  private exceptionReturn(toFixup: boolean, depth: number): readonly Option[] {
    if (depth === 0) return [{ guard: 'true', effects: [], next: 'end' }];
    const froms = [...(this.plan.reach.exceptions[this.cpu]?.[depth]?.from ?? [])].filter(
      (at) => this.step(at).visible || this.program.code[at]?.kind === 'end',
    );
    return froms.map((from) => {
      const i = this.program.code[from];
      const fixup = i?.kind === 'access' ? i.fixup : undefined;
      return {
        guard: `elr${depth} == ${from}`,
        effects: [
          ...(this.tracksMasks ? [`noirq = irqs${depth}`, `nonmi = nmis${depth}`, `nopreempt = preempts${depth}`] : []),
          ...['elr', 'esr', 'far', 'level', ...(this.tracksMasks ? ['irqs', 'nmis', 'preempts'] : [])].map(
            (name) => `${name}${depth} = 0`,
          ),
          ...this.synchronise(),
        ],
        next: toFixup && fixup !== undefined ? fixup : from,
      };
    });
  }

  private hasFixup(depth: number): string {
    const froms = [...(this.plan.reach.exceptions[this.cpu]?.[depth]?.from ?? [])].filter((at) => {
      const i = this.program.code[at];
      return i?.kind === 'access' && i.fixup !== undefined && i.fixup !== at;
    });
    const has = any(froms.map((at) => `elr${depth} == ${at}`));
    const yes = String(this.plan.number(this.plan.reach.values.of(1n)));
    if (has === 'false') return '0';
    return `(${has} -> ${yes} : 0)`;
  }

  private translate(address: Operand, write: boolean, destination: Register, point: Point): readonly Option[] {
    const { translation } = this.parts;
    const { number, reach } = this.plan;
    return this.addresses(address, undefined, point).flatMap(({ address: va, when }) => {
      const direct = translatesDirectly(this.plan.program, reach.values.get(va));
      if (direct !== undefined)
        return [
          { guard: when, effects: [this.assign(destination, String(number(reach.values.of(direct & ~0xfffn))))] },
        ];
      return translation.paths(va, write).map((path) => ({
        guard: all([when, translation.usable(this.cpu, path)]),
        effects: [this.assign(destination, String(number(reach.values.of(parOf(reach.values, path)))))],
      }));
    });
  }

  private wait(i: Extract<Instruction, { kind: 'wait' }>, at: number, point: Point): readonly Option[] {
    const { translation, names } = this.parts;
    const { number, reach } = this.plan;
    const holds = (word: ValueId): string => {
      const source = names.read(this.cpu, word);
      const wanted = [...reach.valuesOf(word)].filter((value) =>
        this.set(i.value, point).some(
          (v) => (reach.values.truncate(value, i.bytes) === v) === (i.comparison === 'equal'),
        ),
      );
      if (this.set(i.value, point).length > 1)
        this.parts.unsaid.prevented('a wait for a value that is not known', 'the model waits for constants', i.site);
      return any(wanted.map((value) => equals(source, number(value))));
    };
    return this.addresses(i.address, undefined, point).flatMap(({ address, when }) => {
      const direct = translatesDirectly(this.plan.program, reach.values.get(address));
      if (direct !== undefined) return [{ guard: all([when, holds(reach.values.of(direct))]), effects: [] }];
      return translation.paths(address, false).flatMap((path): readonly Option[] => {
        const usable = all([when, translation.usable(this.cpu, path)]);
        if (path.end.kind === 'word') return [{ guard: all([usable, holds(path.end.word)]), effects: [] }];
        const { fault, level } = path.end;
        return this.fault(usable, at, point.depth, fault, level, syndromeOf(fault, level, true, false), address);
      });
    });
  }

  /** DMB ST: what waits goes before what comes; a second one waits until the first has been kept. */
  private storeBarrier(): Step {
    const words = this.plan.buffered[this.cpu] ?? [];
    const { names } = this.parts;
    return {
      visible: true,
      options: [
        {
          guard: all(words.map((word) => `${names.older(this.cpu, word)} == 0`)),
          effects: words.map((word) => `${names.older(this.cpu, word)} = (${names.buffer(this.cpu, word)} != 0)`),
        },
      ],
    };
  }

  private invalidate(i: TlbiInstruction, point: Point): readonly string[] {
    const { names } = this.parts;
    const { reach, cells } = this.plan;
    const field = (1n << 44n) - 1n;
    const kind = i.leafOnly || i.level !== undefined ? 2 + (i.level === undefined ? 0 : levelNumber(i.level)) : 1;
    if (i.level !== undefined && !i.leafOnly)
      this.parts.unsaid.leftOut(
        'a TLBI with a level hint',
        'it counts as one of leaf entries of that level only',
        i.site,
      );
    return cells.flatMap((cell) => {
      const covered = any(
        this.set(i.operand, point).flatMap((first) =>
          this.set(i.scope === 'range' ? i.lastOperand : i.operand, point).flatMap((last) => {
            const from = reach.values.get(first) & field;
            const to = i.scope === 'range' ? reach.values.get(last) & field : from;
            const hits = i.scope === 'all' || cell.places.some((place) => covers(reach, place, from, to));
            if (!hits) return [];
            return [
              all([
                i.operand === undefined ? 'true' : this.is(i.operand, first, point),
                i.lastOperand === undefined ? 'true' : this.is(i.lastOperand, last, point),
              ]),
            ];
          }),
        ),
      );
      if (covered === 'false') return [];
      return cell.tlbs
        .filter((u) => i.innerShareable || u === this.cpu)
        .map((u) => {
          const pending = names.pending(u, cell.word);
          const set = `${pending} = ${kind === 1 ? '1' : `(${pending} == 1 -> 1 : ${kind})`}`;
          return covered === 'true' ? set : `if :: ${covered} -> ${set} :: else fi`;
        });
    });
  }

  private mask(i: Extract<Instruction, { kind: 'mask' }>, point: Point): readonly string[] {
    if (!this.tracksMasks) return [];
    const d = point.depth;
    const effects: string[] = [];
    const yes = String(this.plan.number(this.plan.reach.values.of(1n)));
    if (i.save !== undefined) effects.push(this.assign(i.save, `(noirq != 0 -> ${yes} : 0)`));
    const change = (how: typeof i.irq, variable: string, saved: string): void => {
      if (how === undefined) return;
      if (how === 'mask') effects.push(`${variable} = 1`);
      else if (how === 'unmask') effects.push(`${variable} = 0`);
      else if (how === 'inherit') effects.push(`${variable} = ${d > 0 ? `${saved}${d}` : '0'}`);
      else effects.push(`${variable} = (${i.from === undefined ? '0' : this.text(i.from, point)} != 0)`);
    };
    // The saved mask is read before it is written over.
    change(i.irq, 'noirq', 'irqs');
    change(i.nmi, 'nonmi', 'nmis');
    if (i.preemption !== undefined)
      effects.push(i.preemption > 0 ? 'nopreempt++' : 'if :: nopreempt > 0 -> nopreempt-- :: else fi');
    return effects;
  }

  private allocate(page: bigint | undefined, destination: Register): readonly Option[] {
    const { names } = this.parts;
    const { reach, program, number } = this.plan;
    if (page !== undefined)
      return [{ guard: 'true', effects: [this.assign(destination, String(number(reach.values.of(page))))] }];
    // Fresh pages are alike, so they are handed out in order; every page that was given back is a choice of its own.
    const fresh = new Set(program.freePages.map((one) => reach.values.of(one)));
    const before: string[] = [];
    return [...reach.frames].map((frame) => {
      const isFree = `${names.frame(frame)} == 1`;
      const guard = fresh.has(frame) ? all([isFree, ...before]) : isFree;
      if (fresh.has(frame)) before.push(`${names.frame(frame)} != 1`);
      return {
        guard: all([guard, names.drained(this.cpu)]),
        effects: [`${names.frame(frame)} = 2`, this.assign(destination, String(number(frame)))],
      };
    });
  }

  private free(address: Operand, point: Point): readonly string[] {
    const { names, events } = this.parts;
    const { reach, cells, number, program } = this.plan;
    return this.set(address, point).flatMap((page) => {
      const frame = names.frame(page);
      const at = reach.values.get(page);
      const reachable: string[] = [];
      const leads = (value: ValueId, level: Level): boolean => {
        const entry = reach.entries.describe(value, level);
        const bytes = entry.kind === 'table' ? program.pageBytes : reach.entries.span(level);
        return entry.cacheable && entry.output < at + program.pageBytes && entry.output + bytes > at;
      };
      for (const [word, places] of reach.walker.cells) {
        const cell = cells.find((one) => one.word === word);
        for (const { level } of places)
          for (const value of reach.valuesOf(word)) {
            if (!leads(value, level)) continue;
            if (cell === undefined) reachable.push('true');
            else
              reachable.push(
                equals(names.memory(word), number(value)),
                ...cell.tlbs.map((u) => equals(names.tlb(u, word), number(value) + 1)),
              );
          }
      }
      const effects = [
        `if :: ${frame} == 1 -> ${events.tell('double-free', this.cpu)} :: else fi`,
        `${frame} = 1`,
        `if :: ${any(reachable)} -> ${events.tell('freed-page-reachable', this.cpu)} :: else fi`,
      ];
      const when = this.is(address, page, point);
      return when === 'true' ? effects : [`if :: ${when} -> ${effects.join('; ')} :: else fi`];
    });
  }

  private rcu(operation: 'readLock' | 'readUnlock' | 'synchronize'): Step {
    const cpus = this.plan.program.cpus.map((_, u) => u);
    const me = `reads${this.cpu}`;
    if (operation === 'readLock') return { visible: true, options: [{ guard: 'true', effects: [`${me}++`] }] };
    const leave = cpus.map((u) => `grace${u} = grace${u} & ${~(1 << this.cpu) & 0xffff}`);
    if (operation === 'readUnlock')
      return {
        visible: true,
        options: [
          {
            guard: this.parts.names.drained(this.cpu),
            effects: [`if :: ${me} > 0 -> ${me}-- :: else fi`, `if :: ${me} == 0 -> ${leave.join('; ')} :: else fi`],
          },
        ],
      };
    const own = `grace${this.cpu}`;
    const begun = 1 << 15;
    const readers = cpus.map((u) => `(reads${u} != 0 -> ${1 << u} : 0)`).join(' + ');
    return {
      visible: true,
      options: [
        {
          guard: all([`${own} == 0`, this.parts.names.drained(this.cpu)]),
          effects: [`${own} = ${begun} + ${readers}`],
          next: -1,
        },
        { guard: `${own} == ${begun}`, effects: [`${own} = 0`] },
      ],
    };
  }

  private report(i: Extract<Instruction, { kind: 'report' }>, point: Point): Step {
    const { events } = this.parts;
    const d = point.depth;
    const level = d > 0 ? `level${d}` : undefined;
    const told = events.tell(i.outcome, this.cpu, level);
    const happens = i.unless === undefined ? 'true' : this.is(i.unless, 0, point);
    const ends = i.fatal === true || i.panic === true;
    const options: Option[] = [];
    if (happens !== 'false') {
      if (!ends) options.push({ guard: happens, effects: [told] });
      else {
        const interrupted = any(Array.from({ length: d }, (_, n) => `esr${n + 1} == 0`));
        const panic = [events.tell('panic', this.cpu, level), 'panicked = 1'];
        const more =
          i.panic === true
            ? ['panicked = 1']
            : interrupted === 'false' || !this.plan.panics
              ? []
              : [`if :: ${interrupted} -> ${panic.join('; ')} :: else fi`];
        options.push({
          guard: all([happens, this.parts.names.drained(this.cpu)]),
          effects: [told, ...more],
          next: 'dead',
        });
      }
    }
    if (happens !== 'true') options.push({ guard: happens === 'false' ? 'true' : `!(${happens})`, effects: [] });
    return { visible: ends, options };
  }
}

function product(sets: readonly (readonly ValueId[])[]): readonly (readonly ValueId[])[] {
  return sets.reduce<readonly (readonly ValueId[])[]>(
    (tuples, set) => tuples.flatMap((tuple) => set.map((value) => [...tuple, value])),
    [[]],
  );
}
