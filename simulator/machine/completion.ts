/**
 * Which DSB follows a TLBI. One that no full DSB follows guarantees nothing, one that only a non-shareable DSB follows is
 * complete for its own CPU only (Arm ARM: completion of TLB maintenance). Where some ways on have such a DSB and others do
 * not (a branch, a fault that ends the task, a handler with a DSB, an interrupt), the machine looks at both.
 */

import { successorsOf } from './code';
import { aroundFault, type CodeIndex, type CpuProgram, type Instruction } from './program';

/** How far a TLBI is completed: not at all, for its own CPU, for all CPUs. */
export const COMPLETED = { NOWHERE: 0, LOCALLY: 1, EVERYWHERE: 2 } as const;

/** What a full DSB completes. */
function completedBy(i: Instruction): number {
  if (i.kind !== 'dsb' || i.type !== 'full' || i.sparesTlbis === true) return COMPLETED.NOWHERE;
  return i.domain === 'nonShareable' ? COMPLETED.LOCALLY : COMPLETED.EVERYWHERE;
}

/** For each code index the DSB that follows on the best way on from it, whatever may fault, and wherever an interrupt comes. */
export function bestCompletion(program: CpuProgram): Uint8Array {
  const rank = new Uint8Array(program.code.length);
  const entries = program.interrupts.flatMap((i) => i.entries);
  const ways = waysOn(program, (_, i) => i.kind === 'access' || i.kind === 'wait').map((on) => [...on, ...entries]);
  settleRanks(program, rank, (ip) => {
    let best = 0;
    for (const s of ways[ip] as readonly CodeIndex[])
      if (s < rank.length) best = Math.max(best, completedBy(program.code[s] as Instruction), rank[s] as number);
    return best;
  });
  return rank;
}

/**
 * The same for the worst way on; `mayFault` says which instructions may fault. A handler of an interrupt that returns takes
 * away no DSB, and one that may end the CPU's program does.
 */
export function worstCompletion(program: CpuProgram, mayFault: (ip: CodeIndex) => boolean): Uint8Array {
  const rank = new Uint8Array(program.code.length).fill(COMPLETED.EVERYWHERE);
  const entries = program.interrupts.flatMap((i) => i.entries);
  const within = waysOn(program, mayFault);
  const ways = mayNotReturn(program, within, entries) ? within.map((on) => [...on, ...entries]) : within;
  settleRanks(program, rank, (ip) => {
    const on = ways[ip] as readonly CodeIndex[];
    let worst: number = on.length === 0 ? COMPLETED.NOWHERE : COMPLETED.EVERYWHERE;
    for (const s of on) {
      const there = s < rank.length ? Math.max(completedBy(program.code[s] as Instruction), rank[s] as number) : 0;
      worst = Math.min(worst, there);
    }
    return worst;
  });
  return rank;
}

function settleRanks(program: CpuProgram, rank: Uint8Array, rankOf: (ip: CodeIndex) => number): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let ip = program.code.length - 1; ip >= 0; ip--) {
      const next = rankOf(ip);
      if (next === rank[ip]) continue;
      rank[ip] = next;
      changed = true;
    }
  }
}

/**
 * Where each instruction may lead, faults that it takes and returns from exceptions included; the code's length is its end.
 * A handler of an interrupt returns to anywhere.
 */
function waysOn(
  program: CpuProgram,
  mayFault: (ip: CodeIndex, i: Instruction) => boolean,
): readonly (readonly CodeIndex[])[] {
  const { code, faults } = program;
  const end = code.length;
  const handlers = faults.kind === 'handler' ? faults.entries : [];
  const faulting = code.map((i, ip) => i.kind === 'svc' || mayFault(ip, i));
  const movesReturn = code.some((i) => i.kind === 'systemRegister' && i.name === 'elr' && i.write !== undefined);
  const interrupting = reachableFrom(
    code.map(successorsOf),
    program.interrupts.flatMap((i) => i.entries),
  );
  const anywhere = [...code.keys(), end];
  const returns = new Set<CodeIndex>();
  code.forEach((i, ip) => {
    if (movesReturn) returns.add(ip);
    if (!faulting[ip]) return;
    returns.add(i.kind === 'svc' ? ip + 1 : aroundFault(i, ip).first);
    if (i.kind === 'access' && i.fixup !== undefined) returns.add(i.fixup);
  });
  return code.map((i, ip) => {
    if (i.kind === 'eret') return interrupting.has(ip) ? anywhere : [...returns];
    if (i.kind === 'end') return [end];
    const on = [...successorsOf(i, ip)];
    if (!faulting[ip]) return on;
    if (i.kind === 'svc' && faults.kind !== 'skip') on.length = 0;
    if (faults.kind === 'fatal') on.push(end);
    if (faults.kind === 'skip') on.push(aroundFault(i, ip).next);
    if (faults.kind === 'retryOnce') on.push(aroundFault(i, ip).first, end);
    return [...on, ...handlers];
  });
}

/** Whether some way on from the entries leads to no return from an exception: the program of the CPU may end there. */
function mayNotReturn(
  { code }: CpuProgram,
  ways: readonly (readonly CodeIndex[])[],
  entries: readonly CodeIndex[],
): boolean {
  const on = ways.map((there, ip) => (code[ip]?.kind === 'eret' ? [] : there));
  const reached = [...reachableFrom(on, entries)];
  return reached.some((ip) => ip >= code.length || (code[ip]?.kind !== 'eret' && on[ip]?.length === 0));
}

function reachableFrom(ways: readonly (readonly CodeIndex[])[], from: readonly CodeIndex[]): ReadonlySet<CodeIndex> {
  const reached = new Set(from);
  for (const ip of reached) for (const next of ways[ip] ?? []) reached.add(next);
  return reached;
}
