import { join } from 'node:path';
import { readPrivate, writePrivate } from '../../core/base/private-file.ts';

/** A VPN is not wanted from the first event until the second. */
export interface Unless {
  from: string;
  until: string;
}

const most = 256;

/**
 * Which of the events that people name came last: `office-lan-connected` or `office-lan-disconnected`. The latest of
 * each name is remembered, in their order; over a restart of netconfd those that some VPN asked about.
 */
export class Conditions {
  /** In the order in which they came last. */
  readonly #seen = new Set<string>();
  /** What a VPN has asked about: those are kept. */
  readonly #asked = new Set<string>();
  readonly #file: string;
  #read = false;

  constructor(run: string) {
    this.#file = join(run, 'openvpn', '.conditions');
  }

  happened(name: string): void {
    this.#seen.delete(name);
    this.#seen.add(name);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= most) break;
      this.#seen.delete(oldest);
    }
    if (this.#asked.has(name)) this.#write();
  }

  /** Is it between the two? */
  holds({ from, until }: Unless): boolean {
    this.#recall();
    const known = this.#asked.size;
    this.#asked.add(from).add(until);
    if (this.#asked.size > known) this.#write();
    const order = [...this.#seen];
    return order.lastIndexOf(from) > order.lastIndexOf(until);
  }

  /** What was kept comes before what has been heard since. */
  #recall(): void {
    if (this.#read) return;
    this.#read = true;
    let kept: unknown;
    try {
      kept = JSON.parse(readPrivate(this.#file));
    } catch {
      return;
    }
    if (!Array.isArray(kept)) return;
    const heard = [...this.#seen];
    this.#seen.clear();
    for (const name of [...kept.filter(name => typeof name === 'string').slice(0, most), ...heard]) {
      this.#seen.delete(name);
      this.#seen.add(name);
    }
    for (const name of kept) if (typeof name === 'string') this.#asked.add(name);
  }

  #write(): void {
    const kept = [...this.#seen].filter(name => this.#asked.has(name));
    writePrivate(this.#file, JSON.stringify(kept));
  }
}

/** Of the parameter `unless FROM UNTIL`. Throws a sentence. */
export function unlessIn(text: string | undefined, isEvent: (name: string) => boolean): Unless | undefined {
  if (text === undefined) return undefined;
  const [from = '', until = '', more] = text.split(/\s+/);
  if (more !== undefined || !isEvent(from) || !isEvent(until) || from === until)
    throw new Error(
      `unless ${text.slice(0, 130)}: two events were expected, from which and until which: office-lan-connected office-lan-disconnected`,
    );
  return { from, until };
}
