/** Every way out of a block behind a statement, so as to close on it what the statement has opened. */

import type { Block, ReturnStatement, Statement } from '../language/ast';
import type { Edit } from '../language/diagnostic';
import type { Place, Source } from '../language/elaborate/source';
import { blocksOf } from '../language/walk';
import { insertAfter, insertBefore, statementAt } from './fixes';

type IsClose = (statement: Statement, source: Source) => boolean;

/** Puts `close` before each return on the way, and at the end of the block when it has none. */
export function closeOnWaysOut(opened: Place, close: string, isClose: IsClose): readonly Edit[] {
  const standing = statementAt(opened);
  if (standing === undefined || !standing.block.braced) return [];
  const { block, index, source } = standing;
  const behind = block.statements.slice(index + 1);
  const end = behind.findIndex((one) => isClose(one, source));
  const within = end < 0 ? behind : behind.slice(0, end);
  const returns = within.flatMap((one) => returnsIn(one, source, isClose));
  const edits = returns.flatMap((one) => insertBefore({ source, span: one.span }, [close]));
  const last = block.statements.at(-1) as Statement;
  if (end >= 0 || last.kind === 'return') return edits;
  return [...edits, ...insertAfter({ source, span: last.span }, [close])];
}

/** Returns in a statement that no close in the same block precedes. */
function returnsIn(statement: Statement, source: Source, isClose: IsClose): readonly ReturnStatement[] {
  if (statement.kind === 'return') return [statement];
  return blocksOf(statement).flatMap((inner) => returnsInBlock(inner, source, isClose));
}

function returnsInBlock(block: Block, source: Source, isClose: IsClose): readonly ReturnStatement[] {
  const end = block.statements.findIndex((one) => isClose(one, source));
  const before = end < 0 ? block.statements : block.statements.slice(0, end);
  return before.flatMap((one) => returnsIn(one, source, isClose));
}

/** Whether something closes only in a block inside, behind a statement: what belongs on the other ways is not plain. */
export function closesInside(opened: Place, isClose: IsClose): boolean {
  const standing = statementAt(opened);
  if (standing === undefined) return false;
  const { block, index, source } = standing;
  const behind = block.statements.slice(index + 1);
  const holds = (one: Statement): boolean => isClose(one, source) || blocksOf(one).some(holdsIn);
  const holdsIn = ({ statements }: Block): boolean => statements.some(holds);
  return !behind.some((one) => isClose(one, source)) && behind.some(holds);
}
