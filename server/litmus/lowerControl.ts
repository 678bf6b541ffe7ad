/** Branches, barriers, exceptions, TLB maintenance and system registers of a litmus test. */

import type { BarrierType, Domain, Operand } from '../../simulator/machine/program';
import type { CodeBuilder, Refusal } from './codeBuilder';
import { branchCondition, readCondition } from './flags';
import type { AssemblyInstruction, AssemblyOperand } from './test';
import { codeAddress, entryToPage } from './world';

type Outcome = Refusal | 'done' | undefined;

/** Lowers an instruction that steers or orders others; `undefined` when it is none. */
export function lowerControl(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const { mnemonic } = i;
  switch (mnemonic) {
    case 'NOP':
    case 'YIELD':
      return 'done';
    case 'DMB':
    case 'DSB':
      return barrier(i, b);
    case 'ISB':
      b.emit({ kind: 'isb' });
      return 'done';
    case 'TLBI':
      return invalidate(i, b);
    case 'SVC':
      b.emit({ kind: 'svc' });
      return 'done';
    case 'UDF':
      return undefinedInstruction(b);
    case 'ERET':
      b.emit({ kind: 'eret' });
      return 'done';
    case 'MSR':
      return writeSystemRegister(i, b);
    case 'MRS':
      return readSystemRegister(i, b);
    case 'ADR':
      return address(i, b);
    case 'AT':
      return translateAddress(i, b);
    case 'IC':
    case 'DC':
      return maintainCache(i, b);
    default:
      return branch(i, b);
  }
}

function nameOf(operand: AssemblyOperand | undefined): string {
  return operand?.kind === 'name' ? operand.name : '';
}

function branch(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const label = nameOf(i.operands.at(-1));
  const [first, bit] = i.operands;
  const condition = branchCondition(i.mnemonic);
  const isBranch = /^(?:B|CBN?Z|TBN?Z)$/.test(i.mnemonic) || condition !== undefined;
  if (!isBranch) return undefined;
  if (label === '') return { kind: 'syntax', message: `expected a label in \`${i.text}\`` };
  if (i.mnemonic === 'B' || condition === 'AL') {
    b.emitTo(label, { kind: 'jump', target: 0 });
    return 'done';
  }
  if (condition !== undefined) {
    const found = readCondition(b, condition);
    if ('message' in found) return found;
    b.emitTo(label, { kind: 'branch', condition: found.operand, whenZero: found.negated, target: 0 });
    return 'done';
  }
  if (first?.kind !== 'register') return { kind: 'syntax', message: `expected a register in \`${i.text}\`` };
  let tested = b.source(first);
  if (i.mnemonic.startsWith('TB')) {
    if (bit?.kind !== 'immediate') return { kind: 'syntax', message: `expected a bit number in \`${i.text}\`` };
    const scratch = b.scratch('shifted');
    b.arithmetic('and', scratch, tested, { kind: 'value', value: 1n << bit.value });
    tested = { kind: 'register', register: scratch };
  }
  b.emitTo(label, { kind: 'branch', condition: tested, whenZero: /BZ$/.test(i.mnemonic), target: 0 });
  return 'done';
}

const domains: Readonly<Record<string, Domain>> = {
  ISH: 'innerShareable',
  OSH: 'outerShareable',
  NSH: 'nonShareable',
  SY: 'fullSystem',
  '': 'fullSystem',
};

function barrier(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const option = nameOf(i.operands[0]).toUpperCase();
  const match = /^(ISH|OSH|NSH|SY|)(LD|ST|NXS|)$/.exec(option);
  const [, name, kind] = match ?? [];
  const isQualified = kind === 'NXS';
  const isWrong = isQualified ? i.mnemonic === 'DMB' || name === '' : name === 'SY' && kind !== '';
  if (match === null || option === '' || isWrong) {
    return { kind: 'syntax', message: `expected an option such as ISH, ISHLD or SY in \`${i.text}\`` };
  }
  const domain = domains[name as string] as Domain;
  if (isQualified) return qualifiedBarrier(i, domain, b);
  const type: BarrierType = kind === 'LD' ? 'load' : kind === 'ST' ? 'store' : 'full';
  b.emit({ kind: i.mnemonic === 'DMB' ? 'dmb' : 'dsb', type, domain });
  return 'done';
}

/**
 * DSB nXS. No memory of a test has the XS attribute, so it is a DSB as far as accesses go; but of TLBIs it completes those
 * with nXS alone (Arm ARM B2.6.9).
 */
function qualifiedBarrier(i: AssemblyInstruction, domain: Domain, b: CodeBuilder): Outcome {
  const { some, all } = b.context.qualified;
  if (!all && (some || domain === 'nonShareable'))
    return { kind: 'unsupported', message: `${i.text} in a thread that has a TLBI without nXS` };
  b.emit({ kind: 'dsb', type: 'full', domain, ...(all ? {} : { sparesTlbis: true }) });
  return 'done';
}

function invalidate(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const operation = nameOf(i.operands[0]).toUpperCase();
  const match = /^(VMALLE1|VMALLS12E1|ALLE1|ASIDE1|VAA?L?E1)(IS|OS|)(?:NXS)?$/.exec(operation);
  if (match === null) return { kind: 'unsupported', message: `TLBI ${operation}` };
  const name = match[1] as string;
  const innerShareable = match[2] !== '';
  if (!name.startsWith('VA')) {
    // There is one ASID, so invalidating it is invalidating everything that is not global, and nothing is global.
    b.emit({ kind: 'tlbi', scope: 'all', innerShareable, leafOnly: false });
    return 'done';
  }
  const register = i.operands[1];
  if (register?.kind !== 'register') return { kind: 'syntax', message: `expected a register in \`${i.text}\`` };
  const leafOnly = name.endsWith('LE1');
  b.emit({ kind: 'tlbi', scope: 'address', innerShareable, leafOnly, operand: b.source(register) });
  return 'done';
}

/**
 * Cache maintenance of modified instructions: IC IVAU is the TLBI of the page that stands for the instruction. That DC
 * CVAU comes before it has been checked.
 */
function maintainCache(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const operation = nameOf(i.operands[0]).toUpperCase();
  const register = i.operands[1];
  const known = `${i.mnemonic} ${operation}` === 'IC IVAU' || `${i.mnemonic} ${operation}` === 'DC CVAU';
  if (!known || !b.context.modifiesCode) return { kind: 'unsupported', message: `cache maintenance, ${i.text}` };
  if (register?.kind !== 'register') return { kind: 'syntax', message: `expected a register in \`${i.text}\`` };
  if (i.mnemonic === 'DC') return 'done';
  const scratch = b.scratch('invalidated');
  const page: Operand = { kind: 'register', register: scratch };
  b.arithmetic('subtract', scratch, b.source(register), { kind: 'value', value: entryToPage.firstEntry });
  b.arithmetic('shiftRight', scratch, page, { kind: 'value', value: entryToPage.entryShift });
  b.arithmetic('shiftLeft', scratch, page, { kind: 'value', value: entryToPage.pageShift });
  b.arithmetic('add', scratch, page, { kind: 'value', value: entryToPage.firstPage });
  b.emit({ kind: 'tlbi', scope: 'address', innerShareable: true, leafOnly: false, operand: page });
  return 'done';
}

/** Ends or skips like a supervisor call; only its return address differs, which a handler may set itself. */
function undefinedInstruction(b: CodeBuilder): Outcome {
  const { faultVariant, handlerSetsReturn } = b.context;
  if (faultVariant === 'handled' || (faultVariant === 'handler' && !handlerSetsReturn)) {
    return { kind: 'unsupported', message: 'UDF that is executed again and again' };
  }
  b.emit({ kind: 'svc' });
  return 'done';
}

/** ELR_EL1 of the machine is a code index, in registers it is the address of a label. */
function writeSystemRegister(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const [name, register] = i.operands;
  if (nameOf(name).toUpperCase() !== 'ELR_EL1') return { kind: 'unsupported', message: `MSR ${nameOf(name)}` };
  if (register?.kind !== 'register') return { kind: 'syntax', message: `expected a register in \`${i.text}\`` };
  const scratch = b.scratch('return');
  const index: Operand = { kind: 'register', register: scratch };
  b.arithmetic('subtract', scratch, b.source(register), { kind: 'value', value: codeAddress(b.context.thread, 0) });
  b.arithmetic('shiftRight', scratch, index, { kind: 'value', value: 2n });
  b.emit({ kind: 'systemRegister', name: 'elr', write: index });
  return 'done';
}

const readable: Readonly<Record<string, 'esr' | 'far' | 'elr'>> = { ESR_EL1: 'esr', FAR_EL1: 'far', ELR_EL1: 'elr' };

function readSystemRegister(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const [register, operand] = i.operands;
  const name = nameOf(operand).toUpperCase();
  if (register?.kind !== 'register') return { kind: 'syntax', message: `expected a register in \`${i.text}\`` };
  const read = b.destination(register);
  const result: Operand = { kind: 'register', register: read };
  if (name === 'PAR_EL1') {
    b.arithmetic('move', read, { kind: 'register', register: b.scratch('PAR_EL1') });
    return 'done';
  }
  const known = readable[name];
  if (known === undefined) return { kind: 'unsupported', message: `MRS ${name}` };
  b.emit({ kind: 'systemRegister', name: known, read });
  if (known === 'elr') {
    b.arithmetic('shiftLeft', read, result, { kind: 'value', value: 2n });
    b.arithmetic('add', read, result, { kind: 'value', value: codeAddress(b.context.thread, 0) });
  }
  return 'done';
}

function address(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const [register, label] = i.operands;
  if (register?.kind !== 'register' || label?.kind !== 'name') {
    return { kind: 'syntax', message: `expected a register and a label in \`${i.text}\`` };
  }
  b.emitAddress(b.destination(register), label.name);
  return 'done';
}

function translateAddress(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const operation = nameOf(i.operands[0]).toUpperCase();
  const register = i.operands[1];
  if (!/^S1E[01][RW]$/.test(operation)) return { kind: 'unsupported', message: `AT ${operation}` };
  if (operation.startsWith('S1E0') && b.context.privilegedPages)
    return { kind: 'unsupported', message: `AT ${operation} beside entries that EL0 may not use` };
  if (register?.kind !== 'register') return { kind: 'syntax', message: `expected a register in \`${i.text}\`` };
  const destination = b.scratch('PAR_EL1');
  b.emit({ kind: 'translate', address: b.source(register), write: operation.endsWith('W'), destination });
  // Of a translation that failed, only that it did so is kept: PAR_EL1.FST is cleared where F is set.
  const status = b.scratch('fault status');
  const par: Operand = { kind: 'register', register: destination };
  const cleared: Operand = { kind: 'register', register: status };
  b.arithmetic('and', status, par, { kind: 'value', value: 1n });
  b.arithmetic('multiply', status, cleared, { kind: 'value', value: 0x7en });
  b.arithmetic('bitClear', destination, par, cleared);
  return 'done';
}
