/** Members: `H.tail(1)`, `P.struct`, `init_mm.page_table_lock`, and the fields of a struct page. */

import { entrySpan, pageBytes } from '../../../simulator/machine/granule';
import type { Lock } from '../../../simulator/machine/program';
import { structPageBytes } from '../../../simulator/machine/vmemmapLayout';
import type { Identifier } from '../ast';
import { pageFieldByName } from '../builtins';
import { linearOf, structPageOf } from './addressSpace';
import { elaborationCodes } from './codes';
import { type Compiler, complain, type Frame } from './compiler';
import { frameAtStart, sharedTail } from './environment';
import { type HugePage, vmemmapPage } from './hugePage';
import { applyBinary } from './operators';
import type { State } from './state';
import { describeKind, type Numeric, number, plus, type Value, zero } from './value';
import { mmapLock, pageTableLock } from './world';

/**
 * The value of a member with its arguments. `argumentList` is empty for a member that is no call; indices that are not
 * known when the program is made are allowed where the result is linear in them.
 */
export function memberValue(
  compiler: Compiler,
  frame: Frame,
  object: Value,
  member: Identifier,
  argumentList: readonly Numeric[],
  state?: State,
): Value {
  switch (object.kind) {
    case 'hugepage':
      return hugePageMember(compiler, frame, object.page, member, argumentList, state);
    case 'page': {
      const { space } = compiler.world.environment;
      if (member.name === 'pa') return number(object.page.at);
      if (member.name === 'va') return number(linearOf(space, object.page.at));
      if (member.name === 'struct') return number(structPageOf(space, object.page.at));
      return unknown(compiler, frame, object, member);
    }
    case 'memory':
      if (member.name === 'page_table_lock') return lockValue(compiler, pageTableLock);
      if (member.name === 'mmap_lock') return lockValue(compiler, mmapLock);
      return unknown(compiler, frame, object, member);
    case 'number':
    case 'register': {
      const field = pageFieldByName.get(member.name);
      if (field === undefined) return unknown(compiler, frame, object, member);
      return { ...plus(object, BigInt(field.offset)), bytes: field.bytes };
    }
    case 'lock':
    case 'list':
      return unknown(compiler, frame, object, member);
  }
}

function lockValue(compiler: Compiler, lock: number): Value {
  const { kind } = compiler.world.locks[lock] as Lock;
  return { kind: 'lock', lock, lockKind: kind };
}

function unknown(compiler: Compiler, frame: Frame, object: Value, member: Identifier): Value {
  if (member.name !== '')
    complain(
      compiler,
      frame,
      elaborationCodes.kind,
      member.span,
      `${describeKind(object)} has no member ${member.name}`,
    );
  return zero;
}

function hugePageMember(
  compiler: Compiler,
  frame: Frame,
  huge: HugePage,
  member: Identifier,
  argumentList: readonly Numeric[],
  state: State | undefined,
): Value {
  const { environment } = compiler.world;
  const { space, configuration } = environment;
  const page = pageBytes(configuration.granule);
  const index = argumentList[0] ?? zero;
  const linear = (first: bigint, step: bigint, count: bigint, what: string): Value => {
    if (index.kind === 'number') {
      if (index.value >= count)
        complain(
          compiler,
          frame,
          elaborationCodes.kind,
          member.span,
          `${huge.name} has ${count} ${what}, numbered from 0; there is no ${index.value}`,
        );
      return number(first + index.value * step);
    }
    if (state === undefined) return zero;
    return plus(applyBinary(compiler, frame, state, '*', index, number(step)), first);
  };
  switch (member.name) {
    case 'head':
      return number(frameAtStart(environment, huge, 0n));
    case 'tail':
    case 'vmemmap':
      return linear(vmemmapPage(space, huge, 0n), page, huge.vmemmapPages, 'vmemmap pages');
    case 'page':
      return linear(huge.start, structPageBytes, huge.basePages, 'struct pages');
    case 'block': {
      const part = entrySpan(configuration.granule, 2);
      const first = huge.start & ~(part - 1n);
      return linear(first, part, (huge.end - first + part - 1n) / part, 'parts');
    }
    case 'frame': {
      if (index.kind !== 'number') {
        complain(compiler, frame, elaborationCodes.notConstant, member.span, 'frame(i) needs an i that is known here');
        return zero;
      }
      if (index.value >= huge.vmemmapPages) return linear(0n, 0n, huge.vmemmapPages, 'vmemmap pages');
      return number(frameAtStart(environment, huge, index.value));
    }
    case 'shared_tail':
      return number(sharedTail(environment, huge) ?? 0n);
    case 'start':
      return number(huge.start);
    case 'end':
      return number(huge.end);
    case 'nr_pages':
      return number(huge.basePages);
    case 'nr_vmemmap':
      return number(huge.vmemmapPages);
    case 'pa':
      return number(huge.at);
    default:
      return unknown(compiler, frame, { kind: 'hugepage', page: huge }, member);
  }
}
