/** Blocks with an entry and an exit. */

import { parseBlock } from '../blocks';
import type { StatementRow } from '../rows';

type Region = 'stop_machine' | 'irqs_off' | 'rcu';

const region = (keyword: Region, doc: string, example: string): StatementRow => ({
  keyword,
  kind: 'region',
  holdsBlock: true,
  form: `${keyword} { … }`,
  doc,
  snippet: `${keyword} {\n\t‹›\n}`,
  example,
  parse: (c, token) => {
    const body = parseBlock(c, { what: `\`${keyword}\`` });
    return { kind: 'region', keyword: token, region: keyword, body, span: c.from(token.start) };
  },
});

export const regionStatements: readonly StatementRow[] = [
  region(
    'stop_machine',
    'Every other CPU is brought to the stopper, where it waits with interrupts off while the block runs. May sleep before it begins.',
    'stop_machine { store(V, 1); }',
  ),
  region(
    'irqs_off',
    'Masks interrupts around the block and puts the mask back as it was. A pseudo-NMI still comes.',
    'irqs_off { spin_lock(L); spin_unlock(L); }',
  ),
  region('rcu', 'RCU read-side critical section around the block.', 'rcu { r0 = load(H.page(1).refcount); }'),
];
