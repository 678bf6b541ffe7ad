import { describe, expect, it } from 'vitest';
import { forecastText } from '../../server/verdict/forecastText';
import { Forecast, LEAST_LOOKED_AT, UNCERTAINTY } from '../../simulator/explore/estimate';

/** A search whose rate of new states falls in a straight line from `first` to where `all` states are known. */
function searched(all: number, first: number, until: number): Forecast {
  const forecast = new Forecast();
  // states(x) = first·x - c·x²/2 is x at x = all.
  const c = (2 * (first - 1)) / all;
  for (let x = 20; x <= until; x += 20) {
    const states = first * x - (c * x * x) / 2;
    forecast.note(states, states - x);
  }
  return forecast;
}

describe('what is expected of an exploration', () => {
  it('is where its rate of new states leads', () => {
    for (const part of [0.1, 0.3, 0.7]) {
      const expected = searched(100_000, 2.5, 100_000 * part).expected() ?? 0;
      expect(expected / 100_000).toBeGreaterThan(0.9);
      expect(expected / 100_000).toBeLessThan(1.1);
    }
  });

  it('is told as a range, and never below what is known', () => {
    const { states, atLeast } = searched(100_000, 2.5, 30_000).estimate();
    expect(states?.from).toBeGreaterThanOrEqual(atLeast);
    expect((states?.to ?? 0) / (states?.from ?? 1)).toBeGreaterThan(UNCERTAINTY.above);
  });

  it('is nothing while the rate grows, or while too little was looked at', () => {
    const growing = new Forecast();
    for (let x = 100; x < 5000; x += 100) growing.note(2 * x + x * x * 0.001, x + x * x * 0.001);
    expect(growing.estimate().states).toBeUndefined();
    expect(searched(100_000, 2.5, LEAST_LOOKED_AT / 2).estimate().states).toBeUndefined();
  });

  it('begins again with a pass that begins again', () => {
    const forecast = searched(100_000, 2.5, 30_000);
    forecast.note(10, 5);
    expect(forecast.estimate().states).toBeUndefined();
  });

  it('says in words what to expect, and what helps when that is too much', () => {
    const soFar = { states: 50_000, queued: 10_000, milliseconds: 4_000 };
    const estimate = { atLeast: 50_000, states: { from: 1_234_567, to: 7_999_999 } };
    expect(forecastText(estimate, soFar, { states: 1e9, milliseconds: 1e9 })).toBe(
      'about 1.2 to 8 million states in all, 120 s to 13 min more',
    );
    expect(forecastText(estimate, soFar, { states: 1e6, milliseconds: 1e9 })).toContain('beyond the bound. Fewer CPUs');
    const unknown = { atLeast: soFar.states };
    expect(forecastText(unknown, soFar, { states: 1e9, milliseconds: 1e9 })).toBe('no end in sight yet');
    expect(forecastText(unknown, soFar, { states: soFar.states * 2, milliseconds: 1e9 })).toContain('yet. Fewer CPUs');
    expect(forecastText({ atLeast: 5 }, soFar, { states: 1e6, milliseconds: 1e9 })).toBe('no end in sight yet');
  });
});
