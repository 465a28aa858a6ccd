import type { EventJson } from '../bus/event.ts';
import type { AddressedLink, Link, Neighbour, Route, Rule } from '../bus/objects.ts';
import type { InterfaceStatus, OperationParameters, OperationPath, OperationReply } from './operation-api.ts';

export type { AddressedLink } from '../bus/objects.ts';
export type * from './operation-api.ts';

/**
 * What travels on the control socket: parameters and replies of every method of the Varlink interface `io.netconf`.
 * The interface description (`io.netconf.varlink`) says the same in Varlink's own language; a test compares them.
 */
export interface Methods {
  Status: { in: StatusParameters; out: StatusReply };
  /** With `more`: `progress` in every reply but the last, which has `results`. */
  Up: { in: OperationParameters; out: OperationReply };
  Down: { in: OperationParameters; out: OperationReply };
  Emit: { in: EmitParameters; out: EmitReply };
  Monitor: { in: MonitorParameters; out: MonitorReply };
  History: { in: HistoryParameters; out: { entries: HistoryEntry[] } };
  Explain: { in: ExplainParameters; out: ExplainReply };
  Plugins: { in: Record<string, never>; out: { plugins: PluginReport[] } };
  LoadPlugin: { in: { name: string }; out: { plugin: PluginReport } };
  UnloadPlugin: { in: { name: string }; out: Record<string, never> };
  Reload: { in: Record<string, never>; out: { file: string | null } };
  /** With `more`: `progress` in every reply but the last, which has `answer`. */
  Ask: { in: AskParameters; out: AskReply };
}

export interface StatusParameters {
  /** Only these parts; all without it. */
  parts?: ('links' | 'addresses' | 'routes' | 'rules' | 'neighbours' | 'interfaces' | 'daemon')[];
}

/** Called with `more`, a large reply comes in several parts: the lists of all parts put together are the answer. */
export interface StatusReply {
  links?: Link[];
  addresses?: AddressedLink[];
  routes?: Route[];
  rules?: Rule[];
  /** Only where the configuration asks for neighbours. */
  neighbours?: Neighbour[];
  /** What netconf has configured, tried to, or works at. */
  interfaces?: InterfaceStatus[];
  daemon?: DaemonStatus;
}

export interface DaemonStatus {
  version: string;
  pid: number;
  /** Milliseconds since the epoch. */
  started: number;
  observe: boolean;
  socket: string;
  /** The configuration file in force; null for the defaults. */
  configuration: string | null;
  /** What a reload refused, and why the older configuration is still in force. */
  rejected?: string;
  counters: Record<string, number>;
}

export interface EmitParameters {
  event: string;
  interface?: string;
  /** At most 65,536 characters of JSON. */
  data?: Record<string, unknown>;
  /** Answer when the scripts have run, with their outcome. */
  wait?: boolean;
}

export interface EmitReply {
  id: number;
  /** With `wait`: what became of the scripts. */
  entry?: HistoryEntry;
}

/** Called with `more`: one reply an event. */
export interface MonitorParameters {
  /** Names or globs (`link.*`); all without it. */
  names?: string[];
  interfaces?: string[];
  /** Begin with what exists already, marked `replayed`. */
  replay?: boolean;
}

/** Either an event, or the number of events that this subscriber was too slow for. */
export interface MonitorReply {
  event?: EventJson;
  lost?: number;
}

export interface HistoryParameters {
  names?: string[];
  interfaces?: string[];
  /** Only entries with a script that failed, timed out, or was refused. */
  failed?: boolean;
  /** Only this event. */
  id?: number;
  /** The latest so many; 100 without it. */
  limit?: number;
  /** Also the ring of route and neighbour events. */
  storm?: boolean;
}

/** An event and what became of it. */
export interface HistoryEntry {
  event: EventJson;
  /** `none`: no script wanted it. */
  state: 'none' | 'queued' | 'running' | 'done' | 'dropped' | 'superseded' | 'held';
  runs: Run[];
  /** Scripts that would have run but for a refusal. */
  refused: { script: string; reason: string }[];
  /** Ids of older events of the same link whose scripts this one stands for. */
  superseded?: number[];
  /** Why it was dropped, held or superseded. */
  reason?: string;
}

/** One run of one hook script. */
export interface Run {
  script: string;
  /** Milliseconds since the epoch, and how long it took in milliseconds. */
  started: number;
  ms: number;
  /** Null while it runs, and where a signal ended it or it could not start. */
  status: number | null;
  signal: string | null;
  timedOut?: true;
  /** Why it could not start, or why a line of its way back was refused. */
  error?: string;
  /** The last 64 KiB that it printed. */
  output: string;
}

/** Either an event, or an operation of an interface. */
export interface ExplainParameters {
  event?: string;
  interface?: string;
  data?: Record<string, unknown>;
  operation?: 'ifup' | 'ifdown';
  /** Whose request it would be. @default the caller's */
  as?: { uid: number; gid: number; groups: number[] };
}

/** The one that was asked for. */
export interface ExplainReply {
  explanation?: Explanation;
  path?: OperationPath;
}

/** Everything that would happen on an event, in order, and why the rest would not. */
export interface Explanation {
  event: string;
  interface?: string;
  listeners: { plugin: string; on: string }[];
  taps: { hook: string; plugin: string; stage: number }[];
  scripts: ExplainedScript[];
  /** Sentences about the event as a whole: why no script of `hooks.d` runs for it, who holds it back. */
  notes: string[];
}

export interface ExplainedScript {
  script: string;
  run: boolean;
  /** Seconds. */
  deadline?: number;
  /** Why it would not run. */
  reason?: string;
}

export interface PluginReport {
  name: string;
  version: string | null;
  file: string;
  state: 'loaded' | 'failed' | 'disabled' | 'unloaded';
  /** Why it is not loaded. */
  reason?: string;
  needs: string[];
  /** Event families that it reserves. */
  events: string[];
  taps: string[];
  listeners: string[];
  failures: number;
  lastFailure?: string;
  /** How long import and apply took, in milliseconds. */
  ms: number;
}

/** A question to the plugin that taps the hook point `answer` of this name. */
export interface AskParameters {
  question: string;
  /** At most 65,536 characters of JSON. */
  parameters?: Record<string, unknown>;
}

/** Either a sentence about what is being done, or, once and last, the plugin's answer. */
export interface AskReply {
  progress?: string;
  answer?: Record<string, unknown>;
}

/** Who is at the other end of the control socket, as the kernel says (SO_PEERCRED, SO_PEERGROUPS; unix(7)). */
export interface Peer {
  uid: number;
  gid: number;
  /** Supplementary groups. */
  groups: number[];
  pid: number;
}

/** What a peer asks to do; the words are the policy's sections. READ is what anybody may. */
export interface Request {
  action: 'IFUP' | 'IFDOWN' | 'EMIT' | 'MANAGE' | 'READ';
  /** The event, interface or plugin that it is about. */
  subject?: string;
  /** The interface that the event to emit is about. */
  interface?: string;
  /** An `ifup` with `--force`. */
  force?: boolean;
  peer: Peer;
}

/** Yes, with what says so (FILE:LINE), or no with the sentence that the client is told. */
export type Verdict = { allow: true; by?: string } | { allow: false; reason: string };
