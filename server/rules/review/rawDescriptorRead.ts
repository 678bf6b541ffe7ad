import type { Block, CallExpression, Expression, Statement } from '../../language/ast';
import type { Source } from '../../language/elaborate/source';
import { primitiveByName } from '../../language/primitives';
import { bodiesOfItem, visitBlock, visitStatements } from '../../language/walk';
import { calleeName, textOf } from '../fixes';
import type { Rule, RuleFinding } from '../rule';

const example = (read: string, mark = ''): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn entry_is_page(addr) {
  let ptep = virt_to_kpte(addr);
  return (${read} & PTE_TYPE_MASK) == PTE_TYPE_PAGE;
${mark}}

scenario "an entry is looked at" {
  cpu 0 { r0 = entry_is_page(H.tail(1)); }
}
`;

export const rawDescriptorRead: Rule = {
  code: 'HVO601',
  severity: 'hint',
  title: 'Entry read without its accessor',
  doc: 'Entries are read with ptep_get and pmdp_get, not with READ_ONCE or through the pointer: an architecture may have to do more than one load, such as gathering the access and dirty bits of a contiguous range (Muchun Song on version 1 of the series).',
  source: 'Linux commit c33c794828f2 ("mm: ptep_get() conversion"); include/linux/pgtable.h',
  bad: example('READ_ONCE(*ptep)', '//        ^^^^^^^^^^^^^^^^ HVO601\n'),
  good: example('ptep_get(ptep)'),
  checkItem: (source, item) =>
    bodiesOfItem(item).flatMap(({ block }) => {
      const kinds = new Map<string, Accessor>();
      visitStatements(block, (statement) => noteLet(statement, kinds));
      const places = placesIn(block);
      const findings: RuleFinding[] = [];
      visitBlock(block, (expression) => {
        const read = places.has(expression) ? undefined : readOf(expression, kinds);
        if (read) findings.push(finding(source, expression, read));
      });
      return findings;
    }),
};

type Accessor = 'ptep_get' | 'pmdp_get';

/** What gives pointers to entries of the two levels that have accessors. */
const gives: Readonly<Record<string, Accessor>> = {
  virt_to_kpte: 'ptep_get',
  pte_offset_kernel: 'ptep_get',
  pmd_off_k: 'pmdp_get',
  pmd_offset: 'pmdp_get',
};

const usualNames: Readonly<Record<string, Accessor>> = { ptep: 'ptep_get', pmdp: 'pmdp_get' };

function noteLet(statement: Statement, kinds: Map<string, Accessor>): void {
  if (statement.kind !== 'let' || statement.value.kind !== 'call') return;
  const accessor = gives[calleeName(statement.value)];
  if (accessor) kinds.set(statement.name.name, accessor);
}

interface Read {
  readonly accessor: Accessor;
  readonly pointer: Expression;
}

/** What stands where a place is named and no value is read: targets of assignments, places of READ_ONCE, wait and others. */
function placesIn(block: Block): ReadonlySet<Expression> {
  const places = new Set<Expression>();
  visitStatements(block, (one) => {
    if (one.kind === 'assign') places.add(one.target);
  });
  visitBlock(block, (one) => {
    const primitive = one.kind === 'call' ? primitiveByName.get(calleeName(one)) : undefined;
    if (one.kind !== 'call' || primitive === undefined) return;
    for (const argument of one.arguments) {
      places.add(argument);
      if (argument.kind === 'binary') places.add(argument.left).add(argument.right);
    }
  });
  return places;
}

/** `READ_ONCE(*p)`, or a plain `*p`, of a pointer to an entry. */
function readOf(expression: Expression, kinds: ReadonlyMap<string, Accessor>): Read | undefined {
  if (expression.kind === 'unary' && expression.operator === '*') {
    const accessor = accessorOf(expression.operand, kinds);
    return accessor && { accessor, pointer: expression.operand };
  }
  if (expression.kind !== 'call' || calleeName(expression) !== 'READ_ONCE') return undefined;
  const [place] = expression.arguments;
  if (place?.kind !== 'unary' || place.operator !== '*') return undefined;
  const accessor = accessorOf(place.operand, kinds);
  return accessor && { accessor, pointer: place.operand };
}

function accessorOf(pointer: Expression, kinds: ReadonlyMap<string, Accessor>): Accessor | undefined {
  if (pointer.kind === 'name') return kinds.get(pointer.name) ?? usualNames[pointer.name];
  return pointer.kind === 'call' ? gives[calleeName(pointer satisfies CallExpression)] : undefined;
}

function finding(source: Source, expression: Expression, { accessor, pointer }: Read): RuleFinding {
  const text = `${accessor}(${textOf(source, pointer)})`;
  return {
    place: { source, span: expression.span },
    message: `an entry is read ${expression.kind === 'call' ? 'with `READ_ONCE`' : 'in place'}; its accessor is \`${text}\``,
    fix: { title: `Use \`${text}\``, edits: [{ span: expression.span, text }] },
  };
}
