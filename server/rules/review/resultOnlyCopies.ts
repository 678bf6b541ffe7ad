import type { Block, IfStatement, LetStatement, Statement } from '../../language/ast';
import type { Place, Source } from '../../language/elaborate/source';
import { blocksOf, bodiesOfItem, expressionsOf, visitExpression } from '../../language/walk';
import { removeStatement, textOf } from '../fixes';
import type { Rule, RuleFinding } from '../rule';

const example = (declared: string, assigned: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn handle_fault(addr, esr) {
${declared}  if (!vmemmap_fault_may_fixup(addr, esr)) return false;
  spin_lock(init_mm.page_table_lock);
${assigned}  spin_unlock(init_mm.page_table_lock);
  return ret;
}

scenario "the reader waits" {
  on fault handle_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;

export const resultOnlyCopies: Rule = {
  code: 'HVO603',
  severity: 'hint',
  title: 'Result set in two steps',
  doc: "A variable begins as false and becomes true when a call says so: it is that call's result. Assign it directly, and the first value can go (Muchun Song on version 1 of the series).",
  source: 'Review of patch 2/3, version 1',
  bad: example(
    '  let ret = false;\n',
    '  if (vmemmap_addr_healthy(addr)) ret = true;\n//                                ^^^^^^^^^^ HVO603\n',
  ),
  good: example('', '  let ret = vmemmap_addr_healthy(addr);\n'),
  checkItem: (source, item) => bodiesOfItem(item).flatMap(({ block }) => resultsIn(source, block)),
};

function resultsIn(source: Source, block: Block): readonly RuleFinding[] {
  const inner = block.statements.flatMap((one) => blocksOf(one).flatMap((nested) => resultsIn(source, nested)));
  const own = block.statements.flatMap((one, i): RuleFinding[] => {
    if (one.kind !== 'let' || !isTruth(source, one, 'false', '0')) return [];
    const at = block.statements.findIndex((other, j) => j > i && mentions(other, one.name.name));
    const copy = block.statements[at];
    if (copy?.kind !== 'if' || !setsTrue(source, copy, one.name.name)) return [];
    return [finding(source, one, copy)];
  });
  return [...own, ...inner];
}

function isTruth(source: Source, statement: LetStatement, ...words: readonly string[]): boolean {
  return words.includes(textOf(source, statement.value));
}

/** `if (e) NAME = true`, where e does not ask for NAME itself. */
function setsTrue(source: Source, { condition, then, otherwise }: IfStatement, name: string): boolean {
  const [only, ...rest] = then.statements;
  if (otherwise !== undefined || rest.length > 0 || only?.kind !== 'assign' || only.operator !== '=') return false;
  let asks = false;
  visitExpression(condition, (one) => {
    if (one.kind === 'name' && one.name === name) asks = true;
  });
  return (
    !asks &&
    only.target.kind === 'name' &&
    only.target.name === name &&
    ['true', '1'].includes(textOf(source, only.value))
  );
}

function mentions(statement: Statement, name: string): boolean {
  let found = false;
  for (const expression of expressionsOf(statement)) {
    visitExpression(expression, (one) => {
      if (one.kind === 'name' && one.name === name) found = true;
    });
  }
  return found || blocksOf(statement).some((block) => block.statements.some((one) => mentions(one, name)));
}

function finding(source: Source, declared: LetStatement, copy: IfStatement): RuleFinding {
  const name = declared.name.name;
  const text = `let ${name} = ${textOf(source, copy.condition)}`;
  const place: Place = { source, span: (copy.then.statements[0] as Statement).span };
  // The `;` of an unbraced branch belongs to its statement, so it goes with the old text only where it is inside.
  return {
    place,
    message: `\`${name}\` is false unless this makes it true: it is the value of the condition. Assign that directly, \`${text}\``,
    fix: {
      title: 'Assign the result directly',
      edits: [...removeStatement({ source, span: declared.span }), { span: withoutSemicolon(source, copy), text }],
    },
  };
}

function withoutSemicolon({ parsed }: Source, { span }: IfStatement): { readonly start: number; readonly end: number } {
  return { start: span.start, end: parsed.text[span.end - 1] === ';' ? span.end - 1 : span.end };
}
