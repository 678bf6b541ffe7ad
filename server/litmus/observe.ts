/** What a test looks at in final states: registers, variables, entries and faults, each an observable of the machine. */

import type { EventPattern, Observable } from '../../simulator/machine/program';
import type { SiteInfo } from './codeBuilder';
import type { FaultAtom, FaultTarget, FaultType, LitmusTest, Location } from './test';
import { eachAtom } from './variables';
import type { Page } from './world';

/** A fault of one kind that an execution may take. */
export interface ObservedFault {
  readonly kind: 'fault';
  readonly thread: number;
  readonly labels: readonly string[];
  /** The variable, or the entry of the variable, that was accessed; absent for faults that are about no address. */
  readonly target?: FaultTarget;
  readonly type: FaultType;
}

export type Observed = Location | ObservedFault;

const outcomes: Readonly<Record<FaultType, string>> = {
  Translation: 'translation-fault',
  AccessFlag: 'access-flag-fault',
  Permission: 'permission-fault',
  SupervisorCall: 'supervisor-call',
  UndefinedInstruction: 'supervisor-call',
};

export interface ObserveContext {
  readonly pages: ReadonlyMap<string, Page>;
  readonly sites: readonly SiteInfo[];
  /** What the instruction of a site may access; every page when that is not known. */
  readonly targetsOf: (site: number) => readonly FaultTarget[];
  /** Elements of an array, 1 for other variables. */
  readonly elements: (name: string) => number;
}

/** Everything that the test looks at, without repetition: registers first, then memory, then faults, each sorted. */
export function observedIn(test: LitmusTest, context: ObserveContext): readonly Observed[] {
  const found = new Map<string, Observed>();
  const add = (observed: Observed): void => {
    found.set(keyOf(observed), observed);
  };
  const fault = (atom: FaultAtom): void => {
    for (const [site, info] of context.sites.entries()) {
      if (info.thread !== atom.thread || (atom.label !== undefined && !info.labels.includes(atom.label))) continue;
      for (const type of info.faults) {
        if (atom.types !== undefined && !atom.types.includes(type)) continue;
        const { thread, labels } = info;
        if (type === 'SupervisorCall' || type === 'UndefinedInstruction') {
          if (atom.target === undefined) add({ kind: 'fault', thread, labels, type });
          continue;
        }
        for (const target of context.targetsOf(site)) {
          const wanted =
            atom.target === undefined || (atom.target.kind === target.kind && atom.target.name === target.name);
          if (wanted) add({ kind: 'fault', thread, labels, target, type });
        }
      }
    }
  };
  for (const shown of test.locations) {
    if (shown.kind === 'fault') {
      fault(shown.fault);
      continue;
    }
    const { location } = shown;
    const count = location.kind === 'variable' && shown.wholeArray ? context.elements(location.name) : 1;
    add(location);
    for (let index = 1; index < count; index++) add({ ...location, index } as Location);
  }
  eachAtom(test.condition, { location: add, fault });
  if (test.filter !== undefined) eachAtom(test.filter, { location: add, fault });
  return [...found.values()].sort(compareObserved);
}

function keyOf(observed: Observed): string {
  return JSON.stringify(observed);
}

const kindOrder = ['register', 'variable', 'entry', 'fault'] as const;

function compareObserved(a: Observed, b: Observed): number {
  const kinds = kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind);
  if (kinds !== 0) return kinds;
  if (a.kind === 'register' && b.kind === 'register') return a.thread - b.thread || a.register - b.register;
  if (a.kind === 'variable' && b.kind === 'variable') return order(a.name, b.name) || a.index - b.index;
  if (a.kind === 'entry' && b.kind === 'entry') return order(a.name, b.name);
  return order(keyOf(a), keyOf(b));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The event that a fault is for the machine. */
export function faultPattern(fault: ObservedFault, context: ObserveContext): Observable {
  const sites = context.sites.flatMap((info, site) =>
    info.thread === fault.thread && info.labels.join() === fault.labels.join() && info.faults.includes(fault.type)
      ? [site]
      : [],
  );
  const page = fault.target === undefined ? undefined : context.pages.get(fault.target.name);
  const address = fault.target?.kind === 'entry' ? page?.entryAddress : page?.address;
  const pattern: EventPattern = {
    outcome: outcomes[fault.type],
    cpu: fault.thread,
    sites,
    ...(address === undefined ? {} : { page: address >> 12n }),
  };
  return { kind: 'event', ...pattern };
}
