import { type Names, resolveNames } from '../../server/language/names';
import type { Source } from '../../server/language/names/symbol';
import { parse } from '../../server/language/parse';
import { standardLibrary } from '../../server/language/stdlib/library';

export interface Marked {
  readonly names: Names;
  readonly text: string;
  /** Where the mark stands. */
  readonly offset: number;
}

/** A text with one `|>` in it: the place that is asked about. */
export function marked(written: string, used: readonly Source[] = []): Marked {
  const offset = written.indexOf('|>');
  const text = written.replace('|>', '');
  const source = { uri: 'file:///main.hvo', parsed: parse(text) };
  return { names: resolveNames(source, { used, library: standardLibrary('v6.7') }), text, offset };
}

/** A scenario around the lines of cpu 0. */
export const inCpu = (body: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
page P at 0x1_0800_0000
lock zone : spin
lock quiet : raw
var paused = 0

// Remaps one page.
// It takes the lock.
fn remap(addr, entry) {
  let ptep = virt_to_kpte(addr);
  store(ptep, entry);
}

scenario "one" {
  irq tick on cpu 0 { isb(); }
  cpu 0 {
    r1 = 0;
    ${body}
  }
  never oops
}
`;
