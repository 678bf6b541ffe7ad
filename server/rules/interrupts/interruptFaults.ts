/** Handlers that come in while an entry is broken and access what it maps. */

import type { CodeIndex } from '../../../simulator/machine/program';
import type { Span } from '../../language/ast';
import type { Edit } from '../../language/diagnostic';
import type { Place } from '../../language/elaborate/source';
import { calleeName, callIn, replace, statementAt } from '../fixes';
import { placeAt, type RuleScenario } from '../scenario';
import type { HeldLock, Touch } from '../walk/observation';
import type { Walk } from '../walk/walker';
import { hookedWindows, hookLockOf, type MadeWindow } from '../windows';

export interface FaultingHandler extends MadeWindow {
  readonly lock: HeldLock;
  readonly handler: Walk;
  readonly touch: Touch;
}

/** Windows on a CPU under the lock of the hook, with a handler of that CPU that may come and access what is broken. */
export function faultingHandlers(scenario: RuleScenario, delivery: 'irq' | 'nmi'): readonly FaultingHandler[] {
  return hookedWindows(scenario).flatMap((made) => {
    const { walk, window } = made;
    const lock = hookLockOf(scenario, window);
    const open = delivery === 'irq' ? window.irqsOnAt : window.nmisOnAt;
    if (lock === undefined || open === undefined || walk.context.kind !== 'program') return [];
    const { first, last } = window.entry.place;
    return handlersOf(scenario, walk, delivery).flatMap((handler) => {
      const touch = handler.touches.find(({ address }) => address >= first && address <= last);
      return touch ? [{ ...made, lock, handler, touch }] : [];
    });
  });
}

/** The walks of a CPU's handlers. Equal CPUs are walked once, and have none. */
export function handlersOf({ walks }: RuleScenario, { context }: Walk, delivery: 'irq' | 'nmi'): readonly Walk[] {
  return walks.filter((one) => one.context.cpu === context.cpu && one.context.kind === delivery);
}

/** Where the text should mask interrupts: the statement that takes the lock, or that calls what takes it. */
export function maskInterrupts(
  scenario: RuleScenario,
  walk: Walk,
  lock: HeldLock,
  unlockAt: CodeIndex | undefined,
): readonly Edit[] {
  const place = placeAt(scenario, walk, lock.since);
  const standing = place && statementAt(place);
  if (place === undefined || standing === undefined) return [];
  const { statement } = standing;
  const take = callIn(place, (name) => /^(raw_)?spin_lock$/.test(name));
  const giving = unlockAt === undefined ? undefined : placeAt(scenario, walk, unlockAt);
  const give = giving?.source === place.source && callIn(giving, (name) => /^(raw_)?spin_unlock$/.test(name));
  if (take && give && take === expressionOf(statement))
    return [replace(take.callee.span, `${calleeName(take)}_irq`), replace(give.callee.span, `${calleeName(give)}_irq`)];
  const holds = giving?.source === place.source && isWithin(giving.span, statement.span);
  const mayWrap = statement.kind === 'call' || (statement.kind === 'if' && holds);
  if (take || !mayWrap || maySleepIn(scenario, walk, { ...place, span: statement.span })) return [];
  const { text } = place.source.parsed;
  const { start, end } = statement.span;
  const span = { start, end: text[end] === ';' ? end + 1 : end };
  return [replace(span, `irqs_off { ${text.slice(start, end)}${statement.kind === 'if' ? '' : ';'} }`)];
}

/** Whether a statement does something for which interrupts must be on: it cannot stand in `irqs_off`. */
function maySleepIn(scenario: RuleScenario, walk: Walk, { source, span }: Place): boolean {
  return walk.context.code.code.some((instruction, at) => {
    const kind = instruction.kind === 'lock' ? scenario.program.locks[instruction.lock]?.kind : undefined;
    const sleeps =
      (instruction.kind === 'allocate' && instruction.sleeps === true) ||
      (instruction.kind === 'rcu' && instruction.operation === 'synchronize') ||
      kind === 'sleepingSpin' ||
      kind === 'mutex' ||
      kind === 'rwSemaphore';
    const place = sleeps ? placeAt(scenario, walk, at) : undefined;
    return place !== undefined && place.source === source && isWithin(place.span, span);
  });
}

function isWithin(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

function expressionOf(statement: { readonly kind: string }): unknown {
  return 'expression' in statement ? statement.expression : undefined;
}
