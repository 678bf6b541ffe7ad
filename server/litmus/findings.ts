/** Break-before-make findings in words: which CPU, which entry, who may still use the old one, which steps are missing. */

import type { Exploration, Result } from '../../simulator/explore/explore';
import { plainFormat } from '../../simulator/machine/descriptor';
import type { Event } from '../../simulator/machine/events';
import { brokenSequenceOf } from '../rules/brokenSequence';
import { missingStepsText } from '../rules/missingStepWords';
import { describeValue } from './describe';
import type { LoweredTest } from './lower';
import { isCodePage } from './modifiedCode';

export interface BbmFinding {
  /** The thread that makes the entry; absent when the hardware does. */
  readonly thread?: number;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** The findings about entries; an instruction that is modified is none. */
export function bbmEvents(lowered: LoweredTest, result: Result): Result['events'] {
  const code = new Set(
    [...lowered.constants.pages.values()].flatMap((p) => (isCodePage(p.name) ? [p.entryFrame] : [])),
  );
  return result.events.filter(
    ({ event }) => event.kind === 'finding' && event.outcome === 'bbm' && !code.has(event.descriptor ?? -1n),
  );
}

/** One finding for each place that makes an entry. */
export function bbmFindings(lowered: LoweredTest, exploration: Exploration, result: Result): readonly BbmFinding[] {
  const seen = bbmEvents(lowered, result);
  const groups = new Map<string, typeof seen>();
  for (const one of seen) {
    const { cpu, site, descriptor, oldValue, newValue } = one.event;
    const key = [cpu, site, descriptor, oldValue, newValue].join();
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const shortest = group.reduce((a, b) => (b.length < a.length ? b : a));
    const others = [...new Set(group.flatMap(({ event }) => event.otherCpu ?? []))].sort((a, b) => a - b);
    return finding(lowered, exploration, shortest.event, shortest.witness, others);
  });
}

function finding(
  lowered: LoweredTest,
  exploration: Exploration,
  event: Event,
  witness: readonly number[],
  others: readonly number[],
): BbmFinding {
  const { program, constants, sites } = lowered;
  const page = [...constants.pages.values()].find((one) => one.entryFrame === event.descriptor);
  const info = sites[event.site];
  const value = (one: bigint | undefined): string => (one === undefined ? '?' : describeValue(one, constants));
  const who = info === undefined ? 'the hardware makes' : `P${info.thread} makes`;
  const use = `${others.map((other) => `P${other}`).join(', ')} may still use ${value(event.oldValue)}`;
  const trace = exploration.replay(witness);
  const broken = brokenSequenceOf(program, plainFormat('4K'), trace, event);
  const lineOf = (at: number): string => {
    const site = broken?.siteOf(at);
    const place = site === undefined ? undefined : sites[site];
    return place === undefined ? 'the end' : `line ${place.instruction.line} (\`${place.instruction.text}\`)`;
  };
  const missing = broken === undefined ? '' : `; ${missingStepsText(broken.finding.missing, lineOf)}`;
  const rule = event.rule === undefined ? '' : ` (Arm ARM ${event.rule})`;
  const message = `${who} PTE(${page?.name ?? '?'}) ${value(event.newValue)} while ${use}${rule}${missing}`;
  if (info === undefined) return { message };
  const { line, column } = info.instruction;
  return { thread: info.thread, line, column, message };
}
