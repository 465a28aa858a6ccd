import { readFileSync } from 'node:fs';
import type { DhcpReport, Event, LeaseFamily, Netconf, Operation, StepResult } from 'netconf/plugin';
import type { Claimed } from './defence.ts';
import { keptIn } from './files.ts';
import { LinkLocal } from './link-local.ts';
import { Session, type SessionParts } from './session.ts';
import { type Settings, settingsOf } from './settings.ts';

/** Milliseconds after the start: a client that no operation has asked for by then is left from one that never ended. */
const claimMs = 30_000;

/** All interfaces that have to do with DHCP, by name and family. */
export class Sessions {
  readonly #netconf: Netconf<unknown>;
  readonly #parts: SessionParts;
  readonly #all = new Map<string, Session>();
  /** What DHCP was to be on an interface whose operation it has failed in: that operation, by its event. */
  readonly #failed = new Map<string, { operation: number; settings: Settings }>();
  /** What has been given up, and whose client has not ended yet: the next one has the same files and links. */
  readonly #ending = new Map<string, Promise<unknown>>();
  readonly #linkLocal: LinkLocal;

  constructor(netconf: Netconf<unknown>, order: readonly string[]) {
    this.#netconf = netconf;
    this.#parts = { netconf, order };
    this.#linkLocal = new LinkLocal(netconf, claimed => this.#lost(claimed));
  }

  /** The step DHCP. */
  async dhcp(operation: Operation): Promise<StepResult> {
    let settings: Settings;
    try {
      settings = settingsOf(operation);
    } catch (error) {
      return { outcome: 'FAIL', message: `DHCP: ${(error as Error).message}` };
    }
    const { interface: on, family } = settings;
    if (operation.request === 'ifup' && isLoopback(on))
      return { outcome: 'FAIL', message: `${on} is a loopback: no server is there` };
    await this.#ending.get(keyOf(on, family));
    const session = this.#at(settings);
    if (operation.request === 'ifup') {
      const result = await session.up(operation, settings);
      if (result.outcome === 'BOUND') this.#failed.delete(on);
      else this.#failed.set(on, { operation: operation.event.id, settings });
      return result;
    }
    const { over, failure } = await session.down(operation);
    if (over) this.#all.delete(keyOf(on, family));
    return failure === undefined ? { outcome: 'OK' } : { outcome: 'FAIL', message: failure };
  }

  /** The step LinkLocal; where DHCP has failed before it, a client goes on looking for a server. */
  async linkLocal(operation: Operation): Promise<StepResult> {
    const { interface: on, request, event } = operation;
    const before = this.#failed.get(on);
    this.#failed.delete(on);
    try {
      const result = await this.#linkLocal.step(operation);
      const worked = request === 'ifup' && result.outcome === 'OK';
      if (worked && before?.operation === event.id) {
        await this.#ending.get(keyOf(on, before.settings.family));
        this.#at(before.settings).wait(before.settings);
      }
      // Taken back, and not because there is a lease now: nobody waits for one any more.
      if (request === 'ifdown') this.giveUp(on);
      return result;
    } catch (error) {
      return { outcome: 'FAIL', message: `LinkLocal: ${(error as Error).message}` };
    }
  }

  /** False when it is about a client that is not ours. */
  heard(event: Event<DhcpReport>): boolean {
    const { interface: on, data } = event;
    const session = on === undefined ? undefined : this.#all.get(keyOf(on, data.family));
    session?.heard(event);
    return session !== undefined;
  }

  /** Takes over the clients of an earlier process, and its addresses. */
  adopt(): void {
    this.#linkLocal.adopt();
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
    this.#linkLocal.forget(on);
    this.#end(on, () => true);
  }

  /** Whoever only waits for a server stops waiting: the interface is taken down. */
  giveUp(on: string | undefined): void {
    this.#end(on, session => session.state === 'waiting' && !session.isBound);
  }

  release(): void {
    this.#linkLocal.release();
    for (const session of this.#all.values()) session.release();
    this.#all.clear();
  }

  /** Another machine has taken the link-local address: the interface is configured anew, with another one. */
  #lost({ interface: on, logical }: Claimed): void {
    // Who waits for a server anyway need not wait once more before that.
    for (const session of this.#all.values()) if (session.settings.interface === on) session.passOver();
    const { log } = this.#netconf;
    this.#netconf
      .operate('ifup', on, { force: true, logical })
      .then(({ state, message }) => {
        if (state === 'failed') log.warning(`${on}: ${message ?? 'failed'}`);
      })
      .catch((error: Error) => log.error(`${on}: ${error.message}`));
  }

  #end(on: string | undefined, which: (session: Session) => boolean): void {
    for (const [key, session] of this.#all) {
      if (session.settings.interface === on && which(session)) this.#giveUp(key, session);
    }
  }

  #giveUp(key: string, session: Session): void {
    this.#all.delete(key);
    const over = session
      .end(false)
      .catch((error: Error) => this.#netconf.log.error(`${session.settings.interface}: ${error.message}`))
      .finally(() => {
        if (this.#ending.get(key) === over) this.#ending.delete(key);
      });
    this.#ending.set(key, over);
  }

  /** The one that there is; what another process has left; a new one. */
  #at(settings: Settings): Session {
    const { interface: on, family } = settings;
    const known = this.#all.get(keyOf(on, family));
    if (known !== undefined) return known;
    const kept = keptIn(this.#netconf.paths.run).find(
      ({ settings: other }) => other.interface === on && other.family === family,
    );
    const session = new Session(this.#parts, kept?.settings ?? settings);
    this.#all.set(keyOf(on, family), session);
    if (kept !== undefined) session.adopt(kept);
    return session;
  }

  #expectClaim(key: string, session: Session): void {
    setTimeout(() => {
      if (session.state === 'idle' && this.#all.get(key) === session) this.#giveUp(key, session);
    }, claimMs).unref();
  }
}

/** linux/if.h */
const IFF_LOOPBACK = 8;

function isLoopback(on: string): boolean {
  try {
    return (Number(readFileSync(`/sys/class/net/${on}/flags`, 'utf8')) & IFF_LOOPBACK) !== 0;
  } catch {
    return false;
  }
}

const keyOf = (on: string, family: LeaseFamily) => `${on} ${family}`;
