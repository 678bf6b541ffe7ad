/** The text of a change of an entry: which expressions name the address, the pointer and the new value. */

import type { CallExpression, Expression, FunctionItem, Span } from '../language/ast';
import type { Place, Source } from '../language/elaborate/source';
import { visitExpression, visitStatements } from '../language/walk';
import { calleeName, type Standing, statementAt, textOf } from './fixes';

export interface ChangeText {
  /** The virtual address that the entry maps. */
  readonly address?: string;
  /** The pointer to the entry. */
  readonly pointer?: string;
  readonly value?: string;
  /** Where the new value stands, when it is read from the entry itself: it has to be read before the break. */
  readonly readsEntry?: Span;
}

/** Functions and primitives that change an entry, and which of their arguments is what. */
const changing: Readonly<Record<string, readonly ('address' | 'pointer' | 'value')[]>> = {
  pte_clear: ['address', 'pointer'],
  set_pte_at: ['address', 'pointer', 'value'],
  set_pte: ['pointer', 'value'],
  set_pmd: ['pointer', 'value'],
  pmd_clear: ['pointer'],
  pmd_populate_kernel: ['pointer', 'value'],
  vmemmap_update_pte: ['address', 'pointer', 'value'],
  vmemmap_update_pmd: ['address', 'pointer', 'value'],
  generic_vmemmap_update_pte: ['address', 'pointer', 'value'],
  generic_vmemmap_update_pmd: ['address', 'pointer', 'value'],
  store: ['pointer', 'value'],
  store_release: ['pointer', 'value'],
  xchg: ['pointer', 'value'],
  WRITE_ONCE: ['pointer', 'value'],
};

/** Functions that give a pointer to an entry; their last argument is the address. */
const pointers: ReadonlySet<string> = new Set(['virt_to_kpte', 'pte_offset_kernel', 'pmd_off_k', 'pmd_offset']);

/** What the statement at a place says of the entry that it changes. */
export function changeText(place: Place): ChangeText {
  const standing = statementAt(place);
  if (standing === undefined) return {};
  const { source } = standing;
  const words = wordsOf(standing);
  const pointer = words.pointer && bare(words.pointer);
  const address = words.address ?? (pointer && addressOf(pointer, standing));
  const text = (one: Expression | undefined) => one && textOf(source, one);
  const { value } = words;
  return {
    ...defined({ address: text(address), pointer: text(pointer), value: text(value) }),
    ...(value && readsMemory(value) ? { readsEntry: value.span } : {}),
  };
}

function readsMemory(value: Expression): boolean {
  let reads = false;
  visitExpression(value, (one) => {
    if (one.kind === 'unary' && one.operator === '*') reads = true;
    if (one.kind === 'call' && /^(ptep_get|pmdp_get|READ_ONCE|load\w*|ldx?a?x?r\w*)$/.test(calleeName(one)))
      reads = true;
  });
  return reads;
}

interface Words {
  readonly address?: Expression;
  readonly pointer?: Expression;
  readonly value?: Expression;
}

function wordsOf({ statement }: Standing): Words {
  if (statement.kind === 'assign' && statement.target.kind === 'unary' && statement.operator === '=')
    return { pointer: statement.target, value: statement.value };
  const expression = statement.kind === 'call' ? statement.expression : undefined;
  if (expression?.kind !== 'call') return {};
  const roles = changing[calleeName(expression)];
  if (roles === undefined) return {};
  return Object.fromEntries(roles.map((role, i) => [role, expression.arguments[i]])) as Words;
}

/** `*p` as the place of a store is the pointer p. */
function bare(expression: Expression): Expression {
  return expression.kind === 'unary' && expression.operator === '*' ? expression.operand : expression;
}

/** The address that a pointer belongs to: from the call that gives it, here or where its variable is set. */
function addressOf(pointer: Expression, { fn, block, source }: Standing): Expression | undefined {
  if (pointer.kind === 'call') return lastArgument(pointer);
  if (pointer.kind !== 'name') return undefined;
  let found: Expression | undefined;
  visitStatements(fn?.body ?? block, (statement) => {
    if (statement.kind !== 'let' || statement.name.name !== pointer.name || statement.value.kind !== 'call') return;
    if (statement.span.end <= pointer.span.start) found = lastArgument(statement.value);
  });
  return found && isSimple(found, source) ? found : undefined;
}

function lastArgument(call: CallExpression): Expression | undefined {
  return pointers.has(calleeName(call)) ? call.arguments.at(-1) : undefined;
}

/** An expression that may be written a second time. */
function isSimple(expression: Expression, source: Source): boolean {
  return expression.kind !== 'missing' && !textOf(source, expression).includes('any(');
}

function defined(words: Readonly<Record<'address' | 'pointer' | 'value', string | undefined>>): ChangeText {
  return Object.fromEntries(Object.entries(words).filter(([, text]) => text !== undefined));
}

/** The function in which a place stands; places in the same one may share names. */
export function functionAt(place: Place): FunctionItem | undefined {
  return statementAt(place)?.fn;
}
