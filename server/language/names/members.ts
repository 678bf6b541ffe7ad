/** Members of names and fields of struct pages. */

import type { Expression, MemberExpression } from '../ast';
import { hugePageMembers, type Member, pageFields, pageMembers } from '../builtins';
import { kernelLocks } from '../primitives/locks';
import { didYouMean, shown } from '../suggest';
import { derivedSwitches, switches } from '../switches';
import type { Place, Resolver } from './resolver';
import { type BuiltinTable, registerName, type SymbolKind } from './symbol';
import { withoutAddress } from './unwrap';

export interface MemberSet {
  /** What has the members, for messages. */
  readonly of: string;
  readonly groups: readonly { readonly table: BuiltinTable; readonly members: readonly Member[] }[];
}

const ofHugePage = { table: 'hugePageMember', members: hugePageMembers } as const;
const ofPage = { table: 'pageMember', members: pageMembers } as const;
const fields = { table: 'field', members: pageFields } as const;
const kernelLockMembers: readonly Member[] = kernelLocks.map((row) => ({ name: row.member, doc: row.doc }));

/** What kind of thing a name means at a place; undefined for a name that nobody declared there. */
export type KindOfName = (name: string) => SymbolKind | undefined;

/** The members that an object has, as far as the text tells what it is. */
export function membersOf(object: Expression, kindOfName: KindOfName): MemberSet {
  const inner = withoutAddress(object);
  if (inner.kind !== 'name') return { of: 'a struct page', groups: [fields] };
  switch (kindOfName(inner.name)) {
    case 'hugepage':
      return { of: `the huge page ${shown(inner.name)}`, groups: [ofHugePage] };
    case 'page':
      return { of: `the page ${shown(inner.name)}`, groups: [ofPage] };
    case 'local':
    case 'parameter':
    case 'const':
      return { of: shown(inner.name), groups: [fields, ofHugePage, ofPage] };
    case undefined:
      break;
    default:
      return { of: 'a struct page', groups: [fields] };
  }
  if (registerName.test(inner.name)) return { of: 'a struct page', groups: [fields] };
  if (inner.name === 'init_mm')
    return { of: '`init_mm`', groups: [{ table: 'kernelLock', members: kernelLockMembers }] };
  if (inner.name === 'machine') {
    return { of: 'the machine', groups: [{ table: 'switch', members: [...switches, ...derivedSwitches] }] };
  }
  // A name that means nothing was told; what it could have been is anybody's guess.
  return { of: shown(inner.name), groups: [fields, ofHugePage, ofPage] };
}

/** Words of the kernel for fields that have a shorter name here. */
const kernelFieldNames: ReadonlyMap<string, string> = new Map([
  ['_refcount', 'refcount'],
  ['_mapcount', 'mapcount'],
  ['compound_info', 'compound_head'],
  ['pfn', 'pa'],
]);

/** Notes the member, or says that there is none of the name. `called`: an argument list follows. */
export function resolveMember(r: Resolver, place: Place, node: MemberExpression, called: number | undefined): void {
  const { name, span } = node.member;
  if (name === '') return;
  const set = membersOf(node.object, (word) => (r.local(place.scope, word) ?? r.item(word))?.kind);
  for (const { table, members } of set.groups) {
    const member = members.find((candidate) => candidate.name === name);
    if (member === undefined) continue;
    r.noteBuiltin(span, table, name);
    checkCount(r, node, member, called);
    return;
  }
  const known = set.groups.flatMap((group) => group.members.map((member) => member.name));
  const kernelName = kernelFieldNames.get(name);
  const suggestion = kernelName !== undefined && known.includes(kernelName) ? kernelName : r.nearest(name, known);
  const list = suggestion === undefined ? ` It has ${known.join(', ')}.` : didYouMean(suggestion);
  r.sayReplace('HVO033', span, `There is no member ${shown(name)} of ${set.of}.${list}`, suggestion, known);
}

function checkCount(r: Resolver, node: MemberExpression, member: Member, called: number | undefined): void {
  const wanted = member.parameters;
  const { span, name } = node.member;
  if (wanted === undefined) {
    if (called !== undefined) r.say('HVO035', span, `\`${name}\` takes no arguments: leave the parentheses out.`);
  } else if (called !== wanted.length) {
    const form = `.${name}(${wanted.join(', ')})`;
    r.say(
      'HVO035',
      span,
      `\`${form}\` takes ${wanted.length === 1 ? 'one argument' : `${wanted.length} arguments`}: ${member.doc}`,
    );
  }
}
