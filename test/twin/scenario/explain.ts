/** A disagreement as text: the smallest scenario as `.hvo`, its program, the outcome that one machine lacks and how the other gets it. */

import type { Context } from '../model/program';
import { buildProgram, wordsOf } from './build';
import { type Bounds, compare, DEADLOCK, type Disagreement, fastSchedule, slowSchedule } from './compare';
import { hvoText } from './hvoText';
import { listing } from './listing';
import type { Scenario } from './scenario';
import { shrink } from './shrink';

export function explain(scenario: Scenario, tlb: Context['tlb'], bounds: Bounds): string {
  const smallest = shrink(scenario, (s) => compare(buildProgram(s), tlb, bounds).verdict === 'different');
  const program = buildProgram(smallest);
  const { disagreement } = compare(program, tlb, bounds);
  if (disagreement === undefined) return 'the machines agree';
  const lines = [
    hvoText(smallest, disagreement.outcome),
    JSON.stringify(smallest),
    listing(program, wordsOf(smallest)),
    `an outcome that only the ${disagreement.onlySlow ? 'slow' : 'fast'} machine has, with reductions: ${disagreement.reducing}`,
    disagreement.outcome === DEADLOCK ? DEADLOCK : namedOutcome(smallest, disagreement),
  ];
  if (disagreement.onlySlow) lines.push('its steps:', ...slowSchedule(program, disagreement.outcome, bounds.slow));
  else
    lines.push(
      `its schedule in the program above: ${fastSchedule(program, disagreement.reducing, disagreement.outcome, bounds)}`,
    );
  return lines.join('\n');
}

function namedOutcome(scenario: Scenario, { outcome }: Disagreement): string {
  const { observe } = buildProgram(scenario);
  const values = outcome.split(' ');
  return observe
    .map((o, n) => {
      const value = BigInt(values[n] ?? 0);
      if (o.kind === 'register') return `P${o.cpu}:r${o.register}=${value}`;
      if (o.kind === 'word') return `[0x${o.physicalAddress.toString(16)}]=0x${value.toString(16)}`;
      if (o.kind === 'event') return value === 0n ? '' : `P${o.cpu}:${o.outcome}(site ${o.sites?.join()})`;
      return '';
    })
    .filter((text) => text !== '')
    .join('; ');
}
