import { describe, expect, it } from 'vitest';
import { complaintsOf, scenarioOf } from './check';

const text = (expectations: string, cpus = 'cpu 0 { r0 = load(V); } cpu 1 { r0 = load(H.page(64).flags); r1 = 2; }') =>
  `hugepage H { size 2M at 0x1_0000_0000 vmemmap pages } var V = 7 scenario "s" { ${cpus} ${expectations} }`;

describe('expectations become claims', () => {
  it('about events that an execution need not remember', () => {
    const { claims, program } = scenarioOf(text('never oops || cpu 1 faults at L3 sometimes fixed-up'));
    expect(program.observe).toEqual([]);
    expect(claims.map((one) => [one.quantifier, one.text])).toEqual([
      ['never', 'never oops || cpu 1 faults at L3'],
      ['sometimes', 'sometimes fixed-up'],
    ]);
    expect(claims[1]?.condition).toEqual({ kind: 'event', word: 'fixed-up', patterns: [{ outcome: 'fixed-up' }] });
  });

  it('about events of one execution, which it remembers', () => {
    const { claims, program } = scenarioOf(
      text('always fixed-up || cpu 0: r0 == 7 never fixed-up && cpu 1 faults at L2'),
    );
    expect(program.observe.filter((one) => one.kind === 'event').map((one) => one.outcome)).toEqual([
      'fixed-up',
      'translation-fault',
      'access-flag-fault',
      'permission-fault',
    ]);
    expect(claims[0]?.condition).toMatchObject({ kind: 'or', left: { kind: 'event', observables: [0] } });
  });

  it('about registers, by CPU where several have the name', () => {
    const { program } = scenarioOf(text('always cpu 1: r0 == 3 sometimes r1 == 2 sometimes cpu 0: r0 == 7'));
    expect(program.observe).toEqual([
      { kind: 'register', cpu: 1, register: 0 },
      { kind: 'register', cpu: 1, register: 1 },
      { kind: 'register', cpu: 0, register: 0 },
    ]);
    expect(complaintsOf(text('always r0 == 3'))).toEqual(['r0: r0 belongs to several CPUs (0, 1): write `cpu 0: r0`']);
  });

  it('about final words, descriptors and what was there before', () => {
    const { claims, program } = scenarioOf(
      text(
        'always load(V) == initial(V) && pte(H.tail(1)) == pmd(H.start) && load32(H.page(1).refcount) == initial(H.page(0).flags)',
      ),
    );
    expect(program.observe).toEqual([
      { kind: 'word', physicalAddress: 0x4810_0000n, bytes: 8 },
      { kind: 'word', physicalAddress: 0x4880_3008n, bytes: 8 },
      { kind: 'word', physicalAddress: 0x4880_20c0n, bytes: 8 },
      { kind: 'translatedWord', virtualAddress: 0xffff_fc00_0300_0074n, bytes: 4 },
    ]);
    expect(JSON.stringify(claims[0]?.condition, (_, v) => (typeof v === 'bigint' ? `${v}` : v))).toContain(
      `"${0x10_0000_0040n}"`,
    );
  });

  it('about ends of executions and rules', () => {
    const { claims } = scenarioOf(text('never deadlock sometimes HVO101'));
    expect(claims.map((one) => one.condition)).toEqual([
      { kind: 'end', word: 'deadlock' },
      { kind: 'rule', code: 'HVO101' },
    ]);
  });

  it('about the accesses of a statement, those in functions that it calls included', () => {
    const scenario = scenarioOf(`hugepage H { size 2M at 0x1_0000_0000 vmemmap pages }
      fn look(k) { load(H.page(k).flags); }
      scenario "s" { cpu 0 { look(1); load(H.start);  => ok | oops-paging at L3 } cpu 1 { look(2);  => ok } }`);
    expect(scenario.expected.map((one) => one.outcomes)).toEqual([
      [{ word: 'ok' }, { word: 'oops-paging', level: 3 }],
      [{ word: 'ok' }],
    ]);
    const sites = scenario.expected[1]?.sites ?? [];
    const info = sites.map((site) => scenario.sites[site]);
    expect(info.some((one) => one?.text === 'load(H.page(k).flags)' && one.stack[0]?.callee === 'look')).toBe(true);
    expect(info.every((one) => one?.context === 'cpu 1')).toBe(true);
  });
});
