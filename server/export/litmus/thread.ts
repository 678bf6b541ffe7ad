/** The code of one CPU as a column of a litmus test. */

import type { AccessInstruction, Instruction, Operand, Register } from '../../../simulator/machine/program';
import type { ElaboratedScenario } from '../../language/elaborate/scenario';
import { covers } from '../promela/plan';
import { type Reach, translatesDirectly } from '../promela/reach';
import type { UnsaidList } from '../unsaid';
import { descriptorText, numberText, wordText } from './constants';
import type { Variable, Variables } from './variables';

/** An access that may fault: its label, and the variable that it is to. */
export interface LabelledAccess {
  readonly label: string;
  readonly variable: Variable;
}

export interface ThreadText {
  readonly lines: readonly string[];
  /** Initial values: `0:X1=x`. */
  readonly initial: readonly string[];
  /** Conditions that `filter` asks for: locks were free, waits were over. */
  readonly filters: readonly string[];
  readonly accesses: readonly LabelledAccess[];
  registerOf(register: Register): string;
}

/** General registers of the architecture that a test may use. */
const REGISTERS = 31;

export function threadText(
  scenario: ElaboratedScenario,
  reach: Reach,
  variables: Variables,
  cpu: number,
  unsaid: UnsaidList,
): ThreadText {
  const program = scenario.program.cpus[cpu] as (typeof scenario.program.cpus)[number];
  const { values } = reach;
  const lines: string[] = [];
  const constants = new Map<string, number>();
  const initial: string[] = [];
  const filters: string[] = [];
  const accesses: LabelledAccess[] = [];
  const points = reach.points[cpu] ?? [];
  const reached = program.code.flatMap((_, at) => (points[at]?.depth === 0 ? [at] : []));
  const used = new Set<Register>();
  for (const at of reached) for (const r of registersOf(program.code[at] as Instruction)) used.add(r);
  for (const o of scenario.program.observe) if (o.kind === 'register' && o.cpu === cpu) used.add(o.register);
  const general = new Map([...used].sort((a, b) => a - b).map((register, n) => [register, n]));
  let free = general.size;
  const fresh = (): number => {
    if (free === REGISTERS)
      unsaid.prevented('a CPU that needs more than 31 registers', 'every address, constant and lock takes one');
    return Math.min(free++, REGISTERS - 1);
  };
  /** A register that holds a constant from the start. */
  const constant = (text: string): number => {
    let register = constants.get(text);
    if (register === undefined) {
      register = fresh();
      constants.set(text, register);
      const type = /^-?\d|^0x/.test(text) ? 'uint64_t ' : text.startsWith('(') ? 'pteval_t ' : '';
      initial.push(`${type}${cpu}:X${register}=${text}`);
    }
    return register;
  };
  const registerOf = (register: Register): number => general.get(register) ?? 0;
  const known = (operand: Operand, at: number): bigint | undefined => {
    if (operand.kind === 'value') return operand.value;
    const set = points[at]?.registers[operand.register];
    return set?.size === 1 ? values.get([...set][0] as number) : undefined;
  };
  const name = (wide: boolean, n: number): string => `${wide ? 'X' : 'W'}${n}`;
  const say = (text: string): void => void lines.push(text);

  const targets = new Set(
    reached.flatMap((at) => {
      const i = program.code[at] as Instruction;
      return i.kind === 'branch' || i.kind === 'jump' ? [i.target] : [];
    }),
  );
  for (const [, initialValue] of program.initial)
    if (initialValue !== 0n) unsaid.leftOut('initial registers', 'they are 0');

  /** The register with the address of an access, and the offset behind it. */
  const addressOf = (i: { base: Operand; offset?: Operand; site: number }, at: number): string | undefined => {
    const base = known(i.base, at);
    const offset = i.offset === undefined ? 0n : known(i.offset, at);
    if (base === undefined || offset === undefined) {
      unsaid.prevented('an address that is computed', "herd7's addresses are those of variables", i.site);
      return undefined;
    }
    const address = base + offset;
    const direct = translatesDirectly(scenario.program, address);
    const entry = direct === undefined ? undefined : variables.ofEntry(values.of(direct));
    if (entry !== undefined) return `X${constant(`PTE(${entry.name})`)}`;
    const word = variables.ofAddress(address);
    if (word === undefined) {
      unsaid.prevented(`the address 0x${address.toString(16)}`, 'no variable of the test is there', i.site);
      return undefined;
    }
    const register = constant(word.variable.name);
    const bytes = 8 * word.index;
    return bytes === 0 ? `X${register}` : `X${register},#${bytes}`;
  };
  /** The variable whose entry an access is to, for the notation of its values. */
  const entryOf = (i: { base: Operand; offset: Operand }, at: number): Variable | undefined => {
    const base = known(i.base, at);
    const offset = known(i.offset, at);
    const direct =
      base === undefined || offset === undefined ? undefined : translatesDirectly(scenario.program, base + offset);
    return direct === undefined ? undefined : variables.ofEntry(values.of(direct));
  };
  const operandRegister = (
    operand: Operand | undefined,
    at: number,
    entry: Variable | undefined,
    site: number,
  ): number => {
    if (operand === undefined) return REGISTERS;
    const value = known(operand, at);
    if (operand.kind === 'register' && value === undefined) return registerOf(operand.register);
    const text = entry === undefined ? numberText(value ?? 0n) : descriptorText(value ?? 0n, entry, variables);
    if (text === undefined) {
      unsaid.prevented(
        'an entry that maps a page of no variable',
        'every output address must be the page of one',
        site,
      );
      return 0;
    }
    return text === '0' ? REGISTERS : constant(text);
  };
  const zeroOr = (wide: boolean, n: number): string => (n === REGISTERS ? (wide ? 'XZR' : 'WZR') : name(wide, n));

  const access = (i: AccessInstruction, at: number): void => {
    const base = addressOf(i, at);
    if (base === undefined) return;
    const entry = entryOf(i, at);
    const wide = i.bytes === 8;
    if (i.bytes < 4) unsaid.prevented('accesses of bytes and halfwords', 'the test has words of 4 and 8 bytes', i.site);
    const address = known(i.base, at) as bigint;
    const word =
      translatesDirectly(scenario.program, address) === undefined
        ? variables.ofAddress(address + (known(i.offset, at) ?? 0n))
        : undefined;
    if (word?.variable.page !== undefined) {
      const label = `L${at}`;
      accesses.push({ label, variable: word.variable });
      if (!targets.has(at)) say(`${label}:`);
    }
    const destination = i.destination === undefined ? REGISTERS : registerOf(i.destination);
    if (i.access === 'load') {
      const mnemonic = i.exclusive
        ? i.acquire === 'full'
          ? 'LDAXR'
          : 'LDXR'
        : i.acquire === 'full'
          ? 'LDAR'
          : i.acquire === 'processorConsistent'
            ? 'LDAPR'
            : 'LDR';
      if (mnemonic !== 'LDR' && base.includes(',')) offsetProblem(i.site);
      say(`${mnemonic} ${zeroOr(wide, destination)},[${base}]`);
      return;
    }
    const value = operandRegister(i.value, at, entry, i.site);
    if (i.access === 'store') {
      if (i.exclusive) {
        const status = i.status === undefined ? REGISTERS : registerOf(i.status);
        say(`${i.release ? 'STLXR' : 'STXR'} ${zeroOr(false, status)},${zeroOr(wide, value)},[${base}]`);
        return;
      }
      if (i.release && base.includes(',')) offsetProblem(i.site);
      say(`${i.release ? 'STLR' : 'STR'} ${zeroOr(wide, value)},[${base}]`);
      return;
    }
    if (base.includes(',')) offsetProblem(i.site);
    const order = `${i.acquire === 'full' ? 'A' : ''}${i.release ? 'L' : ''}`;
    const operation = {
      swap: 'SWP',
      compareAndSwap: 'CAS',
      add: 'LDADD',
      set: 'LDSET',
      clear: 'LDCLR',
      exclusiveOr: 'LDEOR',
      signedMaximum: 'LDSMAX',
      signedMinimum: 'LDSMIN',
      unsignedMaximum: 'LDUMAX',
      unsignedMinimum: 'LDUMIN',
    }[i.operation ?? 'swap'];
    if (operation === 'CAS') {
      // CAS has one register for what it expects and for what it read.
      const expected = i.destination === undefined ? fresh() : destination;
      say(`MOV ${name(wide, expected)},${zeroOr(wide, operandRegister(i.compare, at, entry, i.site))}`);
      say(`CAS${order} ${name(wide, expected)},${zeroOr(wide, value)},[${base}]`);
      return;
    }
    say(`${operation}${order} ${zeroOr(wide, value)},${zeroOr(wide, destination)},[${base}]`);
  };
  const offsetProblem = (site: number): void =>
    unsaid.prevented(
      'an atomic or ordered access behind the first word of a page',
      'such an access has no offset',
      site,
    );

  reached.forEach((at, n) => {
    const i = program.code[at] as Instruction;
    if (targets.has(at)) say(`L${at}:`);
    switch (i.kind) {
      case 'access':
        access(i, at);
        break;
      case 'dmb':
      case 'dsb': {
        const domain = { nonShareable: 'NSH', innerShareable: 'ISH', outerShareable: 'OSH', fullSystem: 'SY' }[
          i.domain
        ];
        const type = { full: '', load: 'LD', store: 'ST' }[i.type];
        say(`${i.kind.toUpperCase()} ${domain === 'SY' ? type || 'SY' : `${domain}${type}`}`);
        break;
      }
      case 'isb':
        say('ISB');
        break;
      case 'tlbi': {
        const where = i.innerShareable ? 'IS' : '';
        if (i.level !== undefined) unsaid.leftOut('the level hint of a TLBI', 'herd7 has no levels', i.site);
        if (i.scope === 'all') {
          say(`TLBI VMALLE1${where}`);
          break;
        }
        const first = i.operand === undefined ? undefined : known(i.operand, at);
        const last = i.scope === 'range' && i.lastOperand !== undefined ? known(i.lastOperand, at) : first;
        if (first === undefined || last === undefined) {
          unsaid.prevented('a TLBI of a computed address', "herd7's addresses are those of variables", i.site);
          break;
        }
        const field = (1n << 44n) - 1n;
        const hit = variables.list.filter(
          ({ page }) => page !== undefined && covers(reach, { level: 3, base: page }, first & field, last & field),
        );
        if (hit.length === 0) unsaid.leftOut('a TLBI of a page that nobody accesses', 'no variable is there', i.site);
        if (i.scope === 'range' && hit.length > 0)
          unsaid.leftOut(
            'a TLBI by range',
            'there is one by address for each page of the range that is accessed',
            i.site,
          );
        const scratch = fresh();
        for (const { name: variable } of hit) {
          say(`LSR X${scratch},X${constant(variable)},#12`);
          say(`TLBI ${i.leafOnly ? 'VAALE1' : 'VAAE1'}${where},X${scratch}`);
        }
        break;
      }
      case 'arithmetic':
        arithmetic(i, at);
        break;
      case 'branch': {
        const value = known(i.condition, at);
        if (value !== undefined) {
          if ((value === 0n) === i.whenZero) say(`B L${i.target}`);
        } else if (i.condition.kind === 'register')
          say(`${i.whenZero ? 'CBZ' : 'CBNZ'} X${registerOf(i.condition.register)},L${i.target}`);
        break;
      }
      case 'jump':
        say(`B L${i.target}`);
        break;
      case 'end':
        if (n < reached.length - 1) say('B LEND');
        break;
      case 'lock': {
        if (i.mode === 'shared') unsaid.prevented('a lock for reading', 'a lock of the test is a word', i.site);
        const result = i.taken === undefined ? fresh() : registerOf(i.taken);
        say(`SWPA X${constant('1')},X${result},[X${constant(`lock${i.lock}`)}]`);
        if (i.taken === undefined) filters.push(`${cpu}:X${result}=0`);
        else say(`EOR X${result},X${result},X${constant('1')}`);
        break;
      }
      case 'unlock':
        say(`STLR XZR,[X${constant(`lock${i.lock}`)}]`);
        break;
      case 'wait': {
        const base = addressOf({ base: i.address, site: i.site }, at);
        const value = known(i.value, at);
        if (base === undefined) break;
        if (value === undefined)
          unsaid.prevented('a wait for a value that is not known', 'the test filters by constants', i.site);
        const result = fresh();
        say(`${i.acquire ? 'LDAR' : 'LDR'} ${name(i.bytes === 8, result)},[${base}]`);
        const equal = `${cpu}:X${result}=${numberText(value ?? 0n)}`;
        filters.push(i.comparison === 'equal' ? equal : `not (${equal})`);
        break;
      }
      case 'mask':
        unsaid.leftOut('masks of interrupts', 'the test has no interrupts', i.site);
        if (i.save !== undefined) say(`MOV X${registerOf(i.save)},#0`);
        break;
      case 'cpuNumber':
        say(`MOV X${registerOf(i.destination)},#${cpu}`);
        break;
      case 'free':
        unsaid.leftOut('a page that is freed', 'herd7 has no allocator: nothing tells a use after it', i.site);
        break;
      case 'allocate':
        if (i.page === undefined) unsaid.prevented('a page that is allocated', 'herd7 has no allocator', i.site);
        break;
      case 'report':
        unsaid.leftOut(`the report of \`${i.outcome}\``, 'the test observes registers, memory and faults', i.site);
        break;
      case 'assertHeld':
        unsaid.leftOut('lockdep_assert_held', 'the test observes registers, memory and faults', i.site);
        break;
      case 'translate':
      case 'choose':
      case 'rcu':
      case 'sendInterrupt':
      case 'svc':
      case 'eret':
      case 'systemRegister':
        unsaid.prevented(`\`${i.kind}\``, 'the format has nothing like it', i.site);
        break;
    }
  });
  if (lines.includes('B LEND')) say('LEND:');

  function arithmetic(i: Extract<Instruction, { kind: 'arithmetic' }>, at: number): void {
    const target = `X${registerOf(i.destination)}`;
    const [a, b] = i.sources;
    const source = (operand: Operand | undefined): string =>
      zeroOr(true, operandRegister(operand, at, undefined, i.site));
    for (const operand of i.sources) {
      if (operand.kind !== 'register') continue;
      const holdsEntry = [...(points[at]?.registers[operand.register] ?? [])].some((value) =>
        variables.list.some(({ entry }) => entry !== undefined && value !== 0 && reach.valuesOf(entry).has(value)),
      );
      if (holdsEntry && i.operation !== 'move')
        unsaid.prevented('computing with an entry', "herd7's entries are records, not numbers", i.site);
    }
    const three = {
      add: 'ADD',
      subtract: 'SUB',
      and: 'AND',
      or: 'ORR',
      exclusiveOr: 'EOR',
      bitClear: 'BIC',
      multiply: 'MUL',
      divide: 'UDIV',
    } as const;
    switch (i.operation) {
      case 'move':
        say(`MOV ${target},${source(a)}`);
        return;
      case 'shiftLeft':
      case 'shiftRight': {
        const amount = b === undefined ? undefined : known(b, at);
        if (amount === undefined) unsaid.prevented('a shift by a register', 'the test has shifts by constants', i.site);
        say(`${i.operation === 'shiftLeft' ? 'LSL' : 'LSR'} ${target},${source(a)},#${amount ?? 0n}`);
        return;
      }
      case 'equal':
      case 'notEqual':
      case 'below':
      case 'belowOrEqual':
        say(`CMP ${source(a)},${source(b)}`);
        say(`CSET ${target},${{ equal: 'EQ', notEqual: 'NE', below: 'LO', belowOrEqual: 'LS' }[i.operation]}`);
        return;
      case 'select':
        say(`CMP ${source(i.sources[2])},#0`);
        say(`CSEL ${target},${source(a)},${source(b)},NE`);
        return;
      case 'remainder':
        unsaid.prevented('a remainder', 'the architecture has no instruction for it', i.site);
        return;
      default:
        say(`${three[i.operation]} ${target},${source(a)},${source(b)}`);
    }
  }

  return { lines, initial, filters, accesses, registerOf: (register) => `${cpu}:X${registerOf(register)}` };
}

function registersOf(i: Instruction): readonly Register[] {
  const found: Register[] = [];
  const { destination, save, taken, read, status } = i as {
    destination?: Register;
    save?: Register;
    taken?: Register;
    read?: Register;
    status?: Register;
  };
  for (const one of [destination, save, taken, read, status]) if (one !== undefined) found.push(one);
  for (const value of Object.values(i)) {
    const operands = Array.isArray(value) ? value : [value];
    for (const operand of operands as readonly unknown[])
      if (typeof operand === 'object' && operand !== null && (operand as Operand).kind === 'register')
        found.push((operand as Extract<Operand, { kind: 'register' }>).register);
  }
  return found;
}

/** The words that a word of the test is written as: `x`, `x[1]`. */
export const locationText = (
  word: { readonly variable: Variable; readonly index: number },
  variables: Variables,
): string => {
  const text = wordText(word, variables);
  return variables.isArray(word.variable) ? text : `[${text}]`;
};
