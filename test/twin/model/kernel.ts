/** Allocating and freeing pages: steps of their own that happen when everything older is of the past (they have barriers). */

import type { SendInterruptInstruction } from '../../../simulator/machine/program';
import type { Effect } from './effects';
import { push } from './fetch';
import { isOver, type View } from './order';
import { tell } from './outcome';
import { begunSections, noteStep } from './readSections';
import type { TwinState, Word } from './state';
import { hex, overlaps } from './tlb';
import { instructionOf, operandValue } from './values';

export function kernelEffects(v: View): Effect[] {
  const cpu = v.state.cpus[v.cpu]!;
  if (cpu.taking !== null || cpu.window.some((_, k) => !isDone(v, k))) return [];
  const i = v.context.program.cpus[v.cpu]!.code[cpu.pc];
  if (i?.kind === 'allocate')
    return v.state.freePages.map((page) => ({
      name: `allocate ${hex(page)}`,
      apply: (state) => {
        state.freePages = state.freePages.filter((p) => p !== page);
        push(state.cpus[v.cpu]!, state.cpus[v.cpu]!.pc, { known: page });
        goOn(state, v.cpu);
      },
    }));
  if (i?.kind === 'sendInterrupt') return cpu.window.length > 0 ? [] : [sending(v, i)];
  if (i?.kind === 'rcu' && i.operation === 'synchronize') return cpu.window.length > 0 ? [] : gracePeriod(v);
  if (i?.kind !== 'free') return [];
  const page = operandValue(v.context, v.state, v.cpu, cpu.window.length, i.address)!;
  return [
    {
      name: `free ${hex(page)}`,
      apply: (state) => {
        if (state.freePages.includes(page)) tell(state, v.cpu, 'double-free', i.site);
        else state.freePages = [...state.freePages, page].sort((a, b) => a - b);
        if (isReachable(state, page)) tell(state, v.cpu, 'freed-page-reachable', i.site);
        goOn(state, v.cpu);
      },
    },
  ];
}

/** The instruction has happened. Whether a TLBI has is no matter of this: only a DSB waits for that. */
function isDone(v: View, k: number): boolean {
  const instance = v.state.cpus[v.cpu]!.window[k]!;
  const isTlbi = !instance.synchronises && instructionOf(v.context, v.cpu, instance).kind === 'tlbi';
  return isTlbi || isOver(v, k);
}

function goOn(state: TwinState, t: number): void {
  noteStep(state.cpus[t]!);
  state.cpus[t]!.pc++;
  // The kernel's function has exclusives of its own.
  state.cpus[t]!.reservation = null;
  state.cpus[t]!.undisturbed = false;
}

function sending(v: View, i: SendInterruptInstruction): Effect {
  return {
    name: 'send an interrupt',
    apply: (state) => {
      state.cpus.forEach((cpu, u) => {
        const hasHandler = i.interrupt < v.context.program.cpus[u]!.interrupts.length;
        if (u === v.cpu || (i.cpu !== undefined && i.cpu !== u) || !hasHandler) return;
        cpu.pending = [...new Set([...cpu.pending, i.interrupt])].sort();
      });
      goOn(state, v.cpu);
    },
  };
}

function gracePeriod(v: View): Effect[] {
  const { grace } = v.state.cpus[v.cpu]!;
  if (grace === null)
    return [
      {
        name: 'a grace period begins',
        apply: (state) => {
          const own = state.cpus[v.cpu]!;
          noteStep(own);
          // Who waits for a section of its own waits for ever.
          own.grace = state.cpus.map((cpu) => (cpu === own ? Math.min(1, own.masks.rcu) : begunSections(cpu)));
        },
      },
    ];
  if (grace.some((sections) => sections > 0)) return [];
  return [
    {
      name: 'the grace period ends',
      apply: (state) => {
        state.cpus[v.cpu]!.grace = null;
        goOn(state, v.cpu);
      },
    },
  ];
}

/** Some TLB holds a translation to the page, or goes by the table in it. */
function isReachable(state: TwinState, page: Word): boolean {
  return state.cpus.some((cpu) =>
    cpu.tlb.some((e) =>
      overlaps({ base: page, bytes: 4096 }, { base: e.output, bytes: e.kind === 'table' ? 4096 : e.bytes }),
    ),
  );
}
