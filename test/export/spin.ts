/** SPIN and a C compiler for the tests: those that are installed, else Debian's, which root gets installed. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Debian's packages; those with a program that is there already are not needed. */
const programs = { spin: 'spin', gcc: 'gcc', 'libc6-dev': undefined } as const;

/** Makes `spin` and `gcc` usable, or throws a sentence that says what to install. */
export function obtainSpin(): void {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const help = `install them (on Debian: apt-get install ${missing.join(' ')})`;
  if (!existsSync('/usr/bin/apt-get')) throw new Error(`the exported models need ${missing.join(' and ')}: ${help}`);
  if (process.getuid?.() !== 0)
    throw new Error(`the exported models need ${missing.join(' and ')}, and only root may install them: ${help}`);
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (aptGet(install).status === 0 && missingPackages().length === 0) return;
  // A new machine has no package lists, or old ones.
  aptGet(['update']);
  const second = aptGet(install);
  if (second.status !== 0) throw new Error(`apt-get could not install ${missing.join(' ')}: ${help}\n${second.stderr}`);
}

function missingPackages(): readonly string[] {
  const path = (process.env.PATH ?? '').split(delimiter);
  const isThere = (program: string): boolean => path.some((folder) => existsSync(join(folder, program)));
  const missing = Object.entries(programs).flatMap(([name, program]) =>
    program === undefined || isThere(program) ? [] : [name],
  );
  const headers = existsSync('/usr/include/stdio.h') || process.platform !== 'linux';
  return headers ? missing : [...missing, 'libc6-dev'];
}

function aptGet(args: readonly string[]) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=180'];
  return spawnSync('apt-get', [...options, ...args], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

export interface SpinAnswer {
  readonly answer: 'no error' | 'an error';
  readonly states: number;
  /** Whole output of the search. */
  readonly output: string;
}

/** Asks SPIN about one claim of a model: generates, compiles, searches exhaustively. */
export function askSpin(model: string, claim: number): SpinAnswer {
  const folder = mkdtempSync(join(tmpdir(), 'hvo-spin-'));
  try {
    writeFileSync(join(folder, 'model.pml'), model);
    const run = (program: string, args: readonly string[]): string =>
      execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    run('spin', ['-a', `-DCLAIM=${claim}`, 'model.pml']);
    run('gcc', ['-O0', '-DSAFETY', '-DVECTORSZ=4096', '-o', 'pan', 'pan.c']);
    const output = run('./pan', ['-E', '-m1000000', '-w20', '-n']);
    const errors = /errors: (\d+)/.exec(output)?.[1];
    const states = Number(/(\d+(?:\.\d+)?(?:e[+-]?\d+)?) states, stored/.exec(output)?.[1]);
    if (errors === undefined || /too small|out of memory|aborted/.test(output))
      throw new Error(`SPIN did not search everything:\n${output}`);
    return { answer: errors === '0' ? 'no error' : 'an error', states, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
