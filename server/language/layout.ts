/** What a tree says about the places of its tokens: where things begin, and which marks stand close to their neighbours. */

import type { Block, Condition, Declaration, Expression, File, ScenarioMember, Span, Statement } from './ast';
import { blocksOf, expressionsOf, visitExpression } from './walk';

/** Something that begins a line of its own when it is the first of a line. */
export interface Start {
  readonly of: 'item' | 'statement' | 'label' | 'expectation' | 'setting';
  /** Indented `steps` more than the line of this offset; absent: as the block that it stands in. */
  readonly anchor?: { readonly line: number; readonly steps: 0 | 1 };
}

export interface Layout {
  readonly starts: ReadonlyMap<number, Start>;
  /** Offsets of operators that stand before a value. */
  readonly unary: ReadonlySet<number>;
  /** Ends by start of what is written without spaces: `fixed-up`, `2-noabort`, `0..3`. */
  readonly glued: ReadonlyMap<number, number>;
  /** Offsets of `:` without a space before it. */
  readonly labels: ReadonlySet<number>;
  /** Offsets of `(` behind the name of what is called or declared. */
  readonly calls: ReadonlySet<number>;
  /** Ends of statements that have a `;` behind them. */
  readonly simple: ReadonlySet<number>;
}

interface Draft {
  readonly text: string;
  readonly starts: Map<number, Start>;
  readonly unary: Set<number>;
  readonly glued: Map<number, number>;
  readonly labels: Set<number>;
  readonly calls: Set<number>;
  readonly simple: Set<number>;
}

export function layoutOf(text: string, file: File): Layout {
  const draft: Draft = {
    text,
    starts: new Map(),
    unary: new Set(),
    glued: new Map(),
    labels: new Set(),
    calls: new Set(),
    simple: new Set(),
  };
  for (const item of file.items) {
    draft.starts.set(item.span.start, { of: 'item' });
    if (item.kind === 'scenario') for (const member of item.members) addMember(draft, member);
    else if (item.kind !== 'use' && item.kind !== 'bad') addDeclaration(draft, item);
  }
  return draft;
}

function glue(draft: Draft, span: Span): void {
  if (span.end > span.start) draft.glued.set(span.start, span.end);
}

function addDeclaration(draft: Draft, item: Declaration): void {
  switch (item.kind) {
    case 'machine':
      for (const setting of item.settings) {
        draft.starts.set(setting.span.start, { of: 'setting' });
        glue(draft, setting.value.span);
      }
      return;
    case 'hugepage':
      for (const property of item.properties) draft.starts.set(property.span.start, { of: 'setting' });
      for (const part of [item.size, item.at, item.refcount]) if (part !== undefined) addExpression(draft, part);
      return;
    case 'page':
      addExpression(draft, item.at);
      return;
    case 'var':
    case 'const':
      addExpression(draft, item.value);
      return;
    case 'fn':
      draft.calls.add(draft.text.indexOf('(', item.name.span.end));
      addBlock(draft, item.body);
      return;
    case 'lock':
  }
}

function addMember(draft: Draft, member: ScenarioMember): void {
  draft.starts.set(member.span.start, { of: member.kind === 'expectation' ? 'expectation' : 'item' });
  switch (member.kind) {
    case 'cpu':
    case 'interrupt':
      glue(draft, member.cpus.span);
      addBlock(draft, member.body);
      return;
    case 'expectation':
      addCondition(draft, member.condition);
      return;
    case 'onFault':
    case 'bad':
      return;
    default:
      addDeclaration(draft, member);
  }
}

function addCondition(draft: Draft, node: Condition): void {
  switch (node.kind) {
    case 'or':
    case 'and':
      addCondition(draft, node.left);
      addCondition(draft, node.right);
      return;
    case 'not':
      draft.unary.add(node.span.start);
      addCondition(draft, node.operand);
      return;
    case 'group':
      addCondition(draft, node.inner);
      return;
    case 'outcome':
      if (node.cpus !== undefined) glue(draft, node.cpus.span);
      glue(draft, node.outcome.span);
      return;
    case 'faults':
      glue(draft, node.cpus.span);
      return;
    case 'comparison':
      addExpression(draft, node.expression);
  }
}

function addBlock(draft: Draft, block: Block, anchor?: Start['anchor']): void {
  for (const statement of block.statements) addStatement(draft, statement, anchor);
}

function addStatement(draft: Draft, node: Statement, anchor: Start['anchor']): void {
  draft.starts.set(node.span.start, { of: 'statement', ...(anchor === undefined ? {} : { anchor }) });
  for (const { outcome } of node.expected?.outcomes ?? []) glue(draft, outcome.span);
  for (const expression of expressionsOf(node)) addExpression(draft, expression);
  if (node.kind === 'if' && node.otherwise !== undefined) {
    const at = draft.text.lastIndexOf('else', node.otherwise.span.start - 1);
    draft.starts.set(at, { of: 'label', anchor: { line: node.span.start, steps: 0 } });
  }
  if (node.kind === 'switch') {
    for (const { labels, body, span } of node.cases) {
      for (const label of labels) {
        draft.starts.set(label.span.start, { of: 'label' });
        draft.labels.add(label.span.end - 1);
      }
      addBlock(draft, body, { line: span.start, steps: 1 });
    }
  } else {
    const below = { line: node.span.start, steps: 1 } as const;
    for (const block of blocksOf(node)) addBlock(draft, block, block.braced ? undefined : below);
  }
  if (needsEnd(node)) draft.simple.add(node.span.end);
}

function needsEnd(node: Statement): boolean {
  const simple = ['let', 'assign', 'call', 'return', 'break', 'continue'].includes(node.kind);
  return simple && node.expected === undefined;
}

function addExpression(draft: Draft, root: Expression): void {
  visitExpression(root, (node) => {
    if (node.kind === 'unary') draft.unary.add(node.span.start);
    else if (node.kind === 'call') draft.calls.add(draft.text.indexOf('(', node.callee.span.end));
    else if (node.kind === 'outcome') glue(draft, node.outcome.span);
    else if (node.kind === 'cpuRegister') {
      glue(draft, node.cpus.span);
      draft.labels.add(draft.text.indexOf(':', node.cpus.span.end));
    }
  });
}
