import type { Event, Netconf } from 'netconf/plugin';
import { Turns } from '../../core/base/turns.ts';
import { type Control, ControlError } from './control.ts';
import type { Connection } from './events.ts';
import { type Message, printable, readPairs, readStations } from './message.ts';

/** What follows from what a supplicant tells. */
export interface Listener {
  connected(connection: Connection, event: Event): void;
  disconnected(event: Event): void;
  /** The other side has refused us. */
  refused(reason: string): void;
}

/** States of wpa_supplicant (defs.h) in which there surely is no connection; all others come by the way to one, too. */
const without = new Set(['DISCONNECTED', 'INACTIVE', 'INTERFACE_DISABLED', 'SCANNING']);
const mostStations = 32;

/**
 * Turns what one supplicant tells into events, in order. The supplicant is the truth: what was not told is found by
 * {@link look}.
 */
export class Watch {
  readonly #netconf: Netconf<unknown>;
  readonly #on: string;
  readonly #listener: Listener;
  readonly #turns = new Turns();
  #connection: Connection | undefined;
  /** That the other side refuses us: it comes in several messages. */
  #isTold = false;
  /** Somebody has asked who is there, and not yet said what comes of it. */
  #isAsked = false;
  #hints = new Set<string>();

  constructor(netconf: Netconf<unknown>, on: string, listener: Listener) {
    this.#netconf = netconf;
    this.#on = on;
    this.#listener = listener;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** What has stood in the way since this was last asked, for people. */
  hints(): string[] {
    const hints = [...this.#hints];
    this.#hints = new Set();
    return hints;
  }

  hint(text: string): void {
    this.#hints.add(text);
  }

  hear(message: Message, control: () => Control | undefined): void {
    void this.#turns
      .take(() => this.#take(message, control()))
      .catch((error: Error) => {
        // A supplicant that ends in the middle is told of elsewhere.
        if (!(error instanceof ControlError)) this.#netconf.log.error(`${this.#on}: ${error.message}`);
      });
  }

  /** Looks what the supplicant says of its connection. `quiet`: what is there was there before, and is no news. */
  look(control: Control, quiet = false): Promise<void> {
    return this.#turns.take(() => this.#compare(control, quiet));
  }

  /** There is no connection any more, and nobody says why. */
  lost(reason = 0, local = false): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    this.#listener.disconnected(
      this.#netconf.emit('wifi.disconnected', { ...connection, reason, local }, { interface: this.#on }),
    );
  }

  async #compare(control: Control, quiet: boolean): Promise<void> {
    const status = readPairs(await control.request('STATUS'));
    const state = status.get('wpa_state') ?? '';
    if (state === 'COMPLETED') {
      const bssid = status.get('bssid') ?? '';
      if (this.#connection?.bssid !== bssid) this.#connect(connectionOf(status), quiet);
    } else if (without.has(state)) this.lost();
  }

  async #take(message: Message, control: Control | undefined): Promise<void> {
    const about = { interface: this.#on };
    switch (message.kind) {
      case 'associated':
        this.#isTold = false;
        this.#netconf.emit('wifi.associated', { bssid: message.bssid }, about);
        return;
      case 'started':
        this.#isTold = false;
        this.#isAsked = true;
        return;
      case 'connected': {
        if (control === undefined) return;
        const status = readPairs(await control.request('STATUS'));
        // Gone again, or elsewhere by now: that is told, too.
        if (status.get('bssid') !== message.bssid) return;
        this.#connect({ ...connectionOf(status), id_str: printable(message.idStr) }, false);
        return;
      }
      case 'disconnected':
        this.lost(message.reason, message.local);
        return;
      case 'disabled':
        if (message.reason === 'CONN_FAILED') this.#hints.add('the access point does not take us in');
        else if (!this.#isTold) this.#refuse(printable(message.ssid), message.reason);
        this.#isTold = false;
        return;
      case 'rejected':
        if (message.by === 'association')
          this.#hints.add(`the access point refuses the association with status ${message.status}`);
        // After a minute in which nobody has asked, wpa_supplicant says the same as after a wrong answer.
        else if (message.by === 'EAP' && !this.#isAsked) this.#hints.add('nobody asks who is there');
        else if (!this.#isTold) this.#refuse(await this.#ssid(control), message.by);
        this.#isTold = message.by !== 'association';
        this.#isAsked = false;
        return;
      case 'not-found':
        this.#hints.add('no such access point is in range');
        return;
      case 'scanned': {
        if (control === undefined) return;
        const stations = readStations(await control.request('SCAN_RESULTS'));
        const strongest = stations.toSorted((a, b) => b.signal - a.signal).slice(0, mostStations);
        this.#netconf.emit('wifi.scan', { found: stations.length, stations: strongest }, about);
        // A change of access points that fails may end a connection without a word.
        if (this.#connection !== undefined) await this.#compare(control, false);
        return;
      }
      case 'signal': {
        const { kind: _, ...data } = message;
        this.#netconf.emit('wifi.signal', data, about);
      }
    }
  }

  #connect(connection: Connection, quiet: boolean): void {
    if (this.#connection !== undefined && this.#connection.ssid !== connection.ssid) this.lost();
    this.#connection = connection;
    this.#hints.clear();
    this.#isTold = false;
    if (quiet) return;
    const event = this.#netconf.emit('wifi.connected', connection, { interface: this.#on });
    this.#listener.connected(connection, event);
  }

  #refuse(ssid: string, reason: string): void {
    this.#netconf.emit('wifi.auth-failed', { ssid, reason }, { interface: this.#on });
    this.#listener.refused(reason);
  }

  async #ssid(control: Control | undefined): Promise<string> {
    const status = await control?.request('STATUS').catch(() => undefined);
    return status === undefined ? '' : printable(readPairs(status).get('ssid') ?? '');
  }
}

function connectionOf(status: ReadonlyMap<string, string>): Connection {
  const value = (name: string) => printable(status.get(name) ?? '');
  return { ssid: value('ssid'), bssid: value('bssid'), id_str: value('id_str') };
}
