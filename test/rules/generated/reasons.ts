/** Where text and executions differ, and why: each difference that generated scenarios show has its row here. */

/** What the machine calls harm. Faults that the hook mends are none. */
export const harm: ReadonlySet<string> = new Set([
  'bbm',
  'stale-read',
  'uninitialised-read',
  'lost-update',
  'outdated-copy',
  'overwritten-update',
  'freed-page-reachable',
  'use-after-free',
  'oops-paging',
  'oops-RO',
  'oops-AF',
  'panic',
  'self-deadlock',
  'ABBA-deadlock',
  'deadlock',
  'livelock',
  'lock-never-released',
  'lock-not-held',
  'double-free',
  'left-broken',
  'leak',
  'unlock-not-held',
  'sleep-in-atomic',
]);

/** Whether CPU 1 does something. */
function looksAt(text: string, what: RegExp): boolean {
  return what.test(/cpu 1 \{.*/.exec(text)?.[0] ?? '');
}

/** The entry that changes is the head's. */
function movesHead(text: string): boolean {
  return text.includes('virt_to_kpte(H.start)');
}

/** The hook reads the entry with the lock held that the breaker holds too: it never sees the broken value. */
function looksUnderLock(text: string): boolean {
  return /fn hook[^}]*spin_lock\([^)]*\);\s*let ret = [^}]*spin_unlock/.test(text);
}

const sameFrame = /mk_pte\(H\.frame\((1|i)\)/;
const flushes: ReadonlySet<string> = new Set([
  'HVO103',
  'HVO104',
  'HVO105',
  'HVO106',
  'HVO108',
  'HVO109',
  'HVO111',
  'HVO112',
]);

interface Reason {
  readonly why: string;
  readonly holds: (what: string, text: string) => boolean;
}

/** Errors that are asked for although no execution of the scenario shows harm (each rule's text says it too). */
export const askedForAllTheSame: readonly Reason[] = [
  { why: 'the architecture sets no time for a make without its barrier', holds: (code) => code === 'HVO106' },
  { why: 'all that comes of it is a spurious fault with a warning', holds: (code) => code === 'HVO107' },
  { why: 'nobody else in the scenario wants the lock', holds: (code) => code === 'HVO204' },
  {
    why: 'only permission or access flag change, so that an old translation leads to the same page',
    holds: (code, text) => flushes.has(code) && sameFrame.test(text),
  },
  {
    why: 'nobody tests what kind of page the restored struct pages say they are',
    holds: (code, text) => code === 'HVO411' && !/\b(BUG_ON|WARN_ON|assert|compound_head|PageHead)\(/.test(text),
  },
  {
    why: 'nobody asks for the head of a tail, or writes to one',
    holds: (code, text) =>
      code === 'HVO412' && !/\bcompound_head\(/.test(text) && !looksAt(text, /(store|fetch_\w+)\(H\.page\(6[45]\)/),
  },
  {
    why: 'no access of the scenario meets the case that the hook gets wrong, or the lock keeps it from that',
    holds: (code, text) =>
      (code === 'HVO305' && !text.includes('VMEMMAP_START')) ||
      (code === 'HVO306' && (text.includes('~PTE_VALID') || !/cpu 1 \{ load\(H\.page\(6[45]\)/.test(text))) ||
      (code === 'HVO307' && looksUnderLock(text)),
  },
  { why: 'nobody in the scenario writes to pages that are read-only now', holds: (code) => code === 'HVO408' },
];

/** Harm that takes the text of two CPUs: nothing in either of them alone is wrong. */
export const seenByTwo: readonly Reason[] = [
  {
    why: 'one CPU copies the head and moves it, another one writes to it, and nothing keeps the two apart',
    holds: (word, text) =>
      word === 'outdated-copy' && movesHead(text) && looksAt(text, /(store|fetch_\w+)\(H\.page\(0\)/),
  },
  {
    why: 'the hook goes to the entry of level 3 with its lock held, and at level 2 there is none: it dies itself',
    holds: (word, text) =>
      word === 'lock-never-released' && text.includes('VMEMMAP_START') && text.includes('virt_to_kpte(addr)'),
  },
  {
    why: 'one CPU unmaps a page for good and frees it, and another one uses it all the same',
    holds: (word, text) => word === 'oops-paging' && text.includes('for (let i = 2;') && text.includes('free_page'),
  },
  {
    why: 'the access goes to a true hole of vmemmap, which an oops has to name',
    holds: (word, text) => word === 'oops-paging' && text.includes('VMEMMAP_START'),
  },
  {
    why: 'the hook waits for nothing, and another CPU comes while the entry is broken',
    holds: (word, text) => word === 'oops-paging' && /fn hook[^}]*\}/.exec(text)?.[0].includes('spin_lock') === false,
  },
  {
    why: 'an access faults in the window of another CPU, and the interrupt that wants the lock comes while its hook holds it',
    holds: (word, text) => word === 'self-deadlock' && /(irq|nmi) NET on cpu 1 \{ spin_lock\(init_mm/.test(text),
  },
  {
    why: 'one CPU makes a page read-only, another one writes to it, and neither says which comes first',
    holds: (word, text) => word === 'oops-RO' && /PAGE_KERNEL_RO|wrprotect/.test(text) && /cpu 1 \{\s*store/.test(text),
  },
  {
    why: 'one CPU clears the access flag, and the hardware sets it while another one changes the entry that it has left',
    holds: (word, text) => word === 'overwritten-update' && text.includes('mkold'),
  },
];

/** What stands in a text all along and is found only once a fix has taken away what hid it. */
export const uncovers: Readonly<Record<string, string>> = {
  'HVO101 then HVO301': 'the break that was missing is a window that an interrupt may meet',
  'HVO101 then HVO201': 'the break that was missing needs the lock',
  'HVO101 then HVO106': 'the make is one only now that there is a break, and has no barrier',
  'HVO101 then HVO107': 'the make is one only now that there is a break, and has no barrier',
  'HVO101 then HVO408': 'what the table maps is looked at where it takes the place of the block in order',
  'HVO101 then HVO108': 'an entry that is broken and not made has no flush, and there is one now that leaves it out',
  'HVO103 then HVO108': 'an entry that is broken and not made has no flush, and there is one now that leaves it out',
  'HVO105 then HVO107': 'an ISB has to follow the DSB that is there now',
  'HVO106 then HVO103': 'the barrier that is there now ends a sequence in which no step counts, the TLBI included',
  'HVO113 then HVO107': 'an ISB has to follow the DSB that is there now',
  'HVO404 then HVO113':
    'the page is freed behind its last use now, and the entry that led to it is not flushed by then',
  'HVO404 then HVO415': 'the page is read before it is freed now, and nobody has written it',
  'HVO113 then HVO108': 'other entries had no flush either, and there is one now, which leaves them out',
  'HVO304 then HVO304': 'interrupts are turned on again inside the section that masks them now',
  'HVO406 then HVO411': 'the copy of the head that is there now has to be reset too',
  'HVO201 then HVO106': 'the new entry leaves the lock now, and has no barrier before that',
  'HVO201 then HVO107': 'the new entry leaves the lock now, and has no ISB before that',
  'HVO201 then HVO301': 'the window is under the lock now, and an interrupt may meet it there',
  'HVO306 then HVO307': 'what is read inside the lock now is asked for too little',
  'HVO207 then HVO209': 'the lock that sleeps is taken first now, and elsewhere it is taken last',
  'HVO103 then HVO104': 'no barrier came before the flush that was missing either',
};
