/** Registers: those of the own CPU in code, those of any CPU in expectations. */

import type { Span } from '../ast';
import { shown } from '../suggest';
import type { Place, Resolver } from './resolver';

export function resolveRegister(r: Resolver, place: Place, name: string, span: Span): void {
  if (place.of === 'fn' || place.of === 'value') {
    r.say(
      'HVO042',
      span,
      `\`${name}\` is a register: it belongs to a \`cpu\` block. In a function a local is \`let NAME = value\`.`,
    );
    return;
  }
  if (place.of === 'expectation') {
    resolveFinalRegister(r, name, span);
    return;
  }
  const register = r.registers.find(
    (candidate) => candidate.name === name && candidate.cpus?.first === place.cpus?.first,
  );
  if (register !== undefined) {
    r.noteSymbol(span, register, 'read');
    return;
  }
  r.say('HVO030', span, `\`${name}\` has no value yet: nothing assigns it on this CPU.`, { severity: 'warning' });
}

/** A register in an expectation without `cpu N:` is that of the only CPU that uses the name. */
function resolveFinalRegister(r: Resolver, name: string, span: Span): void {
  const candidates = r.registers.filter((register) => register.name === name);
  const [first] = candidates;
  if (first === undefined) {
    const known = [...new Set(r.registers.map((register) => register.name))];
    const list = known.length === 0 ? '' : ` Assigned are ${known.join(', ')}.`;
    r.say('HVO030', span, `No CPU of the scenario assigns \`${name}\`.${list}`, { expected: known });
    return;
  }
  r.noteSymbol(span, first, 'read');
  const several = candidates.length > 1 || first.cpus?.first !== first.cpus?.last;
  if (!several) return;
  const cpu = first.cpus?.first ?? 0;
  r.say('HVO046', span, `Several CPUs assign \`${name}\`; say which: \`cpu ${cpu}: ${name}\`.`, {
    fix: { title: `Change to \`cpu ${cpu}: ${name}\``, edits: [{ span, text: `cpu ${cpu}: ${name}` }] },
  });
}

export function resolveCpuRegister(
  r: Resolver,
  place: Place,
  first: number,
  last: number,
  register: { readonly name: string; readonly span: Span },
  span: Span,
): void {
  if (place.of !== 'expectation') {
    r.say('HVO042', span, '`cpu N: register` stands in expectations; code reads the registers of its own CPU.');
    return;
  }
  if (register.name === '' || first < 0) return;
  if (last !== first) {
    r.say('HVO042', span, 'A register is that of one CPU: `cpu 1: r0`.');
    return;
  }
  const found = r.registers.find(
    (candidate) =>
      candidate.name === register.name &&
      (candidate.cpus?.first ?? -1) <= first &&
      (candidate.cpus?.last ?? -1) >= first,
  );
  if (found !== undefined) {
    r.noteSymbol(register.span, found, 'read');
    return;
  }
  const known = r.registers
    .filter(({ cpus }) => cpus !== undefined && cpus.first <= first && cpus.last >= first)
    .map((candidate) => candidate.name);
  const list = known.length === 0 ? '' : ` It assigns ${known.join(', ')}.`;
  r.say('HVO030', register.span, `cpu ${first} does not assign ${shown(register.name)}.${list}`, { expected: known });
}
