import { readFileSync } from 'node:fs';
import type { Event, Netconf } from 'netconf/plugin';
import { type Extras, hasAddress, isAsked } from './extras.ts';
import type { Unit } from './units.ts';

/** Milliseconds: a link is given several addresses at once. */
const pause = 50;

/**
 * Links that come and go with a connection, and links whose addresses do: when one has been given an address, its routes
 * are added; when a dial-up link is gone, so is what was configured on it.
 */
export class Comings {
  readonly #netconf: Netconf;
  readonly #extras: Extras;
  readonly #unit: (name: string) => Unit | undefined;
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  constructor(netconf: Netconf, extras: Extras, unit: (name: string) => Unit | undefined) {
    this.#netconf = netconf;
    this.#extras = extras;
    this.#unit = unit;
  }

  listen(): void {
    const { on, onUnload } = this.#netconf;
    on('address.added', event => this.#addressed(event.interface));
    on('address.ready', event => this.#addressed(event.interface));
    on('link.removed', event => this.#gone(event as Event));
    onUnload(() => {
      for (const timer of this.#waiting.values()) clearTimeout(timer);
      this.#waiting.clear();
    });
  }

  #addressed(on: string | undefined): void {
    if (on === undefined || this.#waiting.has(on) || this.#netconf.observe) return;
    const unit = this.#unit(on);
    if (unit?.stanzas.some(stanza => isAsked(stanza, ['ways'])) !== true) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(on);
      this.#addWays(on).catch((error: Error) => this.#netconf.log.error(`${on}: ${error.message}`));
    }, pause);
    this.#waiting.set(on, timer);
  }

  async #addWays(on: string): Promise<void> {
    // What is not configured has no routes; an operation that is at work adds them itself.
    if (stateOf(`${this.#netconf.paths.run}/interfaces/${on}.json`) !== 'configured') return;
    const counts = new Map<string, number>();
    for (const stanza of this.#unit(on)?.stanzas ?? []) {
      const key = `${stanza.family} ${stanza.method} ${stanza.step}`;
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      if (isAsked(stanza, ['ways']) && hasAddress(on, stanza.family))
        await this.#extras.addWays(on, nth === 1 ? stanza : { ...stanza, nth });
    }
  }

  #gone(event: Event): void {
    const { interface: on } = event;
    if (on === undefined || this.#netconf.observe) return;
    const unit = this.#unit(on);
    if (unit === undefined || unit.made || unit.classes.includes('auto')) return;
    this.#netconf.operate('ifdown', on, { cause: event, force: true }).catch((error: Error) => {
      this.#netconf.log.warning(`${on}: ${error.message}`);
    });
  }
}

function stateOf(path: string): string | undefined {
  try {
    const { state } = JSON.parse(readFileSync(path, 'utf8')) as { state?: unknown };
    return typeof state === 'string' ? state : undefined;
  } catch {
    return undefined;
  }
}
