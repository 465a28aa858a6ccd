import type { Event, Netconf, Operation, Replaced, StepResult } from 'netconf/plugin';
import { keptIn } from './files.ts';
import { isSame, Session, type SessionParts } from './session.ts';
import { isWanted, type Settings, settingsOf } from './settings.ts';

/** Milliseconds after the start: what no operation has asked for by then is left from one that never ended. */
const claimMs = 30_000;

/** All supplicants, by the link that each works on. */
export class Sessions {
  readonly #netconf: Netconf<unknown>;
  readonly #parts: SessionParts;
  /** Seconds. */
  readonly #timeout: number;
  readonly #all = new Map<string, Session>();
  /** Interfaces whose end somebody has asked for, where an operation takes down what is on them first. */
  readonly #leaving = new Set<string>();

  constructor(parts: SessionParts, timeout: number) {
    this.#netconf = parts.netconf;
    this.#parts = parts;
    this.#timeout = timeout;
  }

  /** The step WPA. */
  async step(operation: Operation): Promise<StepResult> {
    if (operation.request === 'ifdown') {
      const failure = await this.#down(operation);
      return failure === undefined ? { outcome: 'OK' } : { outcome: 'FAIL', message: failure };
    }
    try {
      return await this.#up(operation);
    } catch (error) {
      return { outcome: 'FAIL', message: (error as Error).message };
    }
  }

  /** Before a stanza's own step. Rejects with an Error for the user to read. */
  async before(operation: Operation): Promise<void> {
    const roaming = this.#roamingBy(operation);
    if (roaming !== undefined) {
      roaming.roams(operation.event, ownerOf(operation));
      return;
    }
    if (!isConcerned(operation)) return;
    const { outcome, message } = await this.#up(operation);
    if (outcome !== 'CONNECTED') throw new Error(message ?? outcome);
  }

  /** After it was taken back. */
  async after(operation: Operation): Promise<void> {
    const failure = isConcerned(operation) ? await this.#down(operation) : await this.#leave(operation);
    if (failure !== undefined) throw new Error(failure);
  }

  /** Who roams ends with the last stanza that roaming has brought up: the link is not to be on record longer than that. */
  async #leave({ interface: on, stanza }: Operation): Promise<string | undefined> {
    if (!this.#leaving.has(on)) return undefined;
    const session = this.#on(on).find(({ firstRoamed }) => firstRoamed === ownerOf({ stanza }));
    if (session === undefined) return undefined;
    this.#leaving.delete(on);
    const failure = await session.end();
    this.#drop(session);
    return failure;
  }

  /** What need not run of Debian's package, where this stands in for it. */
  replaced(scripts: readonly Replaced[], operation: Operation): readonly Replaced[] | undefined {
    if (!isConcerned(operation)) return undefined;
    const { name: plugin } = this.#netconf;
    const directories = ['if-pre-up.d', 'if-up.d', 'if-down.d', 'if-post-down.d'];
    return [...scripts, ...directories.map(each => ({ script: `${each}/wpasupplicant`, plugin }))];
  }

  /** Goes on with what an earlier process has left. */
  adopt(): void {
    this.#look(() => true);
  }

  /** What an earlier process, or one beside, has left. */
  #look(wanted: (settings: Settings) => boolean): void {
    for (const kept of keptIn(this.#netconf.paths.run)) {
      const { settings, pid, state } = kept;
      if (this.#all.has(settings.interface) || !wanted(settings)) continue;
      const session = new Session(this.#parts, settings, kept);
      this.#all.set(settings.interface, session);
      session
        .adopt(pid)
        .catch((error: Error) => this.#netconf.log.error(`${settings.interface}: ${error.message}`));
      if (state === 'acquiring' || state === 'over') this.#expectClaim(session);
    }
  }

  /** The link is gone, or has another name. */
  forget(on: string | undefined): void {
    const session = on === undefined ? undefined : this.#all.get(on);
    if (session !== undefined) this.#end(session);
  }

  poke(on: string | undefined): void {
    if (on !== undefined) this.#all.get(on)?.poke();
  }

  /** Somebody takes an interface down: whoever only waits for a connection stops waiting. */
  asked(event: Event): void {
    if (event.source === `plugin:${this.#netconf.name}`) return;
    for (const session of this.#on(event.interface)) {
      if (session.state === 'waiting' || !session.isInUse) this.#end(session);
      else if (session.isRoaming) this.#leaving.add(session.settings.on);
    }
  }

  /** It is down. */
  taken(event: Event): void {
    const { interface: on } = event;
    if (on === undefined || !this.#leaving.delete(on)) return;
    for (const session of this.#on(on)) if (session.isRoaming) this.#end(session);
  }

  release(): void {
    for (const session of this.#all.values()) session.release();
    this.#all.clear();
  }

  async #up(operation: Operation): Promise<StepResult> {
    const { settings, warnings } = settingsOf(operation, {
      trust: path => this.#netconf.trust(path),
      timeout: this.#timeout,
    });
    for (const warning of warnings) this.#netconf.log.warning(warning);
    const session = await this.#for(settings);
    return session.up(operation, ownerOf(operation));
  }

  async #down(operation: Operation): Promise<string | undefined> {
    const owner = ownerOf(operation);
    this.#look(({ on }) => on === operation.interface);
    for (const session of this.#on(operation.interface)) {
      const { over, failure } = await session.down(operation, owner);
      if (over) this.#drop(session);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  /** The one that there is, where it was made for the same; else a new one in its place. */
  async #for(settings: Settings): Promise<Session> {
    const { interface: on } = settings;
    this.#look(kept => kept.interface === on);
    const known = this.#all.get(on);
    if (known !== undefined && !known.isEnding && isSame(known.settings, settings)) return known;
    if (known !== undefined) {
      await known.end();
      this.#drop(known);
    }
    const session = new Session(this.#parts, settings);
    this.#all.set(on, session);
    return session;
  }

  #on(name: string | undefined): Session[] {
    return [...this.#all.values()].filter(({ settings }) => settings.on === name);
  }

  /** Whose roaming an operation is, unless it is about the stanza that roams itself. */
  #roamingBy({ interface: on, event, stanza }: Operation): Session | undefined {
    if (event.source !== `plugin:${this.#netconf.name}` || stanza.step === 'WPA') return undefined;
    const roams = stanza.options.some(([name]) => /^wpa[-_]roam$/i.test(name));
    return roams ? undefined : this.#on(on).find(({ isRoaming }) => isRoaming);
  }

  /** It is known until nothing is left of it. */
  #end(session: Session): void {
    session
      .end()
      .catch((error: Error) => this.#netconf.log.error(`${session.settings.interface}: ${error.message}`))
      .finally(() => this.#drop(session));
  }

  #drop(session: Session): void {
    const { interface: on } = session.settings;
    if (this.#all.get(on) === session) this.#all.delete(on);
  }

  #expectClaim(session: Session): void {
    setTimeout(() => {
      const { state, settings } = session;
      const claimed = state === 'up' || state === 'waiting' || this.#all.get(settings.interface) !== session;
      if (!claimed && !session.isClaimed) this.#end(session);
    }, claimMs).unref();
  }
}

/** Stanzas with options of a supplicant; a step WPA looks after itself. */
function isConcerned(operation: Operation): boolean {
  const { stanza, interface: on } = operation;
  return stanza.step !== 'WPA' && stanza.family !== 'meta' && on !== 'lo' && isWanted(operation);
}

function ownerOf({ stanza }: Pick<Operation, 'stanza'>): string {
  const { family, method, step, nth = 1 } = stanza;
  return `${family} ${method} ${step} ${nth}`;
}
