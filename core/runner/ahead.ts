import type { Event } from '../bus/event.ts';
import { rememberState } from './state-variables.ts';

const most = 1000;

/**
 * Works ahead for the scripts to come: the state that a link has now is the old one of its next event. Only for
 * interfaces that had scripts before, of several events only for the last, and when the loop has nothing else to do.
 */
export class Ahead {
  readonly #served = new Set<string>();
  readonly #latest = new Map<string, Event>();

  /** Scripts have run for the queue of this key. */
  served(key: string): void {
    if (this.#served.size >= most) this.#served.clear();
    this.#served.add(key);
  }

  /** An event without scripts. */
  passed(key: string, event: Event): void {
    if (!this.#served.has(key)) return;
    if (this.#latest.size === 0) setImmediate(() => this.#work());
    this.#latest.set(key, event);
  }

  #work(): void {
    for (const { data } of this.#latest.values()) if ('new' in data) rememberState(data.new);
    this.#latest.clear();
  }
}
