/** TLBIs by address that name no page whose entry anybody changes: a slip that leaves the test another question. */

import type { ConstantContext } from './constants';
import { constantValue } from './constants';
import { describeValue } from './describe';
import type { Thread } from './lowerThread';
import type { Settings } from './settings';
import type { AssemblyInstruction, AssemblyOperand, Constant, Initial, Place } from './test';

/** Something that a reader of the test should look at; it changes no verdict. */
export interface LitmusNote extends Place {
  readonly thread: number;
  readonly message: string;
}

const PAGE_FIELD = (1n << 44n) - 1n;
const byAddress = /^VAA?L?E1(?:IS|OS)?(?:NXS)?$/;
const stores = /^(?:STU?R|STLU?R|STL?XR|SWPA?L?|CASA?L?|(?:LD|ST)(?:ADD|SET|CLR|EOR|[SU]M(?:AX|IN))A?L?)$/;

/** Notes on the TLBIs of a test, where it changes entries and all of those are known. */
export function tlbiNotes(
  threads: readonly Thread[],
  initial: readonly Initial[],
  context: ConstantContext,
  settings: Settings,
): readonly LitmusNote[] {
  const changed = changedEntries(threads, initial, settings);
  if (changed === undefined || changed.size === 0) return [];
  return threads.flatMap((thread) =>
    thread.instructions.flatMap((i): readonly LitmusNote[] => {
      const [operation, operand] = i.operands;
      if (i.mnemonic !== 'TLBI' || operation?.kind !== 'name' || !byAddress.test(operation.name.toUpperCase()))
        return [];
      if (operand?.kind !== 'register') return [];
      const value = operand.number === 31 ? 0n : registerValue(operand.number, thread, context, MAX_STEPS);
      if (value === undefined) return [];
      const named = [...context.pages.values()].find(
        (page) => ((page.address >> 12n) & PAGE_FIELD) === (value & PAGE_FIELD),
      );
      if (named !== undefined && changed.has(named.name)) return [];
      const entries = [...changed].map((name) => `PTE(${name})`).join(', ');
      const about = named === undefined ? 'no page of the test' : `the page of ${named.name}`;
      const unshifted = [...context.pages.values()].some(
        (page) => value === page.address || value === page.entryAddress,
      );
      const hint = unshifted ? ' The operand is an address shifted right by 12 bits.' : '';
      const message =
        `\`${i.text}\` names no page whose entry changed: X${operand.number} is ${describeValue(value, context)}, ` +
        `which stands for ${about}; what changes is ${entries}.${hint}`;
      return [{ thread: thread.number, line: i.line, column: i.column, message }];
    }),
  );
}

/** The variables whose entry some instruction or the hardware writes; undefined when that is not known. */
function changedEntries(
  threads: readonly Thread[],
  initial: readonly Initial[],
  settings: Settings,
): ReadonlySet<string> | undefined {
  const changed = new Set<string>();
  for (const thread of threads) {
    for (const i of thread.instructions) {
      const target = i.operands.at(-1);
      if (!stores.test(i.mnemonic) || target?.kind !== 'memory') continue;
      const base = target.address.base.number;
      const value: Constant | undefined = thread.definitions.has(base) ? undefined : thread.constants.get(base);
      if (value === undefined) return undefined;
      if (value.kind === 'entryAddress') changed.add(value.name);
      else if (value.kind !== 'address' && value.kind !== 'label') return undefined;
    }
  }
  const managed = threads.some(({ number }) => settings.accessFlag(number));
  for (const { location, values } of initial) {
    const [value] = values;
    if (location.kind !== 'entry' || value?.kind !== 'descriptor') continue;
    const { af, db, dbm } = value.descriptor;
    if (managed && (af === 0 || (db === 0 && dbm === 1))) changed.add(location.name);
  }
  return changed;
}

/** Registers that are computed from each other, for a register that is computed from itself. */
const MAX_STEPS = 8;

/** The value of a register, where it is written once or never, and computed from such registers. */
function registerValue(register: number, thread: Thread, context: ConstantContext, steps: number): bigint | undefined {
  const definitions = thread.definitions.get(register) ?? [];
  if (definitions.length === 0) {
    const constant = thread.constants.get(register);
    return constant === undefined ? 0n : constantValue(constant, context);
  }
  const [only] = definitions;
  if (definitions.length > 1 || only === undefined || steps === 0) return undefined;
  return computed(only, (operand) => {
    if (operand?.kind === 'immediate') return operand.value;
    if (operand?.kind !== 'register') return undefined;
    if (operand.number === 31) return 0n;
    return operand.number === register ? undefined : registerValue(operand.number, thread, context, steps - 1);
  });
}

function computed(
  i: AssemblyInstruction,
  of: (operand: AssemblyOperand | undefined) => bigint | undefined,
): bigint | undefined {
  if (i.operands.some((operand) => operand.kind === 'modifier')) return undefined;
  const a = of(i.operands[1]);
  if (a === undefined) return undefined;
  if (i.mnemonic === 'MOV') return a;
  const b = of(i.operands[2]);
  if (b === undefined) return undefined;
  switch (i.mnemonic) {
    case 'LSR':
      return a >> (b & 63n);
    case 'LSL':
      return BigInt.asUintN(64, a << (b & 63n));
    case 'ADD':
      return BigInt.asUintN(64, a + b);
    case 'SUB':
      return BigInt.asUintN(64, a - b);
    case 'AND':
      return a & b;
    case 'ORR':
      return a | b;
    default:
      return undefined;
  }
}
