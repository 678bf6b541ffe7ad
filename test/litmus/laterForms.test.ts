/** Forms of later versions of herd7: read where they mean something here, else named as what they are. */

import { describe, expect, it } from 'vitest';
import { runLitmus } from '../../server/litmus/run';

function run(initial: string, rows: readonly string[], condition: string, metadata = 'Variant=vmsa'): string {
  const source = ['AArch64 later', metadata, `{ ${initial} }`, ' P0 ;', ...rows.map((row) => ` ${row} ;`), condition];
  const result = runLitmus(source.join('\n'), { faults: 'fatal', ets: 0 });
  if (result.kind === 'ran') return result.verdict.observation;
  const { kind, line, message } = result.problem;
  return `${kind}, line ${line}: ${message}`;
}

describe('later forms', () => {
  it.each([
    [
      'AT for EL0, and PAR_EL1 by its output address',
      '0:X1=x;',
      ['AT S1E0R,X1', 'ISB', 'MRS X3,PAR_EL1'],
      'forall (0:X3=parel1_t:(oa:PA(x)))',
      'Always',
    ],
    [
      'whether a page is executable',
      '[PTE(x)]=(x:0); 0:X1=PTE(x); pteval_t 0:X0;',
      ['LDR X0,[X1]'],
      'forall 0:X0=(oa:PA(x),x:0)',
      'Always',
    ],
    [
      'an executable page is an ordinary one',
      '[PTE(x)]=(x:1); 0:X1=PTE(x); pteval_t 0:X0;',
      ['LDR X0,[X1]'],
      'forall 0:X0=(oa:PA(x))',
      'Always',
    ],
    [
      'AT that fails, whatever the fault',
      '[PTE(x)]=(db:0); [PTE(y)]=(valid:0); 0:X1=x; 0:X2=y;',
      ['AT S1E1W,X1', 'ISB', 'MRS X3,PAR_EL1', 'AT S1E1R,X2', 'ISB', 'MRS X4,PAR_EL1'],
      'forall (0:X3=parel1_t:(f:1) /\\ 0:X4=parel1_t:(f:1) /\\ 0:X3=0:X4)',
      'Always',
    ],
    [
      'faults of data accesses',
      '[PTE(x)]=(valid:0); 0:X1=x;',
      ['L0: LDR W0,[X1]'],
      'forall fault(P0:L0,x,D-MMU:Translation)',
      'Always',
    ],
    [
      'faults of fetching instructions do not happen',
      '[PTE(x)]=(valid:0); 0:X1=x;',
      ['L0: LDR W0,[X1]'],
      'exists fault(P0:L0,x,I-MMU:Translation)',
      'Never',
    ],
    ['the zero register is a location', '', ['MOV XZR,#1'], 'forall 0:XZR=0', 'Always'],
    [
      'executable pages are told from others',
      '[PTE(x)]=(x:0); 0:X1=PTE(x);',
      ['LDR X0,[X1]'],
      'exists 0:X0=(oa:PA(x),x:1)',
      'Never',
    ],
    [
      'pairs',
      'uint64_t y[2]={1,2}; 0:X1=y;',
      ['LDP X2,X3,[X1]', 'STP X3,X2,[X1]'],
      'forall (0:X2=1 /\\ 0:X3=2 /\\ y={2,1})',
      'Always',
    ],
    [
      'a pair that loads its own base',
      'uint64_t y[2]={1,2}; 0:X1=y;',
      ['LDP X1,X3,[X1]'],
      'forall (0:X1=1 /\\ 0:X3=2)',
      'Always',
    ],
    [
      'a pair with write-back',
      'uint64_t y[4]={1,2,3,4}; 0:X1=y;',
      ['LDP X2,X3,[X1],#16', 'LDNP X4,X5,[X1]'],
      'forall (0:X3=2 /\\ 0:X4=3 /\\ 0:X5=4)',
      'Always',
    ],
  ])('%s', (_, initial, rows, condition, observation) => {
    expect(run(initial, rows, condition)).toBe(observation);
  });

  it.each([
    ['[PTE(x)]=(contig:1); 0:X1=x;', ['LDR W0,[X1]'], 'unsupported, line 3: the Contiguous bit of an entry (`contig`)'],
    ['0:X1=TTD(x,S1,LV2);', ['LDR X0,[X1]'], 'unsupported, line 3: tables of several levels, such as `TTD(x,S1,LV2)`'],
    ['0:X1=x; [PTE(y)]=(el0:0);', ['AT S1E0R,X1'], 'unsupported, line 5: AT S1E0R beside entries that EL0 may not use'],
    ['0:X1=x;', ['LDP W2,W3,[X1]'], 'unsupported, line 5: LDP without an array: the second register has no variable'],
    ['uint64_t y[2]; 0:X1=y;', ['STXP W2,X3,X4,[X1]'], 'unsupported, line 5: STXP, a store exclusive of two registers'],
    ['uint64_t %a=x;', ['NOP'], 'unsupported, line 3: symbolic registers, %a'],
    ['', ['.pagealign'], 'unsupported, line 5: the directive .pagealign'],
    ['TTD(P0:L0)=(valid:0);', ['L0: NOP'], 'unsupported, line 3: the entry that maps code, `PTE(P0:L0)`'],
    ['0:X1=x;', ['LDR Q0,[X1]'], 'unsupported, line 5: vector registers, LDR Q0,[X1]'],
    ['0:X1=x;', ['LD1 {V0.4S},[X1]'], 'unsupported, line 5: vector registers, LD1 {V0.4S},[X1]'],
    ['0:X1=x;', ['STG X1,[X1]'], 'unsupported, line 5: memory tagging, STG X1,[X1]'],
    ['0:X1=x;', ['PACDA X1,X2'], 'unsupported, line 5: pointer authentication, PACDA X1,X2'],
    ['0:X1=x;', ['CASP X0,X1,X2,X3,[X1]'], 'unsupported, line 5: an atomic of two registers, CASP X0,X1,X2,X3,[X1]'],
    ['0:X1=x;', ['BRK #0'], 'unsupported, line 5: debug exceptions, BRK #0'],
    ['0:X1=x;', ['BFC X0,#1,#2'], 'unsupported, line 5: the instruction BFC X0,#1,#2'],
    ['uint64_t y[2]; 0:X1=y;', ['LDP W2,[X1]'], 'syntax, line 5: expected two registers and an address after LDP'],
  ])('%s %j is %s', (initial, rows, problem) => {
    expect(run(initial, rows, 'exists (0:X0=1)')).toBe(problem);
  });

  it('the return address of an instruction that is several steps here is named', () => {
    const rows = ' P0 | P0.F ;\n LDR X0,[X1],#8 | MRS X9,ELR_EL1 ;\n | ADD X9,X9,#4 ;\n | MSR ELR_EL1,X9 ;\n | ERET ;';
    const result = runLitmus(`AArch64 later\n{ [PTE(x)]=(valid:0); 0:X1=x; }\n${rows}\nforall true`, {
      faults: 'fatal',
      ets: 0,
    });
    expect(result.kind === 'problem' ? result.problem.message : '').toBe(
      'ELR_EL1 in the handler, for a fault of `LDR X0,[X1],#8`, which is several steps here',
    );
  });

  it.each(['MMU:TLBConflictAbort', 'D-MMU:Exclusive', 'TagCheck'])('faults of type %s are named', (type) => {
    expect(run('0:X1=x;', ['L0: LDR W0,[X1]'], `exists fault(P0:L0,x,${type})`)).toBe(
      `unsupported, line 6: faults of type ${type.replace('D-', '')}`,
    );
  });

  it('loops that are cut off are named', () => {
    expect(run('0:X1=x;', ['LDR W0,[X1]'], 'exists true', 'Variant=cutoff')).toBe(
      'unsupported, line 2: loops that may go on for ever (Variant=cutoff)',
    );
  });

  it('variants of other models are named', () => {
    expect(run('0:X1=x;', ['LDR W0,[X1]'], 'exists (0:X0=1)', 'Variant=vmsa,mlpt')).toBe(
      'unsupported, line 2: tables of several levels (Variant=mlpt)',
    );
  });
});
