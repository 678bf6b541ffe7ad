import { describe, expect, it } from 'vitest';
import { cpu, finalValues, programOf } from './check';

const linear = (offset: number) => `[0x${(0xffff_0000_0810_0000n + BigInt(offset)).toString(16)}]`;

describe('what is known needs no instruction', () => {
  it('computes with constants', () => {
    expect(programOf(cpu('store(V, (3 + 4 * 2) << 1 | 1);'))).toEqual([`store ${linear(0)} = 23`, 'end']);
  });

  it('knows locals, and what functions return', () => {
    expect(programOf(`fn twice(x) { return x + x; } ${cpu('let a = twice(5); a += 1; store(V, a);')}`)).toEqual([
      `store ${linear(0)} = 11`,
      'end',
    ]);
  });

  it('takes the side of an `if` whose condition is known', () => {
    expect(programOf(cpu('if (PAGE_SIZE == 4K) { store(V, 1); } else { store(V, 2); }'))).toEqual([
      `store ${linear(0)} = 1`,
      'end',
    ]);
  });

  it('leaves the right side of && and || alone where the left one decides', () => {
    expect(programOf(cpu('if (0 && load(V)) store(W, 1); if (1 || load(V)) store(W, 2);'))).toEqual([
      `store ${linear(64)} = 2`,
      'end',
    ]);
  });

  it('copies the body of a loop whose bounds are known', () => {
    expect(programOf(cpu('for (let i = 0; i < 3; i++) { store(V, i); }'))).toEqual([
      `store ${linear(0)} = 0`,
      `store ${linear(0)} = 1`,
      `store ${linear(0)} = 2`,
      'end',
    ]);
  });

  it('names places of struct pages by address', () => {
    expect(programOf(cpu('load(H.page(64).flags); load32(H.page(1).refcount);'))).toEqual([
      'load [0xfffffc0003001000]',
      'load [0xfffffc0003000074], 4 bytes',
      'end',
    ]);
  });

  it('reads the entries that nobody writes while it is made, in library text', () => {
    expect(programOf(cpu('let p = virt_to_kpte(H.tail(1)); store(V, load(p));'))).toEqual([
      'x0 = load [0xffff000008803008]',
      `store ${linear(0)} = x0`,
      'end',
    ]);
  });
});

describe('what is not known is computed when it runs', () => {
  it('loads to a register of the user at once', () => {
    expect(programOf(cpu('r0 = load(V);'))).toEqual([`r0 = load ${linear(0)}`, 'end']);
  });

  it('branches on a value from memory', () => {
    expect(programOf(cpu('if (load(V) == 7) { r0 = 1; } else { r0 = 2; }'))).toEqual([
      `x1 = load ${linear(0)}`,
      'x1 = equal x1, 7',
      'if x1 is 0 go to 5',
      'r0 = move 1',
      'end',
      'r0 = move 2',
      'go to 4',
    ]);
  });

  it('turns one condition of two values into one branch', () => {
    const words = programOf(cpu('let a = load(V); let b = load(W); if (a && b) store(V, 0);'));
    expect(words.filter((one) => one.startsWith('if'))).toHaveLength(1);
  });

  it('evaluates a right side with an access only when it is needed', () => {
    expect(finalValues(cpu('r0 = load(V) == 8 && load(H.page(0).flags);'), 'r0')).toEqual([0n]);
    const words = programOf(cpu('r0 = load(V) == 8 && load(H.page(0).flags);'));
    expect(words.findIndex((one) => one.startsWith('if'))).toBeLessThan(
      words.findIndex((one) => one.includes('0xfffffc0003000000')),
    );
  });

  it('makes a loop of one whose end is not known', () => {
    expect(finalValues(cpu('r0 = 0; let n = load(V); while (n != 0) { r0 += n; n -= 1; }'), 'r0')).toEqual([28n]);
  });

  it('counts a `repeat` whose count is not known', () => {
    expect(finalValues(cpu('r0 = 0; repeat load(V) { r0 += 2; }'), 'r0')).toEqual([14n]);
  });

  it('leaves a loop by break, and goes on by continue', () => {
    const text = cpu(
      'r0 = 0; let n = load(V); while (1) { n -= 1; if (n == 4) continue; if (n == 2) break; r0 += n; }',
    );
    expect(finalValues(text, 'r0')).toEqual([14n]);
  });

  it('keeps a value that was read from a register of the user when that changes', () => {
    expect(finalValues(cpu('r0 = load(V); let old = r0; r0 = load(W); r0 = r0 * 100 + old;'), 'r0')).toEqual([7n]);
  });

  it('exchanges two values in a loop', () => {
    const text = cpu(
      'let a = 1; let b = 2; let n = load(V); while (n) { let t = a; a = b; b = t; n -= 1; } r0 = a * 10 + b;',
    );
    expect(finalValues(text, 'r0')).toEqual([21n]);
  });

  it('takes any of several values', () => {
    expect(finalValues(cpu('r0 = any(1, 4 .. 6);'), 'r0')).toEqual([1n, 4n, 5n, 6n]);
    expect(finalValues(cpu('r0 = any(any(1, 2) * 10, 3) + any(4, 5);'), 'r0')).toEqual([7n, 8n, 14n, 15n, 24n, 25n]);
    expect(finalValues(cpu('choose { r0 = 1; } or { r0 = 2; } or { }'), 'r0')).toEqual([0n, 1n, 2n]);
  });

  it('chooses a case of a switch, known or not', () => {
    const cases = '{ case 1: case 7: r0 = 10; case 2: r0 = 20; break; default: r0 = 30; }';
    expect(finalValues(cpu(`switch (load(V)) ${cases}`), 'r0')).toEqual([10n]);
    expect(finalValues(cpu(`switch (load(W)) ${cases}`), 'r0')).toEqual([30n]);
    expect(programOf(cpu(`switch (2) ${cases}`))).toEqual(['r0 = move 20', 'end']);
  });
});
