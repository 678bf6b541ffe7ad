/** What the memory side of a hover is about: an address, a page table entry, a frame or a descriptor at the cursor. */

import { pageBytes } from '../../simulator/machine/granule';
import type { CallExpression, Expression, Span } from '../language/ast';
import { physicalEnd, physicalOf } from '../language/elaborate/addressSpace';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { SiteInfo } from '../language/elaborate/sites';
import type { Source } from '../language/elaborate/source';
import type { Value } from '../language/elaborate/value';
import { enclosing } from './enclosing';
import { type Bindings, bindingsAt, knownValue, waysTo } from './knownValue';

export type SubjectKind =
  /** A virtual address that is translated. */
  | { readonly kind: 'address'; readonly address: bigint }
  /** A pointer into a page table: physical address of the entry. */
  | { readonly kind: 'entry'; readonly physicalAddress: bigint; readonly level: number }
  /** A physical address. */
  | { readonly kind: 'frame'; readonly physicalAddress: bigint }
  /** A value that the text makes as a descriptor of a level. */
  | { readonly kind: 'descriptor'; readonly value: bigint; readonly level: number };

export type Subject = SubjectKind & {
  readonly span: Span;
  /** The expression as written. */
  readonly text: string;
  /** The calls by which a parameter has this value; empty where the text itself says it. */
  readonly calls: readonly string[];
};

/** Ways to a function that are looked at; a function of the library may be called from many places. */
const MAX_WAYS = 16;

/** The subjects at a position, one for each value that the expression there has; none: nothing about memory. */
export function subjectsAt(scenario: ElaboratedScenario, source: Source, offset: number): readonly Subject[] {
  const place = enclosing(source.parsed.file, offset);
  const ways = place.statement === undefined ? [] : waysTo(scenario, source, place.statement).slice(0, MAX_WAYS);
  const contexts = ways.length === 0 ? [undefined] : ways;
  for (const expression of whole(place.expressions)) {
    const found = new Map<string, Subject>();
    for (const way of contexts) {
      const bindings = bindingsAt(scenario, way?.stack ?? [], place.before, source);
      const subject = subjectOf(scenario, source, expression, bindings);
      if (subject === undefined) continue;
      const key = JSON.stringify(subject, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
      if (!found.has(key))
        found.set(key, { ...subject, span: expression.span, text: textOf(source, expression), calls: callsOf(way) });
    }
    if (found.size > 0) return [...found.values()];
  }
  return [];
}

/**
 * Innermost first, without those that are only the beginning of a longer name: in `H.page(64).flags` the address is that
 * of the field, wherever in it the cursor is.
 */
function whole(expressions: readonly Expression[]): readonly Expression[] {
  return expressions
    .filter((expression, i) => {
      const around = expressions[i - 1];
      return !(
        (around?.kind === 'member' && around.object === expression) ||
        (around?.kind === 'call' && around.callee === expression)
      );
    })
    .reverse();
}

function callsOf(way: SiteInfo | undefined): readonly string[] {
  return (way?.stack ?? []).map(({ source, span }) => source.parsed.text.slice(span.start, span.end).trim());
}

function textOf(source: Source, { span }: Expression): string {
  return source.parsed.text.slice(span.start, span.end).replace(/\s+/g, ' ').slice(0, 80);
}

function subjectOf(
  scenario: ElaboratedScenario,
  source: Source,
  expression: Expression,
  bindings: Bindings,
): SubjectKind | undefined {
  const value = knownValue(scenario, source, expression, bindings);
  if (value === undefined) return undefined;
  const made = expression.kind === 'call' ? levelMadeBy(expression) : undefined;
  if (made !== undefined && value.kind === 'number') return { kind: 'descriptor', value: value.value, level: made };
  return ofValue(scenario, value);
}

/** The level of the descriptors that a function of the language makes. */
function levelMadeBy({ callee }: CallExpression): number | undefined {
  if (callee.kind !== 'name') return undefined;
  return { mk_pte: 3, pfn_pte: 3, mk_pmd_block: 2, mk_pmd_table: 2 }[callee.name];
}

function ofValue({ world }: ElaboratedScenario, value: Value): SubjectKind | undefined {
  const { space, tables, configuration } = world.environment;
  switch (value.kind) {
    case 'hugepage':
      return { kind: 'address', address: value.page.start };
    case 'page':
      return { kind: 'frame', physicalAddress: value.page.at };
    case 'number': {
      const address = value.value;
      const physical = physicalOf(space, address);
      if (physical !== undefined) {
        const page = pageBytes(configuration.granule);
        const table = tables.tables.find(({ at }) => at === (physical & ~(page - 1n)));
        if (table === undefined) return { kind: 'frame', physicalAddress: physical };
        return { kind: 'entry', physicalAddress: physical, level: table.level };
      }
      if (address >= space.vmemmapStart && address < space.vmemmapEnd) return { kind: 'address', address };
      const isPhysical = address >= space.memstart && address < physicalEnd(space) && address % 8n === 0n;
      return isPhysical ? { kind: 'frame', physicalAddress: address } : undefined;
    }
    case 'register':
    case 'lock':
    case 'memory':
    case 'list':
      return undefined;
  }
}
