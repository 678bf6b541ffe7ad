/** Makes the lines of an execution from what happened in it, one after the other. */

import type { Wait } from '../../simulator/explore/deadlock';
import type { Snapshot } from '../../simulator/explore/snapshot';
import type { Happening, Trace } from '../../simulator/explore/trace';
import type { Event } from '../../simulator/machine/events';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { descriptorName } from './addressNames';
import { eventText, faultName } from './eventText';
import { placeOfUser } from './places';
import { stepText, valueText } from './stepText';
import { type Change, changesBetween, staleHolders, valueChange } from './tableChanges';

/** A line while it is made. */
export interface Line {
  readonly column: number;
  text: string;
  readonly depth: number;
  readonly site?: number;
  readonly happening?: Happening;
  readonly notes: string[];
  readonly changes: string[];
  matters: boolean;
}

export class LineMaker {
  readonly lines: Line[] = [];
  /** For each CPU the exceptions that it is in, and how often that has changed. */
  private readonly depth: number[];
  private readonly epoch: number[];
  /** For each instruction in flight the depth and the epoch in which it was fetched, by `keyOf`. */
  private readonly fetched = new Map<string, { readonly depth: number; readonly epoch: number }>();
  /** Marks of interrupts that no line of their handler has followed yet: what is older may still take effect. */
  private readonly marks: { readonly line: Line; readonly epoch: number }[] = [];
  /** TLBIs that took effect, so that their end is no line again. */
  private readonly invalidated = new Set<string>();
  /** What memory holds, of the words that change. */
  private readonly memory = new Map<bigint, bigint>();

  constructor(
    private readonly scenario: ElaboratedScenario,
    { initial, happened }: Trace,
  ) {
    this.depth = scenario.world.cpuNumbers.map(() => 0);
    this.epoch = scenario.world.cpuNumbers.map(() => 0);
    for (const { physicalAddress, value } of [...initial.words, ...initial.descriptors])
      this.memory.set(physicalAddress, value);
    // What is done before the first choice is in the first snapshot already.
    for (const { what, word } of happened)
      if (what === 'write' && word !== undefined && this.memory.has(word))
        this.memory.set(word, scenario.program.initialWord(word));
  }

  /** What one choice brought about, and what changed by it. */
  step(happened: readonly Happening[], before: Snapshot, after: Snapshot): void {
    const first = this.lines.length;
    for (const happening of happened) this.happening(happening, after);
    const own = this.lines.slice(first);
    for (const entry of after.descriptors) {
      const line = own.findLast((one) => isWrite(one.happening) && one.happening?.word === entry.physicalAddress);
      line?.changes.push(...staleHolders(this.scenario.world, entry));
    }
    for (const change of changesBetween(this.scenario.world, before, after))
      (own.findLast((one) => causes(one.happening, change)) ?? own.at(-1))?.changes.push(...change.lines);
  }

  hardware(): void {
    const text = 'the hardware sets the access flag';
    this.lines.push({ column: -1, text, depth: 0, notes: [], changes: [], matters: true });
  }

  /** A CPU that waits for ever, at the end. */
  wait({ cpu, at, lock }: Wait): void {
    const instruction = this.scenario.program.cpus[cpu]?.code[at];
    if (instruction === undefined) return;
    this.statement({ what: 'fetch', cpu, at, instruction }, true);
    if (lock === undefined) this.note('waits for ever');
  }

  private happening(h: Happening, after: Snapshot): void {
    switch (h.what) {
      case 'fetch':
        this.fetched.set(keyOf(h), { depth: this.depthOf(h.cpu), epoch: this.epochOf(h.cpu) });
        if (h.lasts === false) this.executed(h);
        return;
      case 'end':
        this.ended(h);
        return;
      case 'tlbi':
        this.invalidated.add(keyOf(h));
        this.statement(h, true);
        return;
      case 'acquire':
      case 'release':
        this.statement(h, true);
        return;
      case 'translate':
        if (h.word !== undefined) this.statement(h, h.stale === true);
        if (h.stale === true) this.note('by a translation that is no longer in memory');
        return;
      case 'read':
      case 'write':
      case 'update':
        this.touched(h, after);
        return;
      case 'exception':
        this.statement(h, true);
        this.add(h.cpu, `<Data abort: ${faultName(this.scenario, h.value ?? 0n)}>`, true, h);
        this.enter(h.cpu, 1);
        return;
      case 'interrupt': {
        const text = h.name ? `<Interrupt ${h.name}>` : '<Interrupt>';
        const line = { column: h.cpu, text, depth: this.depthOf(h.cpu), notes: [], changes: [], matters: true };
        this.enter(h.cpu, 1);
        this.marks.push({ line, epoch: this.epochOf(h.cpu) });
        return;
      }
      case 'return':
        this.enter(h.cpu, -1);
        return;
      case 'event':
        if (h.event !== undefined) this.event(h.event);
        return;
    }
  }

  /** Instructions that are done as soon as they are fetched. */
  private executed(h: Happening): void {
    switch (h.instruction?.kind) {
      case 'dsb':
        this.statement(h, !this.repeats(h));
        return;
      case 'mask':
        this.statement(h, !this.isOfFaultPath(h));
        return;
      case 'allocate':
      case 'free':
      case 'sendInterrupt':
      case 'rcu':
        this.statement(h, true);
        return;
      case 'dmb':
      case 'isb':
        this.statement(h, false);
        return;
      default:
        return;
    }
  }

  private ended(h: Happening): void {
    switch (h.instruction?.kind) {
      case 'dsb':
        this.statement(h, !this.repeats(h));
        return;
      case 'dmb':
      case 'isb':
        this.statement(h, false);
        return;
      case 'tlbi':
        if (!this.invalidated.delete(keyOf(h))) this.statement(h, false);
        return;
      default:
        return;
    }
  }

  /** A barrier behind stores that nobody looks at, after another one like it: a loop that fills a table. */
  private repeats({ cpu, instruction }: Happening): boolean {
    if (instruction === undefined) return false;
    const before = this.lines.findLast((one) => one.column === cpu && (one.matters || one.happening === undefined));
    return before !== undefined && before.site !== undefined && before.text === stepText(this.scenario, instruction);
  }

  private touched(h: Happening, after: Snapshot): void {
    const { word, value } = h;
    const old = word === undefined ? undefined : this.memory.get(word);
    const isShared = old !== undefined;
    const last = this.lines.at(-1);
    const goesOn = last?.happening?.what === 'read' && h.what === 'write' && keyOf(last.happening) === keyOf(h);
    if (goesOn) last.matters ||= isShared;
    else this.statement(h, isShared || this.isOfUser(h));
    if (word === undefined || value === undefined || old === undefined) return;
    if (h.what === 'read') this.note(`reads ${this.valueIn(after, word, value)}`);
    else if (old !== value) {
      this.memory.set(word, value);
      this.lines.at(-1)?.changes.push(...valueChange(this.scenario.world, after, word, old, value));
    }
  }

  /** A value with its meaning when the word is a descriptor. */
  private valueIn({ descriptors }: Snapshot, word: bigint, value: bigint): string {
    const place = descriptors.find((one) => one.physicalAddress === word)?.places[0];
    if (place === undefined) return valueText(value);
    return `${valueText(value)} (${descriptorName(this.scenario.world, place.level, value)})`;
  }

  /** What stands in a file of the user is always worth a line. */
  private isOfUser({ instruction }: Happening): boolean {
    return instruction !== undefined && this.scenario.sites[instruction.site]?.source.origin === 'user';
  }

  /** How the kernel masks interrupts while it handles a fault says nothing about the protocol. */
  private isOfFaultPath({ instruction }: Happening): boolean {
    const info = instruction === undefined ? undefined : this.scenario.sites[instruction.site];
    return info !== undefined && placeOfUser(info) === undefined;
  }

  private depthOf(cpu: number): number {
    return this.depth[cpu] ?? 0;
  }

  private epochOf(cpu: number): number {
    return this.epoch[cpu] ?? 0;
  }

  private enter(cpu: number, levels: 1 | -1): void {
    this.depth[cpu] = Math.max(0, this.depthOf(cpu) + levels);
    this.epoch[cpu] = this.epochOf(cpu) + 1;
  }

  /** The marks of a CPU up to an epoch become lines. */
  private mark(cpu: number, epoch: number): void {
    const due = this.marks.filter((one) => one.line.column === cpu && one.epoch <= epoch);
    for (const one of due) {
      this.lines.push(one.line);
      this.marks.splice(this.marks.indexOf(one), 1);
    }
  }

  private statement(h: Happening, matters: boolean): void {
    if (h.instruction !== undefined) this.add(h.cpu, stepText(this.scenario, h.instruction), matters, h);
  }

  private add(column: number, text: string, matters: boolean, happening: Happening): void {
    const site = happening.instruction?.site;
    const { depth, epoch } = this.fetched.get(keyOf(happening)) ?? {
      depth: this.depthOf(column),
      epoch: this.epochOf(column),
    };
    this.mark(column, epoch);
    this.lines.push({
      column,
      text,
      depth,
      ...(site === undefined ? {} : { site }),
      happening,
      notes: [],
      changes: [],
      matters,
    });
  }

  private note(text: string): void {
    const notes = this.lines.at(-1)?.notes;
    if (notes !== undefined && !notes.includes(text)) notes.push(text);
  }

  private event(event: Event): void {
    const isPlain = event.outcome === 'ok' || event.outcome === 'supervisor-call' || event.outcome.endsWith('-fault');
    if (event.kind === 'access' && isPlain) return;
    const text = `*** ${eventText(this.scenario, event)} ***`;
    // A finding belongs to the line of the step that it is about; a report is a line of its own.
    const line = this.lines.findLast((one) => one.column === event.cpu && one.site === event.site);
    if (line !== undefined && event.kind !== 'report') {
      if (!line.notes.includes(text)) line.notes.push(text);
      return;
    }
    const { cpu: column, site } = event;
    this.mark(column, this.epochOf(column));
    this.lines.push({ column, text, depth: this.depthOf(column), site, notes: [], changes: [], matters: true });
  }

  /** A translation is only worth a line when somebody else did something between it and its use. */
  finish(): void {
    for (const { line } of this.marks) this.lines.push(line);
    this.lines.forEach((line, i) => {
      const h = line.happening;
      if (h?.what !== 'translate') return;
      const key = keyOf(h);
      const rest = this.lines.slice(i + 1);
      const use = rest.findIndex(({ happening }) => happening !== undefined && keyOf(happening) === key);
      const between = use < 0 ? rest : rest.slice(0, use);
      if (between.some((other) => other.matters && other.column !== line.column)) line.matters = true;
      else if (!line.matters) return;
      line.text = `walk for ${line.text}`;
    });
  }
}

function isWrite(h: Happening | undefined): boolean {
  return h?.what === 'write' || h?.what === 'update';
}

/** Whether a change comes from this: a TLB loses entries by a TLBI, a page changes hands by its allocation or release. */
function causes(h: Happening | undefined, { kind }: Change): boolean {
  if (h === undefined) return false;
  if (kind === 'tlb') return h.what === 'tlbi';
  return kind === 'page' && (h.instruction?.kind === 'allocate' || h.instruction?.kind === 'free');
}

function keyOf(h: Happening): string {
  return `${h.cpu} ${h.at}`;
}
