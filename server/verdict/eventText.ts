/** Events and faults as short texts. */

import type { Event } from '../../simulator/machine/events';
import { faultInfo } from '../../simulator/machine/linuxFaultInfo';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { addressName, descriptorName } from './addressNames';
import { wordOfEvent } from './vocabulary';

/** `level 3 translation fault`. */
export function faultName({ world }: ElaboratedScenario, esr: bigint): string {
  return faultInfo(Number(esr & 0x3fn), world.environment.configuration.kernel).name;
}

/** An event in the words of the vocabulary, with what it is about. */
export function eventText(scenario: ElaboratedScenario, event: Event): string {
  const { world } = scenario;
  const word = wordOfEvent(event);
  const { outcome, address, esr, level, oldValue, otherCpu } = event;
  const where = address === undefined ? '' : ` at ${addressName(world, address)}`;
  if (esr !== undefined && esr !== 0n) return `${word}: ${faultName(scenario, esr)}${where}`;
  if (level === undefined || oldValue === undefined || otherCpu === undefined) return `${word}${where}`;
  const reach = outcome === 'bbm' ? 'may still use' : 'may still reach it through';
  return `${word}: CPU${world.cpuNumbers[otherCpu]} ${reach} ${descriptorName(world, level, oldValue)}`;
}
