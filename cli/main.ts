/** The command line: a table of verbs. */

import { version } from '../package.json';
import { nearestOrLonger } from '../server/language/suggest';
import type { ExitCode, Io, Run } from './io';
import { printable, printsPlainly } from './printable';
import { start } from './start';

interface Verb {
  readonly doc: string;
  /** Only the verb that runs is loaded. */
  readonly load: () => Promise<{ readonly run: Run }>;
}

export const verbs: Readonly<Record<string, Verb>> = {
  check: { doc: 'explore every execution of .hvo scenarios, and say what is wrong', load: () => import('./check') },
  run: { doc: 'show one execution of a scenario, step by step', load: () => import('./run') },
  compare: { doc: 'approaches to one job side by side: hazards by reader, and costs', load: () => import('./compare') },
  explain: {
    doc: 'say what a code or a name of the results means; print the kernel text',
    load: () => import('./explain'),
  },
  fmt: { doc: 'lay .hvo files out in their one form', load: () => import('./fmt') },
  litmus: { doc: "run litmus tests in herd7's AArch64 VMSA format", load: () => import('./litmus') },
  trace: { doc: "check casemate's page-table traces by the same rules", load: () => import('./trace') },
  walk: { doc: 'walk raw translation tables; compare with recorded results', load: () => import('./walk') },
  decode: { doc: 'decode an ESR, a descriptor, a TLBI operand, an address', load: () => import('./decode') },
  export: {
    doc: 'write a scenario as a litmus test for herd7 or a Promela model for SPIN',
    load: () => import('./export'),
  },
  lsp: { doc: 'the language server, for editors', load: () => import('./lsp') },
};

export const usage = `usage: hvo VERB [ARGUMENTS]

Litmus tests for Linux page-table code on arm64. VERB is one of
${Object.entries(verbs)
  .map(([name, { doc }]) => `  ${name.padEnd(9)}${doc}`)
  .join('\n')}

hvo VERB --help tells more about a verb; hvo --version prints ${version}.
Exit code 0: all as expected; 1: findings or unmet expectations, or a bound was hit; 2: unusable input or arguments.
`;

/** Runs a verb. Never rejects for what a user did wrong. */
export async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  const isHelp = args[0] === 'help' && args[1] !== undefined && Object.hasOwn(verbs, args[1]);
  const [name, ...rest] = isHelp ? [args[1], '--help'] : args;
  if (name === '--version' || name === '-V') {
    io.stdout(`hvo ${version}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? io.stderr : io.stdout)(usage);
    return name === undefined ? 2 : 0;
  }
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined) {
    const near = name.startsWith('-') ? undefined : nearestOrLonger(name, Object.keys(verbs));
    const meant = near === undefined ? '' : ` (did you mean ${near}?)`;
    const known = Object.keys(verbs).join(', ');
    io.stderr(printable(`hvo: there is no verb "${name}"${meant}; there are ${known}\nTry: hvo --help\n`));
    return 2;
  }
  const { run } = await verb.load();
  return run(rest, printsPlainly(io));
}

if (typeof require !== 'undefined' && require.main === module)
  void start(main, async () => (await import('./checkWorker')).serveCheckWorker());
