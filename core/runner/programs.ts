import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { makePrivate } from '../base/private-file.ts';
import { checkTrust } from '../base/trust.ts';
import type { Undo } from '../base/undo.ts';
import type { Event } from '../bus/event.ts';
import type { HistoryEntry, HistoryParameters, Run } from '../control/api.ts';
import { findAncestor } from './ancestry.ts';
import { failed, History, type Record as Recorded } from './history.ts';
import { listParts } from './parts.ts';
import { Register } from './register.ts';
import type { Script } from './script.ts';
import { Scripts } from './scripts.ts';

/** One run of one program; `ms` is how long it took. It worked when `status` is 0 and there is no `error`. */
export type ProgramRun = Run;

/** For which operation a program runs: it ends with the signal, and is found under the event in the history. */
export interface RunsFor {
  readonly interface: string;
  readonly event: Event;
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramRequest {
  /** Absolute. */
  path: string;
  /** What follows its name. */
  argv?: readonly string[];
  /** All that it sees, beside a PATH unless it is here. Names that begin with `LD_` are left out. */
  environment: Readonly<Record<string, string>>;
  /** Standard input. @default empty */
  input?: string;
  /** Seconds until TERM; KILL follows five seconds later. @default 300 */
  deadline?: number;
}

export interface PartsRequest extends Omit<ProgramRequest, 'path' | 'argv'> {
  /** The one argument of each, as of `run-parts --arg`. */
  argument?: string;
  /** Stop after the first that fails. */
  exitOnError?: boolean;
  only?: (name: string) => boolean;
}

export interface PartsRun {
  runs: ProgramRun[];
  /** The first that failed. */
  failed?: ProgramRun;
}

export interface MethodRequest extends Pick<ProgramRequest, 'environment' | 'deadline'> {
  mode: 'up' | 'down' | 'query';
  interface: string;
  /** Name of the handle file, such as `inet-static`; the method sees its path. Without it, it keeps nothing. */
  handle?: string;
}

export interface ProgramsOptions {
  /** Directories of methods, the first wins; methods lie in `linux` below each. */
  methods: readonly string[];
  /** Where handles are kept: `NAME.d` of each interface is made there. */
  handles: string;
}

const usualDeadline = 300;
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** rtm_protocol of what netconf adds (rtnetlink(7)); no other program is known to use it. */
const routeProtocol = 110;

/**
 * The programs that operations run: one place for process groups, deadlines, owner checks, output tails, history, and
 * for knowing from which operation a process comes. What it runs may be aborted by the operation's signal.
 */
export class Programs {
  readonly #scripts = new Scripts();
  readonly #running = new Map<number, RunsFor>();
  /** What an operation's end by force would leave running. */
  readonly register: Register;
  readonly #history = new History({ hooks: 1000, events: 1, storm: 1 });
  readonly #records = new Map<number, Recorded>();
  #options: ProgramsOptions;

  constructor(options: ProgramsOptions) {
    this.#options = options;
    this.register = new Register(`${options.handles}/running`);
  }

  configure(options: Partial<ProgramsOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  get running(): number {
    return this.#scripts.size;
  }

  /** The operation that a process belongs to: it is one of its programs, or descends from one. */
  ancestor(pid: number): RunsFor | undefined {
    // Usually nothing runs: then nobody's parents need be looked for in /proc.
    return this.#running.size === 0 ? undefined : findAncestor(pid, one => this.#running.get(one));
  }

  /** Oldest first: the operations' events, with what ran for each. */
  history(parameters?: HistoryParameters): HistoryEntry[] {
    return this.#history.query(parameters);
  }

  /** The run of an operation that failed last, of those that began since then (milliseconds since the epoch). */
  lastFailure(event: number, since: number): ProgramRun | undefined {
    return this.#records.get(event)?.runs.findLast(run => failed(run) && run.started >= since);
  }

  /** TERM to all that run; the second call kills. */
  terminate(): void {
    this.#scripts.terminate();
  }

  /**
   * Runs one program to its end. Never rejects.
   *
   * @param on the interface that it works at @default that of the operation
   */
  async run(request: ProgramRequest, runsFor?: RunsFor, on = runsFor?.interface): Promise<ProgramRun> {
    const trust = checkTrust(request.path);
    if ('reason' in trust) return this.refuse(request.path, trust.reason, runsFor);
    const { argv = [], deadline = usualDeadline } = request;
    const input = request.input === undefined ? undefined : () => Buffer.from(request.input!);
    const environment = variables(request.environment);
    const job = { script: request.path, argv, environment, input, deadline: deadline * 1000 };
    const { signal } = runsFor ?? {};
    if (signal?.aborted) return notStarted(request.path, 'the operation was aborted');
    let program: Script | undefined;
    let over: Undo = () => undefined;
    const abort = () => program?.terminate();
    const run = await this.#scripts.run(job, started => {
      program = started;
      if (started.pid !== undefined && on !== undefined) over = this.register.enter(started.pid, on);
      signal?.addEventListener('abort', abort, { once: true });
      if (runsFor === undefined) return;
      if (started.pid !== undefined) this.#running.set(started.pid, runsFor);
      this.#record(runsFor.event).runs.push(started.run);
    });
    signal?.removeEventListener('abort', abort);
    if (program?.pid !== undefined) this.#running.delete(program.pid);
    over();
    if (runsFor !== undefined) this.#history.ended(this.#record(runsFor.event), run);
    return run;
  }

  /** Runs what run-parts would run of a directory, one after the other. Never rejects. */
  async runParts(directory: string, request: PartsRequest, runsFor?: RunsFor): Promise<PartsRun> {
    const { argument, exitOnError, only, ...common } = request;
    const { paths, problems } = listParts(directory, only);
    const result: PartsRun = { runs: [] };
    for (const problem of problems) result.runs.push(this.refuse(directory, problem, runsFor));
    for (const part of paths) {
      if (exitOnError && result.runs.some(failed)) break;
      const argv = argument === undefined ? [] : [argument];
      result.runs.push(await this.run({ ...common, path: part, argv }, runsFor));
    }
    const first = result.runs.find(failed);
    return first === undefined ? result : { ...result, failed: first };
  }

  /** Runs a method: the first of its name in the directories of methods. Never rejects. */
  async runMethod(name: string, request: MethodRequest, runsFor?: RunsFor): Promise<ProgramRun> {
    const found = this.methodPath(name);
    if (found === undefined) {
      const places = this.#options.methods.map(level => `${level}/linux`).join(', ');
      return this.refuse(name, `no method ${name} in ${places}`, runsFor);
    }
    let handle: string | undefined;
    try {
      if (request.handle !== undefined) handle = this.handlePath(request.interface, request.handle);
      if (request.mode === 'up' && handle !== undefined) makePrivate(dirname(handle));
    } catch (error) {
      return this.refuse(found, messageOf(error), runsFor);
    }
    const environment = {
      ...request.environment,
      MODE: request.mode,
      IFACE: request.interface,
      ...(handle !== undefined && { NETCONF_HANDLE: handle }),
      NETCONF_PROTOCOL: String(routeProtocol),
    };
    const { deadline } = request;
    const program = { path: found, environment, ...(deadline !== undefined && { deadline }) };
    return this.run(program, runsFor, request.interface);
  }

  /** Where a method lies; undefined when there is none of this name. */
  methodPath(name: string): string | undefined {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return undefined;
    const paths = this.#options.methods.map(level => `${level}/linux/${name}`);
    return paths.find(each => lstatSync(each, { throwIfNoEntry: false }) !== undefined);
  }

  /** Throws a TypeError for what is no file's name. */
  handlePath(on: string, handle: string): string {
    if (/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,100}$/.test(handle))
      return `${this.#options.handles}/${on}.d/${handle}`;
    throw new TypeError(
      `${JSON.stringify(handle)} is no name for a handle: letters, digits, and _.:- within`,
    );
  }

  /** A run that never began; the operation's history shows why. */
  refuse(script: string, reason: string, runsFor?: RunsFor): ProgramRun {
    if (runsFor !== undefined) this.#record(runsFor.event).refused.push({ script, reason });
    return notStarted(script, reason);
  }

  #record(event: Event): Recorded {
    const known = this.#records.get(event.id);
    if (known !== undefined) return known;
    const record: Recorded = { event, state: 'done', runs: [], refused: [] };
    this.#records.set(event.id, record);
    const [oldest] = this.#records.keys();
    if (this.#records.size > 1000 && oldest !== undefined) this.#records.delete(oldest);
    this.#history.add(record);
    return record;
  }
}

function notStarted(script: string, reason: string): ProgramRun {
  return { script, started: Date.now(), ms: 0.001, status: null, signal: null, error: reason, output: '' };
}

function variables(environment: Readonly<Record<string, string>>): string[] {
  const usual = Object.hasOwn(environment, 'PATH') ? [] : [`PATH=${path}`];
  const given = Object.entries(environment)
    .filter(([name, value]) => /^[^=\0]+$/.test(name) && !name.startsWith('LD_') && !value.includes('\0'))
    .map(([name, value]) => `${name}=${value}`);
  return [...usual, ...given];
}
