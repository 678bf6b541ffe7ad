/** One size of the protocol family: from its text to a complete verdict, or as far as a time limit goes. */

import { elaborate } from '../server/language/elaborate/elaborate';
import { parse } from '../server/language/parse';
import { defaultOptions, Exploration, type ExploreOptions } from '../simulator/explore/explore';
import { familyText, parseSize, sizeName } from './family';
import { cpuSeconds, type Figures, measured } from './measure';

/** CPU seconds after which an exploration is cut, its process's start included where it is the first. */
export const MAX_SECONDS = 60;
export const MAX_STATES = 50_000_000;

/** What nobody wants to see in the protocol; the same properties as the assertions of the Promela model. */
const bad = new Set([
  'stale-read',
  'lost-update',
  'use-after-free',
  'bbm',
  'oops-paging',
  'oops-other',
  'unlock-not-held',
]);

let isFirst = true;

export function exploreFamily(text: string, options: Partial<ExploreOptions>): Figures {
  const size = parseSize(text);
  if (size === undefined) throw new Error(`"${text}" is no size of the family`);
  const { value: program, cpuSeconds: elaboration } = measured(() => {
    const parsed = parse(familyText(size));
    const program = elaborate({ uri: 'family.hvo', parsed, origin: 'user' }).scenarios[0]?.program;
    if (program === undefined) throw new Error(`${sizeName(size)} does not elaborate`);
    return program;
  });
  const { value: result, cpuSeconds: exploration } = measured(() => {
    const all = { ...defaultOptions, maxStates: MAX_STATES, tellsAccesses: false, ...options };
    const one = new Exploration(program, all);
    const until = (isFirst ? 0 : cpuSeconds()) + MAX_SECONDS;
    isFirst = false;
    while (!one.isDone && cpuSeconds() < until) one.advance(5_000);
    return one.result();
  });
  const found = result.events.filter(({ event }) => bad.has(event.outcome)).map(({ event }) => event.outcome);
  const verdict = [...new Set([...found, ...result.deadlocks.map((d) => d.kind)])].join(' ') || 'none';
  return {
    states: result.states,
    transitions: result.transitions,
    verdict: result.complete ? verdict : `${verdict}, cut`,
    bytes: result.bytes,
    restarts: result.restarts,
    elaboration,
    exploration,
    cpuSeconds: cpuSeconds(),
  };
}
