/** What a key costs: the real server over its standard streams, one character at a time. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Method } from '../server/lsp/protocol';
import { type Work, workSince } from '../server/lsp/work';
import { JsonRpc } from './jsonRpc';
import { type Figures, measuredAlone } from './measure';
import { type Rows, type Table, whole } from './table';

const LINES = [100, 1000, 10_000];
const WARM_KEYS = 20;
const KEYS = 40;
/** Of the number in which digits are changed, behind its first. */
const DIGITS = 7;

/** A function and a scenario that calls it, 50 lines, most of them in functions as in a real file; nothing is wrong with it. */
function block(n: number): string {
  const filler = Array.from(
    { length: 8 },
    (_, i) => `fn _helper_${n}_${i}(addr) {\n  let ptep = virt_to_kpte(addr);\n  return pte_valid(ptep_get(ptep));\n}`,
  );
  return `${filler.join('\n')}
// The remap number ${n}, try 10000000.
fn remap_${n}(addr, ptep, entry) {
  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  let _try = 10000000;
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);
}

scenario "number ${n}" {
  on fault vmemmap_handle_page_fault
  cpu 0 { remap_${n}(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { r1 = 10000000; r0 = load(H.page(64).flags); }
  never oops
}
`;
}

function fileOf(lines: number): string {
  let text = 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }\n';
  for (let n = 0; text.split('\n').length <= lines - 48; n++) text += `${block(n)}\n`;
  const missing = lines - text.split('\n').length;
  return text + '// The end of the file.\n'.repeat(Math.max(0, missing));
}

export const typing: Table = {
  name: 'typing',
  title: 'As you type',
  how:
    'The language server over its standard streams, warm; each key changes one digit, to a text that was not there before. CPU ms of the ' +
    'whole process (and of its main thread) from the change until syntax, names, elaboration and rules of the new text are published; ' +
    'exploring is off. Of Linux, which counts what each thread ran. Counted for each key: items whose text was read and whose names were ' +
    'resolved (main thread and worker together), scenarios that were elaborated and checked.',
  async measure([lines, place]) {
    const server = await Server.start();
    const text = fileOf(Number(lines));
    const at = places[place as keyof typeof places](text);
    await server.open(text);
    const all: number[] = [];
    const main: number[] = [];
    let before = await server.work();
    for (let n = 0; n < WARM_KEYS + KEYS; n++) {
      if (n === WARM_KEYS) before = await server.work();
      // One digit after the other becomes 1, then 2, and so on: never the same number again.
      const cost = await server.key(at + (n % DIGITS), String(1 + Math.floor(n / DIGITS)));
      if (n < WARM_KEYS) continue;
      all.push(cost.all);
      main.push(cost.main);
    }
    const work = workSince(before, await server.work());
    await server.stop();
    const figures: Record<string, number> = {};
    for (const [name, values] of Object.entries({ all, main })) {
      values.sort((a, b) => a - b);
      figures[`${name}Median`] = values[KEYS / 2] ?? 0;
      figures[`${name}95`] = values[Math.floor(KEYS * 0.95)] ?? 0;
    }
    const perKey = (count: keyof Work) => work[count] / KEYS;
    return {
      ...figures,
      read: perKey('itemsRead'),
      resolved: perKey('itemsResolved'),
      elaborated: perKey('scenariosElaborated'),
      checked: perKey('scenariosChecked'),
    } as Figures;
  },
  rows(): Rows {
    const columns = [
      ...['lines', 'key in', 'CPU ms, median', '95 of 100', 'main thread, median', '95 of 100'],
      ...['items read', 'items resolved', 'scenarios elaborated', 'scenarios checked'],
    ];
    if (process.platform !== 'linux') return { columns, rows: [], notes: ['measured on Linux only'] };
    const rows = LINES.flatMap((lines) =>
      Object.keys(places).map((place) => {
        const found = measuredAlone('typing', String(lines), place);
        const shown = (name: string) => Number(found[name]).toFixed(1);
        const times = ['allMedian', 'all95', 'mainMedian', 'main95'].map(shown);
        const counts = ['read', 'resolved', 'elaborated', 'checked'].map(shown);
        return [whole(lines), place, ...times, ...counts];
      }),
    );
    return { columns, rows, notes: [] };
  },
};

/** Where the first of the digits stands. */
const places = {
  'a comment': (text: string) => text.indexOf('try 1') + 'try 1'.length,
  'a scenario': (text: string) => text.indexOf('r1 = 1') + 'r1 = 1'.length,
  'a function': (text: string) => text.indexOf('_try = 1') + '_try = 1'.length,
} as const;

interface Cost {
  readonly all: number;
  readonly main: number;
}

const uri = 'file:///bench.hvo';

class Server {
  private version = 1;
  private text = '';
  private results: { uri: string; version: number; state: string }[] = [];
  private wake: () => void = () => {};

  private readonly connection: JsonRpc;

  private constructor(private readonly child: ChildProcess) {
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error('the server has no streams');
    const settings = { explore: { whileTyping: false } };
    this.connection = new JsonRpc(stdout, stdin, (method, params) => {
      if (method === 'workspace/configuration') return (params as { items: unknown[] }).items.map(() => settings);
      if (method !== 'hvo/outcomes') return null;
      this.results.push(params as (typeof this.results)[number]);
      this.wake();
      return null;
    });
  }

  static async start(): Promise<Server> {
    const script = join(dirname(process.argv[1] ?? ''), 'server.js');
    const child = spawn(process.execPath, [script, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const server = new Server(child);
    await server.connection.request('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: { workspace: { configuration: true } },
      initializationOptions: { outcomes: 'notifications' },
    });
    server.connection.notify('initialized', {});
    return server;
  }

  async open(text: string): Promise<void> {
    this.text = text;
    this.connection.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'hvo', version: 1, text },
    });
    await this.settled();
  }

  work(): Promise<Work> {
    return this.connection.request(Method.work, null) as Promise<Work>;
  }

  /** Puts a character in the place of another. */
  async key(offset: number, character: string): Promise<Cost> {
    const before = this.spent();
    const start = positionOf(this.text, offset);
    const end = { ...start, character: start.character + 1 };
    this.version++;
    this.connection.notify('textDocument/didChange', {
      textDocument: { uri, version: this.version },
      contentChanges: [{ range: { start, end }, text: character }],
    });
    await this.settled();
    const after = this.spent();
    return { all: after.all - before.all, main: after.main - before.main };
  }

  async stop(): Promise<void> {
    await this.connection.request('shutdown', null);
    this.connection.notify('exit', {});
  }

  /** Waits for the word that nothing more comes for this version. */
  private async settled(): Promise<void> {
    while (!this.results.some(({ version, state }) => version === this.version && state !== 'running'))
      await new Promise<void>((done) => {
        this.wake = done;
      });
    this.results = [];
  }

  /** CPU milliseconds so far: of all threads, and of the one that has the connection. */
  private spent(): { readonly all: number; readonly main: number } {
    const { pid } = this.child;
    const of = (thread: string): number =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    const threads = readdirSync(`/proc/${pid}/task`);
    return { all: threads.reduce((sum, thread) => sum + of(thread), 0), main: of(String(pid)) };
  }
}

function positionOf(text: string, offset: number): { line: number; character: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length - 1;
  return { line, character: offset - before.lastIndexOf('\n') - 1 };
}
