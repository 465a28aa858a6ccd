// Longer than others: the states of one interface's supplicant and what leads from one to the other, which are one thing.
import { isDeepStrictEqual } from 'node:util';
import { type Event, failureOf, type Netconf, type Operation, type StepResult } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { linkIndex } from '../../core/base/libc/links.ts';
import { Turns } from '../../core/base/turns.ts';
import { type Added, configure, unconfigure } from './configure.ts';
import type { Connection } from './events.ts';
import { type Kept, type State, SupplicantFiles } from './files.ts';
import { Roamer } from './roaming.ts';
import type { Settings } from './settings.ts';
import { Supplicant, type SupplicantOptions } from './supplicant.ts';
import { Watch } from './watch.ts';

/** Milliseconds between two looks at a supplicant that is no child of ours: its socket does not tell when it is killed. */
const lookMs = 30_000;
/** One that has lived so long has a fresh start when it ends. */
const soundMs = 60_000;
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** A supplicant that ends so often will not get anywhere. */
const mostDeaths = 3;
/** So often one of somebody else's may be missing before one is started in its place: some 15 seconds. */
const foreignTries = 4;
const firstRetryMs = 10_000;
const longestRetryMs = 300_000;

export interface SessionParts {
  netconf: Netconf<unknown>;
  supplicant: SupplicantOptions;
  /** dBm; undefined where nobody wants to know. */
  signal?: { threshold: number; hysteresis: number } | undefined;
}

/** The supplicant of one interface, who needs it, and what it is connected to. */
export class Session {
  readonly #parts: SessionParts;
  readonly #settings: Settings;
  readonly #files: SupplicantFiles;
  readonly #supplicant: Supplicant;
  readonly #watch: Watch;
  readonly #roamer: Roamer | undefined;
  readonly #owners: Set<string>;
  readonly #turns = new Turns();
  #state: State;
  #added: Added = { others: [] };
  #settle: ((result: StepResult) => void) | undefined;
  #deaths = 0;
  /** Since when it has answered. */
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = firstRetryMs;
  readonly #over = new AbortController();
  #end: Promise<string | undefined> | undefined;
  #first: Kept['first'];
  #asking = false;
  #isClaimed = false;
  #released = false;

  /** @param kept what an earlier process has left of it */
  constructor(parts: SessionParts, settings: Settings, kept?: Kept) {
    const { netconf, supplicant: options } = parts;
    this.#parts = parts;
    this.#settings = settings;
    this.#files = new SupplicantFiles(netconf.paths.run, settings.interface);
    this.#state = kept?.state ?? 'over';
    this.#owners = new Set(kept?.owners);
    this.#watch = new Watch(netconf, settings.interface, {
      connected: (connection, event) => this.#connected(connection, event),
      disconnected: event => this.#roamer?.disconnected(event),
      refused: reason => this.#refused(reason),
    });
    const ears = {
      heard: (message: Parameters<Watch['hear']>[0]) =>
        this.#watch.hear(message, () => this.#supplicant.control),
      lost: (why: Error) => {
        try {
          this.#lost(why);
        } catch (error) {
          this.#log.error(`${settings.interface}: ${messageOf(error)}`);
        }
      },
    };
    const files = this.#files;
    const kind = kept?.kind ?? 'own';
    this.#supplicant = new Supplicant(netconf, options, { settings, files, ears, kind });
    if (kept !== undefined) this.#added = addedOf(kept);
    this.#first = kept?.first;
    const { roaming } = settings;
    if (roaming !== undefined)
      this.#roamer = new Roamer(netconf, { ...settings, roaming }, kept?.roamed ?? settings.logical, () =>
        this.#keep(),
      );
  }

  get settings(): Settings {
    return this.#settings;
  }

  get state(): State {
    return this.#state;
  }

  get isRoaming(): boolean {
    return this.#roamer !== undefined;
  }

  /** Is there anything on the interface that an operation would take down? */
  get isInUse(): boolean {
    return this.#owners.size > 0 || this.#roamer?.actual !== undefined;
  }

  /** Roaming brings this stanza up. */
  roams(event: Event, owner: string): void {
    if (this.#first?.event !== event.id) this.#first = { event: event.id, owner };
    this.#keep();
  }

  /** The stanza that is taken back last of what roaming has brought up. */
  get firstRoamed(): string | undefined {
    return this.#first?.owner;
  }

  /** Nothing can be asked of it any more. */
  get isEnding(): boolean {
    return this.#end !== undefined;
  }

  /** Has an operation asked for it since this process began? */
  get isClaimed(): boolean {
    return this.#isClaimed;
  }

  /** Goes on with what an earlier process has left. */
  async adopt(pid: number | undefined): Promise<void> {
    await this.#turns.take(async () => {
      try {
        const control = await this.#supplicant.open({
          progress: () => undefined,
          signal: this.#over.signal,
          start: this.#supplicant.kind !== 'foreign',
        });
        const isSame = this.#supplicant.pid === pid;
        if (!isSame) this.#added = await this.#configure();
        await this.#watch.look(control, isSame);
        this.#since = performance.now();
        this.#arm();
      } catch (error) {
        this.#lost(error as Error);
      }
    });
    const { connection } = this.#watch;
    if (connection !== undefined && this.#state === 'waiting') this.#ask(undefined);
    else if (connection !== undefined) this.#roamer?.connected(connection);
    else if (!this.#released) this.#roamer?.disconnected();
  }

  /** Has the supplicant run, and waits for a connection where the options ask for one. */
  async up(operation: Operation, owner: string): Promise<StepResult> {
    clearTimeout(this.#retry);
    this.#isClaimed = true;
    this.#owners.add(owner);
    const { interface: on, timeout } = this.#settings;
    if (linkIndex(on) === undefined) return { outcome: 'FAIL', message: `there is no interface ${on}` };
    const failed = await this.#link('up', operation);
    if (failed !== undefined) return { outcome: 'FAIL', message: failed };
    if (this.#state === 'over') this.#state = 'acquiring';
    this.#deaths = 0;
    // Those of before.
    this.#watch.hints();
    // On record before it runs: whoever comes after us finds it.
    this.#keep();
    try {
      await this.#turns.take(() => this.#establish(operation));
    } catch (error) {
      this.#state = 'over';
      return { outcome: 'FAIL', message: this.#released ? gone : (error as Error).message };
    }
    if (this.#released) return { outcome: 'FAIL', message: gone };
    const isStep = operation.step === 'WPA';
    if (isStep && !this.#hasNetworks()) {
      this.#state = 'over';
      return {
        outcome: 'FAIL',
        message: '[cfg WPA]: nothing to connect to: wpa-ssid or wpa-conf is missing',
      };
    }
    const wait = this.#roamer === undefined && timeout > 0 && this.#hasNetworks();
    if (this.#watch.connection === undefined && wait) {
      this.#state = 'acquiring';
      const result = await this.#acquire(operation);
      // A port may be open for whoever is not asked.
      const mayBeOpen = result?.outcome === 'TIMEOUT' && this.#settings.driver === 'wired' && !isStep;
      if (mayBeOpen) this.#log.warning(`${on}: ${result.message}: it is configured all the same`);
      if (result !== undefined && !mayBeOpen) {
        this.#keep();
        return result;
      }
    }
    this.#state = 'up';
    this.#keep();
    const { connection } = this.#watch;
    if (connection !== undefined) this.#roamer?.connected(connection);
    const shown = connection === undefined ? undefined : connection.ssid || connection.bssid;
    return { outcome: 'CONNECTED', ...(shown !== undefined && { message: shown }) };
  }

  /** A stanza needs it no more. True when that was the last, and nothing is left of it then. */
  async down(operation: Operation, owner: string): Promise<{ over: boolean; failure?: string }> {
    const { event } = operation;
    const ours = event.source === `plugin:${this.#parts.netconf.name}`;
    if (ours && this.#state === 'up' && this.#roamer === undefined) this.#state = 'waiting';
    const waits = this.#state === 'waiting' && event.name === 'request.ifup';
    this.#owners.delete(owner);
    if (this.#owners.size > 0 || waits || (ours && this.#roamer !== undefined)) {
      this.#keep();
      return { over: false };
    }
    const failure = await this.end(operation);
    return { over: true, ...(failure !== undefined && { failure }) };
  }

  /** Ends what was started. Resolves with what could not be taken back. */
  end(operation?: Operation): Promise<string | undefined> {
    this.#end ??= this.#endNow(operation);
    return this.#end;
  }

  #endNow(operation: Operation | undefined): Promise<string | undefined> {
    this.#state = 'over';
    this.#calm();
    this.#over.abort();
    // What is being asked of it is of no use any more.
    if (this.#supplicant.kind === 'own') this.#supplicant.release();
    return this.#turns.take(async () => {
      const { control } = this.#supplicant;
      // What it tells of its end is known.
      this.#watch.lost(leaving, true);
      if (control !== undefined && this.#supplicant.kind === 'foreign')
        await unconfigure(control, this.#added).catch(() => undefined);
      await this.#supplicant.stop();
      const failure = await this.#link('down', operation);
      this.#files.remove();
      return failure;
    });
  }

  /** Something has happened to the link: perhaps there is no connection any more. */
  poke(): void {
    const { control } = this.#supplicant;
    // One that does not answer is told of by `lost`.
    if (control !== undefined) this.#watch.look(control).catch(() => undefined);
  }

  /** Lets go of everything; the supplicant goes on. */
  release(): void {
    this.#calm();
    this.#supplicant.release();
  }

  /** A supplicant that answers, and has been told what it is to do. */
  async #establish(operation?: Operation): Promise<void> {
    if (this.#released || this.#supplicant.control !== undefined) return;
    const progress = (text: string) => operation?.progress(text);
    const over = this.#over.signal;
    const signal = operation === undefined ? over : AbortSignal.any([operation.signal, over]);
    const start =
      operation !== undefined || this.#supplicant.kind !== 'foreign' || this.#deaths > foreignTries;
    const { kind, pid: before } = this.#supplicant;
    const control = await this.#supplicant.open({ progress, start, signal });
    if (this.#supplicant.kind === 'foreign' && kind !== 'foreign')
      this.#log.notice(
        `${this.#settings.interface}: uses the wpa_supplicant that runs already, process ${control.pid}`,
      );
    if (before !== control.pid || this.#added.network === undefined) this.#added = await this.#configure();
    this.#since = performance.now();
    this.#keep();
    this.#arm();
    await this.#watch.look(control);
  }

  async #configure(): Promise<Added> {
    const { control, kind } = this.#supplicant;
    if (control === undefined) return { others: [] };
    const warn = (text: string) => this.#log.warning(`${this.#settings.interface}: ${text}`);
    try {
      const added = await configure(control, this.#settings, kind, warn);
      const { signal } = this.#parts;
      if (signal !== undefined) {
        const command = `SIGNAL_MONITOR THRESHOLD=${signal.threshold} HYSTERESIS=${signal.hysteresis}`;
        await control.ask(command).catch((error: Error) => warn(error.message));
      }
      return added;
    } catch (error) {
      // Not told what it is to do, it does nothing.
      this.#supplicant.release();
      throw error;
    }
  }

  /** Waits for a connection; undefined when it is there. */
  async #acquire({ signal, progress }: Operation): Promise<StepResult | undefined> {
    const { timeout, network } = this.#settings;
    progress(`waits for a connection${network === undefined ? '' : toText(network.ssid)}`);
    const result = await new Promise<StepResult>(resolve => {
      const timer = setTimeout(() => this.#settle?.(this.#tooLate()), timeout * 1000);
      const abort = () => this.#settle?.({ outcome: 'FAIL', message: 'interrupted' });
      this.#settle = found => {
        this.#settle = undefined;
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        resolve(found);
      };
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
      // It may have come while the signal was looked at.
      if (this.#watch.connection !== undefined) this.#settle?.({ outcome: 'CONNECTED' });
    });
    if (result.outcome === 'CONNECTED') return undefined;
    // Nobody waits any more; the supplicant goes on looking, unless it is of no use, or who asked has left.
    const goesOn = !signal.aborted && !this.#released && this.#supplicant.control !== undefined;
    this.#state = goesOn ? 'waiting' : 'over';
    return result;
  }

  #tooLate(): StepResult {
    const { timeout, network } = this.#settings;
    const hints = this.#watch.hints();
    const why = hints.length === 0 ? '' : `: ${hints.join(', ')}`;
    return {
      outcome: 'TIMEOUT',
      message: `no connection${network === undefined ? '' : toText(network.ssid)} in ${timeout} s${why}`,
    };
  }

  #connected(connection: Connection, event: Event): void {
    this.#retryMs = firstRetryMs;
    if (this.#settle !== undefined) this.#settle({ outcome: 'CONNECTED' });
    else if (this.#state === 'waiting') this.#ask(event);
    else if (this.#state === 'up') this.#roamer?.connected(connection, event);
  }

  /** Of several networks another one may do. */
  #refused(reason: string): void {
    const { network, conf, interface: on } = this.#settings;
    const why = reasons[reason] ?? `the other side refuses us (${reason})`;
    if (network === undefined || conf !== undefined) this.#watch.hint(why);
    else this.#settle?.({ outcome: 'FAIL', message: `${on}${toText(network.ssid)}: ${why}` });
  }

  /** The supplicant is gone, or of no use: another one, or the same again. */
  #lost(why: Error): void {
    if (this.#released) return;
    clearTimeout(this.#timer);
    this.#supplicant.release();
    this.#watch.lost();
    const { interface: on } = this.#settings;
    const isSound = this.#since !== undefined && performance.now() - this.#since > soundMs;
    this.#since = undefined;
    this.#deaths = isSound ? 1 : this.#deaths + 1;
    const pause = Math.min(firstPauseMs * 2 ** (this.#deaths - 1), longestPauseMs);
    const said = this.#supplicant.kind === 'own' ? this.#files.output() : '';
    this.#log.warning(`${on}: ${why.message}${said === '' ? '' : ` (${said})`}; again in ${pause / 1000} s`);
    if (this.#deaths >= mostDeaths)
      this.#settle?.({ outcome: 'FAIL', message: `wpa_supplicant fails again and again: ${why.message}` });
    this.#timer = setTimeout(() => {
      void this.#turns.take(() => this.#establish()).catch((error: Error) => this.#lost(error));
    }, pause).unref();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#supplicant.isChild) return;
    this.#timer = setTimeout(() => {
      const { control } = this.#supplicant;
      if (control === undefined) return;
      // One that does not answer is told of by `lost`.
      this.#watch.look(control).then(
        () => this.#arm(),
        () => undefined,
      );
    }, lookMs).unref();
  }

  /** Has the interface configured, now that there is a connection and nobody waits for it. */
  #ask(cause: Event | undefined): void {
    if (this.#asking || this.#released) return;
    this.#asking = true;
    clearTimeout(this.#retry);
    const { on, logical } = this.#settings;
    this.#parts.netconf
      .operate('ifup', on, { force: true, logical, ...(cause !== undefined && { cause }) })
      .then(({ state, message }) => {
        if (state !== 'failed') return;
        this.#log.warning(`${on}: ${message ?? 'failed'}`);
        this.#later();
      })
      .catch((error: unknown) => this.#log.error(`${on}: ${messageOf(error)}`))
      .finally(() => {
        this.#asking = false;
      });
  }

  #later(): void {
    if (this.#released) return;
    this.#retry = setTimeout(() => {
      if (this.#state === 'waiting' && this.#watch.connection !== undefined) this.#ask(undefined);
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  #calm(): void {
    this.#released = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#roamer?.release();
    this.#settle?.({ outcome: 'FAIL', message: gone });
  }

  #keep(): void {
    if (this.#released) return;
    const { pid, argv, kind } = this.#supplicant;
    const roamed = this.#roamer?.actual;
    this.#files.keep({
      settings: this.#settings,
      kind,
      argv,
      ...(pid !== undefined && { pid }),
      ...this.#added,
      others: this.#added.others,
      owners: [...this.#owners],
      state: this.#state,
      ...(roamed !== undefined && { roamed }),
      ...(this.#first !== undefined && { first: this.#first }),
    });
  }

  /** Something to connect to: of somebody else's supplicant that is its matter. */
  #hasNetworks(): boolean {
    const { network, conf } = this.#settings;
    return network !== undefined || conf !== undefined || this.#supplicant.kind !== 'own';
  }

  /** The link as the supplicant needs it, with a handle of our own; the sentence why not. */
  async #link(mode: 'up' | 'down', operation: Operation | undefined): Promise<string | undefined> {
    const { interface: on, logical, hwaddress } = this.#settings;
    if (mode === 'down' && linkIndex(on) === undefined) return undefined;
    const run = await this.#parts.netconf.runMethod('link', {
      mode,
      interface: on,
      handle: 'wpa-link',
      environment: {
        FAMILY: 'inet',
        METHOD: 'manual',
        LOGICAL: logical,
        ...(hwaddress !== undefined && { IF_HWADDRESS: hwaddress }),
      },
      ...(operation !== undefined && { operation }),
    });
    const failure = failureOf(run);
    const last = run.output.split('\n').findLast(line => line.trim() !== '');
    return failure === undefined ? undefined : (run.status !== null && last) || failure;
  }

  get #log() {
    return this.#parts.netconf.log;
  }
}

export function isSame(a: Settings, b: Settings): boolean {
  return isDeepStrictEqual(a, b);
}

const gone = 'the link has gone, or was taken down, meanwhile';

/** IEEE 802.11, 9.4.1.7: the station leaves. */
const leaving = 3;

const reasons: Readonly<Record<string, string>> = {
  WRONG_KEY: 'the access point refuses the key: it is probably wrong',
  SAE: 'the access point refuses the password: it is probably wrong',
  EAP: 'the authentication server refuses us: identity, password or certificate are wrong',
  AUTH_FAILED: 'the authentication has failed',
};

const toText = (ssid: string) => (ssid === '' ? '' : ` to ${JSON.stringify(ssid)}`);

function addedOf({ network, others = [] }: Kept): Added {
  return { others, ...(network !== undefined && { network }) };
}
