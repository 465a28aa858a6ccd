import type { Event } from '../bus/event.ts';
import type { Peer, Request, Verdict } from '../control/api.ts';
import type { Hold } from '../runner/hold.ts';
import type { FirewallPart } from './firewall.ts';
import type { KnownStanza, Stanza } from './stanza.ts';

export type { Request, Verdict } from '../control/api.ts';
export type { Hold } from '../runner/hold.ts';
export type * from './firewall.ts';
export type * from './stanza.ts';

/** One `ifup` or `ifdown` of one interface, as the taps of its phases see it. */
export interface Operation {
  readonly interface: string;
  /** The name under which sources know it: `home` of `ifup eth0=home`; else that of the interface. */
  readonly logical: string;
  readonly request: 'ifup' | 'ifdown';
  /** The step at work, with the parameters of its `[cfg]` section. */
  readonly step: string;
  readonly parameters: Readonly<Record<string, string>>;
  /**
   * What the source found, with what the configuration says beneath; without a source (a policy that starts at `DHCP`) that,
   * and what the step’s own name says.
   */
  readonly stanza: Stanza;
  /** What the request says beside the interface. */
  readonly options: OperationOptions;
  /** The `request.ifup` or `request.ifdown` that asked for it. */
  readonly event: Event;
  /** Aborted when the client is gone or the operation's time is up. */
  readonly signal: AbortSignal;
  /** Tells the client what is being done: one short sentence. */
  progress(message: string): void;
}

/** In the words of ifup(8). */
export interface OperationOptions {
  /** What scripts see as CLASS: `auto` for `-a`, `hotplug`…; empty when an interface was named. */
  readonly class?: string;
  /** Go on where a script fails, and where the interface is up (or down) already, or needed by others. */
  readonly force?: boolean;
  readonly ignoreErrors?: boolean;
  /** Run no scripts: all, or those whose names match a glob. */
  readonly noScripts?: true | string;
  readonly noMappings?: boolean;
  readonly verbose?: boolean;
  /** Another file than the source's own, such as `ifup -i FILE` names. */
  readonly file?: string;
  /** Options that are set beside, or instead of, those of the stanza: `-o mtu=1400`. */
  readonly set?: readonly (readonly [name: string, value: string])[];
}

/**
 * What a step came to: a word in capitals that the policy's sections know. `FAIL`, `TIMEOUT`, `NOTFOUND` and `AUTH` are
 * failures, all other words mean that it worked. `message` says more: what failed, and what to do.
 */
export type StepResult = { outcome: string; message?: string };

/** What a policy says of one request for one interface. */
export interface Plan {
  /** FILE, for messages. */
  file: string;
  /** Interfaces that must be up first, in this order. */
  prerequisites: readonly string[];
  /** The first step. */
  start: string;
  steps: Readonly<Record<string, PlannedStep>>;
}

export interface PlannedStep {
  parameters: Readonly<Record<string, string>>;
  /** Outcome to the step to go on with; an outcome that is not here is the operation's result. */
  next: Readonly<Record<string, string>>;
  /** When it fails: so many times more, the first after so many seconds, each wait twice as long as the one before. */
  retry?: { times: number; seconds: number };
}

/** What is asked of `renamed`. */
export interface Renaming {
  request: 'ifup' | 'ifdown';
  /** Another file than the source's own, such as `ifup -i FILE` names. */
  file?: string;
  /** Which links to rename now: all that the source says, those of the names only, or none. */
  act: 'all' | 'these' | 'nothing';
  /** Has netconf configured this interface, or does it work at it? Then its link keeps its name. */
  isKept: (name: string) => boolean;
}

/** A call of a client that a plugin answers: `Ask` of the control socket. Whoever comes here may manage netconf. */
export interface Question {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly peer: Peer;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** Tells the client what is being done: one short sentence. */
  progress(message: string): void;
}

/** An interface that a source declares. */
export interface Declared {
  interface: string;
  logical: string;
  /** `auto`, `hotplug`, and what else `allow-CLASS` says. */
  classes: readonly string[];
}

/** A script of another package that is left out of an operation, since a plugin does its work. */
export interface Replaced {
  /** Directory and name: `if-pre-up.d/ifenslave`. */
  script: string;
  /** The plugin that does it. */
  plugin: string;
}

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
  /** bail: which steps, and in which order? Without an answer: `ENI`, then what the stanza's method says. */
  plan: (request: Request) => Plan | undefined;
  /** bail, one hook point a step name (`ENI`, `NetworkFile`): the stanzas of an interface; none is NOTFOUND. */
  source: (operation: Operation) => readonly Stanza[] | undefined;
  /** waterfall: add the interfaces that a source declares. */
  declared: (interfaces: readonly Declared[], asked: { file?: string }) => readonly Declared[] | undefined;
  /**
   * waterfall: the names that interfaces have by a source's rules for renaming links (`rename` of interfaces(5)), once
   * it has renamed what it is asked to. The first failure ends the request.
   */
  renamed: (names: readonly string[], asked: Renaming) => readonly string[] | undefined;
  /** bail, one hook point a step name: do this step up, or take it back (`operation.request`). */
  step: (operation: Operation) => StepResult | undefined;
  /**
   * bail, one hook point a question (`network apply`): answer a client. An object that JSON can say, failures too: what is
   * thrown reaches the log only, but for a NetconfError.
   */
  answer: (question: Question) => Readonly<Record<string, unknown>> | undefined;
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
  /** waterfall, synchronous: add sentences to what `netconf explain EVENT` tells. The event has not happened. */
  explain: (sentences: readonly string[], event: Event) => readonly string[] | undefined;
  /** waterfall, synchronous: add the scripts of other packages whose work this plugin does in the operation. */
  replaced: (scripts: readonly Replaced[], operation: Operation) => readonly Replaced[] | undefined;
  /**
   * waterfall, synchronous: add the stanzas that a source knows, of the files that count for an operation where there is
   * one, or say which links of them this plugin makes. At stage 5 the configuration's options are put beneath. The same
   * list for as long as nothing has changed.
   */
  stanzas: (
    known: readonly KnownStanza[],
    operation: Operation | undefined,
  ) => readonly KnownStanza[] | undefined;
  /** waterfall, synchronous: add what this plugin wants of the firewall. */
  firewall: (parts: readonly FirewallPart[]) => readonly FirewallPart[] | undefined;
  /** parallel: the daemon is ready; it stops. */
  ready: () => void;
  stop: () => void;
}

/** Hook points whose taps must answer at once. */
export type SynchronousHook = 'environment' | 'reaction' | 'explain' | GatheredHook;

/** Hook points that plugins fill and a plugin asks: `netconf.gather`. */
export type GatheredHook = 'replaced' | 'stanzas' | 'firewall';

/** Hook points of which there is one for each name of a step, or of a question. */
export type StepHook = 'source' | 'step' | 'answer';

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
export type PluginHooks = { readonly [Name in Exclude<keyof HookPoints, StepHook>]: PluginHook<Name> } & {
  readonly [Name in StepHook]: { for(name: string): PluginHook<Name> };
};
