/*
 * What travels on the control socket about operations: `Up`, `Down`, the part `interfaces` of `Status`, and the path that
 * `Explain` tells.
 */

/** One interface, or with `all` every one that a source declares in a class. */
export interface OperationParameters {
  interface?: string;
  /** The name under which sources know it: `home` of `ifup eth0=home`. @default found by the source's mappings */
  logical?: string;
  /** The class: `auto` for `ifup -a`. Of `ifdown`: every interface that is configured, whatever the class. */
  all?: string;
  /** With `all`: globs of interfaces to leave out. */
  exclude?: string[];
  /** What scripts see as CLASS. @default that of `all`, or empty */
  class?: string;
  /** Go on where a script fails, and where the interface is up (or down) already, or needed by others. */
  force?: boolean;
  ignoreErrors?: boolean;
  /** Run no scripts whose name matches this glob; `*` for none at all. */
  noScripts?: string;
  noMappings?: boolean;
  verbose?: boolean;
  /** Another file than the source's own. Root and the daemon's own user only, like `set`, `force` and `noScripts`. */
  file?: string;
  set?: { name: string; value: string }[];
}

/** Either what is being done, or, once and last, what it came to: one result an interface, in the order asked for. */
export interface OperationReply {
  progress?: OperationProgress;
  results?: OperationResult[];
}

export interface OperationProgress {
  interface: string;
  /** `create`, `preUp`, `step`, `postUp`, `preDown`…; also `wait`, `prerequisite`, `retry` and `undo`. */
  phase: string;
  step?: string;
  /** Family and method: `inet static`. */
  stanza?: string;
  message?: string;
}

/**
 * `configured` and `deconfigured`: done. `already`: it was configured, and nothing was done; `not-configured` the same
 * of `ifdown`. `unknown`: no source knows the interface (the outcome NOTFOUND). `needed`: not taken down, since
 * `neededBy` need it. `refused`: this caller may not, with `all`. `failed`: `step`, `outcome` and `message` say why.
 */
export type OperationState =
  | 'configured'
  | 'already'
  | 'deconfigured'
  | 'not-configured'
  | 'unknown'
  | 'needed'
  | 'refused'
  | 'failed';

/** What an operation came to. */
export interface OperationResult {
  interface: string;
  logical: string;
  state: OperationState;
  step?: string;
  outcome?: string;
  message?: string;
  /** The script or method that failed, and the last lines that it printed. */
  script?: string;
  output?: string;
  /** What was undone after a failure, in this order; and what could not be. */
  undone?: string[];
  /** Failures that did not end it: of scripts on the way down, and with `force`. */
  warnings?: string[];
  neededBy?: string[];
  ms: number;
}

/** The states of an interface's machine: `core/interface/states.ts` has the table. */
export type InterfaceState = 'down' | 'configuring' | 'configured' | 'failed' | 'deconfiguring';

/** An interface as netconf knows it, in `Status`: one that it has to do with, or that a source declares in a class. */
export interface InterfaceStatus {
  interface: string;
  logical: string;
  /** Declared: `auto`, and what else `allow-CLASS` says; as of the latest look at the sources. */
  classes?: string[];
  state: InterfaceState;
  /** Since when it is in this state: milliseconds since the epoch. */
  since: number;
  /** Asked for by somebody; otherwise only others need it. */
  explicit: boolean;
  /** The step that configured it, or at which it failed, or is. */
  step?: string;
  outcome?: string;
  message?: string;
  /** Of an operation at work. */
  phase?: string;
  /** Operations that wait for their turn. */
  waiting?: number;
  stanzas: { family: string; method: string; step: string; place?: string }[];
  prerequisites: string[];
  neededBy: string[];
  /** What its DHCP leases carry. */
  leases?: object[];
}

/** The path that an operation would take; nothing was done to find it. */
export interface OperationPath {
  operation: 'ifup' | 'ifdown';
  interface: string;
  logical: string;
  /** Now. */
  state: InterfaceState;
  allowed: boolean;
  /** Why it is not allowed. */
  reason?: string;
  /** What says that it is: FILE:LINE and the word. */
  by?: string;
  /** The policy's file, and its first step. */
  file: string;
  start: string;
  prerequisites: string[];
  /** In the order in which they can be reached. */
  steps: PathStep[];
  stanzas: { family: string; method: string; step: string; place?: string; options: string[] }[];
  /** Of each phase that has any, in order. */
  taps: { hook: string; plugin: string; label: string; stage: number }[];
  /** Scripts of other packages that are left out, with the plugin that does their work: `if-pre-up.d/ifenslave`. */
  replaced: { script: string; plugin: string }[];
  /** The machine: from which state what leads to which. */
  transitions: { from: string; on: string; to: string }[];
  notes: string[];
}

export interface PathStep {
  step: string;
  kind: 'source' | 'work' | 'missing';
  parameters: Record<string, string>;
  /** Outcome to step. */
  next: Record<string, string>;
  /** Seconds before the first of `retries`; each wait is twice as long as the one before. */
  retries?: number;
  retryAfter?: number;
}
