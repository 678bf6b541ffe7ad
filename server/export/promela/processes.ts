/** The processes of an exported model: one for each CPU, one for each CPU's store buffer and TLB. */

import type { Level } from '../../../simulator/machine/granule';
import type { ValueId } from '../../../simulator/machine/values';
import { all, any, equals } from './expression';
import { wanted } from './locks';
import { arrival, type ModelParts } from './memory';
import { levelNumber } from './names';
import { translatesDirectly } from './reach';
import { type Option, Steps } from './step';

/** The text of an instruction for a comment. */
export type Describe = (cpu: number, at: number) => string;

export function cpuProcess(parts: ModelParts, cpu: number, describe: Describe): readonly string[] {
  const { plan } = parts;
  const program = plan.program.cpus[cpu] as (typeof plan.program.cpus)[number];
  const steps = new Steps(parts, cpu);
  const depths = Math.max(0, (plan.reach.exceptions[cpu]?.length ?? 1) - 1);
  const lines: string[] = [`active proctype cpu${cpu}()`, '{'];
  const declare = (names: readonly string[], type: string): void => {
    if (names.length > 0) lines.push(`  ${type} ${names.map((name) => `${name} = 0`).join(', ')};`);
  };
  for (let r = 0; r < program.registers; r++) {
    const initial = plan.number(plan.reach.values.of(program.initial.get(r) ?? 0n));
    lines.push(`  short x${r} = ${initial};`);
  }
  for (let d = 1; d <= depths; d++) {
    declare([`elr${d}`, `esr${d}`, `far${d}`], 'short');
    declare([`level${d}`, ...(steps.tracksMasks ? [`irqs${d}`, `nmis${d}`, `preempts${d}`] : [])], 'byte');
  }
  if (steps.tracksMasks) lines.push(`  byte noirq = ${program.irqsMasked ? 1 : 0}, nonmi = 0, nopreempt = 0;`);
  if (program.code.some((i) => i.kind === 'access' && i.access === 'atomic')) lines.push('  short scratch = 0;');
  program.interrupts.forEach((interrupt, i) => {
    lines.push(`  byte left${i} = ${interrupt.times};`);
  });
  const reached = program.code.flatMap((_, at) => (steps.point(at) === undefined ? [] : [at]));
  const label = (next: number | 'end' | 'dead'): string =>
    typeof next === 'number' ? `L${next}` : next === 'end' ? 'finish' : 'dead';
  reached.forEach((at, n) => {
    const step = steps.step(at);
    const following = reached[n + 1] === at + 1 ? undefined : at + 1 < program.code.length ? at + 1 : ('end' as const);
    const dead = deadRegisters(parts, cpu, at, reached);
    const interrupts = step.visible || program.code[at]?.kind === 'end' ? interruptOptions(parts, steps, at) : [];
    const text = describe(cpu, at);
    lines.push(`L${at}:${text === '' ? '' : `  /* ${text} */`}`);
    if (dead.length > 0) lines.push(`  ${dead.map((r) => `x${r} = 0`).join('; ')};`);
    lines.push(
      ...optionLines(
        parts,
        { cpu, at },
        program.code[at]?.kind === 'end' ? 'end' : following,
        step.options,
        interrupts,
        label,
        step.visible || interrupts.length > 0,
      ),
    );
  });
  lines.push('finish:');
  const observed = plan.program.observe.flatMap((o) => (o.kind === 'register' && o.cpu === cpu ? [o.register] : []));
  const finals = [...new Set(observed)].map((r) => `final${cpu}_${r} = x${r}`);
  const finish = [...finals, `finished${cpu} = 1`];
  const idle = reached
    .filter((at) => program.code[at]?.kind === 'end' && steps.point(at)?.depth === 0)
    .flatMap((at) => interruptOptions(parts, steps, at))
    .filter((option) => option.guard !== 'false');
  lines.push(`  atomic { ${finish.join('; ')} };`);
  if (idle.length > 0) {
    lines.push('  if');
    for (const option of idle)
      lines.push(
        `  :: atomic { ${statements({ ...option, effects: [`finished${cpu} = 0`, ...option.effects] }, label)} }`,
      );
    lines.push('  :: false', '  fi;');
  } else lines.push('  false;');
  lines.push('dead:', `  atomic { ${finish.join('; ')} };`, '  false', '}');
  return lines;
}

function statements(option: Option, label: (next: number | 'end' | 'dead') => string): string {
  const effects = option.effects.filter((e) => e !== 'skip');
  const parts = [option.guard, ...effects];
  if (option.next !== undefined) parts.push(`goto ${label(option.next)}`);
  return parts
    .map((part, i) => (i === 0 ? `${part} ->` : i < parts.length - 1 ? `${part};` : part))
    .join(' ')
    .replace(/ ->$/, '');
}

function optionLines(
  parts: ModelParts,
  { cpu, at }: { readonly cpu: number; readonly at: number },
  following: number | 'end' | undefined,
  options: readonly Option[],
  interrupts: readonly Option[],
  label: (next: number | 'end' | 'dead') => string,
  atomic: boolean,
): readonly string[] {
  const run = parts.plan.panics ? ['!panicked'] : [];
  const going = options.map((option): Option => {
    const next = option.next === -1 ? at : (option.next ?? following);
    return next === undefined ? option : { ...option, next };
  });
  const every = [...interrupts, ...going]
    .filter((option) => option.guard !== 'false')
    .map((option) => (option.guard === 'else' || !atomic ? option : { ...option, guard: all([...run, option.guard]) }));
  if (every.length === 0) return ['  false;'];
  const [only] = every;
  const wants = wantOf(parts, cpu, at);
  if (every.length === 1 && only !== undefined) {
    const text = statements(only, label);
    const plain = text.replace(/^true -> /, '').replace(/^true$/, 'skip');
    return [...wants, atomic && only.effects.length > 0 ? `  atomic { ${text} };` : `  ${plain};`];
  }
  return [
    ...wants,
    '  if',
    ...every.map((option) => {
      const text = statements(option, label);
      return atomic && option.guard !== 'else' ? `  :: atomic { ${text} }` : `  :: ${text}`;
    }),
    '  fi;',
  ];
}

/** Before a lock that is waited for: which one and how, so that a deadlock has a name and those that try to read see a writer. */
function wantOf({ plan }: ModelParts, cpu: number, at: number): readonly string[] {
  const i = plan.program.cpus[cpu]?.code[at];
  return i?.kind === 'lock' && i.taken === undefined ? [`  wants${cpu} = ${wanted(i.lock, i.mode)};`] : [];
}

/** Registers that no later instruction reads and that were live before: they are cleared, so that fewer states differ. */
function deadRegisters({ plan }: ModelParts, cpu: number, at: number, reached: readonly number[]): readonly number[] {
  const program = plan.program.cpus[cpu] as (typeof plan.program.cpus)[number];
  const before = reached.filter((from) => successors(program.code[from], from).includes(at));
  const dead: number[] = [];
  for (let r = 0; r < program.registers; r++) {
    const set = plan.reach.points[cpu]?.[at]?.registers[r];
    if (set === undefined || (set.size === 1 && set.has(0)) || plan.isLive(cpu, at, r)) continue;
    if (writes(program.code[at], r)) continue;
    if (before.some((from) => plan.isLive(cpu, from, r) || writes(program.code[from], r))) dead.push(r);
  }
  return dead;
}

function successors(i: { readonly kind: string; readonly target?: number } | undefined, at: number): readonly number[] {
  if (i === undefined || i.kind === 'end' || i.kind === 'eret') return [];
  if (i.kind === 'jump') return [i.target as number];
  return i.kind === 'branch' ? [at + 1, i.target as number] : [at + 1];
}

function writes(i: object | undefined, register: number): boolean {
  if (i === undefined) return false;
  const one = i as { destination?: number; read?: number; save?: number; taken?: number };
  return [one.destination, one.read, one.save, one.taken].includes(register);
}

/** The interrupts that the CPU may take before the instruction. */
function interruptOptions({ plan }: ModelParts, steps: Steps, at: number): readonly Option[] {
  const program = plan.program.cpus[steps.cpu] as (typeof plan.program.cpus)[number];
  const depth = steps.point(at)?.depth ?? 0;
  return program.interrupts.flatMap((interrupt, i): readonly Option[] => {
    const entry = interrupt.entries[depth];
    if (entry === undefined) return [];
    const d = depth + 1;
    const unmasked = {
      irq: 'noirq == 0',
      nmi: 'nonmi == 0',
      stopper: all(['noirq == 0', 'nopreempt == 0', depth === 0 ? 'true' : 'false']),
    }[interrupt.delivery];
    const sent = `sent${steps.cpu}_${i}`;
    return [
      {
        guard: all([`(${sent} != 0 || left${i} > 0)`, unmasked]),
        effects: [
          `if :: ${sent} != 0 -> ${sent} = 0 :: else -> left${i}-- fi`,
          ...steps.saveContext(d, at),
          `esr${d} = 0`,
          `far${d} = 0`,
          `level${d} = 0`,
          'noirq = 1',
          ...(interrupt.delivery === 'nmi' ? ['nonmi = 1'] : []),
          ...steps.synchronise(),
        ],
        next: entry,
      },
    ];
  });
}

/** The store buffer, the walker and the TLB of a CPU; nothing when it has none of them. */
export function memoryProcess(parts: ModelParts, cpu: number): readonly string[] {
  const { plan, names } = parts;
  const { reach } = plan;
  const options: string[] = [];
  const words = plan.buffered[cpu] ?? [];
  const barriers = plan.program.cpus[cpu]?.code.some((i) => i.kind === 'dmb' && i.type === 'store') ?? false;
  for (const word of words) {
    const buffer = names.buffer(cpu, word);
    const mayGo = barriers
      ? any([`${names.older(cpu, word)} != 0`, all(words.map((one) => `${names.older(cpu, one)} == 0`))])
      : 'true';
    const arrives = arrival(parts, cpu, word, `(${buffer} - 1)`, plan.translated[cpu]?.get(word) ?? []);
    const clear = [`${buffer} = 0`, ...(barriers ? [`${names.older(cpu, word)} = 0`] : [])];
    options.push(
      `  :: d_step { ${all([`${buffer} != 0`, mayGo])} -> ${[...arrives, ...clear].join('; ')} }  /* a store arrives */`,
    );
  }
  for (const address of plan.early[cpu] ?? []) {
    const ahead = names.ahead(cpu, address);
    const read = (word: ValueId, when: string): void => {
      // What waits in the CPU's own buffer is read from there, when the load's turn comes.
      const own = words.includes(word) ? `${names.buffer(cpu, word)} == 0` : 'true';
      const memory = names.memory(word);
      options.push(
        `  :: d_step { ${all([when, own, `${ahead} != ${memory} + 1`])} -> ${ahead} = ${memory} + 1 }  /* a load goes ahead */`,
      );
    };
    const direct = translatesDirectly(plan.program, reach.values.get(address));
    if (direct !== undefined) read(reach.values.of(direct), 'true');
    else
      for (const path of reach.walker.paths(address, false))
        if (path.end.kind === 'word') read(path.end.word, parts.translation.usable(cpu, path));
  }
  // An invalidation is complete when the stores that were translated before are in memory.
  const inFlight = words
    .filter((word) => plan.translated[cpu]?.has(word))
    .map((word) => `${names.buffer(cpu, word)} == 0`);
  for (const cell of plan.cells) {
    if (!cell.tlbs.includes(cpu)) continue;
    const memory = names.memory(cell.word);
    const tlb = names.tlb(cpu, cell.word);
    const pending = names.pending(cpu, cell.word);
    const cacheable = [...reach.valuesOf(cell.word)].filter((value) =>
      cell.places.some(({ level }) => reach.entries.describe(value, level as Level).cacheable),
    );
    const isCacheable = any(cacheable.map((value) => equals(memory, plan.number(value))));
    options.push(
      `  :: d_step { ${all([isCacheable, `${tlb} != ${memory} + 1`])} -> ${tlb} = ${memory} + 1 }  /* a walk goes ahead */`,
    );
    const leaves = cacheable.filter((value) =>
      cell.places.some(({ level }) => reach.entries.describe(value, level as Level).kind === 'leaf'),
    );
    const isLeaf = any(leaves.map((value) => equals(tlb, plan.number(value) + 1)));
    const levels = any(cell.places.map(({ level }) => `${pending} == ${2 + levelNumber(level)}`));
    const goes = any([`${pending} == 1`, all([any([`${pending} == 2`, levels]), isLeaf])]);
    options.push(
      `  :: d_step { ${all([`${pending} != 0`, ...inFlight])} -> if :: ${goes} -> ${tlb} = 0 :: else fi; ${pending} = 0 }  /* an invalidation takes effect */`,
    );
  }
  if (options.length === 0) return [];
  return [`active proctype memory${cpu}()`, '{', 'end:', '  do', ...options, '  od', '}'];
}
