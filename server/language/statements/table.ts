/** All statements that begin with a keyword. Calls and assignments begin with a name and are in `blocks.ts`. */

import type { StatementRow } from '../rows';
import { flowStatements } from './flow';
import { regionStatements } from './regions';
import { simpleStatements } from './simple';

export const statementRows: readonly StatementRow[] = [...simpleStatements, ...flowStatements, ...regionStatements];
