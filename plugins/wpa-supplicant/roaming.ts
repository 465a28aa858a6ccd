import { type Event, failureOf, type Netconf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { programPath } from '../../core/base/program-path.ts';
import type { Connection } from './events.ts';
import type { Roaming, Settings } from './settings.ts';

/** Milliseconds without a connection before the interface is taken down: a change of access points takes less. */
const graceMs = 4000;
const firstPauseMs = 10_000;
const longestPauseMs = 300_000;
const scriptSeconds = 60;

/**
 * `wpa-roam`: the logical interface that a connection leads to is brought up, as `ifup wlan0=home`; when the connection is
 * lost, the stanza of `wpa-roam` itself takes its place, so that the interface stays on record for as long as it roams.
 * What fails is tried again, later each time, for as long as the connection lasts.
 */
export class Roamer {
  readonly #netconf: Netconf<unknown>;
  readonly #settings: Settings;
  readonly #roaming: Roaming;
  readonly #changed: () => void;
  /** What there is to be; what netconf has brought up. */
  #wanted: Connection | undefined;
  #wantedLogical: string | undefined;
  #actual: string | undefined;
  #cause: Event | undefined;
  #busy = false;
  #pause = firstPauseMs;
  #grace: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #over = false;

  /** @param changed is told when {@link actual} is another */
  constructor(
    netconf: Netconf<unknown>,
    settings: Settings & { roaming: Roaming },
    actual: string | undefined,
    changed: () => void,
  ) {
    this.#netconf = netconf;
    this.#settings = settings;
    this.#roaming = settings.roaming;
    this.#actual = actual;
    this.#changed = changed;
  }

  get actual(): string | undefined {
    return this.#actual;
  }

  connected(connection: Connection, cause?: Event): void {
    const same = this.#wanted?.id_str === connection.id_str && this.#wanted.ssid === connection.ssid;
    clearTimeout(this.#grace);
    this.#cause = cause;
    this.#wanted = connection;
    this.#pause = firstPauseMs;
    // Another access point of the same network.
    if (same && this.#wantedLogical !== undefined && this.#actual === this.#wantedLogical) return;
    this.#wantedLogical = undefined;
    void this.#settle();
  }

  disconnected(cause?: Event): void {
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => {
      this.#wanted = undefined;
      this.#wantedLogical = undefined;
      this.#cause = cause;
      void this.#settle();
    }, graceMs).unref();
  }

  release(): void {
    this.#over = true;
    clearTimeout(this.#grace);
    clearTimeout(this.#retry);
  }

  /** One operation after the other, until what is wanted is there. */
  async #settle(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#retry);
    const { logical } = this.#settings;
    try {
      while (!this.#over) {
        const wanted = this.#wanted;
        const target = wanted === undefined ? logical : await this.#targetOf(wanted);
        if (wanted !== this.#wanted) continue;
        if (target === this.#actual) return;
        if (await this.#up(target)) continue;
        if (wanted === this.#wanted) {
          this.#again();
          return;
        }
      }
    } catch (error) {
      this.#netconf.log.error(`${this.#settings.on}: ${messageOf(error)}`);
      this.#again();
    } finally {
      this.#busy = false;
    }
  }

  async #up(logical: string): Promise<boolean> {
    const { on } = this.#settings;
    const first = await this.#operate(logical);
    // Debian's rule for what no file declares.
    const own = [this.#settings.logical, 'default'];
    const unknown = first.outcome === 'NOTFOUND' && !own.includes(logical) && !this.#over;
    if (unknown) this.#netconf.log.warning(`${on}: nothing declares ${logical}: default is used instead`);
    const result = unknown ? await this.#operate('default') : first;
    const worked = result.state === 'configured' || result.state === 'already';
    this.#actual = worked ? logical : undefined;
    this.#changed();
    if (!worked) this.#netconf.log.warning(`${on}=${logical}: ${result.message ?? result.state}`);
    return worked;
  }

  #operate(logical: string) {
    const cause = this.#cause;
    const options = { logical, force: true, ...(cause !== undefined && { cause }) };
    return this.#netconf.operate('ifup', this.#settings.on, options);
  }

  #again(): void {
    if (this.#over) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#settle(), this.#pause).unref();
    this.#pause = Math.min(this.#pause * 2, longestPauseMs);
  }

  /** A script is asked once for each connection. */
  async #targetOf(wanted: Connection): Promise<string> {
    const target = this.#wantedLogical ?? (await this.#logicalOf(wanted));
    if (wanted === this.#wanted) this.#wantedLogical = target;
    return target;
  }

  async #logicalOf({ id_str }: Connection): Promise<string> {
    const { script, scriptFirst, fallback } = this.#roaming;
    const named = isName(id_str) ? id_str : undefined;
    if (id_str !== '' && named === undefined)
      this.#netconf.log.warning(`${this.#settings.on}: id_str ${id_str} cannot be the name of an interface`);
    if (named !== undefined && !scriptFirst) return named;
    return (script === undefined ? undefined : await this.#ask(script)) ?? fallback;
  }

  /** What the mapping script prints. */
  async #ask(script: string): Promise<string | undefined> {
    const { interface: on } = this.#settings;
    const { map } = this.#roaming;
    const path = script.startsWith('/') ? script : programPath(script);
    if (path === undefined) {
      this.#netconf.log.warning(`wpa-mapping-script ${script} is not installed`);
      return undefined;
    }
    const run = await this.#netconf.run({
      path,
      argv: [on],
      environment: {},
      input: map.map(line => `${line}\n`).join(''),
      deadline: scriptSeconds,
    });
    const [name = ''] = run.output.split('\n');
    const failure = failureOf(run);
    if (failure === undefined && isName(name.trim())) return name.trim();
    this.#netconf.log.warning(`wpa-mapping-script: ${failure ?? `${script} prints no name`}`);
    return undefined;
  }
}

/** Can this be the name of a logical interface? Others choose it. */
export const isName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$/.test(text);
