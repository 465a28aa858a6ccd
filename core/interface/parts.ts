import type { Log } from '../base/log.ts';
import type { Bus } from '../bus/bus.ts';
import type { Event, Source } from '../bus/event.ts';
import type { OperationProgress, OperationResult, Peer } from '../control/api.ts';
import type { Configured } from '../plugin/configured.ts';
import type { HookPoints } from '../plugin/hook-points.ts';
import type { OperationOptions, Plan } from '../plugin/hooks.ts';
import type { Programs } from '../runner/programs.ts';
import type { Records } from './records.ts';

/** What operations are made of, with a daemon or without one. */
export interface OperationParts {
  bus: Bus;
  hooks: HookPoints;
  records: Records;
  programs: Programs;
  /** What the configuration says of interfaces. */
  configured: Configured;
  log: Log;
  /** Change nothing on the machine. */
  observe: boolean;
}

/** Why an operation is done. `release`: the last that needed it is down. `resume`: it was cut off in the middle. */
export type Why = 'asked' | 'prerequisite' | 'release' | 'resume';

/** A request for one interface. */
export interface Ask {
  interface: string;
  /** @default the interface's name, or what it was configured as */
  logical?: string | undefined;
  options?: OperationOptions;
  /** Who asks. @default the daemon itself */
  source?: Source;
  peer?: Peer;
  /** The event that led to it. */
  cause?: Event | undefined;
  /** Aborted when who asks is gone: what was begun is undone. */
  signal?: AbortSignal | undefined;
  progress?: ((step: OperationProgress) => void) | undefined;
  /** Of the link that who asks has seen. @default that of the link there is now */
  ifindex?: number;
  /** The interface whose operation waits for this one. */
  inside?: string | undefined;
  why?: Why;
  /** Of `ifup`: what is configured is done again, since its source says something else now. */
  again?: boolean;
  /** Of `ifdown`: a step to end with, whatever was configured before. */
  last?: string | undefined;
}

/** One operation at work, as its parts see it. */
export interface Work {
  readonly parts: OperationParts;
  readonly interface: string;
  readonly logical: string;
  readonly request: 'ifup' | 'ifdown';
  readonly options: OperationOptions;
  readonly event: Event;
  readonly signal: AbortSignal;
  readonly plan: Plan;
  /** Failures that did not end it. */
  readonly warnings: string[];
  progress(step: Omit<OperationProgress, 'interface'>): void;
}

/** Does an operation of another interface for one at work. */
export type Operate = (request: 'ifup' | 'ifdown', ask: Ask) => Promise<OperationResult>;

/** The daemon as one who asks. */
export function ownPeer(): Peer {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [], pid: process.pid };
}
