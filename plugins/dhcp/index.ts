import {
  type DhcpReport,
  definePlugin,
  type Event,
  type Netconf,
  type Operation,
  type StepResult,
} from 'netconf/plugin';
import * as v from 'valibot';
import { keptIn } from './files.ts';
import { Session } from './session.ts';
import { type Settings, settingsOf } from './settings.ts';

const options = v.strictObject({
  /** Clients in the order in which they are tried. */
  clients: v.optional(v.array(v.picklist(['dhclient', 'dhcpcd', 'udhcpc'])), [
    'dhclient',
    'dhcpcd',
    'udhcpc',
  ]),
  /** Apply the leases of clients that others have started with the report script, where the client itself does not. */
  foreign: v.optional(v.boolean(), true),
});

type Options = v.InferOutput<typeof options>;

const events = [
  'dhcp.preinit',
  'dhcp.bound',
  'dhcp.renewed',
  'dhcp.rebound',
  'dhcp.rebooted',
  'dhcp.expired',
  'dhcp.failed',
  'dhcp.timed-out',
  'dhcp.stopped',
  'dhcp.released',
] as const;

/** Milliseconds after the start: a client that no operation has asked for by then is left from one that never ended. */
const claimMs = 30_000;

/**
 * The step DHCP: starts a client, waits for its lease, and has the method `static` apply it, now and whenever it changes.
 * A lease that is lost is a matter of the policy; the client goes on looking for a server meanwhile.
 */
export default definePlugin<Options>({
  name: 'dhcp',
  version: '1.0.0',
  options,
  apply(netconf) {
    const sessions = new Sessions(netconf);
    netconf.hooks.step.for('DHCP').tapPromise('DHCP', operation => sessions.step(operation));
    // The daemon tells what exists at its start, or to a plugin that comes late: then there is something to take over.
    const adopt = netconf.on('link.added', event => {
      if (!event.replayed) return;
      adopt();
      sessions.adopt();
    });
    for (const name of events) netconf.on(name, event => sessions.heard(event));
    netconf.on('link.removed', event => sessions.forget(event.interface));
    netconf.on('request.ifdown', event => {
      if (event.data.refused === undefined) sessions.giveUp(event.interface);
    });
    netconf.onUnload(() => sessions.release());
  },
});

/** All interfaces that have to do with DHCP, by name and family. */
class Sessions {
  readonly #netconf: Netconf<Options>;
  readonly #all = new Map<string, Session>();

  constructor(netconf: Netconf<Options>) {
    this.#netconf = netconf;
  }

  async step(operation: Operation): Promise<StepResult> {
    let settings: Settings;
    try {
      settings = settingsOf(operation);
    } catch (error) {
      return { outcome: 'FAIL', message: `DHCP: ${(error as Error).message}` };
    }
    const key = keyOf(settings.interface, settings.family);
    if (operation.request === 'ifup') return this.#at(settings).up(operation, settings);
    const { over, failure } = await this.#at(settings).down(operation);
    if (over) this.#all.delete(key);
    return failure === undefined ? { outcome: 'OK' } : { outcome: 'FAIL', message: failure };
  }

  heard(event: Event<DhcpReport>): void {
    if (event.interface === undefined) return;
    this.#all.get(keyOf(event.interface, event.data.family))?.heard(event);
  }

  /** Takes over the clients of an earlier process. */
  adopt(): void {
    if (this.#netconf.observe) return;
    for (const kept of keptIn(this.#netconf.paths.run)) {
      const key = keyOf(kept.settings.interface, kept.settings.family);
      if (this.#all.has(key)) continue;
      const session = new Session(this.#parts, kept.settings);
      this.#all.set(key, session);
      session.adopt(kept);
      if (session.state === 'idle') this.#expectClaim(key, session);
    }
  }

  /** The link is gone, and all that was on it. */
  forget(on: string | undefined): void {
    for (const [key, session] of this.#all) {
      if (session.settings.interface !== on) continue;
      this.#all.delete(key);
      void session.end(false);
    }
  }

  /** Somebody takes the interface down: whoever only waits for a server stops waiting. */
  giveUp(on: string | undefined): void {
    for (const [key, session] of this.#all) {
      if (session.settings.interface !== on || session.state !== 'waiting') continue;
      this.#all.delete(key);
      void session.end(false);
    }
  }

  release(): void {
    for (const session of this.#all.values()) session.release();
    this.#all.clear();
  }

  /** The one that there is; what another process has left; a new one. */
  #at(settings: Settings): Session {
    const key = keyOf(settings.interface, settings.family);
    const known = this.#all.get(key);
    if (known !== undefined) return known;
    const kept = keptIn(this.#netconf.paths.run).find(
      each => keyOf(each.settings.interface, each.settings.family) === key,
    );
    const session = new Session(this.#parts, kept?.settings ?? settings);
    this.#all.set(key, session);
    if (kept !== undefined) session.adopt(kept);
    return session;
  }

  #expectClaim(key: string, session: Session): void {
    setTimeout(() => {
      if (session.state !== 'idle' || this.#all.get(key) !== session) return;
      this.#all.delete(key);
      void session.end(false);
    }, claimMs).unref();
  }

  get #parts() {
    return { netconf: this.#netconf, order: this.#netconf.options.clients };
  }
}

const keyOf = (on: string, family: string) => `${on} ${family}`;
