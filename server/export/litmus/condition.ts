/** A claim of a scenario as the condition of a litmus test. */

import type { Observable } from '../../../simulator/machine/program';
import type { ClaimCondition, ClaimValue } from '../../language/elaborate/claims';
import { observablesOf, valueOfClaim } from '../../verdict/claimValue';
import type { Reach } from '../promela/reach';
import { entryTexts, numberText } from './constants';
import { locationText, type ThreadText } from './thread';
import type { Variables } from './variables';

export interface ConditionParts {
  readonly reach: Reach;
  readonly variables: Variables;
  readonly threads: readonly ThreadText[];
}

/** More combinations of values than this are not written out. */
const MAX_COMBINATIONS = 256;

export type ConditionText = string | { readonly problem: string };

export function conditionText(parts: ConditionParts, condition: ClaimCondition): ConditionText {
  const of = (inner: ClaimCondition) => conditionText(parts, inner);
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const left = of(condition.left);
      const right = of(condition.right);
      if (typeof left !== 'string') return left;
      if (typeof right !== 'string') return right;
      return `(${left} ${condition.kind === 'and' ? '/\\' : '\\/'} ${right})`;
    }
    case 'not': {
      const operand = of(condition.operand);
      return typeof operand === 'string' ? `~${operand.startsWith('(') ? operand : `(${operand})`}` : operand;
    }
    case 'event':
      return faultsText(parts, condition.patterns);
    case 'end':
      return { problem: 'herd7 has no executions that do not end' };
    case 'rule':
      return { problem: 'it speaks of a rule of the text' };
    case 'value':
      return valueText(parts, condition.value);
  }
}

const types: Readonly<Record<string, string>> = {
  'translation-fault': 'Translation',
  'access-flag-fault': 'AccessFlag',
  'permission-fault': 'Permission',
};

/** Faults of accesses; other events are of the kernel, the allocator or the machine's checks. */
function faultsText(
  { threads }: ConditionParts,
  patterns: readonly { readonly outcome: string; readonly cpu?: number; readonly level?: number }[],
): ConditionText {
  const found = new Map<string, Set<string>>();
  for (const { outcome, cpu, level } of patterns) {
    const type = types[outcome];
    if (type === undefined) return { problem: `herd7 does not observe \`${outcome}\`` };
    if (level !== undefined && level !== 3) continue;
    threads.forEach((thread, t) => {
      if (cpu !== undefined && cpu !== t) return;
      for (const { label, variable } of thread.accesses) {
        const place = `P${t}:${label},${variable.name}`;
        found.set(place, (found.get(place) ?? new Set()).add(type));
      }
    });
  }
  const every = Object.keys(types).length;
  return or(
    [...found].flatMap(([place, some]) =>
      some.size === every ? [`fault(${place})`] : [...some].map((type) => `fault(${place},MMU:${type})`),
    ),
  );
}

function or(parts: readonly string[]): string {
  const real = [...new Set(parts)];
  if (real.length === 0) return 'false';
  return real.length === 1 ? (real[0] as string) : `(${real.join(' \\/ ')})`;
}

interface Final {
  readonly possible: readonly { readonly value: bigint; readonly text: string }[];
}

function finalOf(
  { reach, variables, threads }: ConditionParts,
  observable: Observable,
): Final | { readonly problem: string } {
  const { values } = reach;
  switch (observable.kind) {
    case 'register': {
      const found = new Set<number>();
      for (const point of reach.points[observable.cpu] ?? [])
        if (point?.depth === 0) for (const value of point.registers[observable.register] ?? []) found.add(value);
      const name = threads[observable.cpu]?.registerOf(observable.register) ?? '';
      const entries = variables.list.flatMap((variable) => [...entryTexts(reach, variable, variables)]);
      return {
        possible: [...found].map((value) => ({
          value: values.get(value),
          text: `${name}=${(value === 0 ? undefined : entries.find(([entry]) => entry === value)?.[1]) ?? numberText(values.get(value))}`,
        })),
      };
    }
    case 'word': {
      const word = values.of(observable.physicalAddress);
      const own = variables.ofEntry(word);
      if (own !== undefined) {
        const texts = entryTexts(reach, own, variables);
        return {
          possible: [...texts].map(([value, text]) => ({
            value: values.get(value),
            text: `[PTE(${own.name})]=${text}`,
          })),
        };
      }
      const place = variables.ofWord(observable.physicalAddress);
      const cut = (value: number): bigint => values.get(values.truncate(value, observable.bytes));
      if (place === undefined)
        return { possible: [...reach.valuesOf(word)].map((value) => ({ value: cut(value), text: 'true' })) };
      const location = locationText(place, variables);
      return {
        possible: [...reach.valuesOf(word)].map((value) => ({
          value: cut(value),
          text: `${location}=${numberText(values.get(value))}`,
        })),
      };
    }
    case 'translatedWord':
      return { problem: 'herd7 has no final value through a translation' };
    case 'event':
      return { problem: 'it computes with an event' };
  }
}

/** Written out over the values that what it speaks of may have. */
function valueText(parts: ConditionParts, value: ClaimValue): ConditionText {
  const used = [...observablesOf(value)];
  const finals: Final[] = [];
  for (const index of used) {
    const final = finalOf(parts, parts.reach.program.observe[index] as Observable);
    if ('problem' in final) return final;
    finals.push(final);
  }
  const count = finals.reduce((n, one) => n * one.possible.length, 1);
  if (count > MAX_COMBINATIONS) return { problem: `${count} combinations of final values are too many to write out` };
  const holds: string[] = [];
  const visit = (at: number, observed: (bigint | undefined)[], texts: readonly string[]): void => {
    const final = finals[at];
    if (final === undefined) {
      const result = valueOfClaim(value, observed);
      if (result !== undefined && result !== 0n)
        holds.push(
          texts.length === 0 ? 'true' : texts.length === 1 ? (texts[0] as string) : `(${texts.join(' /\\ ')})`,
        );
      return;
    }
    for (const one of final.possible) {
      const next = [...observed];
      next[used[at] as number] = one.value;
      visit(at + 1, next, [...texts, one.text]);
    }
  };
  visit(0, [], []);
  return or(holds);
}
