/**
 * A scenario as `.hvo` text, for whoever looks into a disagreement. It runs on addresses of vmemmap: two pages of tails
 * are the pages, and tables of the scenario's own are linked in their place before it begins. What the language has no
 * words for stands in comments at the top.
 */

import { buildProgram } from './build';
import { DEADLOCK } from './compare';
import { ACCESS_FLAG, FLAGS, FRAMES, initialData, READ_ONLY } from './memory';
import type { Cell, Content, Op, Scenario, ScenarioCpu, Target } from './scenario';

/** The scenario, with an expectation that an outcome comes about (values in the order of what its program observes). */
export function hvoText(scenario: Scenario, outcome?: string): string {
  const unsaid = new Set<string>();
  const stores = { next: 9 };
  const shared = (lock: 0 | 1): boolean => allOps(scenario).some((op) => isSharedLock(op, lock));
  const writers = scenario.cpus.map(() => new Writer(scenario, stores, shared, unsaid));
  const blocks = scenario.cpus.flatMap((cpu, t) => cpuText(cpu, t, writers[t] as Writer, unsaid));
  const handlers = handlerText(scenario, unsaid);
  noteUnsaid(scenario, unsaid);
  const ends = outcome === undefined ? [] : conditionsOf(scenario, outcome, writers);
  return [
    ...[...unsaid].sort().map((line) => `// Not said: ${line}`),
    `machine { ${machineText(scenario)} }`,
    'hugepage H { size 2M  at 0x1_0020_0000  vmemmap pages }',
    ...(scenario.apart ? ['hugepage G { size 2M  at 0x1_0820_0000  vmemmap pages }'] : []),
    ...Object.entries(PAGES).map(([name, at]) => `page ${name} at 0x${at.toString(16)}`),
    ...(['a', 'b'] as const).map((name, n) => `lock ${name} : ${shared(n as 0 | 1) ? 'rwsem' : 'raw'}`),
    'var f0 = 0',
    'var f1 = 0',
    'var ready = 0',
    ...handlers,
    'scenario "twin" {',
    ...(usesHook(scenario) ? ['  on fault mend'] : []),
    ...blocks.map((line) => `  ${line}`),
    `  cpu ${scenario.cpus.length} {`,
    ...setupText(scenario).map((line) => `    ${line}`),
    '  }',
    ...(ends.length === 0 ? [] : [`  sometimes ${ends.join(' && ')}`]),
    '}',
    '',
  ].join('\n');
}

/** Of the values of an outcome those that have no addresses in them: data that was read, data words at the end. */
function conditionsOf(scenario: Scenario, outcome: string, writers: readonly Writer[]): string[] {
  if (outcome === DEADLOCK) return [DEADLOCK];
  const values = outcome.split(' ');
  const seen = scenario.cpus.map(() => 0);
  return buildProgram(scenario).observe.flatMap((o, n) => {
    if (o.kind === 'register') {
      const r = seen[o.cpu]!++;
      return writers[o.cpu]?.data[r] ? [`cpu ${o.cpu}: r${r} == ${values[n]}`] : [];
    }
    if (o.kind !== 'word') return [];
    const frame = FRAMES.indexOf((o.physicalAddress & ~0xfffn) as (typeof FRAMES)[number]);
    const flag = FLAGS.indexOf(o.physicalAddress as (typeof FLAGS)[number]);
    if (flag >= 0) return [`load(f${flag}) == ${values[n]}`];
    return frame < 0 ? [] : [`load(F${frame}.va + ${o.physicalAddress & 0xfffn}) == ${values[n]}`];
  });
}

/** Frames, the block's first page, tables: physical pages that nobody else uses. */
const PAGES = {
  F0: 0x1_1000_0000n,
  F1: 0x1_1000_1000n,
  B: 0x1_1020_0000n,
  T0: 0x1_1040_0000n,
  T1: 0x1_1040_1000n,
  U0: 0x1_1040_2000n,
  U1: 0x1_1040_3000n,
} as const;

const ENTRY = 0x3n;

function allOps({ cpus }: Scenario): Op[] {
  return cpus.flatMap(({ ops, interrupt }) => [...ops, ...(interrupt?.ops ?? [])]);
}

function isSharedLock(op: Op, lock: 0 | 1): boolean {
  return (op.op === 'lock' || op.op === 'unlock') && op.shared === true && op.lock === lock;
}

function machineText(s: Scenario): string {
  const manages = s.cpus.map(({ hardware }) => hardware);
  return [
    'kernel v6.7  granule 4K  va_bits 39',
    ...(s.ets >= 2 ? ['ets2 yes'] : []),
    ...(s.ets === 3 ? ['ets3 yes'] : []),
    ...(manages.some((m) => m !== undefined) ? ['hw_af yes'] : []),
    ...(manages.includes('dirtyState') ? ['hw_dbm yes'] : []),
    ...(s.cpus.some((cpu) => cpu.interrupt?.delivery === 'nmi') ? ['pseudo_nmi yes'] : []),
  ].join('  ');
}

/** What differs between the scenario and the text in any case that it has. */
function noteUnsaid(s: Scenario, unsaid: Set<string>): void {
  s.cpus.forEach((cpu, t) => {
    if (cpu.unprivileged) unsaid.add(`cpu ${t} is at EL0`);
  });
  const manages = s.cpus.map(({ hardware }) => hardware);
  if (new Set(manages).size > 1)
    unsaid.add(`hardware updates are of each CPU: ${manages.map((m, t) => `cpu ${t} ${m ?? 'none'}`).join(', ')}`);
  if (new Set(s.cpus.map(({ faults }) => faults)).size > 1 && s.cpus.some(({ faults }) => faults.startsWith('handler')))
    unsaid.add(`what a fault does is of each CPU: ${s.cpus.map(({ faults }, t) => `cpu ${t} ${faults}`).join(', ')}`);
  if (s.cpus.some(({ interrupt }) => interrupt !== undefined))
    unsaid.add('an interrupt does not come before the scenario is made ready');
  if (allOps(s).some(({ op }) => op === 'allocate') && s.freshPage === undefined)
    unsaid.add('the allocator has no page but those that are freed');
}

/** Makes memory what it is at first, invalidates every TLB, and lets the others begin. */
function setupText(s: Scenario): string[] {
  const words = Object.entries({ F0: 1, F1: 2 }).flatMap(([page, value]) =>
    [0, 8].map((offset) => `store(${page}.va + ${offset}, ${value});`),
  );
  const blockValue = initialData(0x40_0000n);
  const block = `for (i = 0; i < 2; i += 1) { store(${blockPage(0)} + i * 8, ${blockValue}); store(${blockPage(1)} + i * 8, ${blockValue}); }`;
  const pmd: Content = s.pmd === 'table' ? { kind: 'table', table: 0 } : { kind: s.pmd };
  return [
    ...words,
    block,
    ...s.pages.map(
      (content, n) => `store(${cellText({ table: 0, page: n as 0 | 1 }, s)}, ${contentText(content, n as 0 | 1)});`,
    ),
    `store(${cellText({ pmd: true }, s)}, ${contentText(pmd, 0)});`,
    ...(s.apart ? [`store(U0.va + 8 * ${index('G.tail(1)', 21)}, T0.pa + ${ENTRY});`] : []),
    `store(U1.va + 8 * ${index('H.tail(1)', 21)}, T1.pa + ${ENTRY});`,
    ...(s.apart ? [`store(U1.va + 8 * ${index('G.tail(1)', 21)}, T1.pa + ${ENTRY});`] : []),
    `let top = ${cellText({ pud: true }, s)};`,
    'store(top, 0); dsb(ishst); tlbi(vmalle1is); dsb(ish);',
    `store(top, U0.pa + ${ENTRY}); dsb(ish); store_release(ready, 1);`,
  ];
}

function index(address: string, shift: number): string {
  return `((${address} >> ${shift}) & 511)`;
}

function pageText(page: 0 | 1, s: Scenario): string {
  if (page === 0) return 'H.tail(1)';
  return s.apart ? 'G.tail(1)' : 'H.tail(2)';
}

/** Where the linear map has the page of the block that belongs to a page of the scenario. */
function blockPage(page: 0 | 1): string {
  return `__va(B.pa + 4096 * ${index(page === 0 ? 'H.tail(1)' : 'H.tail(2)', 12)})`;
}

function cellText(cell: Cell, s: Scenario): string {
  if ('pud' in cell) return 'pud_offset(p4d_offset(pgd_offset_k(H.tail(1)), H.tail(1)), H.tail(1))';
  if ('pmd' in cell) return `U0.va + 8 * ${index('H.tail(1)', 21)}`;
  return `T${cell.table}.va + 8 * ${index(pageText(cell.page, s), 12)}`;
}

function contentText(content: Content, page: 0 | 1): string {
  switch (content.kind) {
    case 'invalid':
      return '0';
    case 'table':
      return `T${content.table}.pa + 3`;
    case 'upperTable':
      return `U${content.table}.pa + 3`;
    case 'block':
      return 'B.pa + 0x401';
    case 'page': {
      const frame =
        content.frame === 2
          ? `B.pa + 4096 * ${index(page === 0 ? 'H.tail(1)' : 'H.tail(2)', 12)}`
          : `F${content.frame}.pa`;
      const clean = content.clean ? READ_ONLY | (1n << 51n) : 0n;
      const bits = ENTRY | (content.readOnly ? READ_ONLY : 0n) | (content.old ? 0n : ACCESS_FLAG) | clean;
      return `${frame} + 0x${bits.toString(16)}`;
    }
  }
}

function usesHook(s: Scenario): boolean {
  return s.cpus.some(({ faults }) => faults.startsWith('handler'));
}

function handlerText(s: Scenario, unsaid: Set<string>): string[] {
  const how = s.cpus.map(({ faults }) => faults).find((faults) => faults.startsWith('handler'));
  if (how === undefined) return [];
  if (how === 'handler-skips') unsaid.add('the fault handler steps over the access; here it is repeated for ever');
  const waits = allOps(s).some((op) => isSharedLock(op, 0))
    ? ['down_write(a);', 'up_write(a);']
    : ['raw_spin_lock(a);', 'raw_spin_unlock(a);'];
  const mends = (
    [
      [{ pmd: true }, { kind: 'table', table: 0 }],
      [
        { table: 0, page: 0 },
        { kind: 'page', frame: 1 },
      ],
      [
        { table: 0, page: 1 },
        { kind: 'page', frame: 1 },
      ],
    ] as const
  ).map(([cell, to]) => `store(${cellText(cell, s)}, ${contentText(to, 0)});`);
  const body =
    how === 'handler-waits'
      ? waits
      : how === 'handler-mends'
        ? [`store(${cellText({ pud: true }, s)}, U0.pa + 3);`, ...mends]
        : [];
  return ['fn mend(addr, esr) {', ...body.map((line) => `  ${line}`), '  dsb(ish);', '  return 1;', '}'];
}

function cpuText(cpu: ScenarioCpu, t: number, writer: Writer, unsaid: Set<string>): string[] {
  if (cpu.faults === 'skip') unsaid.add(`cpu ${t}: a fault steps over the access; here it ends the CPU`);
  const lines = [`cpu ${t} {`, '  wait_acquire(ready == 1); isb();', ...writer.lines(cpu.ops), '}'];
  const { interrupt } = cpu;
  if (interrupt === undefined) return lines;
  if (interrupt.delivery === 'stopper') unsaid.add(`cpu ${t}: the interrupt comes only where preemption is on`);
  const delivery = interrupt.delivery === 'nmi' ? 'nmi' : 'irq';
  const handler = [
    `${delivery} comes on cpu ${t}${interrupt.isSent ? ' times 0' : ''} {`,
    ...writer.lines(interrupt.ops),
    '}',
  ];
  // The program has a second copy of it, with values of its own, for an interrupt of the fault handler.
  if (cpu.faults.startsWith('handler')) writer.unwritten(interrupt.ops);
  return [...lines, ...handler];
}

/** The statements of one CPU. */
class Writer {
  /** For each register that was given out whether it gets data, and no address, descriptor or PAR_EL1. */
  readonly data: boolean[] = [];
  private last: number | undefined;

  constructor(
    private readonly scenario: Scenario,
    private readonly stores: { next: number },
    private readonly shared: (lock: 0 | 1) => boolean,
    private readonly unsaid: Set<string>,
  ) {}

  lines(ops: readonly Op[]): string[] {
    this.last = undefined;
    return this.some(ops, '  ');
  }

  /** A copy of operations that the text does not have: it takes registers and values. */
  unwritten(ops: readonly Op[]): void {
    const from = this.data.length;
    this.lines(ops);
    this.data.fill(false, from);
  }

  /** A branch becomes an `if` around what it leaps over; it ends where the one around it ends. */
  private some(ops: readonly Op[], indent: string): string[] {
    const lines: string[] = [];
    for (let n = 0; n < ops.length; n++) {
      const op = ops[n] as Op;
      if (op.op !== 'branch') {
        lines.push(`${indent}${this.one(op)}`);
        continue;
      }
      if (this.last === undefined) continue;
      let end = n + 1;
      for (let left: number = op.over; end < ops.length && left > 0; end++) if (ops[end]?.op !== 'branch') left--;
      const over = ops.slice(n + 1, end);
      if (over.some(({ op: inner }) => inner === 'branch') && end < ops.length)
        this.unsaid.add('a branch leaps out of what another one leaps over');
      lines.push(`${indent}if (r${this.last} ${op.whenZero ? '!=' : '=='} 0) {`);
      lines.push(...this.some(over, `${indent}  `), `${indent}}`);
      n = end - 1;
    }
    return lines;
  }

  private result(isData: boolean): string {
    this.last = this.data.length;
    this.data.push(isData);
    return `r${this.last} =`;
  }

  private value(): string {
    return `${++this.stores.next}`;
  }

  /** A zero that depends on the last value read, as the end of a sum. */
  private dependency(wanted: unknown): string {
    return wanted && this.last !== undefined ? ` + (r${this.last} ^ r${this.last})` : '';
  }

  private at(target: Target): string {
    if ('flag' in target) return `f${target.flag}`;
    return `${pageText(target.page, this.scenario)}${target.word === 0 ? '' : ' + 8'}`;
  }

  private lock(op: { readonly lock: 0 | 1; readonly shared?: true }, takes: boolean): string {
    const name = op.lock === 0 ? 'a' : 'b';
    if (!this.shared(op.lock)) return `raw_spin_${takes ? 'lock' : 'unlock'}(${name});`;
    return `${takes ? 'down' : 'up'}_${op.shared ? 'read' : 'write'}(${name});`;
  }

  private one(op: Op): string {
    switch (op.op) {
      case 'load': {
        const at = this.at(op.at) + this.dependency(op.depends);
        if (op.exclusive && op.acquire === 'processorConsistent') this.unsaid.add('a load-exclusive of the LDAPR kind');
        const name = op.exclusive ? (op.acquire ? 'ldaxr' : 'ldxr') : `load${loads[op.acquire ?? 'plain']}`;
        return `${this.result(true)} ${name}(${at});`;
      }
      case 'store': {
        const at = this.at(op.at) + this.dependency(op.depends === 'address');
        const data = this.dependency(op.depends === 'data');
        return `store${op.release ? '_release' : ''}(${at}, ${this.value()}${data});`;
      }
      case 'storeExclusive': {
        const value = this.value();
        return `${this.result(true)} ${op.release ? 'stlxr' : 'stxr'}(${this.at(op.at)}, ${value});`;
      }
      case 'atomic':
        return this.atomic(op);
      case 'set': {
        const content = contentText(op.to, 'page' in op.cell ? op.cell.page : 0);
        const value = content + this.dependency(op.depends);
        return `store${op.release ? '_release' : ''}(${cellText(op.cell, this.scenario)}, ${value});`;
      }
      case 'get':
        return `${this.result(false)} load(${cellText(op.cell, this.scenario)});`;
      case 'modify': {
        const cell = cellText(op.cell, this.scenario);
        if (op.how === 'clear') return `${this.result(false)} xchg_relaxed(${cell}, 0);`;
        const bit = op.how === 'accessFlag' ? ACCESS_FLAG : READ_ONLY;
        return `${this.result(false)} fetch_or_relaxed(${cell}, 0x${bit.toString(16)});`;
      }
      case 'dmb':
      case 'dsb':
        return `${op.op}(${op.local ? 'nsh' : 'ish'}${{ full: '', load: 'ld', store: 'st' }[op.type]});`;
      case 'isb':
        return 'isb();';
      case 'tlbi':
        return this.tlbi(op);
      case 'translate':
        return `${this.result(false)} at_s1e1${op.write ? 'w' : 'r'}(${pageText(op.page, this.scenario)});`;
      case 'lock':
      case 'unlock':
        return this.lock(op, op.op === 'lock');
      case 'trylock': {
        const name = op.lock === 0 ? 'a' : 'b';
        const how = op.shared ? 'down_read_trylock' : this.shared(op.lock) ? 'down_write_trylock' : 'raw_spin_trylock';
        return `${this.result(true)} ${how}(${name});`;
      }
      case 'wait':
        return `wait${op.acquire ? '_acquire' : ''}(f${op.flag} != 0);`;
      case 'mask':
      case 'unmask':
        return `local_${op.what}_${op.op === 'mask' ? 'disable' : 'enable'}();`;
      case 'preempt':
        return op.change > 0 ? 'preempt_disable();' : 'preempt_enable();';
      case 'rcu':
        return { readLock: 'rcu_read_lock();', readUnlock: 'rcu_read_unlock();', synchronize: 'synchronize_rcu();' }[
          op.operation
        ];
      case 'svc':
        this.unsaid.add('a supervisor call');
        return ';';
      case 'send':
        return `send_ipi(${op.to}, comes);`;
      case 'retry':
        this.unsaid.add('a store-exclusive that is tried again');
        return ';';
      case 'free':
        return `free_page(${'table' in op.page ? `T${op.page.table}` : `F${op.page.frame}`}.pa);`;
      case 'allocate':
        return `${this.result(false)} alloc_page(); store(__va(r${this.last}), ${this.value()});`;
      case 'branch':
        return '';
    }
  }

  private atomic(op: Extract<Op, { op: 'atomic' }>): string {
    const at = this.at(op.at);
    const value = this.value();
    const order = op.acquire && op.release ? '' : op.acquire ? '_acquire' : op.release ? '_release' : '_relaxed';
    if (op.noReturn && op.operation === 'add' && !op.release) return `stadd(${at}, ${value});`;
    if (op.noReturn) this.unsaid.add(`the result of an atomic ${op.operation} goes to the zero register`);
    const target = op.noReturn ? '' : `${this.result(true)} `;
    if (op.operation === 'compareAndSwap')
      return `${target}cmpxchg${order}(${at}, ${'flag' in op.at ? 0 : 1}, ${value});`;
    return `${target}${op.operation === 'add' ? 'fetch_add' : 'xchg'}${order}(${at}, ${value});`;
  }

  private tlbi(op: Extract<Op, { op: 'tlbi' }>): string {
    const where = op.local ? '' : 'is';
    if (op.scope === 'all') return `tlbi(vmalle1${where});`;
    const page = pageText(op.page, this.scenario);
    const level = op.level === undefined ? '' : `, ${op.level}`;
    const name = `vaa${op.leafOnly ? 'l' : ''}e1${where}`;
    if (op.scope === 'address') return `tlbi(${name}, ${page}${level});`;
    return `tlbi(r${name}, ${page}, ${pageText(1, this.scenario)} + 4096${level});`;
  }
}

const loads = { plain: '', full: '_acquire', processorConsistent: '_acquire_pc' } as const;
