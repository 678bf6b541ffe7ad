import type { Step } from './explore';
import type { State } from './protocolState';

/** What happened in one step, with the facts that the assertions look at. */
export interface Action {
  readonly cpu: number;
  readonly what: string;
  readonly page?: number;
  /** The CPU copies the page's entry into its TLB. */
  readonly fills?: boolean;
  /** The CPU's access goes through the copy in its TLB (after the fill, if there is one). */
  readonly uses?: boolean;
  /** The fault handler looks at the entry, which it expects to be valid. */
  readonly expectsValid?: boolean;
  /** The CPU waits for a lock that it holds itself, further down its own stack. */
  readonly waitsForItself?: boolean;
}

export type ProtocolStep = Step<State, Action>;
