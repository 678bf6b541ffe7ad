/** A scenario made ready for the rules: its codes walked, with the text's words for their places, entries and locks. */

import { linuxLevelName } from '../../simulator/machine/granule';
import type { CodeIndex, LockId } from '../../simulator/machine/program';
import { vmemmapPage } from '../language/elaborate/hugePage';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { type SiteInfo, userPlace } from '../language/elaborate/sites';
import type { Place } from '../language/elaborate/source';
import { lineAt } from '../language/lines';
import type { RelatedPlace } from './rule';
import { landmarksOf } from './walk/landmarks';
import type { EntryAt } from './walk/observation';
import { type ProgramWalks, walkProgram } from './walk/program';
import type { Walk } from './walk/walker';

export interface RuleScenario extends ProgramWalks {
  readonly elaborated: ElaboratedScenario;
}

export function ruleScenario(elaborated: ElaboratedScenario): RuleScenario {
  return { elaborated, ...walkProgram(elaborated.program, landmarksOf(elaborated.world)) };
}

/** The instruction's statement with the calls that led there; undefined behind the end of the code. */
export function siteAt({ elaborated }: RuleScenario, { context }: Walk, at: CodeIndex): SiteInfo | undefined {
  const instruction = context.code.code[at];
  return instruction && elaborated.sites[instruction.site];
}

/** Where a user sees an instruction: the innermost place of their own text on the way there. */
export function placeAt(scenario: RuleScenario, walk: Walk, at: CodeIndex): Place | undefined {
  const site = siteAt(scenario, walk, at);
  return site && userPlace(site);
}

/** `line 14`: where the user sees an instruction; that the code is over has no line. */
export function lineName(scenario: RuleScenario, walk: Walk, at: CodeIndex): string {
  const kind = walk.context.code.code[at]?.kind;
  const place = kind === 'end' || kind === 'eret' ? undefined : placeAt(scenario, walk, at);
  return place === undefined ? 'the end' : `line ${lineOf(place)}`;
}

/** Line of a place, from 1. */
export function lineOf({ source, span }: Place): number {
  return lineAt(source.parsed.lines, span.start) + 1;
}

/** The statement itself, when it is library text behind the user's place: for the related places of a finding. */
export function libraryPlace(scenario: RuleScenario, walk: Walk, at: CodeIndex, message: string): RelatedPlace[] {
  const site = siteAt(scenario, walk, at);
  return site && site.source.origin === 'library' ? [{ source: site.source, span: site.span, message }] : [];
}

/** `PTE of H.tail(1)`. */
export function entryName({ elaborated, tables }: RuleScenario, { entry }: EntryAt): string {
  const { level, first } = entry.place;
  return `${linuxLevelName(tables.shape, level)} of ${mappedName(elaborated, first, entry.place.last)}`;
}

/** An address of vmemmap as the text would say it: `H.tail(1)`, `H.block(0)`, or a number. */
export function mappedName({ world }: ElaboratedScenario, first: bigint, last: bigint): string {
  const { environment } = world;
  const huge = environment.hugePages.find((one) => one.start <= last && one.end > first);
  if (huge === undefined) return `0x${first.toString(16)}`;
  const page = environment.space.granule === '4K' ? 12n : environment.space.granule === '16K' ? 14n : 16n;
  const isPage = last - first < 1n << page;
  if (!isPage) return `${huge.name}.block(${(first - (huge.start & ~(last - first))) / (last - first + 1n)})`;
  const index = (first - vmemmapPage(environment.space, huge, 0n)) >> page;
  return `${huge.name}.tail(${index})`;
}

export function lockName({ program }: RuleScenario, lock: LockId): string {
  return `\`${program.locks[lock]?.name ?? `lock ${lock}`}\``;
}
