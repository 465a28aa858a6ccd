import { readFileSync } from 'node:fs';
import type { Netconf } from 'netconf/plugin';
import { watchArp } from '../../core/base/libc/arp.ts';
import { linkIndex } from '../../core/base/libc/links.ts';

/** RFC 3927, section 9, in milliseconds: DEFEND_INTERVAL, RATE_LIMIT_INTERVAL; and MAX_CONFLICTS. */
const defendMs = 10_000;
const rateLimitMs = 60_000;
const mostConflicts = 10;
/** Milliseconds: packets of a conflict that come within it count as one. */
const pauseMs = 1000;
const mostLost = 64;

/** An address that has been claimed. */
export interface Claimed {
  interface: string;
  logical: string;
  address: string;
}

export interface DefenceParts {
  netconf: Netconf<unknown>;
  /** Tells the link once more whose the address is. */
  announce: (claimed: Claimed) => void;
  /** Another one has it: it is to be given up at once. */
  lost: (claimed: Claimed) => void;
}

interface Watched {
  claimed: Claimed;
  undo: () => void;
  /** When it was defended last. */
  defended: number;
}

/**
 * What comes after a claim of an IPv4 link-local address (RFC 3927, section 2.5): a machine that uses it, too, is answered
 * with an announcement; when it goes on within ten seconds, the address is given up. After ten that were lost, a minute
 * goes by before the next.
 */
export class Defence {
  readonly #parts: DefenceParts;
  readonly #watched = new Map<string, Watched>();
  /** By interface. */
  readonly #lost = new Map<string, Set<string>>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(parts: DefenceParts) {
    this.#parts = parts;
  }

  watch(claimed: Claimed): void {
    const { interface: on, address } = claimed;
    this.#end(on);
    const ifindex = linkIndex(on);
    const hardware = hardwareOf(on);
    if (ifindex === undefined || hardware === undefined) return;
    const watch = { ifindex, address: address.split('.').map(Number), hardware, pause: pauseMs };
    try {
      const undo = watchArp(watch, other => this.#conflict(on, other));
      this.#watched.set(on, { claimed, undo, defended: Number.NEGATIVE_INFINITY });
    } catch (error) {
      const { message } = error as Error;
      this.#parts.netconf.log.warning(`${on}: conflicts of ${address} will not be noticed: ${message}`);
    }
  }

  /** Was this address given up since the interface was brought up? */
  isLost(on: string, address: string): boolean {
    return this.#lost.get(on)?.has(address) === true;
  }

  /** The interface is down, or has another address: nothing is to be defended. */
  forget(on: string | undefined): void {
    if (on === undefined) return;
    this.#end(on);
    this.#lost.delete(on);
  }

  release(): void {
    for (const on of [...this.#watched.keys()]) this.#end(on);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #end(on: string): void {
    this.#watched.get(on)?.undo();
    this.#watched.delete(on);
  }

  #conflict(on: string, other: string): void {
    const watched = this.#watched.get(on);
    if (watched === undefined) return;
    const { claimed, defended } = watched;
    const { log } = this.#parts.netconf;
    // Our own, by a hardware address that it was given since.
    if (hardwareOf(on)?.every((octet, at) => octet === Number.parseInt(other.split(':')[at]!, 16))) {
      this.watch(claimed);
      return;
    }
    const now = performance.now();
    if (now - defended >= defendMs) {
      watched.defended = now;
      log.warning(`${on}: ${other} uses ${claimed.address}, too: it is defended`);
      this.#parts.announce(claimed);
      return;
    }
    log.warning(`${on}: ${claimed.address} is given up: ${other} goes on using it`);
    this.#end(on);
    const lost = this.#lost.get(on) ?? new Set();
    if (lost.size >= mostLost) lost.clear();
    this.#lost.set(on, lost.add(claimed.address));
    this.#after(lost.size >= mostConflicts ? rateLimitMs : 0, () => this.#parts.lost(claimed));
  }

  #after(ms: number, work: () => void): void {
    if (ms === 0) {
      work();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms).unref();
    this.#timers.add(timer);
  }
}

/** In octets; undefined of a link that has none of six. */
function hardwareOf(on: string): number[] | undefined {
  try {
    const text = readFileSync(`/sys/class/net/${on}/address`, 'utf8').trim();
    return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text)
      ? text.split(':').map(octet => Number.parseInt(octet, 16))
      : undefined;
  } catch {
    return undefined;
  }
}
