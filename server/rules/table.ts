/** All rules, in the order of their codes. */

import { accessFlagClear } from './breakBeforeMake/accessFlagClear';
import { cannotSplit } from './breakBeforeMake/cannotSplit';
import { contiguousGroup } from './breakBeforeMake/contiguousGroup';
import { flushMissesEntry } from './breakBeforeMake/flushMissesEntry';
import { freedBeforeFlush } from './breakBeforeMake/freedBeforeFlush';
import { leafOnlyForTable } from './breakBeforeMake/leafOnlyForTable';
import { leftBroken } from './breakBeforeMake/leftBroken';
import { lettingWritersIn } from './breakBeforeMake/lettingWritersIn';
import { liveChange } from './breakBeforeMake/liveChange';
import { localTlbi } from './breakBeforeMake/localTlbi';
import { makeNotPublished } from './breakBeforeMake/makeNotPublished';
import { makeNotSynchronised } from './breakBeforeMake/makeNotSynchronised';
import { missingTlbi } from './breakBeforeMake/missingTlbi';
import { partialWrite } from './breakBeforeMake/partialWrite';
import { rangeTooNarrow } from './breakBeforeMake/rangeTooNarrow';
import { sizeInPlace } from './breakBeforeMake/sizeInPlace';
import { storeNotVisible } from './breakBeforeMake/storeNotVisible';
import { tlbiNotComplete } from './breakBeforeMake/tlbiNotComplete';
import { wrongLevelHint } from './breakBeforeMake/wrongLevelHint';
import { contentsNotOrdered } from './data/contentsNotOrdered';
import { doubleFree } from './data/doubleFree';
import { entryElsewhere } from './data/entryElsewhere';
import { freedWhileMapped } from './data/freedWhileMapped';
import { headInTail } from './data/headInTail';
import { oldCopy } from './data/oldCopy';
import { otherAttributes } from './data/otherAttributes';
import { otherStructPages } from './data/otherStructPages';
import { pageLeaked } from './data/pageLeaked';
import { readOnlyHead } from './data/readOnlyHead';
import { readOnlyWrite } from './data/readOnlyWrite';
import { readThenStored } from './data/readThenStored';
import { shownBeforeFilled } from './data/shownBeforeFilled';
import { tableDiffers } from './data/tableDiffers';
import { toldInWrongOrder } from './data/toldInWrongOrder';
import { unwrittenRead } from './data/unwrittenRead';
import { useAfterFree } from './data/useAfterFree';
import { writableAlias } from './data/writableAlias';
import { lookOutsideLock } from './faultPath/lookOutsideLock';
import { noneTest } from './faultPath/noneTest';
import { successWithoutLook } from './faultPath/successWithoutLook';
import { irqInversion } from './interrupts/irqInversion';
import { irqInWindow } from './interrupts/irqInWindow';
import { lockInHandler } from './interrupts/lockInHandler';
import { masksLeft } from './interrupts/masksLeft';
import { nmiInWindow } from './interrupts/nmiInWindow';
import { restoreUnsaved } from './interrupts/restoreUnsaved';
import { sectionLeftOpen } from './interrupts/sectionLeftOpen';
import { assertHeldFails } from './locking/assertHeldFails';
import { lockDropped } from './locking/lockDropped';
import { lockNotReleased } from './locking/lockNotReleased';
import { lockOrder } from './locking/lockOrder';
import { ownWindow } from './locking/ownWindow';
import { recursiveLock } from './locking/recursiveLock';
import { sleepInAtomic } from './locking/sleepInAtomic';
import { unlockNotHeld } from './locking/unlockNotHeld';
import { windowWithoutLock } from './locking/windowWithoutLock';
import { errorIgnored } from './review/errorIgnored';
import { rawDescriptorRead } from './review/rawDescriptorRead';
import { resultOnlyCopies } from './review/resultOnlyCopies';
import { seenInPart } from './review/seenInPart';
import { walkFromTop } from './review/walkFromTop';
import type { Rule } from './rule';

export const rules: readonly Rule[] = [
  liveChange,
  sizeInPlace,
  missingTlbi,
  storeNotVisible,
  tlbiNotComplete,
  makeNotPublished,
  makeNotSynchronised,
  rangeTooNarrow,
  flushMissesEntry,
  leafOnlyForTable,
  wrongLevelHint,
  localTlbi,
  freedBeforeFlush,
  contiguousGroup,
  partialWrite,
  leftBroken,
  cannotSplit,
  accessFlagClear,
  lettingWritersIn,
  windowWithoutLock,
  lockDropped,
  recursiveLock,
  lockNotReleased,
  unlockNotHeld,
  assertHeldFails,
  sleepInAtomic,
  ownWindow,
  lockOrder,
  irqInWindow,
  nmiInWindow,
  irqInversion,
  lockInHandler,
  successWithoutLook,
  lookOutsideLock,
  noneTest,
  masksLeft,
  sectionLeftOpen,
  restoreUnsaved,
  contentsNotOrdered,
  pageLeaked,
  doubleFree,
  useAfterFree,
  freedWhileMapped,
  shownBeforeFilled,
  oldCopy,
  tableDiffers,
  readOnlyHead,
  writableAlias,
  headInTail,
  toldInWrongOrder,
  readOnlyWrite,
  otherAttributes,
  unwrittenRead,
  readThenStored,
  entryElsewhere,
  otherStructPages,
  rawDescriptorRead,
  walkFromTop,
  resultOnlyCopies,
  seenInPart,
  errorIgnored,
];

export const ruleByCode: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.code, rule]));
