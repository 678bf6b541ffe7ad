/** What a job costs under an approach: its program is executed once, in order, and what it does is counted. */

import { pageBytes } from '../../simulator/machine/granule';
import { structPageBytes } from '../../simulator/machine/vmemmapLayout';
import { Run, type RunResult } from '../../simulator/run/run';
import { elaborate } from '../language/elaborate/elaborate';
import type { Source } from '../language/elaborate/source';
import { usedFiles } from '../language/used';
import type { OpenUsed } from '../verdict/fileCheck';

export interface Cost {
  /** Broadcast TLBIs, DSBs and ISBs that were executed, on all CPUs. */
  readonly tlbis: number;
  readonly dsbs: number;
  readonly isbs: number;
  /** Interrupts that other CPUs were sent. */
  readonly ipis: number;
  /** Live entries that were broken, and those that were changed in place. */
  readonly windows: number;
  readonly inPlace: number;
  /** Blocks that became tables. */
  readonly splits: number;
  /** Instructions between the store that breaks an entry and the one that makes it, at most. */
  readonly longestWindow: number;
  /** Bytes of memory whose struct pages were behind broken entries at one moment, at most. */
  readonly hiddenBytes: number;
  /** Instructions that were executed while other CPUs stood still, at most. */
  readonly longestStop: number;
  readonly locks: number;
  /** Pages that were freed, and those that were allocated (tables, copies). */
  readonly freed: number;
  readonly allocated: number;
  /** Of all CPUs. */
  readonly instructions: number;
}

export interface CostOptions {
  readonly maxInstructions: number;
}

export interface CostRun {
  /** Executes up to so many more instructions; true when it is over. */
  advance(budget: number): boolean;
  /** The counts, or why there are none. */
  result(): { readonly cost: Cost } | { readonly problem: string };
}

/** Begins the execution of one scenario of a file, with an approach in front of what the file uses. */
export function startCost(
  main: Source,
  approach: Source,
  open: OpenUsed,
  scenario: string,
  options: CostOptions,
): CostRun {
  const { sources } = usedFiles(main, open, [approach]);
  const { scenarios, diagnostics } = elaborate(main, {
    used: sources as readonly Source[],
    only: ({ title }) => title.value === scenario,
    oneRun: true,
  });
  const error = diagnostics.find((one) => one.severity === 'error');
  const elaborated = scenarios[0];
  if (error !== undefined || elaborated === undefined || !elaborated.isUsable) {
    const problem = error === undefined ? 'its text has mistakes' : `${error.source.uri}: ${error.message}`;
    return { advance: () => true, result: () => ({ problem }) };
  }
  const { granule } = elaborated.world.environment.configuration;
  const run = new Run(elaborated.program, { maxInstructions: options.maxInstructions });
  return {
    advance: (budget) => run.advance(budget),
    result: () => {
      const result = run.result();
      const problem = problemOf(result, options);
      if (problem !== undefined) return { problem };
      return { cost: costOf(result, Number(pageBytes(granule) / structPageBytes)) };
    },
  };
}

/** `bytesPerByte`: memory that a byte of vmemmap describes. */
function costOf(result: RunResult, bytesPerByte: number): Cost {
  const { windows } = result;
  return {
    tlbis: result.tlbis,
    dsbs: result.dsbs,
    isbs: result.isbs,
    ipis: result.interrupts,
    windows: windows.count,
    inPlace: windows.inPlace,
    splits: windows.splits,
    longestWindow: windows.longest,
    hiddenBytes: Number(windows.hidden) * bytesPerByte,
    longestStop: result.longestStop,
    locks: result.locks,
    freed: result.freed,
    allocated: result.allocated,
    instructions: result.instructions,
  };
}

function problemOf({ end, reported, instructions }: RunResult, { maxInstructions }: CostOptions): string | undefined {
  const last = reported.at(-1);
  switch (end) {
    case 'done':
      return reported.length === 0 ? undefined : `it reports ${reported.join(', ')}`;
    case 'oops':
    case 'panic':
      return `it ends with ${last ?? end}`;
    case 'waits':
      return 'some CPU waits for ever';
    case 'instructions':
      return `cut at ${Math.min(instructions, maxInstructions).toLocaleString('en-US')} instructions`;
  }
}
