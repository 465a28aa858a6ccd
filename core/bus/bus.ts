import mitt from 'mitt';
import { NetconfError } from '../base/errors.ts';
import type { Undo } from '../base/undo.ts';
import type { DataOf, EventName } from './catalogue.ts';
import { Event, type EventFields } from './event.ts';

export type Listener<Name extends string> = (event: Event<DataOf<Name>>) => unknown;

/** Is told of a listener that threw or rejected; must not throw. */
export type FailureReporter = (owner: string, event: Event, error: unknown) => void;

/** An event caused by a chain longer than this is held: kept in history and shown, but not delivered. */
export const longestChain = 8;

/** Events that may wait while one is being delivered. */
const longestQueue = 10_000;

/**
 * The bus. First in, first out: what a listener publishes is delivered after the current event is finished.
 * A listener returns nothing and vetoes nothing; one that throws, or whose promise rejects, is reported by its
 * owner's name and the others still get the event. Nobody waits for a listener's promise.
 *
 * Observers (`observe`) see every event before the listeners do, held ones too; they belong to the core (history,
 * monitor, hook runner) and must not throw.
 */
export class Bus {
  readonly #emitter = mitt<Record<string, Event>>();
  readonly #observers: ((event: Event, held: boolean) => void)[] = [];
  readonly #report: FailureReporter;
  #waiting: Event[] = [];
  #current: Event | undefined;
  #next = 1;

  constructor(report: FailureReporter) {
    this.#report = report;
  }

  /** Publishes a fact. The event it was published during, if any, is its cause unless another is given. */
  publish<Name extends EventName>(
    name: Name,
    fields: Omit<EventFields, 'data'> & { data?: DataOf<Name> | (() => DataOf<Name>) },
  ): Event<DataOf<Name>> {
    const event = this.create(name, fields);
    this.#enqueue(event as unknown as Event);
    return event;
  }

  /** Numbers an event without publishing it: for replays to one late subscriber, and for dry runs. */
  create<Name extends EventName>(
    name: Name,
    fields: Omit<EventFields, 'data'> & { data?: DataOf<Name> | (() => DataOf<Name>) },
  ): Event<DataOf<Name>> {
    if (fields.cause === undefined && this.#current !== undefined && !fields.replayed) {
      fields = { ...fields, cause: this.#current };
    }
    return new Event<DataOf<Name>>(this.#next++, name, fields as EventFields);
  }

  /** Subscribes to a name, or to all with `'*'`. */
  on<Name extends EventName>(name: Name | '*', owner: string, listener: Listener<Name>): Undo {
    const guarded = (event: Event) => {
      try {
        const result = (listener as (event: Event) => unknown)(event);
        if (isThenable(result)) result.then(undefined, error => this.#report(owner, event, error));
      } catch (error) {
        this.#report(owner, event, error);
      }
    };
    if (name === '*') {
      const all = (_: string, event: Event) => guarded(event);
      this.#emitter.on('*', all as never);
      return () => this.#emitter.off('*', all as never);
    }
    this.#emitter.on(name, guarded);
    return () => this.#emitter.off(name, guarded);
  }

  /** For the core: sees every event, held ones with `held` true, before the listeners. */
  observe(observer: (event: Event, held: boolean) => void): Undo {
    this.#observers.push(observer);
    return () => {
      const at = this.#observers.indexOf(observer);
      if (at >= 0) this.#observers.splice(at, 1);
    };
  }

  /** Names somebody listens to, with the number of listeners. `'*'` counts those of all. */
  get listening(): ReadonlyMap<string, number> {
    return new Map([...this.#emitter.all].map(([name, handlers]) => [name, handlers?.length ?? 0]));
  }

  /** Events published so far. */
  get published(): number {
    return this.#next - 1;
  }

  #enqueue(event: Event): void {
    if (this.#current !== undefined) {
      if (this.#waiting.length >= longestQueue) {
        throw new NetconfError('Overloaded', `${event.name}: ${longestQueue} events wait on the bus`, {
          hint: 'a listener publishes faster than the bus delivers: publish less, or later',
        });
      }
      this.#waiting.push(event);
      return;
    }
    this.#deliver(event);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const next of batch) this.#deliver(next);
    }
  }

  #show(observer: (event: Event, held: boolean) => void, event: Event, held: boolean): void {
    try {
      observer(event, held);
    } catch (error) {
      this.#report('netconfd', event, error);
    }
  }

  #deliver(event: Event): void {
    this.#current = event;
    const held = event.depth > longestChain;
    try {
      for (const observer of this.#observers) this.#show(observer, event, held);
      if (!held) this.#emitter.emit(event.name, event);
    } finally {
      this.#current = undefined;
    }
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
  );
}
