/** Pure functions that need no text: descriptors and the linear map. */

import type { Compiler, Frame } from '../compiler';
import { protectionOf } from '../kernelTables';
import { applyBinary } from '../operators';
import type { State } from '../state';
import { type Numeric, number, plus, zero } from '../value';

type Builtin = (compiler: Compiler, frame: Frame, state: State, values: readonly Numeric[]) => Numeric;

const at = (values: readonly Numeric[], i: number): Numeric => values[i] ?? zero;

const or: Builtin = (compiler, frame, state, values) =>
  applyBinary(compiler, frame, state, '|', at(values, 0), at(values, 1));

const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['mk_pte', or],
  ['mk_pmd_block', or],
  [
    'mk_pmd_table',
    (compiler, frame, state, values) => {
      const bits = protectionOf(compiler.world.environment.configuration, 'PMD_TABLE_KERNEL');
      return applyBinary(compiler, frame, state, '|', at(values, 0), number(bits));
    },
  ],
  [
    'descriptor_pa',
    (compiler, frame, state, values) =>
      applyBinary(
        compiler,
        frame,
        state,
        '&',
        at(values, 0),
        number(compiler.world.numbers.get('PTE_ADDR_MASK') ?? 0n),
      ),
  ],
  [
    '__va',
    (compiler, _frame, _state, values) => {
      const { space } = compiler.world.environment;
      return withoutWidth(plus(at(values, 0), space.pageOffset - space.memstart));
    },
  ],
  [
    '__pa',
    (compiler, _frame, _state, values) => {
      const { space } = compiler.world.environment;
      return withoutWidth(plus(at(values, 0), space.memstart - space.pageOffset));
    },
  ],
  [
    'pgd_offset_k',
    (compiler, frame, state, values) => {
      const { numbers, environment } = compiler.world;
      const { space, tables } = environment;
      const shift = numbers.get('PGDIR_SHIFT') ?? 0n;
      const entries = numbers.get('PTRS_PER_PGD') ?? 1n;
      const high = applyBinary(compiler, frame, state, '>>', at(values, 0), number(shift));
      const index = applyBinary(compiler, frame, state, '&', high, number(entries - 1n));
      const offset = applyBinary(compiler, frame, state, '<<', index, number(3n));
      return plus(offset, tables.root - space.memstart + space.pageOffset);
    },
  ],
  ['likely', (_compiler, _frame, _state, values) => at(values, 0)],
  ['unlikely', (_compiler, _frame, _state, values) => at(values, 0)],
]);

/** An address of something else has no field's width. */
function withoutWidth(value: Numeric): Numeric {
  const { bytes: _bytes, ...rest } = value;
  return rest;
}

/** The value of a builtin function; undefined when there is no such function. */
export function builtinValue(
  compiler: Compiler,
  frame: Frame,
  state: State,
  name: string,
  values: readonly Numeric[],
): Numeric | undefined {
  return builtins.get(name)?.(compiler, frame, state, values);
}

export const builtinNames: readonly string[] = [...builtins.keys()];
