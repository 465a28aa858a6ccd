import type { Event, Netconf, Undo } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { Book, type Key } from './book.ts';
import { sinceStart } from './clock.ts';
import './events.ts';
import { Force } from './force.ts';
import { linkExists } from './links.ts';
import { lock } from './lock.ts';
import { type Merged, merge } from './merge.ts';
import { readMetrics } from './metrics.ts';
import type { Contribution, Refused, Settings } from './model.ts';
import type { Options } from './settings.ts';
import { stateOf } from './state.ts';
import { Teller } from './teller.ts';

/** Milliseconds: an operation does not wait longer for name service; a tap has 30 s. */
const patienceMs = 20_000;
/** After the first failure; each later wait is twice as long. */
const shortestRetryMs = 5000;
const longestRetryMs = 600_000;
const mostDeferred = 256;
/** setTimeout(3) takes no more. */
const longestTimerMs = 2 ** 31 - 1;
/** Between a route that has come or gone and the look at all of them. */
const routesMs = 200;

/** Name service: what all sources say, merged, brought into force, and told when it is another than before. */
export class Service {
  readonly #netconf: Netconf<Options>;
  readonly #book: Book;
  readonly #force: Force;
  readonly #teller: Teller;
  #turn: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #cause: Event | undefined;
  readonly #deferred = new Map<string, () => void>();
  #soon: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = shortestRetryMs;
  #merged: Merged | undefined;
  #routes: Undo[] = [];
  #released = false;

  constructor(netconf: Netconf<Options>) {
    this.#netconf = netconf;
    this.#book = new Book(netconf.paths.run);
    this.#teller = new Teller(netconf.log);
    this.#force = new Force(netconf, this.#book, this.#teller, () => this.soon(routesMs));
  }

  /** Looks at what an earlier process, or an earlier start of the machine, has left. Rests where that is nothing. */
  start(): void {
    const left = this.remove(one => !linkExists(one.interface));
    if (left || this.#book.interfaces().length > 0 || this.#force.hasLeft()) void this.apply();
  }

  /** Takes what a source says, instead of what it said before. True where that makes a difference. */
  put(key: Key, settings: Settings, { until, cause }: { until?: number; cause?: Event } = {}): boolean {
    return this.#note(cause, () => this.#book.put(key, settings, until));
  }

  /** Takes back what fits, of one interface or of all. True where there was something. */
  remove(fits: (one: Contribution) => boolean, on?: string, cause?: Event): boolean {
    return this.#note(cause, () => this.#book.remove(fits, on));
  }

  rename(old: string, name: string, cause: Event): boolean {
    return this.#note(cause, () => this.#book.rename(old, name));
  }

  of(on: string): Contribution[] {
    return this.#book.of(on);
  }

  /** Names once what was not taken over. */
  refuse(who: string, refused: readonly Refused[]): string[] {
    const sentences = refused.map(({ value, reason }) => `${who}: ${value} is refused: ${reason}`);
    for (const sentence of sentences) this.#teller.once(sentence);
    return sentences;
  }

  /** What has changed comes into force. Resolves when that is done, or has failed, which the log says; never rejects. */
  apply(): Promise<void> {
    if (this.#waiting !== undefined) return this.#waiting;
    this.#waiting = this.#turn.then(async () => {
      this.#waiting = undefined;
      if (!this.#released) await this.#applyNow();
    });
    this.#turn = this.#waiting;
    return this.#waiting;
  }

  /** As {@link apply}, for whoever must not wait for ever. */
  async applied(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.apply(), late]);
    clearTimeout(timer);
  }

  /** For what comes often, or from whomever on the network: once for all that comes within so many milliseconds. */
  soon(ms: number): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.apply();
    }, ms).unref();
  }

  /**
   * For what anybody on the link may send: the last word on each key counts, once for all within so many milliseconds, and
   * what is too much within them is not heard.
   */
  defer(key: string, change: () => void, ms: number): void {
    if (this.#deferred.size < mostDeferred || this.#deferred.has(key)) this.#deferred.set(key, change);
    this.soon(ms);
  }

  /** Where the order of several interfaces may be another now. */
  routesChanged(): void {
    if ((this.#merged?.parts.length ?? 0) > 1) this.soon(routesMs);
  }

  /** What is under way ends. */
  async settled(): Promise<void> {
    await Promise.race([this.#turn, new Promise(resolve => setTimeout(resolve, patienceMs).unref())]);
  }

  /** Everything is as it was before netconf. */
  async giveBack(): Promise<void> {
    await this.settled();
    await this.#force.giveBack().catch((error: Error) => this.#netconf.log.error(error.message));
  }

  /** Lets go; a file of its own is given back, where it is to be. */
  release(): void {
    this.#released = true;
    for (const timer of [this.#soon, this.#expiry, this.#retry]) clearTimeout(timer);
    this.#followRoutes(false);
    this.#force.release();
  }

  /** Where nothing can be written, an interface is configured all the same. */
  #note(cause: Event | undefined, change: () => boolean): boolean {
    try {
      const changes = change();
      if (changes) this.#cause = cause ?? this.#cause;
      return changes;
    } catch (error) {
      this.#teller.failed(messageOf(error));
      return false;
    }
  }

  async #applyNow(): Promise<void> {
    clearTimeout(this.#retry);
    let unlock: Undo | undefined;
    try {
      unlock = await lock(this.#book.directory);
      if (this.#released) return;
      for (const change of this.#deferred.values()) change();
      this.#deferred.clear();
      this.#book.remove(({ until }) => until !== undefined && until <= sinceStart());
      const merged = await this.#merge();
      if (this.#released) return;
      this.#merged = merged;
      this.#expect();
      this.#followRoutes(merged.parts.length > 1);
      const by = await this.#force.bring(merged);
      if (this.#released) return;
      this.#announce(merged, by);
      this.#retryMs = shortestRetryMs;
      this.#teller.well();
    } catch (error) {
      if (this.#released) return;
      this.#teller.failed(messageOf(error));
      this.#retry = setTimeout(() => {
        this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
        void this.apply();
      }, this.#retryMs).unref();
    } finally {
      unlock?.();
    }
  }

  async #merge(): Promise<Merged> {
    const all = this.#book.read();
    const { order, ignore } = this.#netconf.options;
    return merge(all, all.length > 0 ? await readMetrics() : new Map(), { order, ignore });
  }

  #announce(merged: Merged, by: string): void {
    const cause = this.#cause;
    this.#cause = undefined;
    const state = stateOf(merged, by);
    const known = this.#book.recall('announced') as { state?: object } | undefined;
    const isNew =
      known === undefined ? state.from.length > 0 : JSON.stringify(known.state) !== JSON.stringify(state);
    if (!isNew) return;
    this.#book.remember('announced', { state });
    this.#netconf.emit('dns.changed', state, cause === undefined ? {} : { cause });
  }

  /** One timer, for what ends first. */
  #expect(): void {
    clearTimeout(this.#expiry);
    const ends = this.#book.read().flatMap(({ until }) => until ?? []);
    if (ends.length === 0) return;
    const ms = Math.min(...ends) - sinceStart();
    this.#expiry = setTimeout(() => void this.apply(), Math.min(Math.max(ms, 0) + 1, longestTimerMs)).unref();
  }

  /** `route.default` tells of the best alone: with several interfaces all of them count. */
  #followRoutes(follow: boolean): void {
    if (follow === this.#routes.length > 0) return;
    for (const undo of this.#routes.splice(0)) undo();
    if (!follow) return;
    const heard = (event: Event, dst: () => string | undefined) => {
      const counts = this.#merged?.parts.some(part => part.interface === event.interface);
      if (counts && dst() === 'default') this.routesChanged();
    };
    this.#routes = [
      this.#netconf.on('route.added', event => heard(event, () => event.data.new.dst)),
      this.#netconf.on('route.changed', event => heard(event, () => event.data.new.dst)),
      this.#netconf.on('route.removed', event => heard(event, () => event.data.old.dst)),
    ];
  }
}
