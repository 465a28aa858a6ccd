import { NetconfError } from '../base/errors.ts';
import type { InterfaceState } from '../control/api.ts';

/** What moves an interface from one state to another. */
export type Move =
  /** An `ifup` begins; again where it was configured (`--force`), or where an earlier process was ended in the middle. */
  | 'up'
  /** Every stanza is done. */
  | 'up-done'
  /** A step failed, or the operation was aborted: what was begun has been undone, as far as it could be. */
  | 'up-failed'
  /** No source knows the interface, and nothing was begun. */
  | 'unknown'
  /** An `ifdown` begins, or goes on after an earlier process was ended in the middle. */
  | 'down'
  /** Every stanza has been taken back. */
  | 'down-done'
  /** A step could not take back what it had done. */
  | 'down-failed'
  /** The link is another one now, or the machine was started anew: nothing is left of what was configured. */
  | 'forgotten';

export interface Transition {
  from: InterfaceState;
  on: Move;
  to: InterfaceState;
}

/** The machine of an interface, whole: what does not stand here cannot happen. */
export const transitions: readonly Transition[] = [
  { from: 'down', on: 'up', to: 'configuring' },
  { from: 'failed', on: 'up', to: 'configuring' },
  { from: 'configured', on: 'up', to: 'configuring' },
  { from: 'configuring', on: 'up', to: 'configuring' },
  { from: 'configuring', on: 'up-done', to: 'configured' },
  { from: 'configuring', on: 'up-failed', to: 'failed' },
  { from: 'configuring', on: 'unknown', to: 'down' },
  { from: 'configured', on: 'down', to: 'deconfiguring' },
  { from: 'failed', on: 'down', to: 'deconfiguring' },
  { from: 'configuring', on: 'down', to: 'deconfiguring' },
  { from: 'deconfiguring', on: 'down', to: 'deconfiguring' },
  { from: 'deconfiguring', on: 'down-done', to: 'down' },
  { from: 'deconfiguring', on: 'down-failed', to: 'failed' },
  { from: 'configuring', on: 'forgotten', to: 'down' },
  { from: 'configured', on: 'forgotten', to: 'down' },
  { from: 'failed', on: 'forgotten', to: 'down' },
  { from: 'deconfiguring', on: 'forgotten', to: 'down' },
];

/** Throws `Internal` for a move that the table does not have. */
export function next(from: InterfaceState, on: Move): InterfaceState {
  const found = transitions.find(each => each.from === from && each.on === on);
  if (found !== undefined) return found.to;
  throw new NetconfError('Internal', `an interface that is ${from} cannot go on by ${on}`);
}

/** Outcomes of steps that are failures; all other words mean that it worked. */
const failures: ReadonlySet<string> = new Set(['FAIL', 'TIMEOUT', 'NOTFOUND', 'AUTH', 'ABORTED']);

export function isFailure(outcome: string): boolean {
  return failures.has(outcome);
}
