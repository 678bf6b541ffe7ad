import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWASM, OnigScanner, OnigString } from 'vscode-oniguruma';
import { type IGrammar, INITIAL, type IOnigLib, parseRawGrammar, Registry } from 'vscode-textmate';
import { textMateGrammar } from '../../server/language/grammar';
import { memberRows } from '../../server/language/items/members';
import { itemRows } from '../../server/language/items/table';
import { outcomes } from '../../server/language/outcomes';
import { primitives } from '../../server/language/primitives';
import { barrierOptions } from '../../server/language/primitives/barriers';
import { tlbiOperations } from '../../server/language/primitives/tlb';
import { statementRows } from '../../server/language/statements/table';
import { switches } from '../../server/language/switches';

const path = new URL('../../syntaxes/hvo.tmLanguage.json', import.meta.url);
const generated = `${JSON.stringify(textMateGrammar(), undefined, 2)}\n`;
if (process.env.UPDATE !== undefined) writeFileSync(path, generated);

let grammar: IGrammar;

beforeAll(async () => {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm'));
  await loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const onigLib: IOnigLib = {
    createOnigScanner: (patterns) => new OnigScanner(patterns),
    createOnigString: (text) => new OnigString(text),
  };
  const registry = new Registry({
    onigLib: Promise.resolve(onigLib),
    loadGrammar: async () => parseRawGrammar(readFileSync(path, 'utf8'), 'hvo.tmLanguage.json'),
  });
  const loaded = await registry.loadGrammar('source.hvo');
  if (loaded === null) throw new Error('the grammar does not load');
  grammar = loaded;
});

/** The innermost scope of each piece of a text that is not all spaces, without `.hvo`. */
function scopesOf(text: string): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  let state = INITIAL;
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of tokens) {
      const piece = line.slice(startIndex, endIndex);
      if (piece.trim() !== '') found.push([piece.trim(), (scopes.at(-1) ?? '').replace(/\.hvo$/, '')]);
    }
  }
  return found;
}

const scopeOf = (text: string, piece: string): string | undefined =>
  scopesOf(text).find(([found]) => found === piece)?.[1];

describe('the TextMate grammar', () => {
  it('is the one that the tables give (UPDATE=1 writes it)', () => {
    expect(readFileSync(path, 'utf8')).toBe(generated);
  });

  it('colours a scenario', () => {
    const text = `// comment
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
scenario "one" {
  on fault hook
  cpu 0 { r0 = load(H.page(64).flags);  => ok | fixed-up }
  never cpu 1 oops-paging at L3
}`;
    expect(scopesOf(text)).toEqual([
      ['// comment', 'comment.line.double-slash'],
      ['hugepage', 'storage.type'],
      ['H', 'entity.name.type'],
      ['{', 'source'],
      ['size', 'variable.other.property.hugepage'],
      ['2M', 'constant.numeric'],
      ['at', 'variable.other.property.hugepage'],
      ['0x1_0000_0000', 'constant.numeric'],
      ['vmemmap', 'variable.other.property.hugepage'],
      ['pages', 'constant.language.mapping'],
      ['}', 'source'],
      ['scenario', 'storage.type'],
      ['"', 'string.quoted.double'],
      ['one', 'string.quoted.double'],
      ['"', 'string.quoted.double'],
      ['{', 'source'],
      ['on', 'keyword.other.member'],
      ['fault', 'keyword.other.member'],
      ['hook', 'entity.name.function'],
      ['cpu', 'keyword.other.member'],
      ['0', 'constant.numeric'],
      ['{', 'source'],
      ['r0', 'variable.language.register'],
      ['=', 'keyword.operator'],
      ['load', 'support.function.primitive'],
      ['(H.', 'source'],
      ['page', 'entity.name.function.member'],
      ['(', 'source'],
      ['64', 'constant.numeric'],
      [').', 'source'],
      ['flags', 'variable.other.property'],
      [');', 'source'],
      ['=>', 'keyword.operator.expected'],
      ['ok', 'support.constant.outcome'],
      ['|', 'keyword.operator'],
      ['fixed-up', 'support.constant.outcome'],
      ['}', 'source'],
      ['never', 'keyword.control.expectation'],
      ['cpu', 'keyword.other.member'],
      ['1', 'constant.numeric'],
      ['oops-paging', 'support.constant.outcome'],
      ['at', 'keyword.other'],
      ['L3', 'support.constant.level'],
      ['}', 'source'],
    ]);
  });

  it('knows every keyword of the rows', () => {
    for (const row of [...itemRows, ...memberRows]) {
      expect(scopeOf(row.example, row.keyword), row.keyword).toMatch(
        /^(storage\.type|keyword\.(other\.member|control\.expectation))$/,
      );
    }
    for (const row of statementRows) expect(scopeOf(row.example, row.keyword), row.keyword).toBe('keyword.control');
  });

  it('knows every primitive', () => {
    for (const { name, example } of primitives) expect(scopeOf(example, name), name).toBe('support.function.primitive');
  });

  it('knows every word that barriers and TLBI take, every outcome, every switch', () => {
    for (const { name } of barrierOptions) expect(scopeOf(`dsb(${name});`, name), name).toBe('support.constant.word');
    for (const { name } of tlbiOperations) expect(scopeOf(`tlbi(${name});`, name), name).toBe('support.constant.word');
    for (const { word } of outcomes) expect(scopeOf(`never ${word}`, word), word).toBe('support.constant.outcome');
    for (const { word } of outcomes) expect(scopeOf(`report(${word})`, word), word).toBe('support.constant.outcome');
    for (const row of switches) {
      const values = row.values.kind === 'words' ? row.values.words : [];
      for (const value of values) {
        const text = `machine { ${row.name} ${value} }`;
        expect(scopeOf(text, row.name), text).toBe('variable.other.property.switch');
        expect(scopeOf(text, value), text).toBe('constant.language.switch');
      }
    }
  });

  it('does not take parts of longer names for words', () => {
    expect(scopeOf('spin_lock_all(a);', 'spin_lock_all')).toBe('entity.name.function.call');
    expect(scopesOf('let reader = 1;')[1]).toEqual(['reader', 'source']);
    expect(scopeOf('x = iffy + forward;', 'iffy')).toBe('source');
  });

  it('ends an expectation, a text and a list of outcomes with their line', () => {
    expect(scopeOf('never oops\ncpu 1 { leak(); }', 'leak')).toBe('entity.name.function.call');
    expect(scopeOf('scenario "open\nfn f(a) {}', 'fn')).toBe('storage.type');
    expect(scopeOf('load(a);  => ok\npanic(1);', 'panic')).toBe('support.function.primitive');
  });
});
