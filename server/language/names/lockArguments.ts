/** Arguments that are locks by name, and `init_mm`. */

import type { Expression, LockKindWord } from '../ast';
import type { Primitive } from '../primitive';
import { kernelLocks } from '../primitives/locks';
import { shown } from '../suggest';
import type { Place, Resolver } from './resolver';
import { withoutAddress } from './unwrap';

const lockWords: Readonly<Record<LockKindWord, string>> = {
  spin: 'a spin lock',
  raw: 'a raw spin lock',
  mutex: 'a mutex',
  rwsem: 'a reader/writer semaphore',
};

export function resolveLock(
  r: Resolver,
  place: Place,
  argument: Expression,
  wanted: readonly LockKindWord[],
  row: Primitive,
): void {
  const inner = withoutAddress(argument);
  if (inner.kind === 'missing') return;
  const kind = lockKindOf(r, place, inner);
  if (kind === 'unresolved') {
    r.expression(place, inner);
    return;
  }
  resolveLockName(r, place, inner);
  if (kind === 'unknown') return;
  if (kind === 'none') {
    r.say(
      'HVO036',
      argument.span,
      `\`${row.name}\` takes a lock: init_mm.page_table_lock, init_mm.mmap_lock, or one of \`lock NAME : kind\`.`,
    );
  } else if (!wanted.includes(kind)) {
    const text = r.source.parsed.text.slice(argument.span.start, argument.span.end);
    r.say(
      'HVO036',
      argument.span,
      `\`${row.name}\` takes ${wanted.map((word) => lockWords[word]).join(' or ')}; ${shown(text)} is ${lockWords[kind]}.`,
    );
  }
}

/** `none`: it is something else. `unknown`: a parameter, or misspelt. `unresolved`: no lock by name at all. */
function lockKindOf(r: Resolver, place: Place, node: Expression): LockKindWord | 'none' | 'unknown' | 'unresolved' {
  if (node.kind === 'name') {
    if (r.local(place.scope, node.name) !== undefined) return 'unknown';
    const item = r.item(node.name);
    if (item === undefined) return 'unresolved';
    if (item.kind === 'const') return 'unknown';
    return item.kind === 'lock' ? (item.lockKind ?? 'unknown') : 'none';
  }
  if (node.kind === 'member' && node.object.kind === 'name' && node.object.name === 'init_mm') {
    return kernelLocks.find((row) => row.member === node.member.name)?.kind ?? 'unknown';
  }
  return 'none';
}

function resolveLockName(r: Resolver, place: Place, node: Expression): void {
  const item = node.kind === 'name' ? r.item(node.name) : undefined;
  if (node.kind === 'name' && item !== undefined && r.local(place.scope, node.name) === undefined) {
    r.noteSymbol(node.span, item, 'read');
  } else {
    r.expression(place, node);
  }
}

export function resolveMemory(r: Resolver, place: Place, argument: Expression, row: Primitive): void {
  const inner = withoutAddress(argument);
  if (inner.kind === 'missing') return;
  if (inner.kind === 'name' && inner.name === 'init_mm') {
    r.noteBuiltin(inner.span, 'memory', 'init_mm');
    return;
  }
  if (inner.kind === 'name' && r.local(place.scope, inner.name) !== undefined) {
    r.expression(place, inner);
    return;
  }
  r.sayReplace(
    'HVO036',
    argument.span,
    `\`${row.name}\` takes \`init_mm\`; user address spaces are not modelled.`,
    'init_mm',
  );
}
