/** What is to be expected of an exploration that goes on, in words: states and seconds, never without their uncertainty. */

import type { Estimate } from '../../simulator/explore/estimate';

export interface SoFar {
  readonly states: number;
  readonly queued: number;
  readonly milliseconds: number;
}

export interface Bounds {
  readonly states: number;
  readonly milliseconds: number;
}

/** `about 2 to 8 million states in all, 10 s to 40 s more`; what helps where a bound will be hit first. */
export function forecastText(estimate: Estimate, soFar: SoFar, bounds: Bounds): string {
  if (estimate.states === undefined)
    return isFarOn(soFar, bounds) ? `no end in sight yet. ${knobs}` : 'no end in sight yet';
  const { from, to } = estimate.states;
  const lookedAt = soFar.states - soFar.queued;
  const secondsFor = (states: number) =>
    ((Math.max(0, states - lookedAt) / Math.max(1, lookedAt)) * soFar.milliseconds) / 1000;
  const text = `about ${range(from, to)} states in all, ${seconds(secondsFor(from))} to ${seconds(secondsFor(to))} more`;
  const isTooMuch = from > bounds.states || soFar.milliseconds / 1000 + secondsFor(from) > bounds.milliseconds / 1000;
  return isTooMuch ? `${text}: beyond the bound. ${knobs}` : text;
}

/** Whether a good part of what it may take is used up. */
function isFarOn({ states, milliseconds }: SoFar, bounds: Bounds): boolean {
  return states > bounds.states / 4 || milliseconds > bounds.milliseconds / 4;
}

/** What makes an exploration smaller, or its bound larger. */
export const knobs =
  'Fewer CPUs, pages or accesses help most, then equal CPUs written as one range (`cpu 1..3`), which count once; or raise the bound';

/** `1,200 to 34,000`, `2 to 8 million`. */
function range(from: number, to: number): string {
  if (from >= 1e6) return `${short(from / 1e6)} to ${short(to / 1e6)} million`;
  return `${rounded(from)} to ${to >= 1e6 ? `${short(to / 1e6)} million` : rounded(to)}`;
}

function short(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : rounded(value);
}

/** Two digits count, for more are not known. */
function rounded(value: number): string {
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return String(Math.round(value / digits) * digits).replace(/\B(?=(\d{3})+$)/g, ',');
}

function seconds(value: number): string {
  if (value < 1) return 'less than 1 s';
  return value < 120 ? `${rounded(value)} s` : `${rounded(value / 60)} min`;
}
