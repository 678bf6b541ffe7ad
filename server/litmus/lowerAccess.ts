/** Loads, stores, exclusives and atomics of a litmus test as accesses of the machine. */

import type { AccessInstruction, AtomicOperation, Operand } from '../../simulator/machine/program';
import { type CodeBuilder, type Refusal, zero } from './codeBuilder';
import type { AssemblyAddress, AssemblyInstruction, RegisterName } from './test';

type AccessDetails = Omit<AccessInstruction, 'kind' | 'site' | 'base' | 'offset'>;

const load = /^(?:LD(?:AP)?U?R(?:S?[BH]|SW)?|LDA?X?R[BH]?)$/;
const store = /^(?:STU?R|STLU?R)(?:B|H)?$/;
const storeExclusive = /^STL?XR(?:B|H)?$/;
const atomic = /^(SWP|CAS|LDADD|LDSET|LDCLR|LDEOR|LD[SU]M(?:AX|IN))(A?)(L?)(?:B|H)?$/;
const storeAtomic = /^ST(ADD|SET|CLR|EOR|[SU]M(?:AX|IN))(L?)(?:B|H)?$/;
/** These look at the sign of what they compare, so the variable has the size of the register for them. */
const comparesSigned = /^(?:LD|ST)SM(?:AX|IN)/;

const loadPair = /^LD(?:N?P|PSW|A?XP|IAPP)$/;
const storePair = /^ST(?:N?P|ILP)$/;

const operations: Readonly<Record<string, AtomicOperation>> = {
  SWP: 'swap',
  CAS: 'compareAndSwap',
  LDADD: 'add',
  LDSET: 'set',
  LDCLR: 'clear',
  LDEOR: 'exclusiveOr',
  LDSMAX: 'signedMaximum',
  LDSMIN: 'signedMinimum',
  LDUMAX: 'unsignedMaximum',
  LDUMIN: 'unsignedMinimum',
};

/** Lowers an access; `undefined` when the instruction is none. */
export function lowerAccess(i: AssemblyInstruction, b: CodeBuilder): Refusal | 'done' | undefined {
  const { mnemonic } = i;
  const registers = i.operands.flatMap((o) => (o.kind === 'register' ? [o] : []));
  const last = i.operands.at(-1);
  if (loadPair.test(mnemonic) || storePair.test(mnemonic)) return lowerPair(i, b);
  if (/^STL?XP$/.test(mnemonic))
    return { kind: 'unsupported', message: `${mnemonic}, a store exclusive of two registers` };
  const kind = [load, store, storeExclusive, atomic, storeAtomic].findIndex((form) => form.test(mnemonic));
  if (kind < 0) return undefined;
  const wanted = [1, 1, 2, 2, 1][kind] as number;
  const [first, second] = registers;
  if (
    last?.kind !== 'memory' ||
    first === undefined ||
    registers.length !== wanted ||
    i.operands.length !== wanted + 1
  ) {
    if (last?.kind === 'name') return { kind: 'unsupported', message: `${mnemonic} of a literal` };
    return { kind: 'syntax', message: `expected ${wanted} register(s) and an address after ${mnemonic}` };
  }
  const data = second ?? first;
  const bytes = bytesOf(mnemonic, data, b);
  const details = detailsOf(mnemonic, first, data, bytes, b);
  const narrow = partBytes(mnemonic, data);
  if (details.access === 'store' && !b.context.sized && narrow < (b.context.wideNumbers ? 8 : 4))
    return emitAccess(b, last.address, { ...details, value: lowPart(b, details.value as Operand, narrow) });
  const done = emitAccess(b, last.address, details);
  if (done === 'done' && details.access === 'load') fitLoaded(b, mnemonic, first);
  return done;
}

/** Bytes that the instruction moves, whatever the size of the variable. */
function partBytes(mnemonic: string, data: RegisterName): 1 | 2 | 4 | 8 {
  if (/B$/.test(mnemonic)) return 1;
  if (/H$/.test(mnemonic)) return 2;
  return /SW$/.test(mnemonic) || !data.wide ? 4 : 8;
}

function lowPart(b: CodeBuilder, operand: Operand, bytes: number): Operand {
  const scratch = b.scratch('stored');
  b.arithmetic('and', scratch, operand, { kind: 'value', value: (1n << BigInt(8 * bytes)) - 1n });
  return { kind: 'register', register: scratch };
}

/** What a load makes of the value: the part that it reads, where that may be less than the variable, and its sign. */
function fitLoaded(b: CodeBuilder, mnemonic: string, target: RegisterName): void {
  if (target.number === 31) return;
  const bytes = partBytes(mnemonic, target);
  const signed = /S[BHW]$/.test(mnemonic);
  if (!b.context.sized && bytes < (signed || b.context.wideNumbers ? 8 : 4)) {
    const register = b.register(target.number);
    const mask: Operand = { kind: 'value', value: (1n << BigInt(8 * bytes)) - 1n };
    b.arithmetic('and', register, { kind: 'register', register }, mask);
  }
  if (signed) extendLoaded(b, target, bytes);
}

function extendLoaded(b: CodeBuilder, target: RegisterName, bytes: number): void {
  if (target.number === 31) return;
  b.extendSign(b.register(target.number), 1n << BigInt(8 * bytes - 1));
  b.cut(target);
}

/** Two registers at two neighbouring places: two accesses, in no order but those of LDIAPP and STILP. */
function lowerPair(i: AssemblyInstruction, b: CodeBuilder): Refusal | 'done' {
  const { mnemonic } = i;
  const [first, second, third] = i.operands;
  if (first?.kind !== 'register' || second?.kind !== 'register' || third?.kind !== 'memory' || i.operands.length !== 3)
    return { kind: 'syntax', message: `expected two registers and an address after ${mnemonic}` };
  const { address } = third;
  if (address.modifier !== undefined || (address.offset !== undefined && typeof address.offset !== 'bigint'))
    return { kind: 'syntax', message: `expected an immediate offset in \`${i.text}\`` };
  if (!b.context.sized)
    return { kind: 'unsupported', message: `${mnemonic} without an array: the second register has no variable` };
  const bytes = mnemonic === 'LDPSW' || !first.wide ? 4 : 8;
  const base = b.source(address.base);
  const loads = loadPair.test(mnemonic);
  const ordered = /^(?:LDIAPP|STILP)$/.test(mnemonic);
  const acquire: AccessDetails['acquire'] =
    mnemonic === 'LDAXP' ? 'full' : loads && ordered ? 'processorConsistent' : undefined;
  // LDIAPP reads and STILP writes the first one first; with write-back before the access, STILP writes the second one first.
  const places = mnemonic === 'STILP' && address.writeBack === 'before' ? [1, 0] : [0, 1];
  const start = address.writeBack === 'after' ? 0n : ((address.offset as bigint | undefined) ?? 0n);
  // What is loaded is in no register until both halves are: the second one may fault, and either may be the base.
  const halves = [b.scratch('first half'), b.scratch('second half')];
  for (const place of places) {
    const register = place === 0 ? first : second;
    const offset: Operand = { kind: 'value', value: BigInt.asUintN(64, start + BigInt(place * bytes)) };
    b.emit({
      kind: 'access',
      base,
      offset,
      access: loads ? 'load' : 'store',
      bytes,
      ...(loads ? { destination: halves[place] as number } : { value: b.source(register) }),
      ...(acquire === undefined ? {} : { acquire }),
      ...(mnemonic === 'STILP' ? { release: true } : {}),
    });
  }
  if (loads) {
    for (const [place, register] of [first, second].entries()) {
      if (register.number === 31) continue;
      b.arithmetic('move', b.register(register.number), { kind: 'register', register: halves[place] as number });
      if (mnemonic === 'LDPSW') extendLoaded(b, register, 4);
    }
  }
  if (address.writeBack !== undefined && typeof address.offset === 'bigint') {
    const step: Operand = { kind: 'value', value: BigInt.asUintN(64, address.offset) };
    b.arithmetic('add', b.register(address.base.number), base, step);
  }
  return 'done';
}

function detailsOf(
  mnemonic: string,
  first: RegisterName,
  data: RegisterName,
  bytes: 1 | 2 | 4 | 8,
  b: CodeBuilder,
): AccessDetails {
  if (load.test(mnemonic)) {
    const acquire = /^LDAP/.test(mnemonic) ? 'processorConsistent' : /^LDAX?R/.test(mnemonic) ? 'full' : undefined;
    return {
      access: 'load',
      bytes,
      ...resultIn(first, b),
      ...(acquire === undefined ? {} : { acquire }),
      ...(/^LDA?XR/.test(mnemonic) ? { exclusive: true } : {}),
    };
  }
  const release = /^STL/.test(mnemonic);
  if (store.test(mnemonic)) return { access: 'store', bytes, value: b.source(first), ...(release ? { release } : {}) };
  if (storeExclusive.test(mnemonic)) {
    const status = first.number === 31 ? {} : { status: b.register(first.number) };
    return {
      access: 'store',
      bytes,
      value: b.source(data),
      exclusive: true,
      ...status,
      ...(release ? { release } : {}),
    };
  }
  const alias = storeAtomic.exec(mnemonic);
  const match = atomic.exec(mnemonic);
  const name = alias === null ? (match?.[1] as string) : `LD${alias[1]}`;
  const operation = operations[name] as AtomicOperation;
  const releases = (alias?.[2] ?? match?.[3]) === 'L';
  const compares = operation === 'compareAndSwap';
  const result = compares ? first : data;
  // A zero-register destination makes it the ST form.
  const noReturn = alias !== null || (!compares && data.number === 31);
  return {
    access: 'atomic',
    bytes,
    operation,
    value: b.source(compares ? data : first),
    ...(compares ? { compare: b.source(first) } : {}),
    ...(noReturn ? { noReturn } : resultIn(result, b)),
    ...(match?.[2] === 'A' ? { acquire: 'full' as const } : {}),
    ...(releases ? { release: true } : {}),
  };
}

function resultIn(name: RegisterName, b: CodeBuilder): { destination?: number } {
  return name.number === 31 ? {} : { destination: b.register(name.number) };
}

/** As in herd7 without mixed sizes, a variable is one location whatever the width of the register. */
function bytesOf(mnemonic: string, data: RegisterName, b: CodeBuilder): 1 | 2 | 4 | 8 {
  if (!b.context.sized && !comparesSigned.test(mnemonic)) return 8;
  return partBytes(mnemonic, data);
}

function emitAccess(b: CodeBuilder, address: AssemblyAddress, details: AccessDetails): Refusal | 'done' {
  const offset = offsetOf(address, b);
  if ('message' in offset) return offset;
  const base = b.source(address.base);
  b.emit({ kind: 'access', base, offset: address.writeBack === 'after' ? zero : offset, ...details });
  if (address.writeBack !== undefined) b.arithmetic('add', b.register(address.base.number), base, offset);
  return 'done';
}

function offsetOf(address: AssemblyAddress, b: CodeBuilder): Operand | Refusal {
  const { offset } = address;
  if (offset === undefined) return zero;
  if (typeof offset === 'bigint') return { kind: 'value', value: BigInt.asUintN(64, offset) };
  return b.modified(offset, address.modifier);
}
