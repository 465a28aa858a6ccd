import type { Netconf, Operation } from 'netconf/plugin';
import { isAlive, isGone, signal } from '../../core/base/processes.ts';
import { type Chosen, clientNamed } from './clients/choose.ts';
import type { Start } from './clients/client.ts';

/** Milliseconds: between looks at a client that another process of ours has started; a signal tells of our own. */
const lookMs = 10_000;
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** A client that has lived so long has a fresh start when it dies. */
const soundMs = 60_000;
const releaseMs = 3000;
const endMs = 5000;

/**
 * One client process: started, or found after a restart of netconfd; started again when it dies, each time later; ended
 * for good by {@link stop}. It outlives this process.
 */
export class Supervised {
  readonly command: readonly string[];
  readonly chosen: Chosen;
  readonly #netconf: Netconf;
  readonly #start: Start;
  readonly #died: (deaths: number) => void;
  #pid: number | undefined;
  #deaths = 0;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  /** @param died is told each time that it dies, before it is started again */
  constructor(netconf: Netconf, chosen: Chosen, start: Start, died: (deaths: number) => void) {
    this.#netconf = netconf;
    this.chosen = chosen;
    this.#start = start;
    this.#died = died;
    this.command = [chosen.program, ...chosen.client.command(start)];
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** Takes the one that runs already; true when there is one. */
  adopt(): boolean {
    const pid = this.chosen.client.find(this.command, this.#start.files);
    if (pid === undefined) return false;
    this.#pid = pid;
    this.#since = performance.now();
    this.#watch(pid);
    return true;
  }

  /** Throws when it cannot be started. */
  launch(): void {
    const { client, program } = this.chosen;
    const { files, inbox } = this.#start;
    const [, ...argv] = this.command;
    const environment = client.environment?.(this.#start) ?? { NETCONF_DHCP: inbox };
    const launched = this.#netconf.launch({ path: program, argv, environment, output: files.path('log') });
    this.#pid = launched.pid;
    this.#since = performance.now();
    void launched.ended.then(() => this.#ended(launched.pid));
  }

  /** Lets go of it: it goes on, and nobody looks after it. */
  release(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  /** Ends it; with `giveBack`, the server is told. Nothing of it is left afterwards. */
  async stop(giveBack: boolean, operation?: Operation): Promise<void> {
    this.release();
    const pid = this.#pid ?? this.chosen.client.find(this.command, this.#start.files);
    if (pid === undefined || !isAlive(pid)) return;
    if (giveBack) await this.#giveBack(pid, operation);
    if (!isAlive(pid)) return;
    signal(pid, 'SIGTERM');
    if (await isGone(pid, endMs)) return;
    // Its helpers, too: it has a session of its own.
    signal(-pid, 'SIGKILL');
    signal(pid, 'SIGKILL');
    await isGone(pid, endMs);
  }

  async #giveBack(pid: number, operation: Operation | undefined): Promise<void> {
    const { client, program } = this.chosen;
    if ('command' in client.release) {
      const argv = client.release.command(this.#start);
      // As a program of the operation: it does not outlive one that is cut off, to take away the next client's lease.
      await this.#netconf.run({
        path: program,
        argv,
        environment: {},
        deadline: releaseMs / 1000,
        ...(operation !== undefined && { operation }),
      });
      return;
    }
    for (const name of client.release.signals) signal(pid, name);
    await isGone(pid, releaseMs);
  }

  #watch(pid: number): void {
    this.#timer = setTimeout(() => {
      if (isAlive(pid)) this.#watch(pid);
      else this.#ended(pid);
    }, lookMs).unref();
  }

  #ended(pid: number): void {
    if (this.#over || pid !== this.#pid) return;
    this.#pid = undefined;
    this.#deaths = performance.now() - this.#since > soundMs ? 1 : this.#deaths + 1;
    this.#died(this.#deaths);
    if (!this.#over) this.#again();
  }

  #again(): void {
    const pause = Math.min(firstPauseMs * 2 ** (this.#deaths - 1), longestPauseMs);
    this.#timer = setTimeout(() => {
      try {
        this.launch();
      } catch (error) {
        this.#netconf.log.error(`${this.chosen.program}: ${(error as Error).message}`);
        this.#deaths++;
        this.#again();
      }
    }, pause).unref();
  }
}

/** The client that a kept command line is of. */
export function chosenOf(name: string, command: readonly string[]): Chosen | undefined {
  const client = clientNamed(name);
  const [program] = command;
  return client === undefined || program === undefined ? undefined : { client, program };
}
