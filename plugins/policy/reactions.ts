import type { Event, Hold, Netconf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { Deeds } from './deeds.ts';
import type { Action, Policy } from './policy.ts';

/** What a policy's `do` lines need of the daemon. */
export type Daemon = Pick<Netconf, 'emit' | 'found' | 'hold' | 'log' | 'observe' | 'operate'>;

/** Events that wait for a hold to end. */
const mostHeld = 1000;
const longestHoldMs = 60_000;

/**
 * What follows events: the `do` lines of the policy of the event's interface. An event that is held back (by damping)
 * waits for as long, and of the link events of an interface only the last one counts then.
 */
export class Reactions {
  readonly #daemon: Daemon;
  readonly #policyFor: (link: string, now: number) => Policy | undefined;
  readonly #deeds: Deeds;
  readonly #held = new Map<string, NodeJS.Timeout>();
  #told: Event[] = [];

  constructor(daemon: Daemon, policyFor: (link: string, now: number) => Policy | undefined) {
    this.#daemon = daemon;
    this.#policyFor = policyFor;
    this.#deeds = new Deeds(daemon);
  }

  /** Looks for what follows when all that happened in one go has been told: hook scripts start without that. */
  on(event: Event): void {
    if (event.interface === undefined) return;
    if (this.#told.push(event) === 1) queueMicrotask(() => this.#reactToAll());
  }

  /** What would follow an event, a sentence each. */
  explain(event: Event, file: string): string[] {
    const { interface: on, name } = event;
    if (on === undefined) return [];
    const actions = this.#policyFor(on, event.time)?.events.get(name)?.actions ?? [];
    const { ms, times } = this.#deeds.pauseOf(on, event);
    const waits =
      ms === 0 ? '' : `, after ${ms / 1000} s: operations have led to others ${times} times in a row`;
    return actions.map(({ deed, event: other, line }) => {
      const what = deed === 'emit' ? `emit ${other}` : deed;
      return `${file}:${line}: do ${what}${deed === 'emit' || deed === 'publish' ? '' : waits}`;
    });
  }

  stop(): void {
    this.#told = [];
    for (const timer of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
    this.#deeds.stop();
  }

  #reactToAll(): void {
    for (const event of this.#told.splice(0)) {
      try {
        this.#react(event);
      } catch (error) {
        this.#daemon.log.error(`${event.name}: ${messageOf(error)}`);
      }
    }
  }

  #react(event: Event): void {
    const { interface: on, name, source } = event;
    if (on === undefined) return;
    const key = keyOf(event, on);
    if (name === 'link.removed') this.#release(key);
    // Anybody can have a request refused: nothing follows from that.
    if (event.family === 'request' && 'refused' in event.data && event.data.refused) return;
    if (event.family === 'request' && source !== 'plugin:policy') this.#deeds.asked(on);
    const actions = this.#policyFor(on, event.time)?.events.get(name)?.actions ?? [];
    if (actions.length === 0) return;
    this.#release(key);
    const hold = this.#daemon.hold(event);
    if (hold === undefined) this.#do(actions, on, event);
    else this.#later(key, hold, actions, on, event);
  }

  #later(key: string, { ms, reason }: Hold, actions: readonly Action[], on: string, event: Event): void {
    if (this.#held.size >= mostHeld) {
      this.#daemon.log.warning(
        `${event.name} of ${on}: nothing follows, since ${mostHeld} events are held back`,
      );
      return;
    }
    this.#daemon.log.info(`${event.name} of ${on} is held back: ${reason}`);
    const timer = setTimeout(
      () => {
        this.#held.delete(key);
        this.#do(actions, on, event);
      },
      Math.min(Math.max(0, ms), longestHoldMs),
    );
    this.#held.set(key, timer);
  }

  /** What was held is no longer true: something newer is. */
  #release(key: string): void {
    clearTimeout(this.#held.get(key));
    this.#held.delete(key);
  }

  #do(actions: readonly Action[], on: string, event: Event): void {
    const operations: Action[] = [];
    for (const action of actions) {
      const { deed, event: name, line } = action;
      try {
        if (deed === 'emit') this.#daemon.emit(name!, {}, { interface: on, cause: event });
        else if (deed === 'publish') this.#daemon.found(on, `${event.name} (policy, line ${line})`, event);
        else operations.push(action);
      } catch (error) {
        this.#daemon.log.error(`do ${deed} (${event.name} of ${on}): ${messageOf(error)}`);
      }
    }
    if (operations.length > 0) this.#deeds.want(on, operations, event);
  }
}

/** States of a link follow each other; whatever else happens stands for itself. */
function keyOf({ family, id, ifindex }: Event, on: string): string {
  return family === 'link' ? `link ${ifindex ?? on}` : `${id}`;
}
