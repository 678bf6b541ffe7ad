import { describe, expect, it } from 'vitest';
import { editorSnippet, plainSnippet } from '../../server/features/snippet';
import {
  builtinFunctions,
  constants,
  finalFunctions,
  hugePageMembers,
  pageFields,
  pageMembers,
} from '../../server/language/builtins';
import { lowerings } from '../../server/language/elaborate/lowering/table';
import { memberRows } from '../../server/language/items/members';
import { itemRows } from '../../server/language/items/table';
import { outcomeByWord, outcomes } from '../../server/language/outcomes';
import { primitiveByName, primitives } from '../../server/language/primitives';
import { barrierOptions } from '../../server/language/primitives/barriers';
import { otherTlbiOperations, tlbiOperations } from '../../server/language/primitives/tlb';
import { statementRows } from '../../server/language/statements/table';
import { switches } from '../../server/language/switches';
import { unmodelledNames } from '../../server/language/unmodelled';
import { bodiesOf } from '../../server/language/walk';
import { checkText } from './annotated';

/** A scenario that has what the examples of the tables name. */
const world = (
  cpu: string,
  members = '',
  items = '',
): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
lock L : spin
lock RAW : raw
lock M : mutex
lock S : rwsem
var V = 0
fn f(a) { return a; }
fn hook(addr, esr) { return addr + esr; }
fn virt_to_kpte(va) { return va; }
fn pmd_off_k(va) { return va; }
${items}
scenario "examples" {
  cpu 0 { ${cpu} }
  cpu 1 { r0 = 1; }
  irq TICK on cpu 1 { isb(); }
  ${members}
}
`;

/** What is said of a text, but for hints and for what a statement that only shows a value would get. */
const problems = (text: string): readonly string[] =>
  checkText(text)
    .diagnostics.filter((one) => one.severity !== 'hint')
    .map((one) => `${one.code} ${one.message}`);

describe('statements', () => {
  for (const row of statementRows) {
    it(`${row.keyword}: its example is one and has no mistake`, () => {
      const text = world(row.example);
      expect(problems(text)).toEqual([]);
      const body = bodiesOf(checkText(text).parsed.file).at(-3);
      expect(row.kind === 'break' || row.kind === 'continue' || body?.block.statements[0]?.kind === row.kind).toBe(
        true,
      );
    });
    it(`${row.keyword}: its snippet has no mistake of syntax`, () => {
      expect(checkText(world(plainSnippet(row.snippet))).parsed.diagnostics).toEqual([]);
    });
  }
});

describe('items and members', () => {
  for (const row of itemRows) {
    it(`${row.keyword}: its example and its snippet are one`, () => {
      const { parsed, diagnostics } = checkText(world('isb();', '', row.example));
      const said = diagnostics.filter((one) => one.severity !== 'hint' && one.code !== 'HVO048');
      expect(said.map((one) => one.message)).toEqual([]);
      const example = parsed.file.items.find(({ span }) => parsed.text.slice(span.start, span.end) === row.example);
      expect(example?.kind).toBe(row.kind);
      expect(checkText(plainSnippet(row.snippet)).parsed.diagnostics).toEqual([]);
    });
  }
  for (const row of memberRows) {
    it(`${row.keyword}: its example and its snippet are one`, () => {
      expect(problems(world('r0 = 0;', row.example).replace('cpu 1 { r0 = 1; }', 'cpu 1 { isb(); }'))).toEqual([]);
      const { parsed } = checkText(world('isb();', plainSnippet(row.snippet)));
      expect(parsed.diagnostics).toEqual([]);
    });
  }
});

describe('primitives', () => {
  it('have examples without mistakes', () => {
    for (const row of primitives) expect(problems(world(`${row.example};`)), row.name).toEqual([]);
  });

  it('are those that the elaborator knows', () => {
    const names = primitives.map((row) => row.name);
    expect([...lowerings.keys()].sort()).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
  });

  it('return something when their example is assigned', () => {
    for (const row of primitives)
      if (row.result !== undefined) expect(problems(world(`r1 = ${row.example};`)), row.name).toEqual([]);
  });
});

describe('words', () => {
  it('are every option of DMB and DSB', () => {
    const names = barrierOptions.map((row) => row.name).sort();
    expect(names).toEqual('ish ishld ishst ld nsh nshld nshst osh oshld oshst st sy'.split(' '));
  });

  it('are every TLBI of stage 1 of the EL1&0 regime', () => {
    expect(tlbiOperations).toHaveLength(10 * 3 * 2);
    const kernel = tlbiOperations.find((row) => row.name === 'vaale1is');
    expect(kernel).toMatchObject({ scope: 'address', leafOnly: true, everyAsid: true, shareability: 'innerShareable' });
    expect(tlbiOperations.find((row) => row.name === 'vmalle1')).toMatchObject({
      scope: 'all',
      leafOnly: false,
      shareability: 'nonShareable',
    });
    expect(tlbiOperations.find((row) => row.name === 'rvae1osnxs')).toMatchObject({
      scope: 'range',
      everyAsid: false,
      shareability: 'outerShareable',
    });
    for (const row of tlbiOperations) expect(otherTlbiOperations.has(row.name)).toBe(false);
  });

  it('have documentation that ends as a sentence does', () => {
    const docs = [
      ...[...itemRows, ...memberRows, ...statementRows, ...primitives].map((row) => row.doc),
      ...[...constants, ...builtinFunctions, ...finalFunctions, ...hugePageMembers, ...pageFields, ...pageMembers].map(
        (row) => row.doc,
      ),
      ...[...barrierOptions, ...tlbiOperations, ...switches, ...outcomes].map((row) => row.doc),
    ];
    for (const doc of docs) expect(doc).toMatch(/^[A-Z0-9"`-].*[.)`]$/s);
  });
});

describe('other tables', () => {
  it('name each thing once', () => {
    const groups = [constants, builtinFunctions, finalFunctions, hugePageMembers, pageFields, pageMembers, switches];
    for (const rows of groups) expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
    for (const name of unmodelledNames.keys()) expect(primitiveByName.has(name), name).toBe(false);
  });

  it('have outcomes that stand for outcomes', () => {
    for (const row of outcomes) for (const word of row.covers ?? []) expect(outcomeByWord.has(word), word).toBe(true);
  });

  it('have switches whose initial value is one of theirs', () => {
    for (const row of switches) expect(problems(`machine { ${row.name} ${row.initial} }`)).toEqual([]);
  });
});

describe('snippets', () => {
  /** `§` stands for the dollar sign of editors' snippets. */
  const become = (template: string, snippet: string): void =>
    expect(editorSnippet(template)).toBe(snippet.replaceAll('§', '$'));

  it('become those of editors: equal places share a number, choices, empty places, the end', () => {
    become('for (‹i› = ‹0›; ‹i› < ‹n›) {\n\t‹›\n}', 'for (§{1:i} = §{2:0}; §{1:i} < §{3:n}) {\n\t§0\n}');
    become('lock ‹L› : ‹spin|raw›', 'lock §{1:L} : §{2|spin,raw|}');
    become('choose {\n\t‹…›\n} or {\n\t‹…›\n}', 'choose {\n\t§1\n} or {\n\t§2\n}');
  });
});
