import { callIn, fix, replace } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, placeAt } from '../scenario';

const example = (statements: string): string => `scenario "an object is filled and read" {
  cpu 0 {
    let page = alloc_page();
${statements}    free_page(page);
  }
}
`;

export const unwrittenRead: Rule = {
  code: 'HVO415',
  severity: 'error',
  title: 'Read of what nobody has written',
  doc: 'A page comes from the allocator with what its last owner left in it, unless it is asked for with __GFP_ZERO. A word of it is read that the new owner has not written yet, or has written in an order that others need not see: the store that fills the page and the one that makes it known to others are unordered. Copying such a word is no use of it; what is copied stays what nobody has written.',
  source: 'Linux mm/page_alloc.c, want_init_on_alloc; Documentation/memory-barriers.txt',
  bad: example(`    r0 = load(__va(page));
//  ^^^^^^^^^^^^^^^^^^^^^ HVO415
    store(__va(page), 1);
`),
  good: example(`    store(__va(page), 1);
    r0 = load(__va(page));
`),
  outcomes: ['uninitialised-read'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'unwrittenRead') return [];
        const allocated = placeAt(scenario, walk, one.since);
        const message = `this reads what the page held before it was allocated on ${lineName(scenario, walk, one.since)}: nobody has written the word since. The store, or \`clear_page\`, is missing before ${lineName(scenario, walk, one.at)}; or the page is to be allocated with \`__GFP_ZERO\``;
        const call = allocated && callIn(allocated, (name) => /^(try_)?alloc_page$/.test(name));
        const edits =
          call === undefined || call.arguments.length > 0 || call.callee.kind !== 'name'
            ? []
            : [
                replace(
                  call.span,
                  `${call.callee.name}(${call.callee.name === 'alloc_page' ? 'GFP_KERNEL | ' : ''}__GFP_ZERO)`,
                ),
              ];
        return found(scenario, walk, one.at, message, {
          others: [{ at: one.since, message: 'allocated here' }],
          ...fix('Allocate a page of zeroes', edits),
        });
      }),
    ),
};
