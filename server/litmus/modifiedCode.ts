/**
 * Instructions that the test itself modifies (herd7's Variant=ifetch). An instruction cache is to the word that it holds
 * what a TLB is to a descriptor: a fetch may use any value that no IC IVAU has removed, and only context synchronisation
 * makes a CPU fetch anew (Arm ARM B2.7.4, "Concurrent modification and execution of instructions"). So a modified
 * instruction is an entry of its own page, fetching it is a walk of that page, and IC IVAU is its TLBI; which instruction
 * was fetched is the output address.
 */

import type { AssemblyInstruction, Column, Constant, LitmusProblem, LitmusTest } from './test';
import { eachAtom } from './variables';

/** A label whose instruction is written: the name of the page whose entry stands for it. */
export function codePage(thread: number, label: string): string {
  return `P${thread}:${label}`;
}

/** The name of the page whose frame stands for an instruction. */
export function instructionPage(text: string): string {
  return `instr:"${normalInstruction(text)}"`;
}

export function isCodePage(name: string): boolean {
  return /^P\d+:/.test(name);
}

export function isInstructionPage(name: string): boolean {
  return name.startsWith('instr:');
}

/** As instructions are compared: in capitals, without space that says nothing. */
export function normalInstruction(text: string): string {
  return text
    .trim()
    .toUpperCase()
    .replace(/\s*([,[\]!])\s*/g, '$1')
    .replace(/\s+/g, ' ');
}

/** What a test modifies. */
export interface ModifiedCode {
  /** Page names of the labels whose instructions are written. */
  readonly labels: ReadonlySet<string>;
  /** The instructions that the test has as data. */
  readonly instructions: readonly AssemblyInstruction[];
  /** Every page that stands for one of them, in a fixed order. */
  readonly pages: readonly string[];
}

export const unmodified: ModifiedCode = { labels: new Set(), instructions: [], pages: [] };

/** The labels that registers hold, where the test has instructions as data. */
export function modifiedCode(test: LitmusTest): ModifiedCode {
  const instructions = new Map<string, AssemblyInstruction>();
  const labels = new Set<string>();
  const note = (constant: Constant): void => {
    if (constant.kind === 'instruction')
      instructions.set(instructionPage(constant.instruction.text), constant.instruction);
    if (constant.kind === 'label') labels.add(codePage(constant.thread, constant.label));
  };
  for (const { values } of test.initial) values.forEach(note);
  for (const condition of [test.filter, test.condition])
    if (condition !== undefined)
      eachAtom(condition, { location: () => undefined, constant: note, fault: () => undefined });
  if (instructions.size === 0) return unmodified;
  const modified = new Map(
    test.columns.flatMap((column) =>
      column.labels.flatMap(({ name, index }): [string, string][] => {
        const i = column.instructions[index];
        const page = codePage(column.thread, name);
        return i !== undefined && labels.has(page) ? [[page, instructionPage(i.text)]] : [];
      }),
    ),
  );
  return {
    labels: new Set(modified.keys()),
    instructions: [...instructions.values()],
    pages: [...new Set([...modified.keys(), ...modified.values(), ...instructions.keys()])],
  };
}

/**
 * What a column does with modified instructions that cannot be told here: the address of such an instruction is not that of
 * its code, and without a DC CVAU before it, completed by a DSB, an IC IVAU may be followed by a fetch from memory that the
 * store has not reached. `cleansItself`: no DC CVAU is needed.
 */
export function refusedUse(
  column: Column,
  { labels }: ModifiedCode,
  cleansItself: boolean,
  constants: ReadonlyMap<number, Constant>,
): LitmusProblem | undefined {
  if (labels.size === 0) return undefined;
  const isModified = (label: string): boolean => labels.has(codePage(column.thread, label));
  const refused = (i: AssemblyInstruction, message: string): LitmusProblem => ({
    kind: 'unsupported',
    line: i.line,
    column: i.column,
    message: `\`${i.text}\`${message}`,
  });
  for (const { index } of column.labels) {
    const names = column.labels.filter((l) => l.index === index && isModified(l.name));
    const i = column.instructions[index];
    if (names.length > 1 && i !== undefined) return refused(i, ', which is modified under two labels');
  }
  for (const [at, i] of column.instructions.entries()) {
    const last = i.operands.at(-1);
    if (i.mnemonic === 'ADR' && last?.kind === 'name' && isModified(last.name))
      return refused(i, ' of an instruction that is modified');
    const constant = i.mnemonic === 'MSR' && last?.kind === 'register' ? constants.get(last.number) : undefined;
    if (constant?.kind === 'label' && isModified(constant.label))
      return refused(i, ' to an instruction that is modified');
    if (i.mnemonic !== 'IC' || cleansItself) continue;
    const before = column.instructions.slice(0, at);
    const barrier = before.findLastIndex((one) => one.mnemonic === 'DSB');
    const clean = before.slice(0, Math.max(0, barrier)).some((one) => one.mnemonic === 'DC' && sameRegister(one, i));
    if (!clean)
      return refused(
        i,
        ' without a DC CVAU of the same address and a DSB before it (data caches that are not cleaned)',
      );
  }
  return undefined;
}

function sameRegister(a: AssemblyInstruction, b: AssemblyInstruction): boolean {
  const [first, second] = [a.operands[1], b.operands[1]];
  return first?.kind === 'register' && second?.kind === 'register' && first.number === second.number;
}
