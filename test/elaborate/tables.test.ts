import { describe, expect, it } from 'vitest';
import { builtinFunctions, constants } from '../../server/language/builtins';
import { addressSpace } from '../../server/language/elaborate/addressSpace';
import { defaultConfiguration } from '../../server/language/elaborate/configuration';
import { builtinNames } from '../../server/language/elaborate/lowering/builtins';
import { lowerings } from '../../server/language/elaborate/lowering/table';
import { namedNumbers, switchNumbers } from '../../server/language/elaborate/namedNumbers';
import { primitives } from '../../server/language/primitives';
import { derivedSwitches, switches } from '../../server/language/switches';
import { geometry } from '../../simulator/machine/granule';
import { elaborated } from './check';

const sorted = (names: Iterable<string>) => [...names].sort();
const shape = geometry('4K', 48);

describe('the tables of the language and the elaboration know the same names', () => {
  it('primitives', () => {
    expect(sorted(lowerings.keys())).toEqual(sorted(primitives.map((row) => row.name)));
  });

  it('builtin functions', () => {
    expect(sorted(builtinNames)).toEqual(sorted(builtinFunctions.map((row) => row.name)));
  });

  it('constants', () => {
    const known = namedNumbers(defaultConfiguration, addressSpace(defaultConfiguration), shape, 1, 0);
    expect(sorted(known.keys())).toEqual(sorted(constants.map((row) => row.name)));
  });

  it('switches', () => {
    const rows = [...switches, ...derivedSwitches].map((row) => row.name);
    expect(sorted(switchNumbers(defaultConfiguration, shape).keys())).toEqual(sorted(rows));
    expect(sorted(Object.keys(defaultConfiguration))).toEqual(sorted(switches.map((row) => row.name)));
  });

  it('elaborates every primitive as its row shows it', { timeout: 60_000 }, () => {
    for (const { example, name } of primitives) {
      const { diagnostics } = elaborated(`hugepage H { size 2M at 0x1_0000_0000 vmemmap pages }
        var V = 0 lock L : spin lock RAW : raw lock M : mutex lock S : rwsem
        scenario "s" { cpu 0 { ${example}; } ${example.includes('TICK') ? 'cpu 1 { } irq TICK on cpu 1 { }' : ''} }`);
      expect(
        diagnostics.map((one) => one.message),
        name,
      ).toEqual([]);
    }
  });
});
