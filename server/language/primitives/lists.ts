/**
 * Lists of pages as the kernel's text hands them about. They exist while a scenario is made ready: their items are
 * known then, and they are no memory that another CPU could see.
 */

import { type Primitive, value } from '../primitive';

const list = value('list');

export const listPrimitives: readonly Primitive[] = [
  {
    name: 'list',
    group: 'list',
    parameters: [{ name: 'item', kind: 'value', repeated: true, optional: true }],
    result: 'a new list of the items',
    doc: 'A list, such as the pages that a remap queues for freeing: `let pages = list()`. It is no memory; what the kernel stores into struct pages for its lists is a `store` beside it.',
    example: 'list(1, 2)',
  },
  {
    name: 'list_push',
    group: 'list',
    parameters: [list, value('item')],
    doc: 'Puts an item at the end of a list.',
    example: 'list_push(list(), 1)',
  },
  {
    name: 'list_pop',
    group: 'list',
    parameters: [list],
    result: 'the item that was at the end',
    doc: 'Takes the last item of a list, which must not be empty.',
    example: 'list_pop(list(1))',
  },
  {
    name: 'list_count',
    group: 'list',
    parameters: [list],
    result: 'the number of items',
    doc: 'How many items a list has.',
    example: 'list_count(list(1))',
  },
  {
    name: 'list_item',
    group: 'list',
    parameters: [list, value('index')],
    result: 'the item of that index, counted from 0',
    doc: 'An item of a list; the index is known while the scenario is made ready.',
    example: 'list_item(list(1), 0)',
  },
];
