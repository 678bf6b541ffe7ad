/**
 * The syntax tree of a `.hvo` file.
 *
 * Every node has a `span` of offsets into the text. A tree is complete for every text: what the parser could not read
 * is a `missing` expression, a `bad` statement or a `bad` item, and an `Identifier` that is not there has the name ''.
 * Nothing here has been resolved: names are text until `names.ts` looks them up.
 */

/** Offsets in UTF-16 units: `start` is the first, `end` the one behind the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Node {
  readonly span: Span;
}

/** A name in a defining or selecting position. `name` is '' where the text has none. */
export interface Identifier extends Node {
  readonly name: string;
}

/** A quoted text: `value` without the quotes; `span` with them. */
export interface StringLiteral extends Node {
  readonly value: string;
}

export interface Comment extends Node {
  readonly kind: 'line' | 'block';
  /** As written, with its marks. */
  readonly text: string;
}

export interface File extends Node {
  readonly kind: 'file';
  readonly items: readonly Item[];
  /** All comments in order; the tree itself does not hold them. */
  readonly comments: readonly Comment[];
}

// Items

/** What may stand at the top of a file and in a scenario. */
export type Declaration = MachineItem | HugePageItem | PageItem | LockItem | VariableItem | ConstantItem | FunctionItem;

export type Item = Declaration | ScenarioItem | UseItem | BadItem;

export type ScenarioMember = Declaration | OnFaultMember | CpuMember | InterruptMember | ExpectationMember | BadItem;

/** `machine { switch value ... }` */
export interface MachineItem extends Node {
  readonly kind: 'machine';
  readonly keyword: Span;
  readonly settings: readonly MachineSetting[];
}

/** One switch. `value.text` is what is written: `v6.7`, `4K`, `2-noabort`, `yes`; '' when it is missing. */
export interface MachineSetting extends Node {
  readonly name: Identifier;
  readonly value: SettingValue;
}

export interface SettingValue extends Node {
  readonly text: string;
  /** Present when the text is one number literal: 48, 4K, 0x4000_0000. */
  readonly number?: bigint;
}

/** `hugepage NAME { size S  at PA  vmemmap pages|blocks  [optimised]  [refcount N] }` */
export interface HugePageItem extends Node {
  readonly kind: 'hugepage';
  readonly keyword: Span;
  readonly name: Identifier;
  readonly size?: Expression;
  readonly at?: Expression;
  readonly vmemmap?: 'pages' | 'blocks';
  readonly optimised: boolean;
  readonly refcount?: Expression;
  /** Where each property stands, keyword included, in the order of the text. */
  readonly properties: readonly HugePageProperty[];
}

export interface HugePageProperty extends Node {
  readonly name: 'size' | 'at' | 'vmemmap' | 'optimised' | 'refcount';
}

/** `page NAME at PA` */
export interface PageItem extends Node {
  readonly kind: 'page';
  readonly keyword: Span;
  readonly name: Identifier;
  readonly at: Expression;
}

export type LockKindWord = 'spin' | 'raw' | 'mutex' | 'rwsem';

/** `lock NAME : spin|raw|mutex|rwsem`; `lockKind` is absent where the word is missing or wrong. */
export interface LockItem extends Node {
  readonly kind: 'lock';
  readonly keyword: Span;
  readonly name: Identifier;
  readonly lockKind?: LockKindWord;
}

/** `var NAME = value`: a shared 64-bit word. */
export interface VariableItem extends Node {
  readonly kind: 'var';
  readonly keyword: Span;
  readonly name: Identifier;
  readonly value: Expression;
}

/** `const NAME = value` */
export interface ConstantItem extends Node {
  readonly kind: 'const';
  readonly keyword: Span;
  readonly name: Identifier;
  readonly value: Expression;
}

/** `fn NAME(parameters) { ... }` */
export interface FunctionItem extends Node {
  readonly kind: 'fn';
  readonly keyword: Span;
  readonly name: Identifier;
  readonly parameters: readonly Identifier[];
  readonly body: Block;
}

/** `scenario "title" { ... }` */
export interface ScenarioItem extends Node {
  readonly kind: 'scenario';
  readonly keyword: Span;
  readonly title: StringLiteral;
  readonly members: readonly ScenarioMember[];
}

/** `use "other.hvo"` */
export interface UseItem extends Node {
  readonly kind: 'use';
  readonly keyword: Span;
  readonly path: StringLiteral;
}

/** Text that is no item; a diagnostic says why. */
export interface BadItem extends Node {
  readonly kind: 'bad';
  /** It is what stands in a scenario: one that ends too early, or begins too late, may have lost it. */
  readonly ofScenario?: boolean;
}

// Members of a scenario

/** `on fault NAME`: the hook of the kernel's fault path for vmemmap addresses. */
export interface OnFaultMember extends Node {
  readonly kind: 'onFault';
  readonly keyword: Span;
  readonly handler: Identifier;
}

/** `N` or `N..M`; `first` and `last` are equal for one CPU. -1 where the number is missing. */
export interface CpuRange extends Node {
  readonly first: number;
  readonly last: number;
}

/** `cpu N { ... }` */
export interface CpuMember extends Node {
  readonly kind: 'cpu';
  readonly keyword: Span;
  readonly cpus: CpuRange;
  readonly body: Block;
}

/** `irq NAME on cpu N [times K] { ... }`, `nmi NAME on cpu N [times K] { ... }` */
export interface InterruptMember extends Node {
  readonly kind: 'interrupt';
  readonly keyword: Span;
  readonly delivery: 'irq' | 'nmi';
  readonly name: Identifier;
  readonly cpus: CpuRange;
  readonly times?: Expression;
  readonly body: Block;
}

/** `never C`, `sometimes C`, `always C` */
export interface ExpectationMember extends Node {
  readonly kind: 'expectation';
  readonly keyword: Span;
  readonly quantifier: 'never' | 'sometimes' | 'always';
  readonly condition: Condition;
}

export type Condition =
  | OrCondition
  | AndCondition
  | NotCondition
  | GroupCondition
  | OutcomeCondition
  | FaultsCondition
  | ComparisonCondition;

export interface OrCondition extends Node {
  readonly kind: 'or';
  readonly left: Condition;
  readonly right: Condition;
}

export interface AndCondition extends Node {
  readonly kind: 'and';
  readonly left: Condition;
  readonly right: Condition;
}

export interface NotCondition extends Node {
  readonly kind: 'not';
  readonly operand: Condition;
}

/** Parentheses. */
export interface GroupCondition extends Node {
  readonly kind: 'group';
  readonly inner: Condition;
}

/** `[cpu N] oops-paging [at L3]` */
export interface OutcomeCondition extends Node {
  readonly kind: 'outcome';
  readonly cpus?: CpuRange;
  readonly outcome: OutcomeWord;
  readonly level?: Level;
}

/** `cpu N faults [at L3]` */
export interface FaultsCondition extends Node {
  readonly kind: 'faults';
  readonly cpus: CpuRange;
  readonly level?: Level;
}

/** A value of the finished execution that is not 0: `r0 == 1`, `load(H.page(1).flags) == 0`. */
export interface ComparisonCondition extends Node {
  readonly kind: 'comparison';
  readonly expression: Expression;
}

/** A word of the outcome vocabulary or a rule's code: `fixed-up`, `HVO101`. `word` is '' where it is missing. */
export interface OutcomeWord extends Node {
  readonly word: string;
}

/** `L0` ... `L3` behind `at`. */
export interface Level extends Node {
  readonly level: number;
}

// Statements

export interface Block extends Node {
  readonly statements: readonly Statement[];
  /** False for the single statement of `if (e) return 0`. */
  readonly braced: boolean;
}

export type Statement =
  | LetStatement
  | AssignStatement
  | CallStatement
  | IfStatement
  | WhileStatement
  | ForStatement
  | RepeatStatement
  | LoopStatement
  | ChooseStatement
  | SwitchStatement
  | RegionStatement
  | BlockStatement
  | ReturnStatement
  | BreakStatement
  | ContinueStatement
  | BadStatement;

interface StatementNode extends Node {
  /** `=> ok | fixed-up` behind a statement: the outcomes that its accesses may have. */
  readonly expected?: ExpectedOutcomes;
}

export interface ExpectedOutcomes extends Node {
  readonly outcomes: readonly ExpectedOutcome[];
}

export interface ExpectedOutcome extends Node {
  readonly outcome: OutcomeWord;
  readonly level?: Level;
}

/** `let NAME = value` */
export interface LetStatement extends StatementNode {
  readonly kind: 'let';
  readonly keyword: Span;
  readonly name: Identifier;
  readonly value: Expression;
}

export type AssignOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=';

/** `x = e`, `x += e`, `*p = e` (a plain store), `x++` (as `x += 1`, with `step`). */
export interface AssignStatement extends StatementNode {
  readonly kind: 'assign';
  readonly target: Expression;
  readonly operator: AssignOperator;
  readonly value: Expression;
  /** Written as `x++` or `x--`. */
  readonly step: boolean;
}

/** An expression for its effects: nearly always a call. */
export interface CallStatement extends StatementNode {
  readonly kind: 'call';
  readonly expression: Expression;
}

export interface IfStatement extends StatementNode {
  readonly kind: 'if';
  readonly keyword: Span;
  readonly condition: Expression;
  readonly then: Block;
  /** `else if` is a block without braces that holds one `if`. */
  readonly otherwise?: Block;
}

export interface WhileStatement extends StatementNode {
  readonly kind: 'while';
  readonly keyword: Span;
  readonly condition: Expression;
  readonly body: Block;
}

export interface ForStatement extends StatementNode {
  readonly kind: 'for';
  readonly keyword: Span;
  readonly initial?: LetStatement | AssignStatement;
  readonly condition?: Expression;
  readonly step?: AssignStatement;
  readonly body: Block;
}

/** `repeat n { ... }` */
export interface RepeatStatement extends StatementNode {
  readonly kind: 'repeat';
  readonly keyword: Span;
  readonly count: Expression;
  readonly body: Block;
}

/** `loop { ... }`: for ever. */
export interface LoopStatement extends StatementNode {
  readonly kind: 'loop';
  readonly keyword: Span;
  readonly body: Block;
}

/** `choose { ... } or { ... }`: any one of them. */
export interface ChooseStatement extends StatementNode {
  readonly kind: 'choose';
  readonly keyword: Span;
  readonly branches: readonly Block[];
}

/** `switch (e) { case A: ... default: ... }` */
export interface SwitchStatement extends StatementNode {
  readonly kind: 'switch';
  readonly keyword: Span;
  readonly value: Expression;
  readonly cases: readonly SwitchCase[];
}

/** One body with all its labels: `case A: case B: ...`. No fall-through into the next. */
export interface SwitchCase extends Node {
  readonly labels: readonly CaseLabel[];
  readonly body: Block;
}

/** `case E:`, or `default:` when `value` is absent. */
export interface CaseLabel extends Node {
  readonly value?: Expression;
}

/** A block with its entry and exit. */
export interface RegionStatement extends StatementNode {
  readonly kind: 'region';
  readonly keyword: Span;
  readonly region: 'stop_machine' | 'irqs_off' | 'rcu';
  readonly body: Block;
}

/** `{ ... }` */
export interface BlockStatement extends StatementNode {
  readonly kind: 'block';
  readonly body: Block;
}

export interface ReturnStatement extends StatementNode {
  readonly kind: 'return';
  readonly keyword: Span;
  readonly value?: Expression;
}

export interface BreakStatement extends StatementNode {
  readonly kind: 'break';
}

export interface ContinueStatement extends StatementNode {
  readonly kind: 'continue';
}

/** Text that is no statement; a diagnostic says why. */
export interface BadStatement extends StatementNode {
  readonly kind: 'bad';
}

// Expressions: 64-bit unsigned values

export type Expression =
  | NumberExpression
  | NameExpression
  | MemberExpression
  | CallExpression
  | UnaryExpression
  | BinaryExpression
  | ConditionalExpression
  | GroupExpression
  | RangeExpression
  | CpuRegisterExpression
  | OutcomeExpression
  | MissingExpression;

/** `12`, `0x1_0000`, `4K`, `2M`. `value` is below 2^64. */
export interface NumberExpression extends Node {
  readonly kind: 'number';
  readonly value: bigint;
  readonly text: string;
}

/** A local, a parameter, a register, an item, a constant, or a word that a primitive takes (`ishst`, `vaale1is`). */
export interface NameExpression extends Node {
  readonly kind: 'name';
  readonly name: string;
}

/** `H.page`, `init_mm.page_table_lock`, `p.flags`, `p->flags` (the same). */
export interface MemberExpression extends Node {
  readonly kind: 'member';
  readonly object: Expression;
  readonly member: Identifier;
  readonly arrow: boolean;
}

/** `f(a)`; `H.page(1)` has a `member` as callee. */
export interface CallExpression extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly arguments: readonly Expression[];
}

/** `*p` is a plain 64-bit load (or the place of READ_ONCE and the like); `&x` is x: names of memory are addresses. */
export type UnaryOperator = '-' | '!' | '~' | '*' | '&';

export interface UnaryExpression extends Node {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||';

export interface BinaryExpression extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface ConditionalExpression extends Node {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

/** Parentheses. */
export interface GroupExpression extends Node {
  readonly kind: 'group';
  readonly inner: Expression;
}

/** `a .. b`, both ends included; only as an argument of `any`. */
export interface RangeExpression extends Node {
  readonly kind: 'range';
  readonly first: Expression;
  readonly last: Expression;
}

/** `cpu 1: r0`; only in expectations. */
export interface CpuRegisterExpression extends Node {
  readonly kind: 'cpuRegister';
  readonly cpus: CpuRange;
  readonly register: Identifier;
}

/** An outcome word as the argument of `report`, `die` and `panic`. */
export interface OutcomeExpression extends Node {
  readonly kind: 'outcome';
  readonly outcome: OutcomeWord;
}

/** Nothing, where an expression belongs; a diagnostic says so. */
export interface MissingExpression extends Node {
  readonly kind: 'missing';
}
