/** Snippets of the tables in the form that editors take. */

/**
 * `‹name›` becomes a place to fill (the same number for the same name), `‹a|b›` a choice, `‹…›` an empty place of its
 * own, `‹›` where the cursor ends.
 */
export function editorSnippet(template: string): string {
  const numbers = new Map<string, number>();
  let count = 0;
  const literal = template.replace(/[$\\]/g, '\\$&');
  return literal.replace(/‹([^›]*)›/g, (_, inside: string) => {
    if (inside === '') return '$0';
    if (inside === '…') return `$${++count}`;
    const known = numbers.get(inside);
    const number = known ?? ++count;
    numbers.set(inside, number);
    if (inside.includes('|')) return `\${${number}|${inside.replaceAll('|', ',')}|}`;
    return `\${${number}:${inside.replace(/[}]/g, '\\$&')}}`;
  });
}

/** The same as plain text, for editors without snippets. */
export function plainSnippet(template: string): string {
  return template.replace(/‹([^›]*)›/g, (_, inside: string) => (inside === '…' ? '' : (inside.split('|')[0] ?? '')));
}
