import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Netconf } from 'netconf/plugin';
import { findProcess, hasArguments, isAlive } from '../../core/base/processes.ts';
import { programPath } from '../../core/base/program-path.ts';
import { Control, ControlError } from './control.ts';
import type { Kind, SupplicantFiles } from './files.ts';
import { GlobalSupplicant } from './global.ts';
import type { Message } from './message.ts';
import { endProcess, isInOurNamespace } from './processes.ts';
import type { Settings } from './settings.ts';

/** How supplicants are found and started, as the configuration says. */
export interface SupplicantOptions {
  /** @default wpa_supplicant where it is installed */
  program?: string | undefined;
  /** Where control sockets lie, unless a configuration file says otherwise. */
  control: string;
  /** The control socket of one that takes interfaces (`wpa_supplicant -g`). */
  global?: string | undefined;
}

/** Milliseconds that one may take to listen, and to end. */
const startMs = 10_000;
const endMs = 5000;
const lookMs = 25;

export interface Opening {
  progress: (text: string) => void;
  signal?: AbortSignal;
  start: boolean;
}

export interface Ears {
  heard: (message: Message) => void;
  lost: (why: ControlError) => void;
}

/**
 * The supplicant of one interface: the one that is there, whoever started it; else an interface that is added to the global
 * one; else one that is started here, and outlives this process.
 */
export class Supplicant {
  readonly #netconf: Netconf<unknown>;
  readonly #options: SupplicantOptions;
  readonly #settings: Settings;
  readonly #files: SupplicantFiles;
  readonly #ears: Ears;
  readonly #global: GlobalSupplicant | undefined;
  readonly argv: readonly string[];
  #kind: Kind;
  #pid: number | undefined;
  /** The one that this process has started: its end is told. */
  #child: number | undefined;
  #control: Control | undefined;

  constructor(
    netconf: Netconf<unknown>,
    options: SupplicantOptions,
    {
      settings,
      files,
      ears,
      kind = 'own',
    }: { settings: Settings; files: SupplicantFiles; ears: Ears; kind?: Kind },
  ) {
    this.#netconf = netconf;
    this.#options = options;
    this.#settings = settings;
    this.#files = files;
    this.#ears = ears;
    this.#kind = kind;
    this.#global =
      options.global === undefined ? undefined : new GlobalSupplicant(options.global, () => files.socket());
    const { interface: on, driver, bridge, conf, words } = settings;
    // The file is never written, since it stays in the foreground: it tells this one from all others.
    this.argv = [
      ...['-i', on, '-D', driver, '-P', files.path('pid')],
      ...(conf === undefined ? [] : ['-c', conf]),
      ...(settings.control === undefined ? ['-C', options.control] : []),
      ...(bridge === undefined ? [] : ['-b', bridge]),
      ...words,
    ];
  }

  get kind(): Kind {
    return this.#kind;
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** Is its end told without looking? */
  get isChild(): boolean {
    return this.#pid !== undefined && this.#pid === this.#child;
  }

  get control(): Control | undefined {
    return this.#control;
  }

  get path(): string {
    return join(this.#settings.control ?? this.#options.control, this.#settings.interface);
  }

  /** Rejects with an Error for the user to read. `progress` is told of what takes its time; `start`: where none is there. */
  async open({ progress, signal, start }: Opening): Promise<Control> {
    this.#files.prepare();
    const there = (await this.#opened(signal, true)) ?? (await this.#starting(signal));
    if (there !== undefined) return there;
    if (!start) throw new Error(`no supplicant listens at ${this.path}`);
    if (this.#global !== undefined && (await this.#global.add(this.#settings, this.#options.control))) {
      this.#kind = 'global';
      const added = await this.#await(signal, () => true);
      if (added !== undefined) return added;
      throw new Error(
        `${this.#options.global}: the global supplicant has the interface, and does not listen at ${this.path}`,
      );
    }
    return this.#launch(progress, signal);
  }

  /** Lets go of it: it goes on. */
  release(why?: string): void {
    this.#control?.close(why);
    this.#control = undefined;
  }

  /** Ends what was started here; takes back what was added elsewhere. */
  async stop(): Promise<void> {
    const { interface: on } = this.#settings;
    this.release();
    if (this.#kind === 'global')
      await this.#global
        ?.remove(on)
        .catch((error: Error) => this.#netconf.log.warning(`${on}: ${error.message}`));
    const pid = this.#find();
    if (pid === undefined) return;
    await endProcess(pid, endMs);
    // One that was killed leaves it.
    if (this.#kind === 'own') rmSync(this.path, { force: true });
  }

  /** The one that listens; undefined when none does. One of ours that does not answer is ended where it `mayEnd`. */
  async #opened(signal: AbortSignal | undefined, mayEnd: boolean): Promise<Control | undefined> {
    const { path } = this;
    try {
      const control = await Control.open({
        path,
        local: this.#files.socket(),
        ...(signal !== undefined && { signal }),
        ...this.#ears,
      });
      if (!isInOurNamespace(control.pid)) {
        control.close();
        throw new Error(`${path} is of a supplicant (process ${control.pid}) in another network namespace`);
      }
      if (hasArguments(control.pid, this.argv)) this.#kind = 'own';
      else if (this.#kind === 'own') this.#kind = 'foreign';
      this.#pid = control.pid;
      this.#control = control;
      return control;
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      // One that has just ended is as good as none.
      if (error.kind === 'absent' || error.kind === 'gone') return undefined;
      if (!mayEnd || error.kind !== 'hangs' || this.#find() === undefined) throw error;
      this.#netconf.log.warning(`${this.#settings.interface}: ${error.message}; it is started anew`);
      await this.stop();
      return undefined;
    }
  }

  /** One of ours that has been started and does not listen yet, or no more. */
  async #starting(signal: AbortSignal | undefined): Promise<Control | undefined> {
    const pid = this.#find();
    if (pid === undefined) return undefined;
    const control = await this.#await(signal, () => isAlive(pid));
    if (control === undefined) await this.stop();
    return control;
  }

  /** The process that was started with its arguments: nobody else has our files in theirs. */
  #find(): number | undefined {
    return findProcess(pid => hasArguments(pid, this.argv));
  }

  async #launch(progress: (text: string) => void, signal: AbortSignal | undefined): Promise<Control> {
    const program = this.#options.program ?? programPath('wpa_supplicant');
    if (program === undefined)
      throw new Error('wpa_supplicant is not installed: it is in the package wpasupplicant');
    this.#kind = 'own';
    progress('starts wpa_supplicant');
    const { argv } = this;
    const launched = this.#netconf.launch({
      path: program,
      argv,
      environment: {},
      output: this.#files.path('log'),
    });
    this.#pid = this.#child = launched.pid;
    const end = new AbortController();
    void launched.ended.then(() => {
      end.abort();
      this.#ended(launched.pid);
    });
    try {
      const either = signal === undefined ? end.signal : AbortSignal.any([signal, end.signal]);
      const control = await this.#await(either, () => true);
      if (control !== undefined) return control;
    } catch (error) {
      await endProcess(launched.pid, endMs);
      throw error;
    }
    const said = this.#files.output();
    const why = end.signal.aborted ? 'ends at once' : `does not listen at ${this.path}`;
    await endProcess(launched.pid, endMs);
    throw new Error(`wpa_supplicant ${why}${said === '' ? '' : `: ${said}`}`);
  }

  /** Its socket says nothing when it is killed. */
  #ended(pid: number): void {
    if (this.#pid !== pid) return;
    this.#pid = undefined;
    const control = this.#control;
    if (control === undefined) return;
    this.release('has ended');
    this.#ears.lost(new ControlError('gone', 'wpa_supplicant has ended'));
  }

  /** Waits for somebody to listen, for as long as there is hope. */
  async #await(signal: AbortSignal | undefined, hope: () => boolean): Promise<Control | undefined> {
    const end = performance.now() + startMs;
    while (hope() && signal?.aborted !== true && performance.now() < end) {
      await new Promise(resolve => setTimeout(resolve, lookMs));
      const control = hope() ? await this.#opened(signal, false) : undefined;
      if (control !== undefined) return control;
    }
    return undefined;
  }
}

/** Where supplicants listen: Debian's directory, beside which a daemon of another place or namespace has its own. */
export function usualControl(run: string): string {
  return run === '/run/netconf' ? join(dirname(run), 'wpa_supplicant') : join(run, 'wpa_supplicant');
}
