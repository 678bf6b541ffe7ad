/** All items and all members of a scenario. */

import type { ItemRow } from '../rows';
import { declarationRows, useRow } from './declarations';
import { hugePageRow, machineRow } from './machine';
import { scenarioRow } from './scenario';

export const itemRows: readonly ItemRow[] = [machineRow, hugePageRow, ...declarationRows, scenarioRow, useRow];
