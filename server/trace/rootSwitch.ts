/** Writes to the registers that point to translation tables: their VMIDs and ASIDs, and which tables become live. */

import { linkRoot } from './liveTables';
import { hex, type Root, report, type TraceMachine, threadOf } from './traceMachine';
import {
  otherRegisters,
  type RootRegister,
  rootAddress,
  rootIdentifier,
  rootRegisters,
  tableShape,
} from './translationRegisters';

/** A write to any system register. */
export function writeRegister(machine: TraceMachine, at: number, thread: number, name: string, value: bigint): void {
  machine.registers.set(name, value);
  const register = rootRegisters.find((known) => known.name === name);
  if (register) {
    threadOf(machine, thread).roots.set(name, switchRoot(machine, at, register, value));
  } else if (!otherRegisters.includes(name)) {
    machine.unsupported.push({ at, feature: `the register ${name}` });
  }
}

/** Coming back into the hypervisor: tables that were given away and set up again meanwhile are live again. */
export function enterContext(machine: TraceMachine, at: number, thread: number): void {
  const state = threadOf(machine, thread);
  state.inContext = true;
  for (const [name, root] of state.roots) {
    if (!machine.roots.includes(root)) state.roots.set(name, register(machine, { ...root, registeredAt: at }));
  }
}

/** Whether a CPU inside the hypervisor has a root register that points to the root. */
export function threadThatUses(machine: TraceMachine, root: Root): number | undefined {
  for (const [id, thread] of machine.threads) {
    if (thread.inContext && [...thread.roots.values()].includes(root)) return id;
  }
  return undefined;
}

function switchRoot(machine: TraceMachine, at: number, to: RootRegister, value: bigint): Root {
  const { shape, problem } = tableShape(to, machine.registers.get(to.control));
  if (problem) report(machine, at, 'control-register', problem, { severity: 'warning' });
  const root: Root = {
    register: to,
    address: rootAddress(value, shape),
    shape,
    identifier: rootIdentifier(value),
    registeredAt: at,
  };
  if (to.noIdentifier && root.identifier !== 0 && !hasHostExtensions(machine)) {
    const message = `${to.name} is written with ASID ${root.identifier}; without HCR_EL2.E2H its bits 63:48 are reserved, write 0`;
    report(machine, at, 'identifier-reserved', message);
  }
  return register(machine, root);
}

/** The root, or the one that is known already; one identifier for one root, and one root for one identifier. */
function register(machine: TraceMachine, root: Root): Root {
  const { register: to, identifier, registeredAt: at } = root;
  const ofRegister = machine.roots.filter((other) => other.register.name === to.name);
  const known = ofRegister.find((other) => other.address === root.address);
  const named = `${to.identifier} ${identifier}`;
  if (known) {
    if (known.identifier !== identifier) {
      const message = `the tables at ${hex(root.address)} are loaded with ${named}, but have ${to.identifier} ${known.identifier}: TLBs would hold them twice; release them first`;
      const related = [{ at: known.registeredAt, message: `${to.identifier} ${known.identifier} given here` }];
      report(machine, at, 'identifier-changed', message, { related });
    }
    return known;
  }
  const sharing = to.high ? undefined : ofRegister.find((other) => other.identifier === identifier);
  if (sharing) {
    const message = `${named} is given to the tables at ${hex(root.address)}, but those at ${hex(sharing.address)} have it: TLBs would mix them up; use another, or release those first`;
    const related = [{ at: sharing.registeredAt, message: `${named} given here` }];
    report(machine, at, 'identifier-shared', message, { related });
  }
  linkRoot(machine, at, root);
  return root;
}

function hasHostExtensions(machine: TraceMachine): boolean {
  return (((machine.registers.get('hcr_el2') ?? 0n) >> 34n) & 1n) === 1n;
}
