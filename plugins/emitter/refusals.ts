import type { Log } from 'netconf/plugin';

/** Names of events that are told apart: anybody may make some up. */
const most = 32;
const minuteMs = 60_000;

/** Says of each event that it is refused, and from then on once a minute how often it was again, while it goes on. */
export class Refusals {
  readonly #log: Log;
  /** How often since it was said, by the event's name. */
  readonly #more = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  tell(event: string, reason: string): void {
    const about = this.#more.has(event) || this.#more.size < most ? event : 'another event';
    const more = this.#more.get(about);
    if (more === undefined) this.#log.warning(`${event} is not passed on: ${reason}`);
    this.#more.set(about, more === undefined ? 0 : more + 1);
    this.#timer ??= setTimeout(() => this.#sumUp(), minuteMs).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#sayHowOften();
  }

  #sumUp(): void {
    this.#sayHowOften();
    for (const [event, more] of this.#more) {
      if (more === 0) this.#more.delete(event);
      else this.#more.set(event, 0);
    }
    this.#timer = this.#more.size === 0 ? undefined : setTimeout(() => this.#sumUp(), minuteMs).unref();
  }

  #sayHowOften(): void {
    for (const [event, more] of this.#more)
      if (more > 0) this.#log.warning(`${event} was not passed on ${more} more times`);
  }
}
