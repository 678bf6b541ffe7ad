/** Litmus tests that grow with a number n: the families of the peers' scaling table, written for any n. */

export interface Family {
  readonly name: string;
  /** What grows with n. */
  readonly grows: string;
  readonly text: (n: number) => string;
}

interface Thread {
  /** Initial registers, such as `X1=x1`. */
  readonly registers: readonly string[];
  readonly code: readonly string[];
}

interface Test {
  readonly name: string;
  readonly metadata?: string;
  readonly memory: readonly string[];
  readonly threads: readonly Thread[];
  readonly shown: readonly string[];
  readonly condition: string;
}

function print(test: Test): string {
  const rows = Math.max(...test.threads.map((thread) => thread.code.length));
  const columns = test.threads.map((thread, t) => {
    const cells = [`P${t}`, ...Array.from({ length: rows }, (_, i) => thread.code[i] ?? '')];
    const width = Math.max(...cells.map((cell) => cell.length));
    return cells.map((cell) => cell.padEnd(width));
  });
  const table = Array.from({ length: rows + 1 }, (_, i) => ` ${columns.map((column) => column[i]).join(' | ')} ;`);
  const registers = test.threads.map((thread, t) => ` ${thread.registers.map((r) => `${t}:${r};`).join(' ')}`);
  return [
    `AArch64 ${test.name}`,
    'Variant=vmsa,fatal',
    ...(test.metadata === undefined ? [] : [test.metadata]),
    '{',
    ` ${test.memory.map((item) => `${item};`).join(' ')}`,
    ...registers,
    '}',
    ...table,
    `locations [${test.shown.map((s) => `${s};`).join(' ')}]`,
    `exists (${test.condition})`,
    '',
  ].join('\n');
}

const numbers = (n: number, first = 1): number[] => Array.from({ length: n }, (_, i) => first + i);

/** TLBI of the page whose address is in a register, between its DSBs. */
const shootDown = (register: string): string[] => ['DSB ISH', `LSR X30,${register},#12`, 'TLBI VAAE1IS,X30', 'DSB ISH'];

/** Takes the page of `page` through a break: the registers from `first` on, and the code. */
function remap(page: string, to: string, first: number): Thread {
  const [entry, broken, made, address] = [first, first + 1, first + 2, first + 3].map((r) => `X${r}`) as [
    string,
    string,
    string,
    string,
  ];
  return {
    registers: [
      `${entry}=PTE(${page})`,
      `${broken}=(oa:PA(${page}),valid:0)`,
      `${made}=(oa:PA(${to}))`,
      `${address}=${page}`,
    ],
    code: [`STR ${broken},[${entry}]`, ...shootDown(address), `STR ${made},[${entry}]`],
  };
}

/** Loads from the page whose address is in X1, into W2, W3, …; each has a label. */
function loads(count: number, label: string): string[] {
  return numbers(count, 0).map((i) => `${label}${i}: LDR W${2 + i},[X1]`);
}

function pages(n: number, loadsEach: number): string {
  const remaps = numbers(n).map((i) => remap(`x${i}`, `y${i}`, (i - 1) * 4));
  const readers = numbers(n).map((i) => ({ registers: [`X1=x${i}`], code: loads(loadsEach, `L${i}`) }));
  const hit = (i: number): string => (loadsEach === 1 ? `${i}:X2=2` : `${i}:X2=2 /\\ ${i}:X3=1`);
  return print({
    name: `A-pages${n}-loads${loadsEach}`,
    memory: numbers(n).flatMap((i) => [`[x${i}]=1`, `[y${i}]=2`]),
    threads: [{ registers: remaps.flatMap((r) => r.registers), code: remaps.flatMap((r) => r.code) }, ...readers],
    shown: numbers(n).flatMap((i) => numbers(loadsEach, 2).map((r) => `${i}:X${r}`)),
    condition: numbers(n).map(hit).join(' /\\ '),
  });
}

function readers(n: number, name: string, metadata?: string): string {
  return print({
    name: `${name}-readers${n}`,
    ...(metadata === undefined ? {} : { metadata }),
    memory: ['[x1]=1', '[y1]=2'],
    threads: [remap('x1', 'y1', 0), ...numbers(n).map((i) => ({ registers: ['X1=x1'], code: loads(2, `L${i}`) }))],
    shown: numbers(n).flatMap((i) => [`${i}:X2`, `${i}:X3`]),
    condition: '1:X2=2 /\\ 1:X3=1',
  });
}

function manyLoads(n: number): string {
  return print({
    name: `C-loads${n}`,
    memory: ['[x1]=1', '[y1]=2'],
    threads: [remap('x1', 'y1', 0), { registers: ['X1=x1'], code: loads(n, 'L') }],
    shown: numbers(n, 2).map((r) => `1:X${r}`),
    condition: n === 1 ? '1:X2=2' : `1:X2=2 /\\ 1:X${n + 1}=1`,
  });
}

function remaps(n: number): string {
  return print({
    name: `D-remaps${n}`,
    memory: ['[x]=1', ...numbers(n).map((i) => `[y${i}]=${i + 1}`)],
    threads: [
      {
        registers: ['X0=PTE(x)', 'X1=(oa:PA(x),valid:0)', 'X3=x', ...numbers(n).map((i) => `X${3 + i}=(oa:PA(y${i}))`)],
        code: numbers(n).flatMap((i) => ['STR X1,[X0]', ...shootDown('X3'), `STR X${3 + i},[X0]`]),
      },
      { registers: ['X1=x'], code: loads(2, 'L') },
    ],
    shown: ['1:X2', '1:X3'],
    condition: `1:X2=${n + 1} /\\ 1:X3=1`,
  });
}

function chain(n: number): string {
  const middle = numbers(n - 2).map((i) => ({
    registers: [`X1=f${i}`, `X3=f${i + 1}`],
    code: ['LDR W0,[X1]', 'DMB SY', 'MOV W2,#1', 'STR W2,[X3]'],
  }));
  const last = n - 1;
  return print({
    name: `E-chain${n}`,
    memory: ['[x]=1'],
    threads: [
      {
        registers: ['X0=PTE(x)', 'X1=(oa:PA(x),valid:0)', 'X3=x', 'X5=f1'],
        code: ['STR X1,[X0]', ...shootDown('X3'), 'MOV W4,#1', 'STR W4,[X5]'],
      },
      ...middle,
      { registers: [`X1=f${last}`, 'X3=x', 'X4=0'], code: ['LDR W0,[X1]', 'DMB SY', 'L0: LDR W4,[X3]'] },
    ],
    shown: [...numbers(last).map((t) => `${t}:X0`), `${last}:X4`],
    condition: [...numbers(last).map((t) => `${t}:X0=1`), `~fault(P${last}:L0,x)`].join(' /\\ '),
  });
}

function writers(n: number): string {
  return print({
    name: `F-writers${n}`,
    memory: ['[x]=1', ...numbers(n, 0).map((i) => `[y${i}]=${i + 2}`)],
    threads: [...numbers(n, 0).map((i) => remap('x', `y${i}`, 0)), { registers: ['X1=x'], code: loads(2, 'L') }],
    shown: [`${n}:X2`, `${n}:X3`],
    condition: `${n}:X2=2 /\\ ${n}:X3=1`,
  });
}

function batch(n: number, name: string, all: boolean): string {
  const invalidate = all
    ? ['TLBI VMALLE1IS']
    : numbers(n).flatMap((i) => [`LSR X30,X${i * 3 - 1},#12`, 'TLBI VAAE1IS,X30']);
  return print({
    name: `${name}-batch${n}`,
    memory: numbers(n).map((i) => `[x${i}]=1`),
    threads: [
      {
        registers: [
          'X29=f',
          ...numbers(n).flatMap((i) => [
            `X${i * 3 - 3}=PTE(x${i})`,
            `X${i * 3 - 2}=(oa:PA(x${i}),valid:0)`,
            `X${i * 3 - 1}=x${i}`,
          ]),
        ],
        code: [
          ...numbers(n).map((i) => `STR X${i * 3 - 2},[X${i * 3 - 3}]`),
          'DSB ISH',
          ...invalidate,
          'DSB ISH',
          'MOV W28,#1',
          'STR W28,[X29]',
        ],
      },
      {
        registers: ['X29=f', ...numbers(n).map((i) => `X${10 + i}=x${i}`)],
        code: ['LDR W0,[X29]', 'DMB SY', ...numbers(n).map((i) => `L${i}: LDR W${i},[X${10 + i}]`)],
      },
    ],
    shown: ['1:X0', ...numbers(n).map((i) => `1:X${i}`)],
    condition: '1:X0=1 /\\ ~fault(P1:L1,x1)',
  });
}

export const families: readonly Family[] = [
  { name: 'A-l1', grows: 'pages, a reader with one load each', text: (n) => pages(n, 1) },
  { name: 'A-l2', grows: 'pages, a reader with two loads each', text: (n) => pages(n, 2) },
  { name: 'B', grows: 'readers of one page', text: (n) => readers(n, 'B') },
  { name: 'Bha', grows: 'readers, hardware access flag', text: (n) => readers(n, 'Bha', 'TTHM=HA') },
  { name: 'C', grows: 'loads of one reader', text: manyLoads },
  { name: 'D', grows: 'remaps of one page', text: remaps },
  { name: 'E', grows: 'threads of a chain of messages', text: chain },
  { name: 'F', grows: 'writers of one page', text: writers },
  { name: 'G', grows: 'pages in one batch of TLBIs', text: (n) => batch(n, 'G', false) },
  { name: 'Gvmall', grows: 'pages before one TLBI of all', text: (n) => batch(n, 'Gvmall', true) },
];
