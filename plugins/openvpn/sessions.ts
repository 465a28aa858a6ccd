import type { Netconf, Operation, StepResult } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { Methods } from './apply.ts';
import { keptIn } from './files.ts';
import { Session, type SessionParts } from './session.ts';
import { type Settings, settingsOf } from './settings.ts';

/** Milliseconds after the start: a VPN that no operation has asked for by then is left from one that never ended. */
const claimMs = 30_000;

/** All VPNs, by their devices. */
export class Sessions {
  readonly #parts: SessionParts;
  readonly #all = new Map<string, Session>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get #netconf(): Netconf<unknown> {
    return this.#parts.netconf;
  }

  /** The step OpenVPN up; the parameters have been found good. */
  async up(operation: Operation, settings: Settings): Promise<StepResult> {
    const found = this.find(settings.dev);
    if (found !== undefined && !isSame(found.settings, settings))
      await this.down(settings.dev, 'another configuration');
    const session = this.find(settings.dev) ?? this.#add(settings);
    return session.up(operation);
  }

  /** Ends the VPN on a device, and takes back all of it; also what only its handles tell of. */
  async down(dev: string, reason: string, operation?: Operation): Promise<string | undefined> {
    const session = this.find(dev);
    // What handles alone tell of, since the file beside them is lost.
    if (session === undefined) return new Methods(this.#netconf, { dev, kind: 'tun' }).takeBack(operation);
    this.#all.delete(dev);
    return session.down(reason, operation);
  }

  /** The one that there is; what another process of ours has left. */
  find(dev: string): Session | undefined {
    const known = this.#all.get(dev);
    if (known !== undefined) return known;
    const kept = keptIn(this.#netconf.paths.run).find(({ settings }) => settings.dev === dev);
    if (kept === undefined) return undefined;
    const session = this.#add(kept.settings);
    session.adopt(kept);
    return session;
  }

  /** A device is gone. Where an operation has brought its VPN up, the core ends that. */
  deviceGone(dev: string): void {
    const session = this.#all.get(dev);
    if (session?.settings.wantedBy !== undefined) session.deviceGone();
  }

  has(dev: string): boolean {
    return this.#all.has(dev);
  }

  /** Has a VPN stand sooner or later, for an interface whose option names it. */
  want(settings: Settings): void {
    const session = this.find(settings.dev) ?? this.#add(settings);
    session.want().catch((error: Error) => this.#netconf.log.error(`${settings.dev}: ${error.message}`));
  }

  /** Those that an interface's option wants. */
  wantedBy(on: string): Settings[] {
    return this.settings().filter(({ wantedBy }) => wantedBy === on);
  }

  /** Of all VPNs, those of an earlier process of ours too. */
  settings(): Settings[] {
    const kept = keptIn(this.#netconf.paths.run).map(({ settings }) => settings);
    const own = [...this.#all.values()].map(({ settings }) => settings);
    return [...new Map([...kept, ...own].map(one => [one.dev, one])).values()];
  }

  /** Takes over what an earlier process of ours has left. */
  adopt(): void {
    for (const { settings } of keptIn(this.#netconf.paths.run)) {
      const session = this.find(settings.dev);
      if (session?.state === 'idle') this.#expectClaim(settings.dev, session);
    }
  }

  release(): void {
    for (const session of this.#all.values()) session.release();
    this.#all.clear();
  }

  #add(settings: Settings): Session {
    const session = new Session(this.#parts, settings);
    this.#all.set(settings.dev, session);
    return session;
  }

  #expectClaim(dev: string, session: Session): void {
    setTimeout(() => {
      if (session.state !== 'idle' || this.#all.get(dev) !== session) return;
      this.down(dev, 'nobody asked for it').catch((error: Error) => this.#netconf.log.error(error.message));
    }, claimMs).unref();
  }
}

/** Settings, or the sentence what is wrong with them. */
export function readSettings(netconf: Netconf<unknown>, operation: Operation): Settings | string {
  try {
    return settingsOf(operation, path => netconf.trust(path));
  } catch (error) {
    return messageOf(error);
  }
}

function isSame(a: Settings, b: Settings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
