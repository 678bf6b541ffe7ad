/** Constants of a litmus test as 64-bit values, and where its variables are in physical memory. */

import { type AttributeSets, encodeDescriptor } from './descriptor';
import { codePage, instructionPage } from './modifiedCode';
import { ordinaryDescriptor } from './parseConstant';
import type { Constant } from './test';
import { codeAddress, nowhere, type Page } from './world';

/** What is needed to turn constants into 64-bit values. */
export interface ConstantContext {
  readonly pages: ReadonlyMap<string, Page>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly attributeSets: AttributeSets;
  readonly labels: readonly ReadonlyMap<string, number>[];
  /** Some instruction reads PAR_EL1: addresses of pages are what it holds. */
  readonly readsPar: boolean;
}

/** The value of a constant; `own` names the variable whose page a descriptor without output address maps to. */
export function constantValue(constant: Constant, context: ConstantContext, own?: string): bigint | undefined {
  switch (constant.kind) {
    case 'number':
      return BigInt.asUintN(64, constant.value);
    case 'address':
      return pageOf(constant.name, context).address + BigInt(constant.index * (context.sizes.get(constant.name) ?? 8));
    case 'entryAddress':
      return pageOf(constant.name, context).entryAddress;
    case 'frame':
      return pageOf(constant.name, context).frame;
    case 'descriptor': {
      const output = constant.descriptor.output ?? own;
      const frame = output === undefined ? nowhere : pageOf(output, context).frame;
      return encodeDescriptor(constant.descriptor, frame, context.attributeSets);
    }
    case 'instruction': {
      const { frame } = pageOf(instructionPage(constant.instruction.text), context);
      return encodeDescriptor(ordinaryDescriptor, frame, context.attributeSets);
    }
    case 'label': {
      const modified = context.pages.get(codePage(constant.thread, constant.label));
      if (modified !== undefined) return modified.entryAddress;
      const index = context.labels[constant.thread]?.get(constant.label);
      return index === undefined ? undefined : codeAddress(constant.thread, index);
    }
  }
}

/** Every variable that is mentioned has a page. */
export function pageOf(name: string, context: ConstantContext): Page {
  return context.pages.get(name) as Page;
}

/** The physical address of an element of a variable. */
export function physicalAddress(name: string, index: number, context: ConstantContext): bigint {
  return pageOf(name, context).frame + BigInt(index * (context.sizes.get(name) ?? 8));
}
