/** What stands in a scenario only: CPUs, handlers, the fault hook, expectations. */

import type { InterruptMember } from '../ast';
import { parseBlock } from '../blocks';
import { parseCondition } from '../conditions';
import { parseExpression } from '../expressions';
import type { MemberRow } from '../rows';
import { here, parseCpuRange, parseIdentifier } from '../words';

const interrupt = (keyword: 'irq' | 'nmi', doc: string): MemberRow => ({
  keyword,
  kind: 'interrupt',
  form: `${keyword} NAME on cpu N [times K] { … }`,
  doc: `${doc} It comes at most K times (once if not said) at any point where it is not masked; with \`times 0\` only when \`send_ipi(N, NAME)\` sends it.`,
  snippet: `${keyword} ‹name› on cpu ‹0› {\n\t‹›\n}`,
  example: `${keyword} tick on cpu 0 times 1 { load(H.page(1).flags); }`,
  words: ['on', 'cpu', 'times'],
  parse: (c, token): InterruptMember => {
    const name = parseIdentifier(c, 'The name of the handler');
    const where = c.acceptWord('on') && c.acceptWord('cpu');
    if (!where)
      c.missing('HVO015', '`on cpu N` is missing: it says where the handler runs.', ['on cpu 0'], ' on cpu 0');
    const cpus = where ? parseCpuRange(c) : { first: -1, last: -1, span: here(c) };
    const times = c.acceptWord('times') ? parseExpression(c) : undefined;
    const body = parseBlock(c, { what: `\`${keyword} ${name.name}\``, outermost: true });
    const rest = times === undefined ? {} : { times };
    return {
      kind: 'interrupt',
      keyword: token,
      delivery: keyword,
      name,
      cpus,
      ...rest,
      body,
      span: c.from(token.start),
    };
  },
});

const expectation = (keyword: 'never' | 'sometimes' | 'always', doc: string, example: string): MemberRow => ({
  keyword,
  kind: 'expectation',
  form: `${keyword} condition`,
  doc: `${doc} A condition is an outcome or a finding (\`oops\`, \`cpu 1 fixed-up at L3\`), \`cpu N faults\`, or a comparison of final values, joined by \`&&\`, \`||\`, \`!\`.`,
  snippet: `${keyword} ‹${example}›`,
  example: `${keyword} ${example}`,
  words: ['at', 'faults', 'cpu'],
  parse: (c, token) => {
    const condition = parseCondition(c);
    return { kind: 'expectation', keyword: token, quantifier: keyword, condition, span: c.from(token.start) };
  },
});

export const memberRows: readonly MemberRow[] = [
  {
    keyword: 'on',
    kind: 'onFault',
    form: 'on fault NAME',
    doc: 'The function of the address and the ESR that the fault path calls for a fault on vmemmap; when it returns something else than 0, the access is repeated. Absent: the kernel as it was.',
    snippet: 'on fault ‹vmemmap_handle_page_fault›',
    example: 'on fault hook',
    words: ['fault'],
    parse: (c, keyword) => {
      if (!c.acceptWord('fault'))
        c.missing('HVO015', '`fault` is missing: the hook is named by `on fault NAME`.', ['fault'], ' fault');
      const handler = parseIdentifier(c, 'The name of the function');
      return { kind: 'onFault', keyword, handler, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'cpu',
    kind: 'cpu',
    form: 'cpu N { … }   cpu N..M { … }',
    doc: 'What a CPU does. `cpu 1..3` is three CPUs that do the same. Registers `r0` to `r30` need no declaration and can be read by expectations.',
    snippet: 'cpu ‹0› {\n\t‹›\n}',
    example: 'cpu 2 { r0 = load(H.page(64).flags);  => ok }',
    parse: (c, keyword) => {
      const cpus = parseCpuRange(c);
      const body = parseBlock(c, { what: `\`cpu ${Math.max(cpus.first, 0)}\``, outermost: true });
      return { kind: 'cpu', keyword, cpus, body, span: c.from(keyword.start) };
    },
  },
  interrupt('irq', 'An interrupt handler, with interrupts masked while it runs.'),
  interrupt(
    'nmi',
    'A pseudo-NMI handler, which comes through masked interrupts when the machine has `pseudo_nmi yes`.',
  ),
  expectation('never', 'In no execution does this happen.', 'oops'),
  expectation(
    'sometimes',
    'In at least one execution this happens. It guards against scenarios that never reach the point.',
    'fixed-up',
  ),
  expectation('always', 'In every execution that ends, this happens or holds at the end.', 'r0 == 0'),
];
