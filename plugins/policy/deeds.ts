import type { Event, Netconf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import type { Action } from './policy.ts';

type Operating = Pick<Netconf, 'log' | 'observe' | 'operate'>;

interface Wanted {
  deeds: readonly Action['deed'][];
  event: Event;
}

/**
 * Operations that events lead to: for each interface one at a time, and of those that wait meanwhile the last alone,
 * since it says what is to be in the end. So a storm of events asks for no more than two.
 */
export class Deeds {
  readonly #daemon: Operating;
  readonly #atWork = new Map<string, { next?: Wanted }>();
  #stopped = false;

  constructor(daemon: Operating) {
    this.#daemon = daemon;
  }

  /** Operations of one event, in the order of its lines. */
  want(on: string, deeds: readonly Action['deed'][], event: Event): void {
    // A daemon that observes changes nothing: what would be done stands in `netconf explain`.
    if (this.#daemon.observe) return;
    const atWork = this.#atWork.get(on);
    if (atWork !== undefined) atWork.next = { deeds, event };
    else void this.#work(on, { deeds, event });
  }

  stop(): void {
    this.#stopped = true;
  }

  async #work(on: string, first: Wanted): Promise<void> {
    const queue: { next?: Wanted } = {};
    this.#atWork.set(on, queue);
    for (let wanted: Wanted | undefined = first; wanted !== undefined; wanted = queue.next) {
      delete queue.next;
      for (const deed of wanted.deeds) if (!this.#stopped) await this.#do(on, deed, wanted.event);
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
