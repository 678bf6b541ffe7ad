/** Parameters and locals: where they are known, and what they hide. */

import type { Identifier } from '../ast';
import type { Resolver, Scope } from './resolver';
import type { DeclaredSymbol, SymbolKind } from './symbol';

export function scopeIn(outer: Scope | undefined, end: number): Scope {
  return { names: new Map(), outer, end };
}

/** Declares a parameter or a local; its name is known from its declaration to the end of its block. */
export function declareLocal(
  r: Resolver,
  scope: Scope,
  kind: SymbolKind,
  name: Identifier,
  extent: { start: number; end: number },
): void {
  if (name.name === '') return;
  const known = { start: name.span.start, end: scope.end };
  const symbol: DeclaredSymbol = {
    kind,
    name: name.name,
    uri: r.source.uri,
    span: name.span,
    extent,
    known,
    ofScenario: false,
  };
  const earlier = scope.names.get(name.name);
  if (earlier !== undefined) {
    r.say(
      'HVO037',
      name.span,
      `\`${name.name}\` is declared in this block already; \`${name.name} = value\` assigns it.`,
      {
        related: [{ span: earlier.span, message: 'declared here' }],
      },
    );
  } else {
    warnOfShadow(r, scope, symbol);
  }
  scope.names.set(name.name, symbol);
  r.inner.push(symbol);
  r.noteSymbol(name.span, symbol, 'declaration');
}

/** A local that hides something of the same file is legal and often a mistake. */
function warnOfShadow(r: Resolver, scope: Scope, symbol: DeclaredSymbol): void {
  const hidden = r.local(scope.outer, symbol.name) ?? r.item(symbol.name);
  if (hidden === undefined || hidden.uri !== r.source.uri || hidden.kind === 'fn') return;
  r.say('HVO041', symbol.span, `\`${symbol.name}\` hides the ${wordFor(hidden.kind)} of the same name.`, {
    severity: 'warning',
    related: [{ span: hidden.span, message: 'hidden here' }],
  });
}

export const wordFor = (kind: SymbolKind): string =>
  ({
    hugepage: 'huge page',
    page: 'page',
    lock: 'lock',
    var: 'variable',
    const: 'constant',
    fn: 'function',
    scenario: 'scenario',
    interrupt: 'handler',
    parameter: 'parameter',
    local: 'local',
    register: 'register',
  })[kind];
