/** Holds a programmer to what must hold; user mistakes are data and never come here. */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${why}`);
}
