import { join } from 'node:path';
import type { Event, Netconf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { readPrivate, writePrivate } from '../../core/base/private-file.ts';
import type { Unless } from './conditions.ts';

interface Watched extends Unless {
  /** It is down for this reason alone. */
  held: boolean;
}

/**
 * VPNs that are not wanted between two events: taken down with the first, and brought up again with the second where it
 * was this that took them down, or kept them from coming up. Known over a restart of netconfd.
 */
export class Paused {
  readonly #netconf: Netconf<unknown>;
  readonly #file: string;
  #watched: Record<string, Watched> = {};

  constructor(netconf: Netconf<unknown>) {
    this.#netconf = netconf;
    this.#file = join(netconf.paths.run, 'openvpn', '.paused');
  }

  /** What an earlier process of ours knew. */
  recall(): void {
    try {
      const kept = JSON.parse(readPrivate(this.#file)) as Record<string, Watched>;
      for (const [on, one] of Object.entries(kept))
        if (typeof one?.from === 'string' && typeof one.until === 'string') this.#watched[on] ??= one;
    } catch {
      // There was none.
    }
  }

  /** An operation of this interface has this condition, or none any more; `held`: it holds now. */
  watch(on: string, unless: Unless | undefined, held: boolean): void {
    if (unless === undefined) {
      this.#forget(on);
      return;
    }
    this.#watched[on] = { ...unless, held };
    this.#keep();
  }

  heard(event: Event): void {
    for (const [on, one] of Object.entries(this.#watched)) {
      if (event.name === one.from && !one.held) void this.#operate('ifdown', on, event);
      else if (event.name === one.until && one.held) void this.#operate('ifup', on, event);
      else continue;
      one.held = event.name === one.from;
      this.#keep();
    }
  }

  /** Somebody has taken it down: then nothing brings it up again. */
  asked(event: Event<{ refused?: string }>): void {
    if (event.data.refused !== undefined || event.source === `plugin:${this.#netconf.name}`) return;
    this.#forget(event.interface ?? '');
  }

  #forget(on: string): void {
    if (this.#watched[on] === undefined) return;
    delete this.#watched[on];
    this.#keep();
  }

  #keep(): void {
    writePrivate(this.#file, JSON.stringify(this.#watched));
  }

  async #operate(request: 'ifup' | 'ifdown', on: string, cause: Event): Promise<void> {
    try {
      const { state, message } = await this.#netconf.operate(request, on, { cause });
      if (state === 'failed') this.#netconf.log.warning(`${on}: ${message ?? state}`);
    } catch (error) {
      this.#netconf.log.warning(`${on}: ${messageOf(error)}`);
    }
  }
}
