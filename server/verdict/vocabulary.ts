/** What the machine tells, in the words that scenarios and readers use. */

import type { Deadlock } from '../../simulator/explore/deadlock';
import type { Event } from '../../simulator/machine/events';
import { vocabularyOf } from '../language/elaborate/claims';
import { outcomeByWord } from '../language/outcomes';
import type { OutcomeCount } from './report';

export function wordOfEvent(event: Event): string {
  return vocabularyOf(event.outcome);
}

/** `lock-never-released` is a deadlock whose holder is gone: no cycle, but the wait is for ever all the same. */
export function wordOfDeadlock(deadlock: Deadlock): string {
  return deadlock.kind === 'lock-never-released' ? 'deadlock' : deadlock.kind;
}

/** Whether a scenario fails when this can happen and it does not expect it. */
export function isUnsafe(word: string): boolean {
  return outcomeByWord.get(word)?.safety ?? false;
}

/** Whether a word that is written stands for another one: `deadlock` for `ABBA-deadlock`. */
export function covers(written: string, word: string): boolean {
  return written === word || (outcomeByWord.get(written)?.covers?.includes(word) ?? false);
}

/** Outcomes that are worth a look though nothing fails by them. */
const notes: ReadonlySet<string> = new Set(['fixed-up', 'spurious-warn', 'nofault-EFAULT']);

export function severityOf(word: string): OutcomeCount['severity'] {
  if (isUnsafe(word)) return 'bad';
  return notes.has(word) || word.endsWith('-fault') ? 'note' : 'good';
}
