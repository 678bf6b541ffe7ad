/** Locks of several kinds, nested in some order, taken twice, not released, asked for, slept on. */

import { lines, type Random, tools } from './random';

const take = (lock: string): string => (lock === 'M' ? 'mutex_lock(M)' : `spin_lock(${lock})`);
const give = (lock: string): string => (lock === 'M' ? 'mutex_unlock(M)' : `spin_unlock(${lock})`);

export function locksScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const body = (): readonly string[] => {
    const outer = pick('A', 'A', 'B', 'M');
    const inner = pick('A', 'B', 'B', 'M').replace(
      outer,
      pick(outer, outer === 'B' ? 'A' : 'B', outer === 'B' ? 'A' : 'B', outer === 'B' ? 'A' : 'B'),
    );
    const nested = random.next() < 0.6;
    const leave = [...maybe(0.92, give(outer))];
    return [
      ...maybe(0.93, take(outer)),
      ...(random.next() < 0.12 ? [`choose { store(x, 1); } or { ${give(outer)}; return 0; }`] : ['store(x, 1)']),
      ...(nested
        ? [
            ...maybe(0.95, take(inner)),
            'load(x)',
            ...maybe(0.15, `lockdep_assert_held(${pick(outer, inner)})`),
            ...maybe(0.92, give(inner)),
          ]
        : []),
      ...maybe(0.15, `lockdep_assert_held(${outer})`),
      ...leave,
    ];
  };
  return `lock A : spin
lock B : spin
lock M : mutex
var x = 0

fn first() {
${lines(body())}
}

scenario "locks" {
  cpu 0 { first(); }
  cpu 1 {
${lines(random.next() < 0.4 ? ['first()'] : body().filter((step) => !step.includes('return')))}
  }
}
`;
}
