/** A scenario as a Promela model, for SPIN. */

import { decodeDescriptor, descriptorBit } from '../../../simulator/machine/descriptor';
import type { Level } from '../../../simulator/machine/granule';
import { descriptorWords } from '../../../simulator/machine/ptdump';
import { describeInstruction } from '../../language/elaborate/listing';
import type { ElaboratedScenario } from '../../language/elaborate/scenario';
import { addressName, wordName } from '../../verdict/addressNames';
import { type Exported, UnsaidList, unsaidLine } from '../unsaid';
import { type ModelClaim, modelClaims } from './claims';
import { all, any, equals } from './expression';
import { isWritten, lockVariables } from './locks';
import { faultingValues, type ModelParts } from './memory';
import { EventNumbers, Names } from './names';
import { type Plan, planOf } from './plan';
import { cpuProcess, memoryProcess } from './processes';
import { reachOf, translatesDirectly } from './reach';
import { Translation } from './translate';

export interface ExportedModel extends Exported {
  readonly claims: readonly ModelClaim[];
}

/** What SPIN is told, in the order of the commands; `claim` is the number of a claim. */
export const spinCommands = (file: string, claim: number): readonly string[] => [
  `spin -a -DCLAIM=${claim} ${file}`,
  'gcc -O2 -DSAFETY -DVECTORSZ=4096 -o pan pan.c',
  './pan -E -m1000000 -n',
];

export function exportPromela(scenario: ElaboratedScenario): ExportedModel {
  const unsaid = new UnsaidList(scenario.sites);
  const reach = reachOf(scenario.program);
  if (reach.exceeded !== undefined) {
    unsaid.prevented('values that the text does not bound', `${reach.exceeded}, and a model needs a number for each`);
    return { output: undefined, unsaid: unsaid.list, claims: [] };
  }
  const plan = planOf(reach, unsaid);
  const names = new Names(plan);
  const parts: ModelParts = {
    plan,
    names,
    events: new EventNumbers(),
    translation: new Translation(plan, names),
    unsaid,
    wordsOf: (address) => {
      const direct = translatesDirectly(plan.program, reach.values.get(address));
      if (direct !== undefined) return [reach.values.of(direct)];
      const ends = reach.walker.paths(address, false).map(({ end }) => end);
      return [...new Set(ends.flatMap((end) => (end.kind === 'word' ? [end.word] : [])))];
    },
  };
  limits(scenario, unsaid);
  const contiguous = plan.cells.some(({ word }) =>
    [...reach.valuesOf(word)].some(
      (value) => ((reach.values.get(value) >> BigInt(descriptorBit.contiguous)) & 1n) === 1n,
    ),
  );
  if (contiguous) unsaid.leftOut('the Contiguous bit', 'each entry of the model translates by itself');
  const describe = describer(scenario, unsaid);
  const processes = [
    ...plan.program.cpus.flatMap((_, cpu) => [...cpuProcess(parts, cpu, describe), '']),
    ...plan.program.cpus.flatMap((_, cpu) => [...memoryProcess(parts, cpu), '']),
  ];
  const claims = modelClaims(parts, scenario);
  const body = [...claimSection(claims), ...declarations(parts, scenario), ...processes, ...judge(plan)];
  if (unsaid.prevents) return { output: undefined, unsaid: unsaid.list, claims: [] };
  const output = `${[...heading(scenario, claims, unsaid), ...body].join('\n')}\n`;
  return { output, unsaid: unsaid.list, claims };
}

/** What the model leaves out of every scenario that has it. */
function limits({ program, expected }: ElaboratedScenario, unsaid: UnsaidList): void {
  unsaid.leftOut(
    'execution out of order beyond walks, loads and stores that do not wait for each other',
    'a CPU of the model executes in program order; its stores wait in a buffer, its walks come at any time before, and so ' +
      'do its loads from addresses that are known, back to the last barrier',
  );
  for (const { span } of expected) {
    void span;
    unsaid.leftOut('the `=> …` behind an access', 'the model has no claim of its own for one statement');
  }
  const waits = program.cpus.some(({ code }) => code.some((i) => i.kind === 'rcu' && i.operation === 'synchronize'));
  for (const { code } of program.cpus)
    for (const i of code) {
      if (waits && (i.kind === 'mask' || i.kind === 'lock'))
        unsaid.leftOut(
          'regions that are masked as read-side sections',
          'a grace period of the model waits for those of RCU only',
          i.site,
        );
      if (i.kind === 'lock' && i.mode === 'shared' && i.taken === undefined && isWritten(program, i.lock))
        unsaid.leftOut('readers that wait behind a writer', 'a reader of the model waits for those that write', i.site);
      const sleeps = i.kind === 'lock' && !/pin$/.test(program.locks[i.lock]?.kind ?? '') && i.taken === undefined;
      if (sleeps || (i.kind === 'rcu' && i.operation === 'synchronize'))
        unsaid.leftOut('`sleep-in-atomic`', 'the model does not look for it', i.site);
    }
}

function describer({ program, sites, registers }: ElaboratedScenario, unsaid: UnsaidList) {
  return (cpu: number, at: number): string => {
    const i = program.cpus[cpu]?.code[at];
    if (i === undefined) return '';
    const place = unsaid.placeOf(i.site);
    const words = describeInstruction(i, program.locks, registers[cpu]);
    const text = sites[i.site]?.text ?? '';
    return clean(`${words}${text === '' ? '' : `; ${text}`}${place === undefined ? '' : `, ${place}`}`);
  };
}

const clean = (text: string): string => text.replace(/\*\//g, '* /').replace(/\/\*/g, '/ *').replace(/\s+/g, ' ');

function heading(scenario: ElaboratedScenario, claims: readonly ModelClaim[], unsaid: UnsaidList): readonly string[] {
  const lines = [
    `Scenario "${scenario.name}", written by hvo export --format promela.`,
    '',
    'Each CPU is a process in program order. Beside it stands its memory system: stores that others can see wait in a',
    'buffer and arrive in any order (a word at a time; DMB ST and DSB order them), loads read ahead, the walker fills the',
    'TLB with any valid descriptor at any time, and an invalidation takes effect some time after its TLBI and before the',
    'DSB after it is complete. An access uses what its TLB holds or what is in memory. A walk that faults has read memory, now or',
    'since the last context synchronisation. Values of 64 bits are numbered; the numbers are listed below.',
    '',
    'To check claim N, with SPIN and a C compiler:',
    ...spinCommands('FILE', 1).map((command) => `  ${command.replace('CLAIM=1', 'CLAIM=N')}`),
    ...claims.map(({ number, text, holdsWhen }) => `claim ${number}: ${text}: holds when SPIN finds ${holdsWhen}`),
    'Where the search is cut short, SPIN says so ("max search depth too small", "out of memory"), and nothing is known.',
    ...(unsaid.list.length === 0 ? [] : ['', 'Not said:', ...unsaid.list.map((one) => `  ${unsaidLine(one)}`)]),
  ];
  return ['/*', ...lines.map((line) => ` * ${clean(line)}`.trimEnd()), ' */', ''];
}

function claimSection(claims: readonly ModelClaim[]): readonly string[] {
  const lines = ['#ifndef CLAIM', '#define CLAIM 0', '#endif'];
  for (const { number, text, events, marks, final, stuck } of claims) {
    const marked = marks.map((some, i) => `(${isOneOf(some)} -> ${1 << i} : 0)`);
    lines.push(
      `#if CLAIM == ${number}  /* ${clean(text)} */`,
      `#define WITNESS(e) ${isOneOf(events)}`,
      `#define MARKS(e) (${marked.length === 0 ? '0' : marked.join(' + ')})`,
      `#define FINAL ${final}`,
      `#define STUCK ${stuck}`,
      '#endif',
    );
  }
  lines.push('#define happens(e) assert(!(WITNESS(e))); marks = marks | MARKS(e)', 'int marks = 0;', '');
  return lines;
}

/** A test that `e` is one of some numbers, by ranges. */
function isOneOf(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const one of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === one - 1) last[1] = one;
    else ranges.push([one, one]);
  }
  return any(
    ranges.map(([first, last]) => (first === last ? `(e) == ${first}` : `((e) >= ${first} && (e) <= ${last})`)),
  );
}

/** The locks that some CPU takes, and whether somebody uses RCU. */
function usedLocks({ program }: Plan): ReadonlySet<number> {
  return new Set(program.cpus.flatMap(({ code }) => code.flatMap((i) => ('lock' in i ? [i.lock] : []))));
}

function declarations({ plan, names }: ModelParts, scenario: ElaboratedScenario): readonly string[] {
  const { reach, program } = plan;
  const { values } = reach;
  const lines: string[] = ['/* values */'];
  for (const value of plan.values) lines.push(`/* ${plan.number(value)}: ${valueName(scenario, plan, value)} */`);
  lines.push('', '/* memory */');
  for (const word of plan.words) {
    const initial = plan.number(values.of(program.initialWord(values.get(word))));
    lines.push(`short ${names.memory(word)} = ${initial};  /* ${clean(wordName(scenario.world, values.get(word)))} */`);
  }
  for (const frame of reach.frames) {
    const fresh = program.freePages.some((page) => values.of(page) === frame);
    lines.push(
      `byte ${names.frame(frame)} = ${fresh ? 1 : 0};  /* 0: in use from the start, 1: free, 2: handed out */`,
    );
  }
  const locks = usedLocks(plan);
  const rcu = program.cpus.some(({ code }) => code.some((i) => i.kind === 'rcu'));
  program.locks.forEach((lock, l) => {
    if (!locks.has(l)) return;
    lines.push(...lockVariables(program, l, clean(lock.name)));
  });
  lines.push('', '/* CPUs: store buffers, TLBs, invalidations on their way, walks that would have faulted */');
  program.cpus.forEach((cpu, u) => {
    lines.push(`byte finished${u} = 0, wants${u} = 0;`);
    for (const address of plan.early[u] ?? [])
      lines.push(
        `short ${names.ahead(u, address)} = 0;  /* ${clean(addressName(scenario.world, values.get(address)))} */`,
      );
    for (const word of plan.buffered[u] ?? [])
      lines.push(`short ${names.buffer(u, word)} = 0; bit ${names.older(u, word)} = 0;`);
    for (const cell of plan.cells) {
      if (cell.tlbs.includes(u))
        lines.push(`short ${names.tlb(u, cell.word)} = 0; byte ${names.pending(u, cell.word)} = 0;`);
      if (plan.ets || !cell.walkers.includes(u)) continue;
      const initial = values.of(program.initialWord(values.get(cell.word)));
      const faults = faultingValues(plan, cell).includes(initial);
      lines.push(`short ${names.early(u, cell.word)} = ${faults ? plan.number(initial) + 1 : 0};`);
    }
    cpu.interrupts.forEach((interrupt, i) => {
      lines.push(`bit sent${u}_${i} = 0;  /* ${clean(interrupt.name)} */`);
    });
    if (rcu) lines.push(`byte reads${u} = 0; short grace${u} = 0;`);
    const drained = all((plan.buffered[u] ?? []).map((word) => equals(names.buffer(u, word), 0)));
    const pending = (v: number) =>
      all(plan.cells.flatMap((cell) => (cell.tlbs.includes(v) ? [equals(names.pending(v, cell.word), 0)] : [])));
    lines.push(`#define DRAINED_${u} ${drained}`, `#define NOTHING_PENDING_${u} ${pending(u)}`);
  });
  lines.push(`#define NOTHING_PENDING ${all(program.cpus.map((_, u) => `NOTHING_PENDING_${u}`))}`);
  if (plan.panics) lines.push('bit panicked = 0;');
  const finals = new Set(
    program.observe.flatMap((o) => (o.kind === 'register' ? [`final${o.cpu}_${o.register}`] : [])),
  );
  for (const final of finals) lines.push(`short ${final} = 0;`);
  lines.push('');
  return lines;
}

/** A descriptor or an address in words, where the value is one. */
function valueName({ world }: ElaboratedScenario, plan: Plan, value: number): string {
  const { reach } = plan;
  const number = reach.values.get(value);
  const cell = plan.cells.find((one) => reach.valuesOf(one.word).has(value));
  const level = cell?.places[0]?.level as Level | undefined;
  const hex = `0x${number.toString(16)}`;
  if (level !== undefined)
    return clean(`${hex} ${descriptorWords(decodeDescriptor(reach.entries.format, level, number))}`);
  const name = number > 0xffff_0000_0000_0000n ? addressName(world, number) : hex;
  return clean(name === hex ? hex : `${hex} ${name}`);
}

/** The process that judges an execution when nothing else can happen. */
function judge({ program, panics }: Plan): readonly string[] {
  const finished = all(program.cpus.map((_, u) => `finished${u} == 1`));
  const done = panics ? any([finished, 'panicked == 1']) : finished;
  return [
    'active proctype judge()',
    '{',
    '  timeout ->',
    '  if',
    `  :: ${done} -> assert(FINAL)`,
    '  :: else -> assert(STUCK)',
    '  fi',
    '}',
  ];
}
