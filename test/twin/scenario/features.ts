/** What a scenario has in it, in words, for the table that shows what the generated scenarios cover. */

import type { Op, Scenario, Target } from './scenario';

export function featuresOf(scenario: Scenario): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (holds: boolean, feature: string): void => {
    if (holds) found.add(feature);
  };
  add(scenario.ets > 0, `FEAT_ETS${scenario.ets}`);
  add(scenario.levels === 3, 'three-level walk');
  add(scenario.cpus.length > 2, 'three CPUs');
  for (const { faults, interrupt, hardware, unprivileged, ops } of scenario.cpus) {
    add(faults === 'handler-mends', 'handler repairs and retries');
    add(faults === 'handler-waits', 'handler waits for the lock and retries');
    add(faults === 'handler-skips', 'handler steps over the access');
    add(interrupt?.delivery === 'irq', 'interrupt');
    add(interrupt?.delivery === 'nmi', 'NMI');
    add(interrupt?.delivery === 'stopper', 'stopper');
    add(interrupt?.isSent === true, 'sent interrupt');
    add(unprivileged === true, 'accesses of EL0');
    add(hardware === 'accessFlag', 'hardware access flag');
    add(hardware === 'dirtyState', 'hardware dirty state');
    for (const op of [...ops, ...(interrupt?.ops ?? [])]) for (const feature of featuresOfOp(op)) found.add(feature);
  }
  return found;
}

function featuresOfOp(op: Op): string[] {
  switch (op.op) {
    case 'load':
      return [
        ...(op.exclusive ? ['load-exclusive'] : []),
        ...(op.acquire === undefined ? [] : ['load-acquire']),
        ...(op.depends ? ['address dependency'] : []),
        ...ofTarget(op.at),
      ];
    case 'store':
      return [
        ...(op.release ? ['store-release'] : []),
        ...(op.depends === undefined ? [] : [`${op.depends} dependency`]),
        ...ofTarget(op.at),
      ];
    case 'storeExclusive':
      return ['store-exclusive'];
    case 'atomic':
      return [`atomic ${op.operation}`, ...ofTarget(op.at)];
    case 'set':
      if ('pud' in op.cell) return ['level 1 entry changes'];
      return 'pmd' in op.cell ? ['level 2 entry changes'] : ['level 3 entry changes'];
    case 'get':
      return ['descriptor is read'];
    case 'modify':
      return ['atomic on a descriptor'];
    case 'dmb':
    case 'dsb':
      return [`${op.op} ${op.type}${op.local ? ' non-shareable' : ''}`];
    case 'tlbi':
      return [
        `tlbi ${op.scope}`,
        op.leafOnly ? 'tlbi of leaves only' : 'tlbi of all levels',
        ...(op.local ? ['local tlbi'] : []),
        ...(op.level === undefined ? [] : ['tlbi with level hint']),
      ];
    case 'lock':
    case 'unlock':
      return [op.shared ? 'shared lock' : 'lock'];
    case 'mask':
    case 'unmask':
      return [`${op.what} masked`];
    case 'translate':
      return ['address translation instruction'];
    case 'preempt':
      return ['preemption off'];
    case 'rcu':
      return [op.operation === 'synchronize' ? 'grace period' : 'read-side section'];
    case 'send':
      return [];
    case 'svc':
      return ['supervisor call'];
    case 'retry':
      return ['loop'];
    case 'trylock':
      return [op.shared ? 'trylock for reading' : 'trylock'];
    case 'isb':
    case 'branch':
    case 'wait':
    case 'free':
    case 'allocate':
      return [op.op];
  }
}

function ofTarget(target: Target): string[] {
  return 'page' in target ? ['translated access'] : [];
}
