import { reservedFamilies } from '../bus/catalogue.ts';
import type { Event } from '../bus/event.ts';
import type { Record } from './history.ts';

/** An event whose scripts are to run. */
export interface Pending {
  readonly key: string;
  readonly event: Event;
  readonly record: Record;
  /** Ids of all events that it stands for, its own the last. */
  ids: number[];
  /** Milliseconds of `performance.now()`: not before this. */
  notBefore: number;
  /** Since when it, or what it superseded, has been held back. */
  heldSince: number | undefined;
  /** Called when its scripts are done, or it was dropped. */
  readonly settled: (() => void)[];
}

export interface QueueRules {
  /** Runs all scripts of an event; must not reject. */
  execute(pending: Pending): Promise<void>;
  /** It will not run. */
  drop(pending: Pending, reason: string): void;
  /** `by` runs in its stead. */
  supersede(pending: Pending, by: Pending): void;
  finished(pending: Pending): void;
}

interface Queue {
  readonly key: string;
  waiting: Pending[];
  running: Pending | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Scripts started in one turn of the event loop: each keeps it for a third of a millisecond. */
const startsAtOnce = 8;
/** The longest time that an event can be held back, whatever follows it. */
const longestHoldMs = 60_000;

/** Link states of which only the last matters, as long as none has started. */
const groups: Readonly<{ [name: string]: string }> = {
  'link.up': 'up',
  'link.down': 'up',
  'link.carrier': 'carrier',
  'link.no-carrier': 'carrier',
  'link.changed': 'changed',
};

/**
 * Queues of events: in order within one, in parallel across, up to a bound and in turn. A queue with nothing in it is
 * forgotten. Nothing starts before the JavaScript that publishes has returned, so that a burst coalesces.
 */
export class Queues {
  readonly #rules: QueueRules;
  readonly #queues = new Map<string, Queue>();
  readonly #ready = new Set<Queue>();
  #parallel: number;
  #bound: number;
  #active = 0;
  #scheduled: 'microtask' | 'turn' | undefined;
  /** Starts that this turn of the loop still allows. */
  #left = startsAtOnce;
  #closed = false;

  constructor(rules: QueueRules, parallel: number, bound: number) {
    this.#rules = rules;
    this.#parallel = parallel;
    this.#bound = bound;
  }

  get running(): number {
    return this.#active;
  }

  get waiting(): number {
    let count = 0;
    for (const queue of this.#queues.values()) count += queue.waiting.length;
    return count;
  }

  configure(parallel: number, bound: number): void {
    this.#parallel = parallel;
    this.#bound = bound;
    this.#schedule();
  }

  add(pending: Pending): void {
    let queue = this.#queues.get(pending.key);
    if (queue === undefined) {
      queue = { key: pending.key, waiting: [], running: undefined, timer: undefined };
      this.#queues.set(pending.key, queue);
    }
    this.#coalesce(queue, pending);
    while (queue.waiting.length >= this.#bound) {
      const oldest = queue.waiting.shift()!;
      this.#rules.drop(oldest, `more than ${this.#bound} events waited in the queue ${queue.key}`);
    }
    queue.waiting.push(pending);
    if (queue.running === undefined) this.#makeReady(queue);
  }

  /**
   * Starts what can, as far as this turn of the loop may. For a moment when the events that wait have been delivered:
   * the next one is coming.
   */
  startNow(): void {
    if (this.#scheduled === 'microtask') this.#pump();
  }

  /** What can start, starts; the rest is dropped with this reason, and nothing starts any more. */
  close(reason: string): void {
    this.#left = Number.POSITIVE_INFINITY;
    this.#pump();
    this.#closed = true;
    for (const queue of this.#queues.values()) {
      clearTimeout(queue.timer);
      for (const pending of queue.waiting.splice(0)) this.#rules.drop(pending, reason);
      if (queue.running === undefined) this.#queues.delete(queue.key);
    }
    this.#ready.clear();
  }

  /** The latest state takes the place of an older one that waits, unless the link went away in between. */
  #coalesce(queue: Queue, pending: Pending): void {
    const group = groups[pending.event.name];
    if (group === undefined) return;
    for (let at = queue.waiting.length - 1; at >= 0; at--) {
      const older = queue.waiting[at]!;
      if (older.event.name === 'link.removed') return;
      if (groups[older.event.name] !== group) continue;
      queue.waiting.splice(at, 1);
      pending.ids = [...older.ids, ...pending.ids];
      pending.record.superseded = pending.ids.slice(0, -1);
      pending.settled.push(...older.settled.splice(0));
      if (older.heldSince !== undefined && pending.heldSince !== undefined) {
        pending.heldSince = older.heldSince;
        pending.notBefore = Math.min(pending.notBefore, older.heldSince + longestHoldMs);
      }
      this.#rules.supersede(older, pending);
      return;
    }
  }

  #makeReady(queue: Queue): void {
    clearTimeout(queue.timer);
    queue.timer = undefined;
    this.#ready.add(queue);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled !== undefined || this.#closed || this.#ready.size === 0) return;
    if (this.#left > 0) {
      this.#scheduled = 'microtask';
      queueMicrotask(this.#pump);
    } else {
      this.#nextTurn();
    }
  }

  #nextTurn(): void {
    this.#scheduled = 'turn';
    setImmediate(() => {
      this.#left = startsAtOnce;
      this.#pump();
    });
  }

  readonly #pump = (): void => {
    this.#scheduled = undefined;
    if (this.#closed) return;
    const now = performance.now();
    for (const queue of this.#ready) {
      if (this.#active >= this.#parallel) return;
      if (this.#left <= 0) {
        if (this.#scheduled === undefined) this.#nextTurn();
        return;
      }
      this.#ready.delete(queue);
      const next = queue.waiting[0];
      if (next === undefined || queue.running !== undefined) continue;
      if (next.notBefore > now) {
        queue.timer = setTimeout(() => this.#makeReady(queue), Math.ceil(next.notBefore - now));
        continue;
      }
      queue.waiting.shift();
      queue.running = next;
      const first = this.#left === startsAtOnce;
      this.#left--;
      this.#active++;
      this.#rules.execute(next).finally(() => this.#finish(queue, next));
      if (first) this.#refill();
    }
  };

  /** The next turn of the loop may start as many again. */
  #refill(): void {
    setImmediate(() => {
      if (this.#scheduled !== 'turn') this.#left = startsAtOnce;
    });
  }

  #finish(queue: Queue, pending: Pending): void {
    this.#active--;
    queue.running = undefined;
    this.#rules.finished(pending);
    if (queue.waiting.length === 0) this.#queues.delete(queue.key);
    else this.#makeReady(queue);
    this.#schedule();
  }
}

/** What decides about an event's queue. */
export type Keyed = Pick<Event, 'name' | 'family' | 'interface' | 'ifindex'>;

/**
 * The queue of an event: that of its interface, by index where one is known (a rename does not matter then), else by
 * name; without an interface that of its family; one for all custom names.
 */
export function queueKey(
  event: Keyed,
  indexOf: (name: string) => number | undefined,
  pluginFamilies: ReadonlySet<string>,
): string {
  const index = event.ifindex ?? (event.interface === undefined ? undefined : indexOf(event.interface));
  if (index !== undefined) return `#${index}`;
  if (event.interface !== undefined) return event.interface;
  const { family } = event;
  return reservedFamilies.has(family) || pluginFamilies.has(family) ? `${family}.*` : 'custom';
}

/** How long an event may be held back: `ms` of the wish, within the bound. */
export function holdFor(ms: number): number {
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), longestHoldMs) : 0;
}
