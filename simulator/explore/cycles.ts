/** Strongly connected sets of vertices, and sets that are joined step by step. */

/** The strongly connected sets of a graph in which one can go round: those with more than one vertex, or with a loop. */
export function cyclesIn(
  vertices: readonly number[],
  successors: (vertex: number) => readonly number[],
): readonly (readonly number[])[] {
  const inside = new Set(vertices);
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const open = new Set<number>();
  const stack: number[] = [];
  const found: number[][] = [];
  // Tarjan's algorithm, with the path to the vertex in hand as a list.
  for (const root of vertices) {
    if (order.has(root)) continue;
    const path: { readonly vertex: number; readonly next: Iterator<number> }[] = [];
    const enter = (vertex: number): void => {
      order.set(vertex, order.size);
      low.set(vertex, order.get(vertex) as number);
      stack.push(vertex);
      open.add(vertex);
      path.push({ vertex, next: successors(vertex)[Symbol.iterator]() });
    };
    enter(root);
    for (let here = path[path.length - 1]; here !== undefined; here = path[path.length - 1]) {
      const { vertex, next } = here;
      const step = next.next();
      if (step.done !== true) {
        const to = step.value;
        if (!inside.has(to)) continue;
        if (!order.has(to)) enter(to);
        else if (open.has(to)) low.set(vertex, Math.min(low.get(vertex) as number, order.get(to) as number));
        continue;
      }
      path.pop();
      const above = path[path.length - 1];
      if (above !== undefined)
        low.set(above.vertex, Math.min(low.get(above.vertex) as number, low.get(vertex) as number));
      if (low.get(vertex) !== order.get(vertex)) continue;
      const set = stack.splice(stack.lastIndexOf(vertex));
      for (const member of set) open.delete(member);
      if (set.length > 1 || successors(vertex).includes(vertex)) found.push(set);
    }
  }
  return found;
}

/** Numbers 0 to `size` - 1, each in a set of its own until sets are joined. */
export function component(size: number): {
  readonly join: (a: number, b: number) => void;
  /** The number that stands for the set of a number. */
  readonly of: (a: number) => number;
} {
  const parent = Int32Array.from({ length: size }, (_, i) => i);
  const of = (a: number): number => {
    let at = a;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  return {
    of,
    join: (a, b) => {
      parent[of(a)] = of(b);
    },
  };
}
