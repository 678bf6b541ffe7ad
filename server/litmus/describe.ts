/** Values, locations, faults and conditions in herd7's notation. */

import { type ConstantContext, physicalAddress } from './constants';
import { decodeDescriptor, describeDescriptor, OUTPUT_MASK } from './descriptor';
import { instructionPage, isCodePage, isInstructionPage } from './modifiedCode';
import type { Observed } from './observe';
import { STACK_POINTER } from './parseAssembly';
import { FAILED_PAR } from './parseConstant';
import type { Condition, Constant, FaultAtom, FaultTarget, FaultType, Location } from './test';
import { codeIndexOf, nowhere, type Page } from './world';

/** A 64-bit value under the names of the test: a descriptor, an address, a label, else a number. */
export function describeValue(value: bigint, context: ConstantContext): string {
  const label = codeIndexOf(value);
  if (label !== undefined) {
    for (const [name, index] of context.labels[label.thread] ?? []) {
      if (index === label.index) return `label:"P${label.thread}:${name}"`;
    }
  }
  for (const page of context.pages.values()) {
    if (value === page.entryAddress) return isCodePage(page.name) ? `label:"${page.name}"` : `PTE(${page.name})`;
    const offset = value - page.address;
    if (offset >= 0n && offset < 4096n) return describeAddress(page, offset, context);
    if (value === page.frame) return context.readsPar ? `(parel1_t:(oa:PA(${page.name})))` : `PA(${page.name})`;
    if (value >> 12n === page.frame >> 12n && (value & 2n) === 0n) return `PA(${page.name})`;
    if ((value & OUTPUT_MASK) === page.frame) {
      const descriptor = decodeDescriptor(value, context.attributeSets);
      if (isInstructionPage(page.name) && descriptor !== undefined) return page.name;
      if (descriptor !== undefined) return describeDescriptor({ ...descriptor, output: page.name });
    }
  }
  if (context.readsPar && value === FAILED_PAR) return '(parel1_t:(f:1))';
  const unplaced = (value & OUTPUT_MASK) === nowhere ? decodeDescriptor(value, context.attributeSets) : undefined;
  if (unplaced !== undefined) return describeDescriptor(unplaced);
  return value < 1n << 32n ? value.toString() : `0x${value.toString(16)}`;
}

function describeAddress(page: Page, offset: bigint, context: ConstantContext): string {
  if (offset === 0n) return page.name;
  const first = physicalAddress(page.name, 0, context);
  const size = physicalAddress(page.name, 1, context) - first;
  return offset % size === 0n ? `${page.name}[${offset / size}]` : `${page.name}+${offset}`;
}

function registerName(number: number): string {
  return number === STACK_POINTER ? 'SP' : number === 31 ? 'XZR' : `X${number}`;
}

/** A location, without brackets around plain variables. */
export function describeLocation(location: Location, context?: ConstantContext): string {
  switch (location.kind) {
    case 'register':
      return `${location.thread}:${registerName(location.register)}`;
    case 'variable':
      return context?.sizes.has(location.name) ? `${location.name}[${location.index}]` : `[${location.name}]`;
    case 'entry':
      return `[PTE(${location.name})]`;
  }
}

const typeNames: Readonly<Record<FaultType, string>> = {
  Translation: 'MMU:Translation',
  AccessFlag: 'MMU:AccessFlag',
  Permission: 'MMU:Permission',
  SupervisorCall: 'SupervisorCall',
  UndefinedInstruction: 'UndefinedInstruction',
};

/** `Fault(P0:L0,x,MMU:Translation)` of what was observed; herd7 has the capital in states, not in conditions. */
export function describeFault(fault: Extract<Observed, { kind: 'fault' }>): string {
  const { labels } = fault;
  const label = labels.length === 0 ? '' : labels.length === 1 ? `:${labels[0]}` : `:{${labels.join(',')}}`;
  return `Fault(${[`P${fault.thread}${label}`, ...targetName(fault), typeNames[fault.type]].join(',')})`;
}

/** `fault(P0:L0,x)` as the condition asks for it. */
export function describeFaultAtom(atom: FaultAtom): string {
  const label = atom.label === undefined ? '' : `:${atom.label}`;
  const [first, ...more] = atom.types ?? [];
  const type = first === undefined ? 'I-MMU' : more.length > 0 ? 'MMU' : typeNames[first];
  const types = atom.types === undefined ? [] : [type];
  return `fault(${[`P${atom.thread}${label}`, ...targetName(atom), ...types].join(',')})`;
}

function targetName(fault: { readonly target?: FaultTarget }): readonly string[] {
  if (fault.target === undefined) return [];
  return [fault.target.kind === 'entry' ? `PTE(${fault.target.name})` : fault.target.name];
}

function describeConstant(constant: Constant): string {
  switch (constant.kind) {
    case 'number':
      return constant.value.toString();
    case 'address':
      return constant.index === 0 ? constant.name : `${constant.name}[${constant.index}]`;
    case 'entryAddress':
      return `PTE(${constant.name})`;
    case 'frame':
      return `PA(${constant.name})`;
    case 'descriptor':
      return describeDescriptor(constant.descriptor);
    case 'instruction':
      return instructionPage(constant.instruction.text);
    case 'label':
      return `label:"P${constant.thread}:${constant.label}"`;
  }
}

/** A condition with no more parentheses than needed. */
export function describeCondition(condition: Condition, context?: ConstantContext, binding = 0): string {
  const within = (level: number, text: string): string => (binding > level ? `(${text})` : text);
  switch (condition.kind) {
    case 'constant':
      return String(condition.value);
    case 'or':
    case 'and':
    case 'implies': {
      const level = { or: 0, and: 1, implies: 2 }[condition.kind];
      const sign = { or: '\\/', and: '/\\', implies: '=>' }[condition.kind];
      const left = describeCondition(condition.left, context, condition.kind === 'implies' ? level + 1 : level);
      return within(level, `${left} ${sign} ${describeCondition(condition.right, context, level)}`);
    }
    case 'not':
      return `not (${describeCondition(condition.operand, context)})`;
    case 'equals': {
      const { location } = condition;
      const own = location.kind === 'entry' ? location.name : undefined;
      const constant = condition.value;
      const output = constant.kind === 'descriptor' ? (constant.descriptor.output ?? own) : undefined;
      const shown: Constant =
        constant.kind === 'descriptor' && output !== undefined
          ? { kind: 'descriptor', descriptor: { ...constant.descriptor, output } }
          : constant;
      return `${describeLocation(location, context)}=${describeConstant(shown)}`;
    }
    case 'same':
      return `${describeLocation(condition.left, context)}=${describeLocation(condition.right, context)}`;
    case 'fault':
      return describeFaultAtom(condition.fault);
  }
}
