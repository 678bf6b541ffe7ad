import { describe, expect, it } from 'vitest';
import { hvo } from '../cli/strings';
import { textWith } from './scenarios';

const name = 'with the hook it waits and goes on';
const file = { 'a.hvo': textWith(name) };

describe('hvo export', () => {
  it('writes a model to a file and says on stderr what is not in it', async () => {
    const done = await hvo(['export', '--format', 'promela', 'a.hvo', '--scenario', name, '-o', 'a.pml'], file);
    expect(done.code).toBe(0);
    expect(done.stderr).toContain('not said: ');
    expect(done.stdout).toBe('');
  });

  it('prints one JSON document with the claims and hvo’s own verdicts', async () => {
    const done = await hvo(['export', '--format', 'promela', 'a.hvo', '--scenario', name, '--json'], file);
    expect(done.code).toBe(0);
    const { output, claims, unsaid, format } = JSON.parse(done.stdout);
    expect(format).toBe('promela');
    expect(output).toContain('active proctype cpu0()');
    expect(unsaid.length).toBeGreaterThan(0);
    expect(claims[1]).toEqual({ number: 1, text: 'never oops', holdsWhen: 'no error', holds: 'yes' });
  });

  it('is exit code 1 where the format cannot say the scenario', async () => {
    const split = { 'a.hvo': textWith('the hook waits for the table') };
    const args = ['export', '--format', 'litmus', 'a.hvo', '--scenario', 'the hook waits for the table'];
    const done = await hvo(args, split);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('litmus cannot say');
  });

  it.each([
    [['export', 'a.hvo'], '--format: expected litmus or promela, found nothing'],
    [['export', '--format', 'alloy', 'a.hvo'], 'found "alloy"'],
    [['export', '--format', 'litmus', 'b.hvo'], 'b.hvo: no such file'],
    [
      [
        'export',
        '--format',
        'promela',
        'a.hvo',
        '-o',
        'none/a.pml',
        '--scenario',
        'with the hook it waits and goes on',
      ],
      'none/a.pml: cannot be written: its directory does not exist',
    ],
    [['export', '--format', 'litmus', 'a.hvo'], 'name the scenario with --scenario'],
    [['export', '--format', 'litmus', 'a.hvo', '--scenario', 'x'], 'there is no scenario "x"'],
  ])('%j is unusable', async (args, message) => {
    const done = await hvo(args, file);
    expect(done.code).toBe(2);
    expect(done.stderr).toContain(message);
  });
});
