// Longer than others: the states of one VPN and what leads from one to the other, which are one thing.
import type { DataOf, Netconf, Operation, StepResult, VpnData } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { type Applied, appliedOf, Methods } from './apply.ts';
import { type Kept, VpnFiles } from './files.ts';
import type { Message, State as Told } from './management/message.ts';
import { dataOf, pushedIn, readReport } from './report.ts';
import type { Settings } from './settings.ts';
import { Supervised } from './supervised.ts';

/** `idle`: nothing is asked of it. `connecting`: somebody waits for it. `up`. `lost`: it was up, and is to be again. */
type State = 'idle' | 'connecting' | 'up' | 'lost';

const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** Of what a peer has pushed for nothing, so much is told. */
const mostRefused = 10;

type VpnEvent = 'vpn.connecting' | 'vpn.up' | 'vpn.reconnecting' | 'vpn.down' | 'vpn.auth-failed';

export interface SessionParts {
  netconf: Netconf<unknown>;
  /** Of its own packets; 0 for none. */
  mark: number;
}

/** One VPN: its OpenVPN, and what lies on its device. */
export class Session {
  readonly settings: Settings;
  readonly #parts: SessionParts;
  readonly #files: VpnFiles;
  readonly #methods: Methods;
  #state: State = 'idle';
  #process: Supervised | undefined;
  #applied: Applied = {};
  /** OpenVPN was started since: what was applied is looked at again. */
  #anew = false;
  #redirect = false;
  /** What the peer pushes comes in several parts, and this was not the last. */
  #pushGoesOn = false;
  #up: VpnData | undefined;
  /** What went wrong last, in OpenVPN's words. */
  #lastWords = '';
  /** The next operation is told this: it was lost since, for good. */
  #verdict: StepResult | undefined;
  #refused = false;
  #settle: ((result: StepResult) => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #deaths = 0;
  /** Its last word that it stands, not looked at yet. */
  #said: Told | undefined;

  constructor(parts: SessionParts, settings: Settings) {
    this.#parts = parts;
    this.settings = settings;
    this.#files = new VpnFiles(parts.netconf.paths.run, settings.dev);
    this.#methods = new Methods(parts.netconf, settings);
  }

  get state(): State {
    return this.#state;
  }

  get process(): { pid: number | undefined; command: readonly string[] } | undefined {
    return this.#process;
  }

  /** Takes over what an earlier process of ours has left. */
  adopt({ applied, redirect, up, command, pid }: Kept): void {
    this.#applied = applied ?? {};
    this.#redirect = redirect === true;
    this.#up = up;
    if (up !== undefined || this.settings.wantedBy !== undefined) this.#state = 'lost';
    this.#process = this.#supervise();
    const found = this.#process.adopt(command, pid).then(is => {
      if (!is && this.#state === 'lost') this.#lost('openvpn has ended meanwhile');
    });
    // Whoever asks for it meanwhile waits until it is known what there is.
    this.#turn = found.catch((error: Error) => this.#log.error(`${this.settings.dev}: ${error.message}`));
  }

  /** Brings it up; resolves with BIND when it stands, and its addresses and routes are there. */
  async up(operation?: Operation): Promise<StepResult> {
    await this.#turn;
    const verdict = this.#verdict;
    this.#verdict = undefined;
    if (verdict !== undefined) return verdict;
    if (this.#state === 'up') return this.#bound();
    const { dev } = this.settings;
    clearTimeout(this.#timer);
    this.#state = 'connecting';
    this.#refused = false;
    this.#lastWords = '';
    this.#emit('vpn.connecting', { name: this.settings.name, dev }, operation);
    operation?.progress(`connects with ${this.settings.config ?? this.settings.foreign}`);
    const result = await this.#connect(operation);
    if (result.outcome !== 'BIND') return this.#failed(result);
    return result;
  }

  /** Has it stand sooner or later: nobody waits for it. */
  async want(): Promise<void> {
    await this.#turn;
    if (this.#state === 'up' || this.#state === 'lost') return;
    this.#state = 'lost';
    const { dev, name } = this.settings;
    this.#emit('vpn.connecting', { name, dev });
    await this.#start();
  }

  /** Ends it, and takes back what lies on its device, and the device. The sentence what could not be taken back. */
  async down(reason: string, operation?: Operation): Promise<string | undefined> {
    clearTimeout(this.#timer);
    this.#state = 'idle';
    this.#settle?.({ outcome: 'FAIL', message: 'interrupted' });
    await this.#process?.stop();
    await this.#turn;
    this.#process = undefined;
    const up = this.#up;
    this.#up = undefined;
    const failure = this.settings.foreign === undefined ? await this.#methods.takeBack(operation) : undefined;
    this.#files.remove();
    if (up !== undefined) this.#emit('vpn.down', { ...up, reason }, operation);
    return failure;
  }

  /** Its device is gone, and nobody else ends it for that: another one is made. */
  deviceGone(): void {
    if (this.#state !== 'up' && this.#state !== 'lost') return;
    const before = this.#process;
    void before?.stop().then(() => {
      if (this.#process === before) this.#lost('its device is gone');
    });
  }

  /** Lets go of everything; it goes on. */
  release(): void {
    clearTimeout(this.#timer);
    this.#process?.release();
  }

  async #connect(operation: Operation | undefined): Promise<StepResult> {
    const { timeout } = this.settings;
    const signal = operation?.signal;
    const result = await new Promise<StepResult>(resolve => {
      const timer = setTimeout(() => {
        const message = `the VPN does not stand after ${timeout} s${this.#why()}`;
        resolve({ outcome: 'TIMEOUT', message });
      }, timeout * 1000);
      const abort = () => this.#settle?.({ outcome: 'FAIL', message: 'interrupted' });
      this.#settle = found => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        resolve(found);
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      void this.#start(operation);
    });
    this.#settle = undefined;
    return result;
  }

  /** One that runs still is used; else another is started. */
  async #start(operation?: Operation): Promise<void> {
    try {
      if (this.#process?.isConnected) {
        // It may have told that it stands when nobody had asked for it yet.
        this.#process.ask();
        return;
      }
      await this.#process?.stop();
      // Whoever took it away may have taken what lay on it along.
      const hindrance =
        this.settings.foreign === undefined ? await this.#methods.device(operation) : undefined;
      if (hindrance !== undefined) throw new Error(hindrance);
      this.#anew = true;
      const started = this.#supervise();
      this.#process = started;
      await started.start(() => this.#keep());
    } catch (error) {
      const message = messageOf(error);
      if (this.#settle !== undefined) this.#settle({ outcome: 'FAIL', message });
      else if (this.#state === 'lost') this.#again(message);
    }
  }

  #failed(result: StepResult): StepResult {
    if (this.#state === 'connecting') this.#state = 'idle';
    return result;
  }

  #bound(): StepResult {
    const { addresses = [], server = '' } = this.#up ?? {};
    const shown = addresses.length === 0 ? 'connected' : addresses.join(', ');
    return { outcome: 'BIND', message: server === '' ? shown : `${shown} of ${server}` };
  }

  #told(message: Message): void {
    if (message.kind === 'state') this.#hear(message);
    else if (message.kind === 'pid') this.#keep();
    else if (message.kind === 'log') this.#read(message);
    else if (message.kind === 'fatal') this.#lastWords = message.text;
    else if (message.kind === 'asks') {
      const how = message.what === 'Private Key' ? 'askpass FILE' : 'auth-user-pass FILE';
      this.#refuse(`it asks for a secret (${message.what}): ${how} in its configuration says which`, true);
    } else if (message.kind === 'refused')
      this.#refuse(`the secret was not accepted (${message.what})${this.#why()}`, true);
  }

  #hear(told: Told): void {
    const { dev, name } = this.settings;
    // A file that has become long is emptied.
    if (this.settings.foreign === undefined) this.#files.output();
    if (told.name === 'CONNECTED' && /^(SUCCESS|)$/.test(told.detail)) {
      this.#refused = false;
      // However often it is said before it is looked at, it is looked at once.
      if (this.#said === undefined) void this.#inTurn(() => this.#stands());
      this.#said = told;
    } else if (told.name === 'EXITING' && told.detail === 'auth-failure') {
      this.#refuse(`the server refused this client${this.#why()}`, true);
    } else if (told.name === 'RECONNECTING' || (told.name === 'EXITING' && told.detail !== 'SIGTERM')) {
      if (this.#state !== 'up') return;
      this.#state = 'lost';
      this.#emit('vpn.reconnecting', { name, dev, reason: told.detail });
    }
  }

  /** What is said in the log alone: that the default route is to lead through the tunnel, and why a peer was refused. */
  #read({ flags, text, told }: Extract<Message, { kind: 'log' }>): void {
    if (text.startsWith('PUSH: Received control message:')) {
      const said = !this.settings.keepsGateway && /[',]redirect-gateway[ ,']/.test(text);
      this.#redirect = said || (this.#pushGoesOn && this.#redirect);
      this.#pushGoesOn = text.includes(',push-continuation 2');
    }
    if (told || (!/[FN]/.test(flags) && !/^(TLS|VERIFY|RESOLVE|AUTH)\b.*(error|fail)/i.test(text))) return;
    this.#lastWords = text.slice(0, 300);
    if (notAccepted.test(text)) this.#refuse(this.#lastWords, false);
  }

  #why(): string {
    return this.#lastWords === '' ? '' : `: ${this.#lastWords}`;
  }

  /** @param final another try would not fare better: a person is needed */
  #refuse(reason: string, final: boolean): void {
    if (this.#refused) return;
    this.#refused = true;
    const { dev, name } = this.settings;
    this.#emit('vpn.auth-failed', { name, dev, reason });
    if (this.#settle !== undefined) this.#settle({ outcome: 'AUTH', message: reason });
    else if (final && (this.#state === 'up' || this.#state === 'lost'))
      this.#giveUp({ outcome: 'AUTH', message: reason });
  }

  /** OpenVPN stands: what it has agreed on is applied, where that is something else than before. */
  async #stands(): Promise<void> {
    const told = this.#said;
    this.#said = undefined;
    if (told === undefined || this.#state === 'idle') return;
    const failure = await this.#apply(told);
    // `down` may have been asked for meanwhile.
    if ((this.#state as State) === 'idle') return;
    if (failure !== undefined) {
      if (this.#settle !== undefined) this.#settle({ outcome: 'FAIL', message: failure });
      else {
        this.#state = 'lost';
        this.#again(failure);
      }
      return;
    }
    this.#deaths = 0;
    this.#state = 'up';
    this.#settle?.(this.#bound());
  }

  async #apply({ local, remote, port }: Told): Promise<string | undefined> {
    const { name, dev, kind, foreign, redirect } = this.settings;
    if (foreign !== undefined) {
      const addresses = local === '' ? [] : [local];
      const at = /^\d{1,5}$/.test(port) ? { port: Number(port) } : {};
      return this.#tell({ name, dev, server: remote, ...at, addresses, dns: [], search: [] });
    }
    const report = readReport(this.#files.path('env'));
    if (report === undefined) return 'openvpn has not told what it has agreed on with its peer (route-up)';
    const pushed = pushedIn(report);
    const [few, more] = [pushed.refused.slice(0, mostRefused), pushed.refused.length - mostRefused];
    if (few.length > 0) {
      const others = more > 0 ? `, and ${more} more` : '';
      this.#log.warning(`${dev}: the peer has sent what cannot be used: ${few.join(', ')}${others}`);
    }
    const wanted = appliedOf(pushed, redirect || this.#redirect, kind);
    const before = this.#applied;
    if (this.#anew || JSON.stringify(wanted) !== JSON.stringify(before)) {
      // On record before it is done: whoever comes after us takes it back.
      this.#applied = { ...before, ...wanted };
      this.#keep();
      const failure = await this.#methods.apply(wanted, before);
      if (failure !== undefined) return failure;
      this.#applied = wanted;
      this.#anew = false;
    }
    return this.#tell(dataOf(name, dev, pushed));
  }

  /** Tells that it stands: when it did not before, or stands otherwise. */
  #tell(data: VpnData): undefined {
    const changed = JSON.stringify(data) !== JSON.stringify(this.#up);
    this.#up = data;
    this.#keep();
    if (changed || this.#state !== 'up') this.#emit('vpn.up', data);
  }

  /** Its process is gone, or cannot be spoken to. */
  #lost(reason: string): void {
    const { dev, name } = this.settings;
    this.#process = undefined;
    if (this.#settle !== undefined) {
      this.#settle({ outcome: 'FAIL', message: reason });
      return;
    }
    if (this.#state !== 'up' && this.#state !== 'lost') return;
    if (this.#state === 'up') this.#emit('vpn.reconnecting', { name, dev, reason });
    this.#state = 'lost';
    this.#again(reason);
  }

  #again(reason: string): void {
    const pause = Math.min(firstPauseMs * 2 ** this.#deaths, longestPauseMs);
    this.#deaths++;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#state === 'lost') void this.#start();
    }, pause).unref();
    this.#log.warning(`${this.settings.dev}: ${reason}; again in ${pause / 1000} s`);
  }

  /** It will not stand again by itself: the policy says what comes instead, or nothing does. */
  #giveUp(verdict: StepResult): void {
    const { dev, wantedBy } = this.settings;
    const { netconf } = this.#parts;
    this.#log.error(`${dev}: ${verdict.message}`);
    if (wantedBy !== undefined) {
      void this.down(verdict.message ?? verdict.outcome);
      return;
    }
    this.#verdict = verdict;
    // The operation takes it back, since its step fails.
    netconf
      .operate('ifup', dev, { force: true })
      .catch((error: Error) => this.#log.error(`${dev}: ${error.message}`));
  }

  #supervise(): Supervised {
    const parts = { ...this.#parts, files: this.#files };
    const supervised: Supervised = new Supervised(parts, this.settings, {
      told: message => {
        if (this.#process === supervised) this.#told(message);
      },
      lost: reason => {
        if (this.#process === supervised) this.#lost(reason);
      },
    });
    return supervised;
  }

  #keep(): void {
    const { pid, command = [] } = this.#process ?? {};
    this.#files.keep({
      settings: this.settings,
      command,
      applied: this.#applied,
      ...(pid !== undefined && { pid }),
      ...(this.#redirect && { redirect: true }),
      ...(this.#up !== undefined && { up: this.#up }),
    });
  }

  #emit<Name extends VpnEvent>(name: Name, data: DataOf<Name>, operation?: Operation): void {
    const cause = operation === undefined ? {} : { cause: operation.event };
    this.#parts.netconf.emit<Name>(name, data, { interface: this.settings.dev, ...cause });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch((error: Error) => this.#log.error(`${this.settings.dev}: ${error.message}`));
    return done;
  }

  get #log() {
    return this.#parts.netconf.log;
  }
}

/** OpenVPN's and OpenSSL's words for a certificate, or a key, that one of the two does not take. */
const notAccepted =
  /VERIFY (?:\w+ )?ERROR|certificate (?:hash )?verif\w+ failed|alert (?:bad|unsupported|unknown|certificate|no) ?(?:certificate|ca|expired|revoked|unknown)/i;
