import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endless, failing, ok } from './strings';

let folder = '';
let program = '';

/** The command line as it is shipped, in a process of its own. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hvo-'));
  program = join(folder, 'hvo.js');
  const { commandLine }: { commandLine: (folder: string) => BuildOptions[] } = await import(
    join(process.cwd(), 'bundles.mjs')
  );
  await Promise.all(commandLine(folder).map((bundle) => build(bundle)));
  await writeFile(join(folder, 'a.hvo'), ok);
  await writeFile(join(folder, 'b.hvo'), failing);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function hvo(...args: string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

describe('the bundled program', () => {
  it('has its library with it', async () => {
    expect(await hvo('check', 'a.hvo')).toMatchObject({ code: 0, stderr: '' });
  });

  it('explores in threads with the same results', async () => {
    const results = await Promise.all(
      ['1', '2'].map(async (jobs) => {
        const { code, stdout } = await hvo('check', '.', '--json', '--jobs', jobs);
        const { files } = JSON.parse(stdout);
        return { code, files: JSON.stringify(files).replace(/"milliseconds":\d+/g, '') };
      }),
    );
    expect(results[0]?.code).toBe(1);
    expect(results[1]).toEqual(results[0]);
  });

  it.each([
    ['SIGINT', '1'],
    ['SIGINT', '2'],
    ['SIGTERM', '1'],
    ['SIGHUP', '1'],
  ] as const)(
    '%s with %s threads: what is done stands there, and the process ends of the signal',
    async (asked, jobs) => {
      const cwd = await mkdtemp(join(folder, '.long-'));
      await writeFile(join(cwd, 'a.hvo'), ok);
      await writeFile(join(cwd, 'b.hvo'), endless);
      const child = spawn(process.execPath, [program, 'check', '.', '--jobs', jobs], { cwd });
      let stdout = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        if (!child.killed && stdout.includes('short')) child.kill(asked);
      });
      const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
      expect(signal).toBe(asked);
      expect(stdout).toMatch(/^a\.hvo\n {2}ok {6}fine /);
    },
  );

  it('says the same whichever of its programs runs', async () => {
    expect(await hvo('check', '--help')).toEqual(await hvo('help', 'check'));
    expect(await hvo('explain', 'HVO101')).toMatchObject({ code: 0, stderr: '' });
  });

  it('is no thread because somebody says so', async () => {
    expect(await hvo('exploring-thread')).toMatchObject({ code: 2, stdout: '' });
  });

  it('passes over a pipe in a folder, which nobody may ever write to', async () => {
    await mkdir(join(folder, 'pipes'));
    await promisify(execFile)('mkfifo', [join(folder, 'pipes/a.hvo')]);
    expect(await hvo('check', 'pipes')).toMatchObject({
      code: 2,
      stderr: 'hvo check: pipes: there is no .hvo file below it\n',
    });
  });

  it('ends quietly when its reader goes away', async () => {
    const { stderr } = await new Promise<{ stderr: string }>((resolve) => {
      execFile(
        '/bin/sh',
        ['-c', `"${process.execPath}" "${program}" check . --json | head -c 1 >/dev/null`],
        { cwd: folder },
        (_, __, text) => resolve({ stderr: text }),
      );
    });
    expect(stderr).toBe('');
  });

  it('is ended by a reader that goes away as other programs are, whatever it would have said', async () => {
    const child = spawn(process.execPath, [program, 'check', 'b.hvo'], { cwd: folder });
    child.stdout.destroy();
    expect(await new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)))).toBe(
      'SIGPIPE',
    );
  });

  it('a disk that is full is told in a line', async () => {
    const written = (...args: string[]) =>
      new Promise((resolve) => {
        const line = `"${process.execPath}" "${program}" ${args.join(' ')} > /dev/full`;
        execFile('/bin/sh', ['-c', line], { cwd: folder }, (error, _, stderr) => resolve([error?.code, stderr]));
      });
    const told = [2, 'hvo: what it prints cannot be written: there is no space left for it\n'];
    expect(await written('check', 'a.hvo')).toEqual(told);
    expect(await written('explain', '--list')).toEqual(told);
  });
});
