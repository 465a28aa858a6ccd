import type { Undo } from '../base/undo.ts';
import type { Event } from '../bus/event.ts';
import type { Link, Neighbour, Route, Rule } from '../bus/objects.ts';
import type {
  AddressedLink,
  AskParameters,
  DaemonStatus,
  EmitParameters,
  EmitReply,
  ExplainParameters,
  ExplainReply,
  HistoryEntry,
  HistoryParameters,
  InterfaceStatus,
  OperationParameters,
  OperationProgress,
  OperationResult,
  Peer,
  PluginReport,
  Request,
  Verdict,
} from './api.ts';

/**
 * What the control socket needs of the daemon. Parameters have the shapes of `api.ts` when they get here, and the
 * peer has been authorised. A `NetconfError` that is thrown (or rejected with) reaches the client as
 * `io.netconf.CODE`; anything else is logged and becomes `Internal`.
 */
export interface Backend {
  /** For `GetInfo`. */
  readonly version: string;
  /** May this peer do this? Must have a deadline of its own. */
  authorise(request: Request): Promise<Verdict>;
  readonly status: StatusSource;
  /**
   * Does `ifup` or `ifdown`, and asks itself whether the peer may. Resolves with one result an interface; rejects with
   * `Denied`, `Reentrant`, `Overloaded`. @param signal aborted when the client is gone: what was begun is undone
   */
  operate(
    request: 'ifup' | 'ifdown',
    parameters: OperationParameters,
    peer: Peer,
    progress: (step: OperationProgress) => void,
    signal: AbortSignal | undefined,
  ): Promise<OperationResult[]>;
  /** With `wait` resolves when the scripts have run. @param signal aborted when the client is gone */
  emit(parameters: EmitParameters, peer: Peer, signal: AbortSignal): Promise<EmitReply>;
  /** Every event from now on, in order. The observer neither throws nor blocks. */
  subscribe(observer: (event: Event) => void): Undo;
  /** What exists already, as events marked `replayed`. Read lazily, between turns of the loop. */
  replay(): Iterable<Event>;
  /** Oldest first. Read lazily, between turns of the loop. */
  history(parameters: HistoryParameters): Iterable<HistoryEntry>;
  explain(parameters: ExplainParameters, peer: Peer): Promise<ExplainReply> | ExplainReply;
  plugins(): PluginReport[];
  loadPlugin(name: string): Promise<PluginReport>;
  unloadPlugin(name: string): Promise<void>;
  /**
   * What the plugin that is asked answers. Rejects with `InvalidParameter` where none does.
   * @param signal aborted when the client is gone
   */
  ask(
    parameters: AskParameters,
    peer: Peer,
    progress: (message: string) => void,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>>;
  /** The file in force afterwards; null for the defaults. */
  reload(): Promise<{ file: string | null }>;
}

/** The parts of `Status`, in the order in which they are told. */
export interface StatusSource {
  links(): Listing<Link>;
  addresses(): Listing<AddressedLink>;
  routes(): Listing<Route>;
  rules(): Listing<Rule>;
  /** Undefined where the configuration does not ask for neighbours. */
  neighbours(): Listing<Neighbour> | undefined;
  interfaces(): Listing<InterfaceStatus>;
  daemon(): DaemonStatus;
}

/**
 * One list of the mirror. It is read lazily over many turns of the loop, and may be a live view (a `Map`'s iterator):
 * what is removed meanwhile is not told.
 */
export interface Listing<T> {
  size: number;
  items: Iterable<T>;
}
