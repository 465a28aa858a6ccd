// Longer than others: the states of one interface's DHCP and what leads from one to the other, which are one thing.
import { join } from 'node:path';
import {
  type DhcpReport,
  type Event,
  failureOf,
  type Lease,
  type Netconf,
  type Operation,
  type StepResult,
} from 'netconf/plugin';
import { environmentOf, linkEnvironment } from './apply.ts';
import { choose } from './clients/choose.ts';
import { ClientFiles, type Kept } from './files.ts';
import { scriptIn } from './script.ts';
import type { Settings } from './settings.ts';
import { awaitLinkLocal } from './source-address.ts';
import { chosenOf, Supervised } from './supervised.ts';

/**
 * `idle`: nothing is asked of it. `acquiring`: a step waits for a lease. `bound`: it has one, which is applied.
 * `waiting`: it has none, the policy has gone on, and the client goes on looking for a server.
 */
type State = 'idle' | 'acquiring' | 'bound' | 'waiting';

/** Milliseconds that a client which has lost its lease has to get another one before the policy is asked. */
const graceMs = 10_000;
/** After the end of a lease of which the client does not say that it is over. */
const lateMs = 5000;
/** Seconds: udhcpc and dhcpcd take no lease for shorter than that, whatever the server says. */
const shortest = 20;
/** setTimeout(3) takes no more. */
const longestTimer = 2 ** 31 - 1;
const linkLocalMs = 10_000;
/** A client that dies so often at once will not get anywhere. */
const mostDeaths = 3;

export interface SessionParts {
  netconf: Netconf;
  /** Names of clients, in order of preference. */
  order: readonly string[];
}

/** DHCP of one family on one interface: its client, its lease, and what is to be done with it. */
export class Session {
  readonly #parts: SessionParts;
  readonly #files: ClientFiles;
  #settings: Settings;
  #state: State = 'idle';
  #client: Supervised | undefined;
  #lease: Lease | undefined;
  #applied: Record<string, string> | undefined;
  /** What the next operation is to be told: the lease was lost since. */
  #verdict: StepResult | undefined;
  #settle: ((result: StepResult) => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #expiry: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #asking = false;

  constructor(parts: SessionParts, settings: Settings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#files = new ClientFiles(parts.netconf.paths.run, settings.interface, settings.family);
  }

  get settings(): Settings {
    return this.#settings;
  }

  get state(): State {
    return this.#state;
  }

  /** Has it a lease, applied or not? */
  get isBound(): boolean {
    return this.#lease !== undefined;
  }

  /** Takes over what an earlier process has left: the client goes on, or is started again. */
  adopt({ client, command, applied, waiting }: Kept): void {
    this.#applied = applied;
    this.#state = applied !== undefined ? 'bound' : waiting ? 'waiting' : 'idle';
    const chosen = chosenOf(client, command);
    if (chosen === undefined) return;
    this.#client = this.#supervise(chosen);
    // One that nothing is asked of yet may be about to end.
    if (this.#state !== 'idle' && !this.#client.adopt()) this.#launch();
    // What is still held is told soon; a lease that ran out meanwhile is not.
    this.#expiry = setTimeout(() => {
      const event = { name: 'dhcp.expired', interface: this.#settings.interface } as Event;
      if (this.#lease === undefined && this.#state === 'bound') void this.#inTurn(() => this.#lose(event));
    }, lateMs).unref();
  }

  /** The step up: a lease that is there, or the first that comes. */
  async up(operation: Operation, settings: Settings): Promise<StepResult> {
    const verdict = this.#verdict;
    this.#verdict = undefined;
    if (verdict !== undefined && this.#lease === undefined) return verdict;
    const changed = JSON.stringify(settings) !== JSON.stringify(this.#settings);
    if (changed) {
      await this.#stop(false);
      this.#settings = settings;
    }
    this.#calm();
    const hindrance = await this.#prepare(operation);
    if (hindrance !== undefined) return { outcome: 'FAIL', message: hindrance };
    const held = this.#lease;
    if (held !== undefined && this.#client?.pid !== undefined) return this.#take(held, operation);
    this.#state = 'acquiring';
    const result = await this.#acquire(operation);
    if (result.outcome !== 'BOUND' || this.#lease === undefined) {
      this.#state = 'idle';
      return result;
    }
    return this.#take(this.#lease, operation);
  }

  /** The next operation is not to wait for a server that there was none of. */
  passOver(): void {
    if (this.#state === 'waiting' && this.#lease === undefined)
      this.#verdict = { outcome: 'FAIL', message: 'no DHCP server has given a lease yet' };
  }

  /** Looks for a server without anybody waiting for it. */
  wait(settings: Settings): void {
    this.#settings = settings;
    this.#state = 'waiting';
    try {
      if (this.#client === undefined) {
        const chosen = choose(settings.family, settings.client, this.#parts.order);
        if (typeof chosen === 'string') return;
        this.#client = this.#supervise(chosen);
      }
      if (this.#client.pid === undefined && !this.#client.adopt()) this.#client.launch();
    } catch (error) {
      this.#log.error(`${settings.interface}: ${(error as Error).message}`);
    }
    this.#keep();
  }

  /**
   * The step down: the lease is given back, and nothing is left of it. True when the session is over; it is not when the
   * policy goes on without a lease, and the client goes on looking for one.
   */
  async down(operation: Operation): Promise<{ over: boolean; failure?: string }> {
    const stays = this.#state === 'waiting' && operation.event.name === 'request.ifup';
    if (stays) return { over: false };
    const failure = await this.end(true, operation);
    return { over: true, ...(failure !== undefined && { failure }) };
  }

  /** Ends it for good. Resolves with what could not be taken back. */
  async end(giveBack: boolean, operation?: Operation): Promise<string | undefined> {
    const { interface: on, family } = this.#settings;
    this.#state = 'idle';
    this.#applied = undefined;
    try {
      // On record before it ends: whoever comes after us meanwhile does not start it again.
      this.#keep();
    } catch (error) {
      this.#log.warning(`${on}: ${(error as Error).message}`);
    }
    await this.#stop(giveBack, operation);
    const failure = await this.#takeDown(operation);
    const link = await this.#method('link', 'down', linkEnvironment(this.#settings), operation);
    this.#files.remove();
    this.#log.info(`${on}: DHCP for ${family} is over`);
    return failure ?? link;
  }

  /** Lets go of everything; the client goes on. */
  release(): void {
    this.#calm();
    this.#client?.release();
  }

  /** What a client told of this interface and family. */
  heard(event: Event<DhcpReport>): void {
    const { lease, pid, reason, refused = [] } = event.data;
    const own = this.#client?.pid;
    if (!event.replayed && pid !== undefined && own !== undefined && pid !== own) return;
    if (event.name === 'dhcp.preinit') return;
    this.#files.output();
    this.#lease = lease;
    if (lease !== undefined) {
      this.#expect(lease);
      if (this.#state === 'acquiring') this.#settle?.({ outcome: 'BOUND' });
      else if (this.#state === 'bound') this.#inTurn(() => this.#renew(event));
      else if (this.#state === 'waiting') this.#ask(event, undefined);
      return;
    }
    clearTimeout(this.#expiry);
    if (this.#state === 'bound') this.#inTurn(() => this.#lose(event));
    if (this.#state !== 'acquiring') return;
    const unusable = event.name === 'dhcp.bound';
    const names = refused.map(({ option, reason }) => `${option} (${reason})`).join(', ');
    if (unusable) this.#settle?.({ outcome: 'FAIL', message: `the server's lease cannot be used: ${names}` });
    // Refused by one server, it asks anew; after an old lease that none confirms, it goes on to fail.
    else if (event.name === 'dhcp.failed' && !/^nak$/i.test(reason))
      this.#settle?.({ outcome: 'FAIL', message: 'no DHCP server has given a lease' });
  }

  /** The link is as a client needs it, and the client runs; else why not. */
  async #prepare(operation: Operation): Promise<string | undefined> {
    const { family, interface: on, client } = this.#settings;
    const failed = await this.#method('link', 'up', linkEnvironment(this.#settings), operation);
    if (failed !== undefined) return failed;
    if (family === 'inet6' && !(await awaitLinkLocal(on, linkLocalMs, operation.signal)))
      return `${on} has no link-local IPv6 address: without a carrier, or IPv6, it gets none`;
    try {
      if (this.#client === undefined) {
        const chosen = choose(family, client, this.#parts.order);
        if (typeof chosen === 'string') return chosen;
        this.#client = this.#supervise(chosen);
      }
      if (this.#client.pid !== undefined || this.#client.adopt()) return undefined;
      // On record before it runs: whoever comes after us finds it.
      this.#keep();
      operation.progress(`asks for a lease with ${this.#client.chosen.client.name}`);
      this.#client.launch();
      this.#keep();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Waits for the first lease, or for what makes it hopeless. */
  async #acquire({ signal }: Operation): Promise<StepResult> {
    const { timeout } = this.#settings;
    const result = await new Promise<StepResult>(resolve => {
      const message = `no DHCP server has given a lease in ${timeout} s`;
      const timer = setTimeout(() => resolve({ outcome: 'TIMEOUT', message }), timeout * 1000);
      const abort = () => this.#settle?.({ outcome: 'FAIL', message: 'interrupted' });
      this.#settle = found => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        resolve(found);
      };
      // The client may have left while the DHCP client was being started.
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
    this.#settle = undefined;
    return result;
  }

  async #take(lease: Lease, operation: Operation): Promise<StepResult> {
    this.#state = 'bound';
    const failure = await this.#inTurn(() => this.#apply(lease, operation));
    if (failure !== undefined) return { outcome: 'FAIL', message: failure };
    const shown = lease.address ?? lease.addresses?.map(({ address }) => address).join(', ');
    return { outcome: 'BOUND', message: `${shown ?? 'a prefix'} of ${lease.server ?? 'a DHCP server'}` };
  }

  async #renew(event: Event<DhcpReport>): Promise<void> {
    clearTimeout(this.#grace);
    if (this.#lease === undefined || this.#state !== 'bound') return;
    const failure = await this.#apply(this.#lease);
    if (failure !== undefined) this.#log.error(`${event.interface}: ${failure}`);
  }

  /** Makes the machine have what the lease says; one that is renewed as it was makes no difference. */
  async #apply(lease: Lease, operation?: Operation): Promise<string | undefined> {
    const environment = environmentOf(this.#settings, lease);
    if (environment.IF_ADDRESS === '') return this.#takeDown(operation);
    const isKnown = JSON.stringify(environment) === JSON.stringify(this.#applied);
    if (isKnown && operation === undefined) return undefined;
    // On record before it is done: whoever comes after us takes it back.
    this.#applied = environment;
    this.#keep();
    const failure = await this.#method('static', 'up', environment, operation);
    if (failure !== undefined) this.#applied = { FAMILY: environment.FAMILY ?? '' };
    return failure;
  }

  async #takeDown(operation?: Operation): Promise<string | undefined> {
    this.#applied = undefined;
    const { settings } = this;
    return this.#method('static', 'down', linkEnvironment(settings), operation);
  }

  /** The lease is over. The client may get another one at once; else it is the policy's turn. */
  async #lose(event: Event): Promise<void> {
    if (this.#lease !== undefined || this.#state !== 'bound') return;
    const failure = await this.#takeDown();
    if (failure !== undefined) this.#log.error(`${event.interface}: ${failure}`);
    this.#keep();
    clearTimeout(this.#grace);
    this.#grace = setTimeout(
      () => {
        if (this.#lease !== undefined || this.#state !== 'bound') return;
        this.#state = 'waiting';
        this.#keep();
        const outcome = event.name === 'dhcp.timed-out' ? 'TIMEOUT' : 'FAIL';
        this.#ask(event, { outcome, message: `the lease is over (${event.name})` });
      },
      Math.min(graceMs, this.#settings.timeout * 1000),
    ).unref();
  }

  /** Has the interface configured anew: with a lease that has come, or by what the policy says of one that was lost. */
  #ask(cause: Event, verdict: StepResult | undefined): void {
    this.#verdict = verdict;
    if (this.#asking) return;
    this.#asking = true;
    const { interface: on, logical } = this.#settings;
    this.#parts.netconf
      .operate('ifup', on, { force: true, logical, cause })
      .then(({ state, message }) => {
        if (state === 'failed') this.#log.warning(`${on}: ${message ?? 'failed'}`);
      })
      .catch((error: Error) => this.#log.error(`${on}: ${error.message}`))
      .finally(() => {
        this.#asking = false;
        // What came while the operation was under way.
        if (this.#state === 'waiting' && this.#lease !== undefined) this.#ask(cause, undefined);
      });
  }

  /** The end of the lease, should the client not tell of it. */
  #expect({ since, lease }: Lease): void {
    clearTimeout(this.#expiry);
    if (lease === undefined) return;
    const left = since + Math.max(lease, shortest) * 1000 + lateMs - Date.now();
    const held = this.#lease;
    this.#expiry = setTimeout(
      () => {
        if (this.#lease !== held || held === undefined) return;
        if (left > longestTimer) this.#expect(held);
        else this.#overdue(held);
      },
      Math.max(0, Math.min(left, longestTimer)),
    ).unref();
  }

  #overdue(lease: Lease): void {
    const { interface: on } = this.#settings;
    this.#log.warning(
      `${on}: the lease of ${lease.server ?? 'a server'} has run out, and its client says nothing`,
    );
    this.#lease = undefined;
    const event = { name: 'dhcp.expired', interface: on } as Event;
    if (this.#state === 'bound') this.#inTurn(() => this.#lose(event));
  }

  #supervise(chosen: Supervised['chosen']): Supervised {
    const { netconf } = this.#parts;
    const start = {
      settings: this.#settings,
      files: this.#files,
      script: scriptIn(netconf.paths.methods),
      inbox: join(netconf.paths.run, 'dhcp'),
    };
    return new Supervised(netconf, chosen, start, deaths => this.#died(deaths));
  }

  #died(deaths: number): void {
    const { interface: on } = this.#settings;
    const output = this.#files.output();
    const said = output === '' ? '' : `: ${output}`;
    this.#log.warning(`${on}: its DHCP client has ended; it is started again${said}`);
    if (deaths >= mostDeaths)
      this.#settle?.({ outcome: 'FAIL', message: `the DHCP client ends again and again${said}` });
  }

  #launch(): void {
    try {
      this.#client?.launch();
      this.#keep();
    } catch (error) {
      this.#log.error(`${this.#settings.interface}: ${(error as Error).message}`);
    }
  }

  async #stop(giveBack: boolean, operation?: Operation): Promise<void> {
    this.#calm();
    this.#state = 'idle';
    this.#lease = undefined;
    this.#verdict = undefined;
    await this.#client?.stop(giveBack, operation);
    this.#client = undefined;
    await this.#turn;
  }

  #calm(): void {
    clearTimeout(this.#grace);
    clearTimeout(this.#expiry);
  }

  #keep(): void {
    if (this.#client === undefined) return;
    const { command, chosen, pid } = this.#client;
    this.#files.keep({
      settings: this.#settings,
      client: chosen.client.name,
      command,
      ...(pid !== undefined && { pid }),
      ...(this.#applied !== undefined && { applied: this.#applied }),
      ...(this.#state === 'waiting' && { waiting: true }),
    });
  }

  /** Runs a method with a handle of our own; the sentence why it failed. */
  async #method(
    name: 'link' | 'static',
    mode: 'up' | 'down',
    environment: Record<string, string>,
    operation: Operation | undefined,
  ): Promise<string | undefined> {
    const { interface: on, family } = this.#settings;
    const run = await this.#parts.netconf.runMethod(name, {
      mode,
      interface: on,
      handle: `${family}-dhcp-${name}`,
      environment,
      ...(operation !== undefined && { operation }),
    });
    const failure = failureOf(run);
    const lines = run.output.split('\n').filter(line => line.trim() !== '');
    return failure === undefined ? undefined : (run.status !== null && lines.at(-1)) || failure;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch((error: Error) =>
      this.#log.error(`${this.#settings.interface}: ${error.message}`),
    );
    return done;
  }

  get #log() {
    return this.#parts.netconf.log;
  }
}
