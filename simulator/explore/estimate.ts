/**
 * How large an exploration will become, from how it has grown so far. Breadth-first search finds new states for each one
 * that it looks at: many at first, fewer and fewer as more of their successors are known, none at the end. The rate of
 * the last part is drawn on as a straight line until everything known is looked at.
 */

/** So many states have to be looked at before anything is said. */
export const LEAST_LOOKED_AT = 1000;
/**
 * The true number is at most `below` times less and at most `above` times more than the expected one, once a twentieth of the
 * states is looked at. `npm run bench -- --only estimates` measures how often that holds.
 */
export const UNCERTAINTY = { below: 3, above: 9 } as const;

export interface Estimate {
  /** States that are expected in all; absent while no end is in sight. */
  readonly states?: { readonly from: number; readonly to: number };
  /** There are at least so many: they are known already. */
  readonly atLeast: number;
}

interface Point {
  readonly lookedAt: number;
  readonly states: number;
}

/** Points are this factor apart, so that there are few of them however long it takes. */
const SPACING = 1.15;
/** The rate is taken from the points since this part of what was looked at. */
const SINCE = 0.4;

export class Forecast {
  private points: Point[] = [{ lookedAt: 0, states: 1 }];

  /** Call now and then while it goes on: `states` are known, `queued` of them not looked at yet. */
  note(states: number, queued: number): void {
    const lookedAt = states - queued;
    // A pass that was void began again.
    if (lookedAt < this.last.lookedAt) this.points = [{ lookedAt: 0, states: 1 }];
    if (lookedAt >= Math.max(this.last.lookedAt + 16, this.last.lookedAt * SPACING))
      this.points.push({ lookedAt, states });
  }

  estimate(): Estimate {
    const { lookedAt, states } = this.last;
    const expected = this.expected();
    if (expected === undefined || lookedAt < LEAST_LOOKED_AT) return { atLeast: states };
    return {
      atLeast: states,
      states: {
        from: Math.max(states, Math.round(expected / UNCERTAINTY.below)),
        to: Math.round(expected * UNCERTAINTY.above),
      },
    };
  }

  /** The number of states by the straight line alone; undefined where the rate does not fall. */
  expected(): number | undefined {
    const { lookedAt, states } = this.last;
    const recent = this.points.filter((point) => point.lookedAt >= lookedAt * SINCE);
    const rates = recent.slice(1).map((point, i) => {
      const before = recent[i] as Point;
      const looked = point.lookedAt - before.lookedAt;
      return { at: before.lookedAt + looked / 2, rate: (point.states - before.states) / looked, weight: looked };
    });
    if (rates.length < 2) return undefined;
    const { slope, value } = lineThrough(rates, lookedAt);
    // states + value·x + slope·x²/2 = lookedAt + x, where x is what is still to be looked at.
    const queued = states - lookedAt;
    if (queued <= 0) return states;
    const a = slope / 2;
    const b = value - 1;
    if (a >= 0) return b < 0 ? lookedAt - queued / b : undefined;
    return lookedAt + (-b - Math.sqrt(b * b - 4 * a * queued)) / (2 * a);
  }

  private get last(): Point {
    return this.points[this.points.length - 1] as Point;
  }
}

/** The weighted line of least squares: its slope, and its value at a place. */
function lineThrough(
  points: readonly { readonly at: number; readonly rate: number; readonly weight: number }[],
  place: number,
): { readonly slope: number; readonly value: number } {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (const { at, rate, weight } of points) {
    sum += weight;
    sumX += weight * at;
    sumY += weight * rate;
  }
  const [meanX, meanY] = [sumX / sum, sumY / sum];
  let [xx, xy] = [0, 0];
  for (const { at, rate, weight } of points) {
    xx += weight * (at - meanX) ** 2;
    xy += weight * (at - meanX) * (rate - meanY);
  }
  const slope = xx === 0 ? 0 : xy / xx;
  return { slope, value: meanY + slope * (place - meanX) };
}
