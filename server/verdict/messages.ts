/** What a finding says: what is wrong, why it matters, what to do; in the words of the kernel and the architecture. */

import type { Deadlock, Wait } from '../../simulator/explore/deadlock';
import type { Snapshot } from '../../simulator/explore/snapshot';
import type { Trace } from '../../simulator/explore/trace';
import { decodeDescriptor } from '../../simulator/machine/descriptor';
import { classifyChange } from '../../simulator/machine/descriptorChange';
import type { Event } from '../../simulator/machine/events';
import { entrySpan, type Level } from '../../simulator/machine/granule';
import { bitNames } from '../../simulator/machine/undoneBits';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { SiteInfo } from '../language/elaborate/sites';
import { addressName, descriptorName, entryName, formatOf, hex, wordName } from './addressNames';
import { counted } from './counts';
import { faultName } from './eventText';
import type { MissingSteps } from './missingSteps';
import { placeOfSite, shortPlace } from './places';
import { readerSectionText } from './readerSection';
import { staleLookText } from './staleLook';
import { lockName } from './stepText';
import { cpuList } from './tableChanges';
import { wordOfEvent } from './vocabulary';

/** What an entry maps: from a virtual address on, what one entry of its level does. */
interface EntryPlace {
  readonly level: number;
  readonly base: bigint;
}

/** An event, and the execution that ends with it. */
export interface Told {
  readonly scenario: ElaboratedScenario;
  readonly event: Event;
  readonly trace: Trace;
  /** Steps that the CPU left out, where that is what the event is about. */
  readonly missing: MissingSteps | undefined;
}

export function eventMessage(told: Told): string {
  const { scenario, event } = told;
  const { world } = scenario;
  const cpu = cpuName(scenario, event.cpu);
  const where = event.address === undefined ? 'memory' : addressName(world, event.address);
  switch (event.outcome) {
    case 'oops-paging':
      if (meetsNoTranslation(told))
        return `Unable to handle kernel paging request: ${cpu} accesses ${where}, and its entry is a block with nT set, which a walk may take for invalid (Arm ARM RKFLJB)${faultOf(told)}. FEAT_BBM level 1 spares the break of the entry, not the fault of who comes meanwhile: let the fault wait, keep others away, or change the size in place only with \`bbm 2-noabort\` or \`bbm 3\`.`;
      return `Unable to handle kernel paging request: ${cpu} accesses ${where} while no valid entry maps it${faultOf(told)}. ${isWild(told) ? wildAdvice : hookAdvice(scenario)}`;
    case 'oops-NULL':
      return `Unable to handle kernel NULL pointer dereference: ${cpu} accesses ${where}${faultOf(told)}. The pointer was never set, or read too early.`;
    case 'oops-RO':
      return `Unable to handle kernel write to read-only memory: ${cpu} writes ${where}${faultOf(told)}. No hook mends a write to a read-only tail page: test for a fake head before the write, or invalidate read-only entries before writers are let in.`;
    case 'oops-AF':
      return `An access flag fault on a kernel address is fatal: ${cpu} accesses ${where}${faultOf(told)}. Linux has no handler for it; the CPU must have FEAT_HAFDBS (\`hw_af yes\`), or the flag must stay set.`;
    case 'oops-TLB-conflict':
      return `TLB conflict abort: ${cpu} accesses ${where} while its TLB holds two entries for it. Linux has no handler for it. ${sentence(missingOr(told, 'break the entry before the new one is made, or rely on a change in place only with `bbm 2-noabort` or `bbm 3`'))}.`;
    case 'unpredictable':
      return `${cpu} accesses ${where} while its TLB may hold two entries for it that must not live together (Arm ARM RFVQCK): it may use either or a mixture of both, and exclusives may succeed that should fail. ${sentence(missingOr(told, 'break the entry, flush it, and only then make the new one'))}.`;
    case 'WARN':
      return `WARNING: the condition of WARN_ON is true on ${cpu}.`;
    case 'BUG':
      return `kernel BUG: the condition of BUG_ON is true on ${cpu}; its task is killed, and the locks that it holds stay held.`;
    case 'assert':
      return `The assertion is not true on ${cpu}.`;
    case 'panic':
      return diesInInterrupt(told)
        ? `The machine panics on ${cpu}: what is fatal for a task is fatal for all below an interrupt, where no task can be killed.`
        : `The machine panics on ${cpu}: panic_on_warn is set, and a warning was printed.`;
    case 'bbm':
      return breakBeforeMake(told);
    case 'use-after-free':
      return `${cpu} accesses ${where} in a page that was freed. ${sentence(told.missing?.text ?? readerSectionText(scenario, told.trace, event) ?? missingOr(told, freeAdvice(scenario)))}.`;
    case 'freed-page-reachable':
      return reachable(told);
    case 'double-free':
      return `${cpu} frees page ${hex(event.address ?? 0n)} a second time: it is on the free list already.`;
    case 'stale-read':
      return `${cpu} reads ${where} through a translation that is no longer in memory: it sees the old page. ${sentence(missingOr(told, 'the old entry must be invalidated, and the invalidation complete (`dsb(ish)`), before the new one is written'))}.`;
    case 'uninitialised-read':
      return `${cpu} reads ${where} in a page that was allocated and in which nobody has written this word yet: it finds what the page held before. Fill the page (\`copy_page\`, \`clear_page\`, \`__GFP_ZERO\`) and order that, by \`smp_wmb()\`, before the entry that shows it.`;
    case 'outdated-copy':
      return `${sentence(entryOf(told))} becomes a copy that is out of date: ${where} was ${hex(event.oldValue ?? 0n)} when it was copied, was written in the old page afterwards (${hex(event.newValue ?? 0n)}), and nothing maps the old page any more. Write it before the copy is made, or keep others from writing until the copy is in place.`;
    case 'overwritten-update':
      return overwrittenText(told);
    case 'stray-write':
      return `${cpu} stores an entry of the page tables to ${wordName(world, event.descriptor ?? 0n)}, which holds struct pages and is no table: what was there is lost, and no translation changes. The pointer comes from an entry that maps a block; ask for \`pmd_table()\` before \`pte_offset_kernel()\`, under the lock of whoever may split or merge the block.`;
    case 'lost-update':
      return `${cpu} writes ${where} through a translation that is no longer in memory: nobody will see what it wrote. ${sentence(missingOr(told, 'the old entry must be invalidated, and the invalidation complete (`dsb(ish)`), before the new one is written'))}.`;
    case 'lock-not-held':
      return `lockdep_assert_held(&${lockName(scenario, event.lock ?? 0)}): ${cpu} does not hold it. Take it around the whole change.`;
    case 'sleep-in-atomic':
      return `sleeping function called from invalid context: ${cpu} ${sleepText(told)} under a spin lock, with interrupts or preemption off, in an RCU read section, or in a handler. Do it before that.`;
    case 'stall':
      return `${cpu} spins ${event.origin === undefined ? 'with interrupts masked' : `behind the fault of an access to ${where}`} for ${event.lock === undefined ? 'what another CPU has to do' : `${lockName(scenario, event.lock)}, which ${cpuName(scenario, event.otherCpu ?? 0)} holds`}: its virtual CPU may stand still for any time, and nothing else runs here meanwhile (RCU stall, soft lock-up). Leave no window that others must wait for.`;
    case 'leak':
      return leakText(told);
    case 'left-broken':
      return `${sentence(entryOf(told))} was valid and is invalid when the execution is over, and nobody has given back what it mapped: that is gone for every CPU. A way through the code leaves out the make, or somebody else broke the entry behind it.`;
    case 'section-left-open':
      return `${cpu} is done and leaves ${openedText(event.rule)}, from here on. Whatever runs next on it runs so. A way through the code leaves out what closes it elsewhere.`;
    case 'silent-skip':
      return `${cpu} reports success, and there are entries that it passed over: it found them none while another CPU had broken them. Look at an entry under the lock of whoever may break it.`;
    case 'unlock-not-held':
      return `${cpu} ${unbalancedText(told)}.`;
    default:
      return `${wordOfEvent(event)} on ${cpu}${event.address === undefined ? '' : ` at ${where}`}${faultOf(told)}.`;
  }
}

/** Whose update was undone: the last who wrote the entry before the store that the event is about. */
function overwrittenText(told: Told): string {
  const { scenario, event, trace } = told;
  const level = event.level ?? 3;
  const writes = [...trace.happened, ...trace.steps.flatMap(({ happened }) => happened)].filter(
    ({ what, word }) => (what === 'write' || what === 'update') && word === event.descriptor,
  );
  const own = writes.findLastIndex(({ cpu, instruction }) => cpu === event.cpu && instruction?.site === event.site);
  const other = writes.slice(0, own).findLast(({ value }) => value === event.newValue);
  const site = other?.instruction?.site;
  const info = site === undefined ? undefined : scenario.sites[site];
  const at = info === undefined ? '' : ` (${shortPlace(placeOfSite(info))})`;
  const who =
    other === undefined
      ? 'somebody else'
      : other.what === 'update'
        ? `the hardware, for an access of ${cpuName(scenario, other.cpu)}${at},`
        : `${other.cpu === event.cpu ? 'an interrupt of ' : ''}${cpuName(scenario, other.cpu)}${at}`;
  if (event.level === undefined)
    return `${wordName(scenario.world, event.descriptor ?? 0n)} is stored by ${cpuName(scenario, event.cpu)} as it was made from what was read there, ${hex(event.oldValue ?? 0n)}: since then ${who} has made it ${hex(event.newValue ?? 0n)}, and that update is lost. Read and store it under one lock, or change it in one step (\`fetch_or\`, \`fetch_add\`, \`cmpxchg\`).`;
  const remedy =
    other?.what === 'update'
      ? 'No lock keeps the hardware from that: change a valid entry in one step (`ptep_set_wrprotect`, `ptep_test_and_clear_young`, `cmpxchg`), or break it first (`ptep_modify_prot_start`).'
      : 'Read the entry and store it under one lock, which everybody holds who changes it; or change it in one step (`ptep_set_wrprotect`, `cmpxchg`).';
  return `${sentence(entryOf(told))} is stored by ${cpuName(scenario, event.cpu)} as it was when it was read, ${descriptorName(scenario.world, level, event.oldValue ?? 0n)}: since then ${who} has made it ${descriptorName(scenario.world, level, event.newValue ?? 0n)}, and that update is lost (${bitNames(event.bits ?? 0n)}). ${remedy}`;
}

/** What is open, by the kind of section that the machine told. */
function openedText(section: string | undefined): string {
  if (section === 'rcu') return 'a read-side section of RCU open, which every grace period waits for';
  return section === 'preemption'
    ? 'preemption off (scheduling while atomic)'
    : 'interrupts masked: no tick, no IPI that others wait for';
}

/** What is given back that is not held, or not so; without a lock it is a section. */
function unbalancedText({ scenario, event: { lock, rule } }: Told): string {
  if (lock === undefined)
    return rule === 'rcu'
      ? 'ends a read-side section of RCU and is in none (bad unlock balance)'
      : 'enables preemption, which is not off: the count of the code around it is wrong from here on';
  const name = lockName(scenario, lock);
  if (rule === undefined) return `releases ${name}, which it does not hold`;
  const [as, holds] = rule === 'shared' ? ['writer', 'reading'] : ['reader', 'writing'];
  return `releases ${name} as a ${as}, and holds it for ${holds}: the count of the semaphore is wrong from here on`;
}

function leakText({ scenario, event }: Told): string {
  return `page ${hex(event.address ?? 0n)} is neither mapped nor freed when the execution is over, and nobody has its address; in other executions ${cpuName(scenario, event.cpu)} frees or keeps it.`;
}

function sleepText({ scenario, event }: Told): string {
  if (event.lock !== undefined) return `takes ${lockName(scenario, event.lock)}, which may sleep,`;
  const { code } = scenario.program.cpus[event.cpu] ?? { code: [] };
  return code.some((i) => i.site === event.site && i.kind === 'allocate')
    ? 'allocates a page, which may sleep,'
    : 'waits for a grace period';
}

function diesInInterrupt({ trace }: Told): boolean {
  const told = trace.steps.at(-1)?.events ?? trace.events;
  return told.some(({ outcome }) => outcome === 'BUG' || outcome.startsWith('oops'));
}

export function cpuName({ world }: ElaboratedScenario, cpu: number): string {
  return `CPU${world.cpuNumbers[cpu] ?? cpu}`;
}

function faultOf({ scenario, event }: Told): string {
  return event.esr === undefined || event.esr === 0n ? '' : ` (${faultName(scenario, event.esr)})`;
}

/** An address that no fault path mends: it lies outside vmemmap, and nothing was ever mapped there. */
function isWild({ scenario, event }: Told): boolean {
  const { space } = scenario.world.environment;
  return event.address !== undefined && (event.address < space.vmemmapStart || event.address >= space.vmemmapEnd);
}

const wildAdvice =
  'Nothing was ever mapped there: the address was made from a value that is none, such as an entry that another CPU had just broken. Read an entry once, under the lock of whoever may break it, and test what was read before it is used.';

/** The entry of the address is a block with nT at the end of the execution. */
function meetsNoTranslation({ scenario, event, trace }: Told): boolean {
  const { address } = event;
  const { descriptors } = trace.steps.at(-1)?.after ?? trace.initial;
  return descriptors.some(({ places, value }) =>
    places.some(({ base, bytes, level }) => {
      if (address === undefined || address < base || address >= base + bytes) return false;
      const entry = decodeDescriptor(formatOf(scenario.world), level as Level, value);
      return entry.kind === 'leaf' && entry.nT;
    }),
  );
}

function hookAdvice({ world, program, sites }: ElaboratedScenario): string {
  if (world.hook === undefined)
    return 'Nothing mends the fault: the scenario has no `on fault`, as the kernel without the patch. Keep the entry valid, keep others away from it, or let the fault wait.';
  const waits = program.cpus.some(({ code }) =>
    code.some(({ kind, site }) => (kind === 'lock' || kind === 'wait') && sites[site]?.context === FAULT_PATH),
  );
  if (!waits)
    return `\`${world.hook}\` gave up: it takes no lock and waits for nothing, so that it finds an entry broken whose new value is about to be written. The lock of whoever breaks entries belongs into it, around its look at the entry.`;
  return `\`${world.hook}\` gave up: whoever breaks an entry must hold the lock that the hook takes until the new entry is written.`;
}

function breakBeforeMake(told: Told): string {
  const { scenario, event, missing } = told;
  const { world } = scenario;
  const level = (event.level ?? 3) as Level;
  const oldValue = event.oldValue ?? 0n;
  const newValue = event.newValue ?? 0n;
  const { change } = classifyChange(oldValue, newValue, {
    format: formatOf(world),
    level,
    stage: 1,
    bbm: scenario.program.switches.bbm,
    hardwareDirty: scenario.program.cpus.some((cpu) => cpu.hardwareDirtyState),
  });
  return (
    `${sentence(entryOf(told))} becomes ${descriptorName(world, level, newValue)} while ${holders(told)} may still use ` +
    (missing?.isUnfilled === true
      ? `${descriptorName(world, level, oldValue)}: FEAT_BBM ${scenario.program.switches.bbm} lets a block become a table of the same pages in place, or back, and in memory the two do not map the same at that moment (Arm ARM ${event.rule ?? 'RWHZWS'}). `
      : `${descriptorName(world, level, oldValue)}: ${change}, which needs break-before-make (Arm ARM ${event.rule ?? 'RWHZWS'}). `) +
    `${sentence(missingOr(told, 'write an invalid entry, `dsb(ishst)`, `tlbi`, `dsb(ish)`, and only then the new one, with nobody else writing in between'))}.`
  );
}

/** The CPUs that may still use what the event is about: the machine tells one event for each of them. */
function holders({ scenario, event, trace }: Told): string {
  const alike = (trace.steps.at(-1)?.events ?? []).filter(
    (one) => one.outcome === event.outcome && one.descriptor === event.descriptor && one.oldValue === event.oldValue,
  );
  const cpus = new Set([event, ...alike].map((one) => one.otherCpu ?? 0));
  return cpuList(
    scenario.world,
    [...cpus].sort((a, b) => a - b),
  );
}

/** The steps that were left out, or what to do where none can be named. */
function missingOr({ scenario, event, trace, missing }: Told, advice: string): string {
  return missing?.text ?? staleLookText(scenario, trace, event) ?? advice;
}

/** The steps that were left out, as the sentence that ends a message about them. */
export function mendOf({ text }: MissingSteps): string {
  return `${sentence(text)}.`;
}

/** Readers that find a page under RCU are waited for by a grace period; what a TLB holds is another matter. */
function freeAdvice({ program }: ElaboratedScenario): string {
  const unmapped = 'free a page only after the `tlbi` that removes its last translation and the `dsb(ish)` behind it';
  const usesRcu = program.cpus.some(({ code }) => code.some((i) => i.kind === 'rcu'));
  return usesRcu
    ? `${unmapped}; and where readers find it under RCU, only behind a \`synchronize_rcu()\` that began when no new reader could find it any more`
    : unmapped;
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `PTE of H.tail(1)`. */
function entryOf({ scenario, event, trace }: Told): string {
  const cell = trace.initial.descriptors.find((one) => one.physicalAddress === event.descriptor);
  const place =
    cell?.places.find((one) => one.level === event.level) ?? cell?.places[0] ?? unchangedPlace(scenario, event);
  if (place === undefined) return `the entry at ${hex(event.descriptor ?? 0n)}`;
  return entryName(scenario.world, place.level, place.base);
}

/** Where an entry stands that nobody writes: among those that map the huge pages from the start. */
function unchangedPlace({ world }: ElaboratedScenario, { level, descriptor }: Event): EntryPlace | undefined {
  const { configuration, hugePages, tables } = world.environment;
  if (level === undefined || level < 0) return undefined;
  const span = entrySpan(configuration.granule, level as Level);
  for (const { start, end } of hugePages)
    for (let base = start & ~(span - 1n); base < end; base += span)
      if (tables.cellOf(base, level as Level) === descriptor) return { level, base };
  return undefined;
}

function reachable(told: Told): string {
  const { scenario, event } = told;
  const page = hex(event.address ?? 0n);
  return (
    `${cpuName(scenario, event.cpu)} frees page ${page} while ${holders(told)} may still reach it through ${entryOf(told)} ` +
    `(${descriptorName(scenario.world, event.level ?? 3, event.oldValue ?? 0n)}). ` +
    `${sentence(missingOr(told, 'free it only after the entry is changed, invalidated (`dsb(ishst)`, `tlbi`) and the invalidation complete (`dsb(ish)`)'))}.`
  );
}

/** `last`: the state in which it is. */
export function deadlockMessage(scenario: ElaboratedScenario, deadlock: Deadlock, last: Snapshot): string {
  const waits = deadlock.waits.map((wait) => waitText(scenario, wait, last)).join('; ');
  const isInHandler = deadlock.waits.some((wait) => handlerOf(scenario, wait) !== undefined);
  switch (deadlock.kind) {
    case 'self-deadlock':
      return isInHandler
        ? `${waits}. Whoever holds a lock that a handler takes must mask what the handler comes by: interrupts off for an interrupt, no access that can fault for a fault.`
        : `${waits}. It takes the lock a second time: leave one of the two out, or call the function that expects the lock to be held.`;
    case 'ABBA-deadlock':
      return isInHandler
        ? `${waits}. A section that can be interrupted, or can fault, counts as taking the lock of the handler: mask the interrupt there, or take the locks in one order.`
        : `${waits}. Take the locks in one order everywhere.`;
    case 'lock-never-released':
      return deadlock.waits.some(({ heldBy }) => heldBy.some((cpu) => last.cpus[cpu]?.status === 'running'))
        ? `${waits}. Its holder goes on, and never comes to release the lock.`
        : `${waits}. Its holder is finished or was killed, so that the lock is never released.`;
    case 'deadlock':
      return deadlock.waits.some(({ behind }) => behind !== undefined)
        ? `${waits}. A reader that comes when a writer waits already waits behind it: take the semaphore for reading once.`
        : `${waits}. Nothing can end the wait.`;
  }
}

/** The handler that a wait stands in: `irq tick`, `fault path`; undefined for the text of the CPU itself. */
function handlerOf(scenario: ElaboratedScenario, { cpu, at }: Wait): string | undefined {
  const context = siteOfWait(scenario, cpu, at)?.context;
  return context === undefined || context.startsWith('cpu ') ? undefined : context;
}

function siteOfWait(scenario: ElaboratedScenario, cpu: number, at: number): SiteInfo | undefined {
  const instruction = scenario.program.cpus[cpu]?.code[at];
  return instruction === undefined ? undefined : scenario.sites[instruction.site];
}

/** The access whose fault a CPU is handling, where it handles one. */
export function faultedSite(last: Snapshot, cpu: number): number | undefined {
  return last.cpus[cpu]?.exceptions.findLast((one) => one.esr !== 0n)?.site;
}

function waitText(scenario: ElaboratedScenario, wait: Wait, last: Snapshot): string {
  const { cpu, at, lock, heldBy, behind } = wait;
  const handler = handlerOf(scenario, wait);
  const faulted = handler === FAULT_PATH ? faultedSite(last, cpu) : undefined;
  const info = faulted === undefined ? siteOfWait(scenario, cpu, at) : scenario.sites[faulted];
  const where =
    info === undefined
      ? ''
      : ` ${faulted === undefined ? 'at' : 'behind the fault at'} ${shortPlace(placeOfSite(info))}`;
  const who =
    handler === undefined || handler === FAULT_PATH
      ? cpuName(scenario, cpu)
      : `${cpuName(scenario, cpu)}, in its ${handler},`;
  if (lock === undefined) return `${who} waits for ever${where}`;
  const writers = (behind ?? []).map((one) => cpuName(scenario, one)).join(' and ');
  if (behind !== undefined)
    return `${who} waits${where} to read ${lockName(scenario, lock)} behind ${writers}, who ${behind.length > 1 ? 'wait' : 'waits'} to write`;
  const holders = heldBy.map((one) => (one === cpu ? 'it holds itself' : `${cpuName(scenario, one)} holds`));
  return `${who} waits${where} for ${lockName(scenario, lock)}, which ${holders.join(' and ')}`;
}

/** The context of the sites of the kernel's own fault handling. */
const FAULT_PATH = 'fault path';

export function livelockMessage(states: number): string {
  return `From ${states === 1 ? 'one state' : counted(states, 'state')} on no execution ends: somebody goes round for ever: fault, mend nothing, fault again, or a loop that tries for a lock that nobody will release. A handler may say that it mended a fault only when the entry will translate.`;
}
