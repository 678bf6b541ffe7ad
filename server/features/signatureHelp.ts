/** The parameters of the call that is being typed. */

import { builtinFunctionByName, finalFunctionByName, hugePageMembers } from '../language/builtins';
import type { Names } from '../language/names';
import type { DeclaredSymbol } from '../language/names/symbol';
import { primitiveForm } from '../language/primitive';
import { primitiveByName } from '../language/primitives';
import { cursorContext } from './cursorContext';
import { functionDoc, functionForm } from './describe';
import { parsedIn } from './hover';
import { findFunction } from './visible';

export interface SignatureHelp {
  /** The call in its form: `flush_tlb_kernel_range(start, end)`. */
  readonly label: string;
  readonly parameters: readonly string[];
  readonly doc: string;
  /** Which parameter the cursor is at; may be behind the last. */
  readonly active: number;
}

export function signatureHelpAt(names: Names, offset: number): SignatureHelp | undefined {
  const call = cursorContext(names.source.parsed, offset)?.call;
  if (call === undefined) return undefined;
  const active = call.argument;
  if (call.member) {
    const member = hugePageMembers.find((row) => row.name === call.name);
    if (member?.parameters === undefined) return undefined;
    return {
      label: `${call.name}(${member.parameters.join(', ')})`,
      parameters: member.parameters,
      doc: member.doc,
      active,
    };
  }
  const fn = findFunction(names, call.name, call.start);
  if (fn !== undefined) return { ...ofFunction(names, fn), active };
  const builtin = builtinFunctionByName.get(call.name);
  if (builtin !== undefined) return { ...ofBuiltin(builtin), active };
  const primitive = primitiveByName.get(call.name);
  if (primitive !== undefined) {
    const parameters = primitive.parameters.map(({ name, optional }) => (optional ? `[${name}]` : name));
    const last = primitive.parameters.length - 1;
    const repeated = primitive.parameters[last]?.repeated === true;
    const result = primitive.result === undefined ? '' : `\n\nReturns ${primitive.result}.`;
    return {
      label: primitiveForm(primitive),
      parameters,
      doc: primitive.doc + result,
      active: repeated ? Math.min(active, last) : active,
    };
  }
  const final = finalFunctionByName.get(call.name);
  return final === undefined ? undefined : { ...ofBuiltin(final), active };
}

type Signature = Omit<SignatureHelp, 'active'>;

function ofBuiltin({
  name,
  parameters,
  doc,
}: {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly doc: string;
}): Signature {
  return { label: `${name}(${parameters.join(', ')})`, parameters, doc };
}

function ofFunction(names: Names, { fn, uri }: DeclaredSymbol): Signature {
  if (fn === undefined) return { label: '', parameters: [], doc: '' };
  const parsed = parsedIn(names)(uri);
  const parameters = fn.parameters.map((parameter) => parameter.name);
  return {
    label: functionForm(fn).replace(/^fn /, ''),
    parameters,
    doc: parsed === undefined ? '' : functionDoc(parsed, fn),
  };
}
