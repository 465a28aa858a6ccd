import type { InterfaceState } from '../control/api.ts';
import type { OperationOptions, Stanza } from '../plugin/hooks.ts';
import { type Move, next } from './states.ts';

/** In this order. */
export const reaches = ['create', 'preUp', 'step', 'postUp', 'done'] as const;
export type Reached = (typeof reaches)[number];

/** A stanza that was begun: what an `ifdown` takes back, whatever the files say by then. */
export interface Begun {
  stanza: Stanza;
  parameters: Readonly<Record<string, string>>;
  /** How far it got: the last phase that began, now or when an earlier operation did the same work. */
  reached: Reached;
  /** Of the link that its step worked on; absent where there was none yet. */
  ifindex?: number;
}

/** What netconf intends for an interface and has begun: `NAME.json`. An interface that is down has none. */
export interface InterfaceRecord {
  interface: string;
  logical: string;
  state: InterfaceState;
  /** Since when it is in this state: milliseconds since the epoch. */
  since: number;
  /** Asked for by somebody; otherwise it goes down with the last that needs it. */
  explicit: boolean;
  /** Of the machine's start and the network namespace: what was configured before, or in another, is not any more. */
  boot: string;
  /** Of the link that was configured; absent where there was none yet. */
  ifindex?: number;
  step?: string;
  outcome?: string;
  message?: string;
  /** With which it was asked for: an operation that was cut off goes on with them. */
  options: OperationOptions;
  stanzas: Begun[];
  /** Begun by an earlier operation, and not yet done again or taken back by this one. */
  left: Begun[];
  prerequisites: string[];
}

/** Was an operation at work when its process ended? */
export function isCutOff(record: InterfaceRecord | undefined): boolean {
  return record?.state === 'configuring' || record?.state === 'deconfiguring';
}

/** Moves a record along the table of states. Throws `Internal` where the table has no such way. */
export function move(record: InterfaceRecord, on: Move): InterfaceRecord {
  const to = next(record.state, on);
  if (to !== record.state) record.since = Date.now();
  record.state = to;
  return record;
}

/** Do these two stand for the same work? Then doing the one again also makes good what is left of the other. */
export function isSameWork(a: Stanza, b: Stanza): boolean {
  const alike = a.family === b.family && a.method === b.method && a.step === b.step;
  return alike && a.logical === b.logical && a.nth === b.nth;
}

/** Has it got further than before? An `ifup` again begins anew, but there is as much to take back as there was. */
export function reach(begun: Begun, phase: Reached): void {
  if (reaches.indexOf(phase) > reaches.indexOf(begun.reached)) begun.reached = phase;
}
