/** Names in statements. */

import type { Block, Expression, Statement } from '../ast';
import { resolveAssign, resolveLet } from './assignments';
import { resolveBareValue } from './bareValues';
import { resolveExpression } from './expressions';
import { scopeIn } from './locals';
import type { Place, Resolver } from './resolver';
import { checkTruth } from './sharedWords';
import { checkOutcomeWord } from './wordArguments';

export function resolveBlock(r: Resolver, place: Place, block: Block): void {
  const inner: Place = { ...place, scope: scopeIn(place.scope, block.span.end) };
  for (const statement of block.statements) resolveStatement(r, inner, statement);
}

function resolveStatement(r: Resolver, place: Place, node: Statement): void {
  resolveParts(r, place, node);
  for (const { outcome } of node.expected?.outcomes ?? []) checkOutcomeWord(r, outcome.word, outcome.span);
}

function resolveParts(r: Resolver, place: Place, node: Statement): void {
  switch (node.kind) {
    case 'let':
      resolveLet(r, place, node);
      return;
    case 'assign':
      resolveAssign(r, place, node, false);
      return;
    case 'call':
      resolveBareValue(r, place, node.expression);
      return;
    case 'if':
      resolveCondition(r, place, node.condition);
      resolveBlock(r, place, node.then);
      if (node.otherwise !== undefined) resolveBlock(r, place, node.otherwise);
      return;
    case 'while':
      resolveCondition(r, place, node.condition);
      resolveBlock(r, inLoop(place), node.body);
      return;
    case 'for': {
      const head: Place = { ...place, scope: scopeIn(place.scope, node.span.end) };
      if (node.initial?.kind === 'let') resolveLet(r, head, node.initial);
      else if (node.initial !== undefined) resolveAssign(r, head, node.initial, true);
      if (node.condition !== undefined) resolveCondition(r, head, node.condition);
      if (node.step !== undefined) resolveAssign(r, head, node.step, false);
      resolveBlock(r, inLoop(head), node.body);
      return;
    }
    case 'repeat':
      resolveExpression(r, place, node.count);
      resolveBlock(r, inLoop(place), node.body);
      return;
    case 'loop':
      resolveBlock(r, inLoop(place), node.body);
      return;
    case 'choose':
      for (const branch of node.branches) resolveBlock(r, place, branch);
      return;
    case 'switch':
      resolveExpression(r, place, node.value);
      for (const { labels, body } of node.cases) {
        for (const label of labels) if (label.value !== undefined) resolveExpression(r, place, label.value);
        resolveBlock(r, { ...place, switches: place.switches + 1 }, body);
      }
      return;
    case 'region':
    case 'block':
      resolveBlock(r, place, node.body);
      return;
    case 'return':
      if (node.value !== undefined) resolveExpression(r, place, node.value);
      return;
    case 'break':
      if (place.loops + place.switches === 0)
        r.say('HVO042', node.span, '`break` leaves a loop or a `switch`; there is none around it.');
      return;
    case 'continue':
      if (place.loops === 0) r.say('HVO042', node.span, '`continue` goes on with a loop; there is none around it.');
      return;
    case 'bad':
  }
}

function resolveCondition(r: Resolver, place: Place, condition: Expression): void {
  resolveExpression(r, place, condition);
  checkTruth(r, place, condition);
}

const inLoop = (place: Place): Place => ({ ...place, loops: place.loops + 1 });
