/** Promela expressions over numbered values. */

/** Conditions all of which hold. */
export function all(conditions: readonly string[]): string {
  const real = [...new Set(conditions)].filter((one) => one !== 'true');
  if (real.includes('false')) return 'false';
  return real.length === 0 ? 'true' : real.length === 1 ? (real[0] as string) : `(${real.join(' && ')})`;
}

/** Conditions one of which holds. */
export function any(conditions: readonly string[]): string {
  const real = [...new Set(conditions)].filter((one) => one !== 'false');
  if (real.includes('true')) return 'true';
  return real.length === 0 ? 'false' : real.length === 1 ? (real[0] as string) : `(${real.join(' || ')})`;
}

export function not(condition: string): string {
  if (condition === 'true') return 'false';
  return condition === 'false' ? 'true' : `!(${condition})`;
}

export interface Case {
  readonly condition: string;
  readonly result: string;
}

/** The result of the case that holds; exactly one does. Cases with one result are one, and the last is the `else`. */
export function choose(cases: readonly Case[]): string {
  const byResult = new Map<string, string[]>();
  for (const { condition, result } of cases) byResult.set(result, [...(byResult.get(result) ?? []), condition]);
  const groups = [...byResult].sort((a, b) => a[1].length - b[1].length);
  const [otherwise] = groups.pop() ?? ['0'];
  return groups.reduceRight((rest, [result, conditions]) => `(${any(conditions)} -> ${result} : ${rest})`, otherwise);
}

export function equals(text: string, value: number): string {
  return `${text} == ${value}`;
}
