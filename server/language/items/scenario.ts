/** `scenario "title" { ... }` */

import type { ScenarioMember } from '../ast';
import { beginsOutside } from '../blocks';
import type { Cursor } from '../cursor';
import type { ItemRow } from '../rows';
import { didYouMean, nearest, shown } from '../suggest';
import type { Token } from '../tokens';
import { parseString } from '../words';

export const scenarioRow: ItemRow = {
  keyword: 'scenario',
  kind: 'scenario',
  inScenario: false,
  form: 'scenario "title" { … }',
  doc: 'What runs: CPUs, handlers and expectations, with the items of the file around it. Items inside go before those of the file.',
  snippet: 'scenario "‹title›" {\n\tcpu 0 {\n\t\t‹›\n\t}\n\n\tnever oops\n}',
  example: 'scenario "example" { cpu 0 { r0 = load(V); }  never oops }',
  parse: (c, keyword) => {
    const title = parseString(c, 'The title in quotes');
    const members: ScenarioMember[] = [];
    const what = 'the scenario';
    if (!c.is('{')) {
      c.missing('HVO015', '`{` is missing: what a scenario holds stands in braces.', ['{'], ' {');
      if (!c.hasExtraBrace) return { kind: 'scenario', keyword, title, members, span: c.from(keyword.start) };
    }
    const open = c.is('{') ? c.take() : c.previous;
    c.inBraces(open, () => {
      while (!endsScenario(c, open, what)) {
        const member = c.nested(() => parseMember(c));
        if (member !== undefined) members.push(member);
      }
    });
    return { kind: 'scenario', keyword, title, members, span: c.from(keyword.start) };
  },
};

/** Takes the closing brace, or reports that it is missing or that there is one too many. */
function endsScenario(c: Cursor, open: Token, what: string): boolean {
  if (c.is('}')) {
    if (c.grammar.members.has(c.ahead(1).text) && c.hasExtraBrace) {
      c.reportExtraBrace();
      c.take();
      return false;
    }
    c.take();
    return true;
  }
  const item = c.grammar.items.get(c.token.text);
  const outside =
    c.token.firstOfLine &&
    beginsOutside(c) &&
    item !== undefined &&
    (!item.inScenario || c.indentation(c.token.start) <= c.indentation(open.start));
  if (!c.atEnd && !(outside && c.lacksBrace)) return false;
  c.reportMissingBrace(open, what);
  return true;
}

/** One member; takes at least one token. */
function parseMember(c: Cursor): ScenarioMember | undefined {
  if (c.accept(';')) return undefined;
  const token = c.token;
  c.statementStart = token.start;
  const row = c.grammar.members.get(token.text) ?? itemRow(c, token.text);
  if (row !== undefined) {
    const member = row.parse(c, c.take());
    endLine(c);
    return isMember(member) ? member : { kind: 'bad', span: member.span };
  }
  return parseUnknownMember(c, token);
}

const itemRow = (c: Cursor, keyword: string): ItemRow | undefined => {
  const row = c.grammar.items.get(keyword);
  return row?.inScenario ? row : undefined;
};

const isMember = (node: { readonly kind: string }): node is ScenarioMember =>
  node.kind !== 'scenario' && node.kind !== 'use';

/** Behind a member a new line begins; `;` is tolerated. */
function endLine(c: Cursor): void {
  if (c.accept(';') || c.token.firstOfLine || c.is('}') || c.atEnd || c.token.kind === 'name') return;
  const meant = c.is('=') ? ' A comparison is `==`.' : '';
  c.report(
    'HVO016',
    c.token,
    `${shown(c.token.text)} does not belong here: what stands before it is complete.${meant}`,
  );
  while (!c.atEnd && !c.token.firstOfLine && !c.is('}')) c.skipGroup();
}

function parseUnknownMember(c: Cursor, token: Token): ScenarioMember {
  const start = token.start;
  const known = [
    ...c.grammar.members.keys(),
    ...[...c.grammar.items.values()].filter((r) => r.inScenario).map((r) => r.keyword),
  ];
  if (c.grammar.items.has(token.text)) {
    c.report('HVO016', token, `\`${token.text}\` stands at the top of a file, not in a scenario.`);
    c.grammar.items.get(token.text)?.parse(c, c.take());
    return { kind: 'bad', span: c.from(start) };
  }
  const suggestion = token.kind === 'name' ? nearest(token.text, known) : undefined;
  const next = c.ahead(1);
  const row = suggestion === undefined ? undefined : (c.grammar.members.get(suggestion) ?? itemRow(c, suggestion));
  if (
    row !== undefined &&
    !next.firstOfLine &&
    (next.kind !== 'punctuation' || next.text === '{' || next.text === '!')
  ) {
    const span = { start, end: token.end };
    c.report('HVO014', span, `A scenario has no ${shown(token.text)}.${didYouMean(suggestion)}`, {
      expected: known,
      fix: { title: `Change to \`${row.keyword}\``, edits: [{ span, text: row.keyword }] },
    });
    const member = row.parse(c, c.take());
    return isMember(member) ? member : { kind: 'bad', span: member.span };
  }
  const hint =
    c.grammar.statements.has(token.text) || next.text === '(' || next.text === '='
      ? ' Statements stand in `cpu N { … }`.'
      : '';
  c.report('HVO016', token, `A scenario has no ${shown(token.text)}.${hint}`, { expected: known });
  c.skipGroup();
  while (!c.atEnd && !c.is('}') && !c.token.firstOfLine) c.skipGroup();
  return { kind: 'bad', span: c.from(start) };
}
