/** `npm run bench`: measured tables, ours beside the peers'. One file a table, one word here. */

import '../server/lsp/compilerFlags';
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { batch } from './batch';
import { estimates } from './estimates';
import { examples } from './examples';
import { growth } from './growth';
import { litmus } from './litmus';
import { protocol } from './protocol';
import { raw } from './raw';
import { scaling } from './scaling';
import { startUp } from './startUp';
import { printMarkdown, printRows, type Rows, type Table } from './table';
import { readText } from './text';
import { typing } from './typing';

const tables: readonly Table[] = [protocol, raw, litmus, scaling, growth, examples, estimates, batch, typing, startUp];

const usage = `usage: npm run bench -- [FOLDER] [--only NAME]... [--json | --write] [--peer-seconds N]

Prints measured tables. FOLDER has the peers' data (spin/, herd/, herd-scaling/); without it only our own rows.

  --only NAME        this table (again for more): ${tables.map((t) => t.name).join(', ')}
  --json             one JSON document
  --write            put them into docs/performance.md too, each between its marks
  --peer-seconds N   run SPIN again where it is installed and its recorded time is at most N seconds (2)
`;

function fail(message: string): never {
  process.stderr.write(`bench: ${message}\n${usage}`);
  process.exit(2);
}

const PAGE = 'docs/performance.md';

/** Replaces what stands between the marks of a table. */
function writeToPage({ name, how }: Table, rows: Rows): void {
  const page = readText(PAGE);
  const [begin, end] = [`<!-- bench: ${name} -->`, '<!-- end -->'];
  const from = page.indexOf(begin);
  if (from < 0) return;
  const to = page.indexOf(end, from);
  const when = `Measured on ${cpus()[0]?.model ?? 'an unknown processor'} with Node ${process.versions.node}.`;
  const block = `${begin}\n${how} ${when}\n\n${printMarkdown(rows)}\n`;
  writeFileSync(PAGE, page.slice(0, from) + block + page.slice(to));
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === '--thread') {
    new Worker(process.argv[1] ?? '', { argv: args.slice(1) });
    return;
  }
  if (args[0] === '--measure') {
    const table = tables.find((t) => t.name === args[1]);
    if (table?.measure === undefined) fail(`nothing is measured for ${args[1]}`);
    process.stdout.write(JSON.stringify(await table.measure(args.slice(2))));
    return;
  }
  const options = {
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    'peer-seconds': { type: 'string', default: '2' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const [peers] = positionals;
  if (peers !== undefined && !existsSync(peers)) fail(`${peers}: no such folder`);
  const peerSeconds = Number(values['peer-seconds']);
  if (!(peerSeconds >= 0)) fail('--peer-seconds needs a number');
  for (const name of values.only ?? []) if (!tables.some((t) => t.name === name)) fail(`there is no table "${name}"`);
  const chosen = tables.filter((t) => values.only === undefined || values.only.includes(t.name));
  const found = chosen.map((table) => {
    const rows = table.rows({ peers, peerSeconds, readText });
    if (values.write) writeToPage(table, rows);
    if (!values.json) process.stdout.write(`${table.title}\n${table.how}\n\n${printRows(rows)}\n\n`);
    return { name: table.name, title: table.title, how: table.how, ...rows };
  });
  if (values.json) process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
}

void main(process.argv.slice(2));
