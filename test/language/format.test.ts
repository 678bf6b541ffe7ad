import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { run } from '../../cli/fmt';
import type { Io } from '../../cli/io';
import { formattingEdits } from '../../server/features/formatting';
import { formatFile } from '../../server/language/format';
import { parse } from '../../server/language/parse';
import { standardLibrary } from '../../server/language/stdlib/library';
import { fileText, messy } from './generate';
import { treeOf } from './tree';

const format = (text: string): string | undefined => formatFile(parse(text));

const told = (text: string): readonly string[] => parse(text).diagnostics.map((one) => one.message);

describe('the formatter', () => {
  it('counts a block from the line that its statement begins on', () => {
    const text =
      'fn f(a,\n\t\tb)\n{\n  if (a ||\n      b) {\n    store(a,\n      b);\n  }\n  else\n    store(b, a);\n}\n';
    expect(format(text)).toBe(
      'fn f(a,\n    b) {\n  if (a ||\n      b) {\n    store(a,\n        b);\n  } else\n    store(b, a);\n}\n',
    );
    expect(format(format(text) ?? '')).toBe(format(text));
  });

  it('gives the same form again, and the same for every line end', () => {
    const text =
      'lock L:spin // one\n\n\n/* two\n * lines */\nscenario "s" {\ncpu 0 {\nspin_lock(L) // held\nspin_unlock(L) }\n}\n';
    const once = format(text) ?? '';
    expect(once.split('\n').length).toBeGreaterThan(8);
    for (const [end, becomes] of [
      ['\r', '\n'],
      ['\r\n', '\r\n'],
      ['\n', '\n'],
    ] as const) {
      const laid = format(text.replaceAll('\n', end)) ?? '';
      expect(laid).toBe(once.replaceAll('\n', becomes));
      expect(format(laid)).toBe(laid);
    }
    const mixed = format(text.replace('\n', '\r').replace('cpu 0 {\n', 'cpu 0 {\r\n')) ?? '';
    expect(mixed).toBe(once.replaceAll('\n', '\r\n'));
    expect(format(mixed)).toBe(mixed);
  });

  it('lays a file out in one form', () => {
    const text = `machine{kernel v6.7
granule   4K // yes
bbm 2-noabort }
hugepage H{size 2M at 0x1_0000_0000 vmemmap pages}


lock L:spin
fn f( a,b )
{
let x=a?-b: !a
 if(x==1)return -x
 else
    {
 store( &x,*b )
 }
}
scenario "x"{on fault f
cpu 0 ..2{r0=load(a)
  => ok|fixed-up at L3}
irq t on cpu 0 times 2{}
never oops
sometimes cpu 1:r0==1&&!(fixed-up||cpu 1 faults at L3)
}`;
    expect(format(text)).toBe(`machine {
  kernel  v6.7
  granule 4K  // yes
  bbm     2-noabort
}
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

lock L : spin
fn f(a, b) {
  let x = a ? -b : !a;
  if (x == 1) return -x;
  else {
    store(&x, *b);
  }
}
scenario "x" {
  on fault f
  cpu 0..2 {
    r0 = load(a)
        => ok | fixed-up at L3
  }
  irq t on cpu 0 times 2 {}
  never     oops
  sometimes cpu 1: r0 == 1 && !(fixed-up || cpu 1 faults at L3)
}
`);
  });

  it('keeps comments where they are', () => {
    const text = `// above

/* two
      * lines
 */
fn f(a) { // behind a brace
// in the block
load(a) // behind a statement
store(a, 1);  /* in a line */  load(a); // longer
  // at the end
}
// last`;
    expect(format(text)).toBe(
      `// above

/* two
 * lines
 */
fn f(a) {  // behind a brace
  // in the block
  load(a);                               // behind a statement
  store(a, 1); /* in a line */ load(a);  // longer
  // at the end
}
// last
`,
    );
  });

  it('lays cases and bodies without braces out', () => {
    const text = `fn f(a) { switch(a){case 1: case 2: isb(); break
default:
 // otherwise
 isb()
 }
 while (a)
  if (a)
   isb()
  else
   isb()
 repeat 2{}
}`;
    expect(format(text)).toBe(`fn f(a) {
  switch (a) {
    case 1: case 2: isb(); break;
    default:
      // otherwise
      isb();
  }
  while (a)
    if (a)
      isb();
    else
      isb();
  repeat 2 {}
}
`);
  });

  it('leaves a file with mistakes of syntax as it is', () => {
    expect(format('fn f(a) { load(a; }')).toBeUndefined();
    expect(formattingEdits(parse('fn f(a) {\nload(a;\n}'))).toEqual([]);
  });

  it('keeps the line ends of Windows', () => {
    expect(format('fn f(a)\r\n{\r\nload(a)\r\n}')).toBe('fn f(a) {\r\n  load(a);\r\n}\r\n');
  });

  it('changes nothing but spaces, line ends and semicolons: the tree is the same, and a second time is the first', () => {
    fc.assert(
      fc.property(
        fileText.chain((text) => fc.tuple(fc.constant(text), messy(text))),
        ([text, written]) => {
          expect(told(text)).toEqual([]);
          const formatted = format(written) ?? 'not formatted';
          expect(treeOf(parse(formatted))).toEqual(treeOf(parse(written)));
          expect(treeOf(parse(written))).toEqual(treeOf(parse(text)));
          expect(format(formatted)).toBe(formatted);
          const comments = parse(written).file.comments.length;
          expect(parse(formatted).file.comments).toHaveLength(comments);
          expect(formatted).not.toMatch(/[ \t]\r?\n/);
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  }, 60_000);

  it('gives edits that make the same text', () => {
    fc.assert(
      fc.property(fileText.chain(messy), (text) => {
        const edits = [...formattingEdits(parse(text))].sort((a, b) => b.span.start - a.span.start);
        const edited = edits.reduce(
          (done, { span, text: put }) => done.slice(0, span.start) + put + done.slice(span.end),
          text,
        );
        expect(edited).toBe(format(text) ?? text);
      }),
      { numRuns: 100, seed: 7 },
    );
  }, 60_000);

  it('keeps the trees of the standard library', () => {
    for (const { parsed } of standardLibrary('v6.7')) {
      const formatted = formatFile(parsed) ?? '';
      expect(treeOf(parse(formatted))).toEqual(treeOf(parsed));
      expect(format(formatted)).toBe(formatted);
    }
  });
});

describe('hvo fmt', () => {
  /** The verb on files that are text; directories are the prefixes of their names. */
  async function fmt(args: string, files: Record<string, string>) {
    let stdout = '';
    let stderr = '';
    const below = (path: string): readonly string[] => Object.keys(files).filter((file) => file.startsWith(`${path}/`));
    const io: Io = {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
      readText: (path) =>
        path in files
          ? Promise.resolve(files[path] ?? '')
          : Promise.reject(Object.assign(new Error(), { code: 'ENOENT' })),
      writeText: async (path, text) => {
        files[path] = text;
      },
      exists: async (path) => path in files,
      isDirectory: async (path) => below(path).length > 0,
      list: async (path) =>
        [...new Set(below(path).map((file) => file.slice(path.length + 1).split('/')[0] ?? ''))].sort(),
    };
    const code = await run(
      args.split(' ').filter((word) => word !== ''),
      io,
    );
    return { code, stdout, stderr, files };
  }

  it('writes files that are not in their form, and names them', async () => {
    const { code, stdout, files } = await fmt('dir one.hvo', {
      'dir/a.hvo': 'lock L:spin',
      'dir/sub/b.hvo': 'lock M : spin\n',
      'dir/readme.md': 'x',
      'one.hvo': 'var x=1',
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'dir/a.hvo\none.hvo\n' });
    expect(files['dir/a.hvo']).toBe('lock L : spin\n');
    expect(files['one.hvo']).toBe('var x = 1\n');
  });

  it('only names them with --check', async () => {
    const { code, stdout, files } = await fmt('--check a.hvo', { 'a.hvo': 'lock L:spin' });
    expect({ code, stdout, text: files['a.hvo'] }).toEqual({ code: 1, stdout: 'a.hvo\n', text: 'lock L:spin' });
    expect((await fmt('--check a.hvo', { 'a.hvo': 'lock L : spin\n' })).code).toBe(0);
  });

  it('says what it cannot use, with place and code, and exit code 2', async () => {
    const broken = await fmt('a.hvo', { 'a.hvo': 'fn f(a) {\n  load(a;\n}\n' });
    expect(broken.code).toBe(2);
    expect(broken.stderr).toBe('a.hvo:2:9: error HVO010: `)` is missing: it closes the `(` behind `load`.\n');
    expect((await fmt('none.hvo', {})).stderr).toBe('hvo fmt: none.hvo: no such file\n');
    expect((await fmt('', {})).code).toBe(2);
    expect((await fmt('--wrong', {})).code).toBe(2);
    expect((await fmt('--help', {})).stdout).toMatch(/^usage: hvo fmt/);
  });
});
