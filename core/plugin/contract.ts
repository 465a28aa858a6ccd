import type { Log } from '../base/log.ts';
import type { Undo } from '../base/undo.ts';
import type { DataOf, EventName } from '../bus/catalogue.ts';
import type { Event } from '../bus/event.ts';
import type { OperationResult } from '../control/api.ts';
import type { Launched, LaunchRequest } from '../runner/launch.ts';
import type {
  MethodRequest,
  PartsRequest,
  PartsRun,
  ProgramRequest,
  ProgramRun,
} from '../runner/programs.ts';
import type { GatheredHook, Hold, HookPoints, Operation, PluginHooks } from './hooks.ts';

export type { Log } from '../base/log.ts';
export type { Undo } from '../base/undo.ts';
export * from '../bus/catalogue.ts';
export type { Event, EventJson } from '../bus/event.ts';
export type * from '../bus/lease.ts';
export type * from '../bus/objects.ts';
export type * from '../bus/vpn.ts';
export type { OperationResult, Peer } from '../control/api.ts';
export { variablesOf } from '../runner/environment.ts';
export { failureOf } from '../runner/failure.ts';
export type { Launched, LaunchRequest } from '../runner/launch.ts';
export type { PartsRun, ProgramRun } from '../runner/programs.ts';
export {
  type Check,
  checkedOption,
  hardwareAddress,
  hundredths,
  oneOf,
  wholeNumber,
  wordsOf,
} from './checks.ts';
export type * from './hooks.ts';
export { markStanzas, stanzaName } from './makes.ts';
export { type Follower, followMembers } from './members/follow.ts';
export {
  type OptionValue,
  type OptionValues,
  optionsIn,
  optionsOf,
  optionsOfStanza,
  placeOf,
} from './options-of.ts';
export { hasHandle, type Performance, type Performer, perform } from './perform.ts';
export type { StandardSchema } from './schema.ts';

import type { OptionValues } from './options-of.ts';
import type { StandardSchema } from './schema.ts';

/** The version of this contract. A plugin that names another in `api` is refused with a sentence that says so. */
export const apiVersion = 1;

/**
 * A plugin: the default export of an ES module (`NAME.mjs`, `NAME.js`, or a folder with a `package.json`), or of a
 * CommonJS one (`NAME.cjs`), in a plugin directory. Loading the module must do nothing; `apply` registers, and may be asynchronous.
 */
export interface Plugin<Options = unknown> {
  /** Lower-case letters, digits and dashes. Also the key of its options in the configuration (`plugins: {NAME: …}`). */
  name: string;
  /** Shown by `netconf plugins`. @default the version in the folder's `package.json` */
  version?: string;
  /** The contract that it is written for. @default 1 */
  api?: number;
  /** Names of plugins that must be applied before this one; without them it is not loaded. */
  needs?: readonly string[];
  /** Event families that it emits (`wifi` for `wifi.connected`): nobody else may emit them then. */
  events?: readonly string[];
  /** Checks the options of the configuration: any library of the Standard Schema (valibot, zod, arktype). */
  options?: StandardSchema<Options>;
  /**
   * Throws an Error, with the place and what was expected, where a stanza cannot have these options. `netconf check` asks,
   * without `apply`, for each stanza that it finds; `own` are the plugin's, checked.
   */
  checkStanza?(options: OptionValues, logical: string, own: Options): void;
  /**
   * Registers listeners and taps. What it registers is taken back when the plugin is unloaded; what else it opens it
   * gives back in a function pushed with `netconf.onUnload`. Deadline: 30 s.
   */
  apply(netconf: Netconf<Options>): void | Promise<void>;
}

/** What a plugin gets. All of it is dead after unloading: calls then do nothing. */
export interface Netconf<Options = unknown> {
  readonly name: string;
  /** Checked by the plugin's schema, or the configuration's plain value. */
  readonly options: Options;
  /** True for `netconfd --observe`: change nothing on the machine. */
  readonly observe: boolean;
  readonly log: Log;
  readonly hooks: PluginHooks;
  /**
   * Listens to a name, or to all with `'*'`. Events come in order and are never waited for; a listener that throws,
   * rejects, or whose promise is pending after 30 s counts as a failure of the plugin.
   */
  on<Name extends EventName>(name: Name | '*', listener: (event: Event<DataOf<Name>>) => unknown): Undo;
  /**
   * Publishes an event: of an own family (`events`), or any name outside the reserved families.
   * `data` is copied as JSON, at most 64 KiB. Throws `BadEventName`, `ReservedName`, and a TypeError for what JSON
   * cannot say. The event being delivered is its cause unless `cause` says otherwise:
   * pass it after an `await`.
   */
  emit<Name extends EventName>(
    name: Name,
    data?: DataOf<Name>,
    options?: { interface?: string; cause?: Event },
  ): Event;
  /**
   * Asks for an operation, as `do ifup` of a policy: it takes its turn like all others, and nobody is asked whether the
   * plugin may. Resolves with what it came to; rejects with `Overloaded`, `Denied` (a daemon that observes) and, where
   * `inside` is given, `Reentrant`. Do not await it within a tap of an operation unless you pass that as `inside`.
   */
  operate(request: 'ifup' | 'ifdown', on: string, options?: OperateOptions): Promise<OperationResult>;
  /** Publishes `interface.found`: a link that nothing configures, for whoever wants to. */
  found(on: string, reason: string, cause?: Event): void;
  /** Is an event held back (`reaction`)? Then what follows from it should wait as long. Ask only where something would. */
  hold(event: Event): Hold | undefined;
  /** Names of the steps that somebody does, and of the sources that somebody reads. */
  steps(): ReadonlySet<string>;
  /**
   * What became of a plugin of this name: `loaded`; `unloaded`, as the administrator wants it; `failed` or `disabled`,
   * which nobody wanted. Undefined where there is none, and for a moment while it is loaded anew.
   */
  stateOf(plugin: string): 'loaded' | 'failed' | 'disabled' | 'unloaded' | undefined;
  /** What plugins say at a hook point that is there for other plugins; the first value is what they add to. */
  gather<Name extends GatheredHook>(
    name: Name,
    ...values: Parameters<HookPoints[Name]>
  ): Parameters<HookPoints[Name]>[0];
  /** Says that this plugin's tap of a gathered hook point would answer something else now; true where somebody watches it. */
  touch(name: GatheredHook): boolean;
  /** Calls `changed`, in a later turn, when a gathered hook point may answer something else: taps came, went, or touched it. */
  watch(name: GatheredHook, changed: () => unknown): Undo;
  /**
   * May this file be believed? As root only what nobody but root could have written, links and directories on the way
   * included: the path with all links resolved, or the sentence why not.
   */
  trust(path: string): { path: string } | { reason: string };
  /** Where things lie on this system, as flags and configuration say. */
  readonly paths: Paths;
  /**
   * Runs one program to its end, in its own process group: TERM when its deadline passes or the operation is aborted,
   * KILL five seconds later. As root only a file that nobody but root can change. Never rejects; `failureOf(run)`
   * is the sentence why it failed. With `operation` its history shows the run, and requests that come from inside
   * the program are known to.
   */
  run(program: ProgramRequest & ForOperation): Promise<ProgramRun>;
  /** Runs what run-parts would run of a directory, in its order, each as {@link run}. A missing directory is an empty one. */
  runParts(directory: string, options: PartsRequest & ForOperation): Promise<PartsRun>;
  /**
   * Runs a method, `methods/linux/NAME`: the only thing that changes the network. It sees `environment`, MODE, IFACE,
   * NETCONF_HANDLE (a path) and NETCONF_PROTOCOL. A daemon that observes runs none, but for `query` and dry runs.
   */
  runMethod(name: string, method: MethodRequest & ForOperation): Promise<ProgramRun>;
  /**
   * Starts a program that outlives the operation, and the daemon, in its own session: a DHCP client. Whoever launches it
   * looks after it, and finds it again after a restart. Throws `Denied` in a daemon that observes, `Untrusted`, and
   * `Disabled` after unloading.
   */
  launch(program: LaunchRequest): Launched;
  /** Runs when the plugin is unloaded, the latest first. */
  onUnload(undo: Undo): void;
}

export interface OperateOptions {
  /** The name under which sources know it. */
  logical?: string;
  /** What scripts see as CLASS. */
  class?: string;
  force?: boolean;
  /**
   * Of `ifup`: what is configured is done again, since its source says something else now. Steps change the least; what
   * the source does not say any more is taken back.
   */
  again?: boolean;
  /** The event that led to it. */
  cause?: Event;
  /** The operation that waits for it. */
  inside?: Operation;
  /** Of `ifdown`: a step to end with, whatever was configured before: `PowerOff`. */
  last?: string;
}

/** For which operation a program runs. */
export interface ForOperation {
  operation?: Pick<Operation, 'interface' | 'event' | 'signal'>;
}

/** Directories of one kind stand in their order: of one name the first wins. All are absolute. */
export interface Paths {
  /** `/etc/netconf/policy.d`, or what stands in for it, and what ships. */
  readonly policy: readonly string[];
  /** Methods lie in `linux` below each. */
  readonly methods: readonly string[];
  /** Runtime files, beside the control socket. */
  readonly run: string;
  /** The control socket, as programs are told: NETCONF_SOCKET. */
  readonly socket: string;
}

/** Types a plugin's definition without changing it. */
export function definePlugin<Options>(plugin: Plugin<Options>): Plugin<Options> {
  return plugin;
}
