import type { Event, Netconf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { Backoff } from './backoff.ts';
import type { Action } from './policy.ts';

type Operating = Pick<Netconf, 'emit' | 'log' | 'observe' | 'operate'>;

interface Wanted {
  actions: readonly Action[];
  cause: Event;
}

/**
 * Operations that events lead to: for each interface one at a time, and of those that wait meanwhile the last alone,
 * since it says what is to be in the end. So a storm of events asks for no more than two. What follows from operations
 * themselves waits longer each time.
 */
export class Deeds {
  readonly #daemon: Operating;
  readonly #atWork = new Map<string, { next?: Wanted }>();
  readonly #backoff = new Backoff();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  #stopped = false;

  constructor(daemon: Operating) {
    this.#daemon = daemon;
  }

  /** Operations of one event, in the order of its lines. */
  want(on: string, actions: readonly Action[], event: Event): void {
    // A daemon that observes changes nothing: what would be done stands in `netconf explain`.
    if (this.#daemon.observe) return;
    clearTimeout(this.#waiting.get(on));
    this.#waiting.delete(on);
    if (event.family !== 'interface') {
      this.#backoff.forget(on);
      this.#begin(on, { actions, cause: event });
      return;
    }
    const { ms, times, cause } = this.#backoff.next(on, event);
    if (ms === 0) this.#begin(on, { actions, cause });
    else this.#later(on, { actions, cause }, { ms, times, event });
  }

  /** Somebody else has asked for something: what follows from that is new. */
  asked(on: string): void {
    this.#backoff.forget(on);
  }

  /** Milliseconds that operations which follow from this event would have to wait, and how many there have been. */
  pauseOf(on: string, event: Event): { ms: number; times: number } {
    return event.family === 'interface' ? this.#backoff.pauseOf(on, event) : { ms: 0, times: 0 };
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #later(
    on: string,
    wanted: Wanted,
    { ms, times, event }: { ms: number; times: number; event: Event },
  ): void {
    const does = wanted.actions.map(({ deed }) => deed).join(', ');
    const data = {
      does,
      times,
      seconds: ms / 1000,
      rule: `[${event.name}], line ${wanted.actions[0]?.line}`,
    };
    this.#daemon.emit('policy.waits', data, { interface: on, cause: event });
    const begin = () => {
      this.#waiting.delete(on);
      this.#begin(on, wanted);
    };
    this.#waiting.set(on, setTimeout(begin, ms).unref());
  }

  #begin(on: string, wanted: Wanted): void {
    const atWork = this.#atWork.get(on);
    if (atWork !== undefined) atWork.next = wanted;
    else void this.#work(on, wanted);
  }

  async #work(on: string, first: Wanted): Promise<void> {
    const queue: { next?: Wanted } = {};
    this.#atWork.set(on, queue);
    for (let wanted: Wanted | undefined = first; wanted !== undefined; wanted = queue.next) {
      delete queue.next;
      for (const { deed } of wanted.actions) if (!this.#stopped) await this.#do(on, deed, wanted.cause);
    }
    this.#atWork.delete(on);
  }

  async #do(on: string, deed: Action['deed'], cause: Event): Promise<void> {
    try {
      if (deed === 'ifup') await this.#daemon.operate('ifup', on, { cause });
      else if (deed === 'ifdown') await this.#daemon.operate('ifdown', on, { cause });
      else if (deed === 'poweroff') await this.#daemon.operate('ifdown', on, { cause, last: 'PowerOff' });
    } catch (error) {
      this.#daemon.log.warning(`do ${deed} (${cause.name} of ${on}): ${messageOf(error)}`);
    }
  }
}
