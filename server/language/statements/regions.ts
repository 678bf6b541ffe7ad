/** Blocks with an entry and an exit. */

import type { Statement } from '../ast';
import { parseBlock } from '../blocks';
import type { Cursor } from '../cursor';
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
    if (c.is('(')) return parseCalled(c, keyword, token.start);
    const body = parseBlock(c, { what: `\`${keyword}\`` });
    return { kind: 'region', keyword: token, region: keyword, body, span: c.from(token.start) };
  },
});

/** `stop_machine(fn, NULL, cpus)`, as in the kernel. */
function parseCalled(c: Cursor, keyword: Region, start: number): Statement {
  const first = c.ahead(1);
  const call = first.kind === 'name' ? `${first.text}();` : '…';
  const span = c.from(start);
  c.report('HVO015', span, `\`${keyword}\` is a block and no call: \`${keyword} { ${call} }\`.`, { expected: ['{'] });
  c.skipStatement();
  return { kind: 'bad', span: c.from(start) };
}

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
