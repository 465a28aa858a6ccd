import type { Event } from '../bus/event.ts';
import type { Request, Verdict } from '../control/api.ts';
import type { Hold } from '../runner/hold.ts';

export type { Request, Verdict } from '../control/api.ts';
export type { Hold } from '../runner/hold.ts';

/** One `ifup` or `ifdown` of one interface, as the taps of its phases see it. */
export interface Operation {
  readonly interface: string;
  readonly request: 'ifup' | 'ifdown';
  /** The step at work, with the parameters of its `[cfg]` section. */
  readonly step: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly event: Event;
  /** Aborted when the client is gone or the operation's time is up. */
  readonly signal: AbortSignal;
}

/** What a step came to: an outcome of the policy, or the step to go on with. */
export type StepResult = { outcome: string; message?: string } | { next: string };

/**
 * The hook points, each with its order and stop rule in its kind (the names are tapable's). Taps run in order of
 * `stage` (0 unless given), then `before`, then of registration; plugins register in order of their `needs`.
 *
 * | kind | rule |
 * |---|---|
 * | bail | the first tap that returns something else than undefined answers; the rest does not run |
 * | waterfall | each tap gets what the one before returned; undefined passes it on unchanged |
 * | series | one after the other |
 * | parallel | all at once |
 */
export interface HookPoints {
  /** bail: may this peer do this? Deadline 5 s; a tap that fails is passed over. */
  authorise: (request: Request) => Verdict | undefined;
  /** bail, one hook point a step name: do this step. */
  step: (operation: Operation) => StepResult | undefined;
  /** waterfall: interfaces that must be up first. */
  prerequisites: (interfaces: readonly string[], operation: Operation) => readonly string[] | undefined;
  /** series; the first failure ends the operation. */
  create: (operation: Operation) => void;
  preUp: (operation: Operation) => void;
  postUp: (operation: Operation) => void;
  /** series; failures are gathered, the rest goes on. */
  preDown: (operation: Operation) => void;
  postDown: (operation: Operation) => void;
  destroy: (operation: Operation) => void;
  /** waterfall, synchronous: add to what scripts see. Names that no script may be given are left out. */
  environment: (
    variables: Readonly<Record<string, string>>,
    event: Event,
  ) => Record<string, string> | undefined;
  /** bail, synchronous: hold back the scripts of an event. The event itself is published all the same. */
  reaction: (event: Event) => Hold | undefined;
  /** parallel: the daemon is ready; it stops. */
  ready: () => void;
  stop: () => void;
}

/** Hook points whose taps must answer at once. */
export type SynchronousHook = 'environment' | 'reaction';

export interface TapOptions {
  /** What the tap does, for messages and `netconf explain`. */
  name?: string;
  /** Lower runs earlier. @default 0 */
  stage?: number;
  /** Runs before the taps of these plugins, within its stage or not. */
  before?: string | readonly string[];
}

/**
 * One hook point as a plugin sees it. A tap that returns a promise is registered with `tapPromise` (tapable's word), and
 * then may return one or not; what is registered with `tap` must answer at once, and costs a tenth of it.
 */
export interface PluginHook<Name extends keyof HookPoints> {
  tap(options: TapOptions | string, tap: HookPoints[Name]): void;
  tapPromise: Name extends SynchronousHook
    ? never
    : (
        options: TapOptions | string,
        tap: (
          ...values: Parameters<HookPoints[Name]>
        ) => ReturnType<HookPoints[Name]> | PromiseLike<ReturnType<HookPoints[Name]>>,
      ) => void;
}

/** All hook points as a plugin sees them: `netconf.hooks.preUp.tapPromise('bond', …)`, `netconf.hooks.step.for('DHCP')`. */
export type PluginHooks = { readonly [Name in Exclude<keyof HookPoints, 'step'>]: PluginHook<Name> } & {
  readonly step: { for(step: string): PluginHook<'step'> };
};
