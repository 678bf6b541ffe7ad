import type { ElaboratedScenario } from '../../language/elaborate/scenario';
import type { Exported } from '../unsaid';
export function exportLitmus(_scenario: ElaboratedScenario): Exported {
  return { output: undefined, unsaid: [] };
}
