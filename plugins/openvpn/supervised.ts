import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Netconf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { signal } from '../../core/base/processes.ts';
import { programPath } from '../../core/base/program-path.ts';
import type { VpnFiles } from './files.ts';
import { Management } from './management/connection.ts';
import type { Message } from './management/message.ts';
import { findRunning, isSoon, pause, runs } from './process.ts';
import type { Settings } from './settings.ts';

/** Milliseconds that OpenVPN may take until its management socket is there: it reads keys and resolves names first. */
const startMs = 10_000;
const endMs = 5000;
/** Tries to get back to a socket that was lost, each a second after the one before. */
const mostTries = 3;

export const notInstalled = 'there is no program openvpn: install the package openvpn';

/** What one OpenVPN process says, and that it is lost: its process has ended, or cannot be spoken to any more. */
export interface Hearer {
  told(message: Message): void;
  lost(reason: string): void;
}

/**
 * One OpenVPN with its management connection: started, found after a restart of netconfd, or others' own, which is only
 * listened to. It outlives this process.
 */
export class Supervised {
  readonly #netconf: Netconf<unknown>;
  readonly #settings: Settings;
  readonly #files: VpnFiles;
  readonly #hearer: Hearer;
  readonly #mark: number;
  #management: Management | undefined;
  #command: readonly string[] = [];
  #pid: number | undefined;
  #over = false;

  constructor(
    parts: { netconf: Netconf<unknown>; files: VpnFiles; mark: number },
    settings: Settings,
    hearer: Hearer,
  ) {
    this.#netconf = parts.netconf;
    this.#files = parts.files;
    this.#mark = parts.mark;
    this.#settings = settings;
    this.#hearer = hearer;
  }

  get command(): readonly string[] {
    return this.#command;
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** Is there a connection to it? */
  get isConnected(): boolean {
    return this.#management !== undefined;
  }

  /** Has it tell its state once more. */
  ask(): void {
    this.#management?.send('state');
  }

  /** Starts it, or goes to others' own, and lets it connect. Rejects with a sentence. `keep` puts it on record meanwhile. */
  async start(keep: () => void): Promise<void> {
    const { foreign } = this.#settings;
    if (foreign !== undefined) return this.#connect();
    const program = programPath('openvpn');
    if (program === undefined) throw new Error(notInstalled);
    this.#files.prepare();
    rmSync(this.#files.path('sock'), { force: true });
    rmSync(this.#files.path('env'), { force: true });
    this.#command = [program, ...this.#words()];
    keep();
    const { pid, ended } = this.#netconf.launch({
      path: program,
      argv: this.#command.slice(1),
      environment: {},
      output: this.#files.path('log'),
    });
    this.#pid = pid;
    keep();
    let end: string | undefined;
    void ended.then(exit => {
      // With `daemon` in its configuration the first process ends well, and another one goes on.
      if (exit.status !== 0)
        end = `openvpn ended${this.#lastWords(`: status ${exit.status ?? exit.signal}`)}`;
    });
    const socket = this.#files.path('sock');
    const late = performance.now() + startMs;
    await isSoon(() => this.#over || end !== undefined || existsSync(socket), startMs);
    for (;;) {
      if (this.#over) throw new Error('interrupted');
      if (end !== undefined) throw new Error(end);
      if (!existsSync(socket))
        throw new Error(`openvpn did not open its management socket${this.#lastWords('')}`);
      try {
        return await this.#connect();
      } catch (error) {
        // Between bind(2) and listen(2) it is there, and refuses.
        if (!messageOf(error).includes('ECONNREFUSED') || performance.now() > late) throw error;
        await pause(20);
      }
    }
  }

  /** Goes back to one that runs already; false when it does not, or not in a way that can be spoken to. */
  async adopt(command: readonly string[], pid: number | undefined): Promise<boolean> {
    this.#command = command;
    if (this.#settings.foreign === undefined) {
      this.#pid = findRunning(pid, command);
      if (this.#pid === undefined) return false;
    }
    try {
      await this.#connect();
      return true;
    } catch (error) {
      this.#netconf.log.warning(`${this.#settings.dev}: ${messageOf(error)}`);
      await this.#kill();
      return false;
    }
  }

  /** Lets go of it: it goes on, and nobody looks after it. */
  release(): void {
    this.#over = true;
    this.#management?.close();
    this.#management = undefined;
  }

  /** Ends it; others' own goes on. */
  async stop(): Promise<void> {
    this.release();
    if (this.#settings.foreign === undefined) await this.#kill();
  }

  /** On the command line after the file, so that these count. */
  #words(): string[] {
    const { config = '', dev, kind } = this.#settings;
    const script = this.#script();
    // Before the file: a mark of the file's own counts instead.
    const mark = this.#mark === 0 ? [] : ['--mark', String(this.#mark)];
    return [
      ...['--ignore-unknown-option', 'disable-dco', ...mark],
      ...['--cd', dirname(config), '--config', config],
      ...['--dev', dev, '--dev-type', kind, '--disable-dco', '--persist-tun'],
      ...['--ifconfig-noexec', '--route-noexec', '--script-security', '2'],
      ...['--setenv', 'NETCONF_REPORT', this.#files.path('env'), '--route-up', script],
      ...[
        '--management',
        this.#files.path('sock'),
        'unix',
        '--management-hold',
        '--management-query-passwords',
      ],
      ...['--verb', '3', '--suppress-timestamps'],
    ];
  }

  #script(): string {
    const { methods } = this.#netconf.paths;
    const found = methods.map(level => join(level, 'openvpn-report')).find(path => existsSync(path));
    if (found === undefined) throw new Error(`no openvpn-report in ${methods.join(', ')}`);
    return found;
  }

  async #connect(): Promise<void> {
    const { foreign } = this.#settings;
    const management = await Management.open(
      foreign ?? this.#files.path('sock'),
      message => this.#told(message),
      reason => void this.#lost(reason),
    );
    if (this.#over) {
      management.close();
      throw new Error('interrupted');
    }
    this.#management = management;
    for (const command of ['log on all', 'state on', 'state', 'pid']) management.send(command);
    // It waits for us once, before its first connection; afterwards it goes on by itself when nobody listens.
    if (foreign === undefined) for (const command of ['hold off', 'hold release']) management.send(command);
  }

  #told(message: Message): void {
    if (message.kind === 'pid') this.#pid = message.pid;
    else if (message.kind === 'hold') this.#management?.send('hold release');
    this.#hearer.told(message);
  }

  /** The connection is lost. While the process is there, it is tried again; then it is ended, since nobody can lead it. */
  async #lost(reason: string): Promise<void> {
    this.#management = undefined;
    const { foreign } = this.#settings;
    if (foreign === undefined && (await isSoon(() => !runs(this.#pid, this.#command), 1000))) {
      if (!this.#over) this.#hearer.lost(`openvpn ended${this.#lastWords('')}`);
      return;
    }
    for (let tries = 0; tries < mostTries && !this.#over; tries++) {
      try {
        return await this.#connect();
      } catch {
        await pause(1000);
      }
    }
    if (this.#over) return;
    if (foreign === undefined) await this.#kill();
    if (!this.#over) this.#hearer.lost(reason);
  }

  async #kill(): Promise<void> {
    // Before the first start there is no command line, and nothing that could have it.
    const pid = this.#command.length === 0 ? undefined : findRunning(this.#pid, this.#command);
    if (pid === undefined) return;
    const isGone = () => !runs(pid, this.#command);
    for (const name of ['SIGTERM', 'SIGKILL'] as const) {
      signal(pid, name);
      // One that was stopped hears nothing else.
      if (await isSoon(isGone, endMs)) return;
    }
  }

  /** What it printed last, where that says why. */
  #lastWords(otherwise: string): string {
    const lines = this.#files.output();
    const error = lines.findLast(
      line => /error|cannot|failed|fatal/i.test(line) && !/^Exiting due to/.test(line),
    );
    const last = error ?? lines.at(-1);
    return last === undefined ? otherwise : `: ${last}`;
  }
}
