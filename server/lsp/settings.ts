/** The user's settings as the server reads them; an editor that has none of them gets package.json's defaults. */

import type { Settings } from './protocol';

export const defaultSettings: Settings = {
  outcomes: { enabled: true, accesses: true, barriers: true, gutter: true },
  lenses: { enabled: true },
  explore: { whileTyping: true },
  maxStates: 1_000_000,
  timeoutSeconds: 30,
};

/** Takes what is there and well formed of the section `hvo`; everything else keeps its default. */
export function readSettings(given: unknown): Settings {
  const outcomes = member(given, 'outcomes');
  const { enabled, accesses, barriers, gutter } = defaultSettings.outcomes;
  return {
    outcomes: {
      enabled: flag(member(outcomes, 'enabled'), enabled),
      accesses: flag(member(outcomes, 'accesses'), accesses),
      barriers: flag(member(outcomes, 'barriers'), barriers),
      gutter: flag(member(outcomes, 'gutter'), gutter),
    },
    lenses: { enabled: flag(member(member(given, 'lenses'), 'enabled'), defaultSettings.lenses.enabled) },
    explore: {
      whileTyping: flag(member(member(given, 'explore'), 'whileTyping'), defaultSettings.explore.whileTyping),
    },
    maxStates: atLeast(member(given, 'maxStates'), 1000, defaultSettings.maxStates),
    timeoutSeconds: atLeast(member(given, 'timeoutSeconds'), 1, defaultSettings.timeoutSeconds),
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === 'boolean' ? value : otherwise;
}

function atLeast(value: unknown, minimum: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(minimum, value) : otherwise;
}
