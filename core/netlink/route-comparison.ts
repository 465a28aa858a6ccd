import { type Memory, type Payload, payloadOf } from './mirror/memory.ts';
import type { Mirror } from './mirror/mirror.ts';
import { RouteScan } from './mirror/route-scan.ts';
import { Shards } from './mirror/shards.ts';
import { Slice } from './slice.ts';

/** How many objects a comparison with the kernel added to the mirror, changed in it and removed from it. */
export interface Differences {
  added: number;
  changed: number;
  removed: number;
}

/** Compares a dump of routes, place by place as they come, and at the end finds what the dump did not have. */
export class RouteComparison {
  readonly differences: Differences = { added: 0, changed: 0, removed: 0 };
  readonly #mirror: Mirror;
  readonly #family: number;
  readonly #ifindex: number | undefined;
  /** Places that the dump has; not needed when nothing was held before. */
  readonly #seen: Shards<true> | undefined;
  /** The place whose routes are coming; they come together. */
  #key: string | undefined;
  #payloads: Payload[] = [];

  constructor(mirror: Mirror, family: number, ifindex: number | undefined) {
    this.#mirror = mirror;
    this.#family = family;
    this.#ifindex = ifindex;
    this.#seen = mirror.routes.isEmpty(family) ? undefined : new Shards();
  }

  take(memory: Memory, start: number, end: number): void {
    const scan = this.#mirror.scanRoute(memory, start, end);
    if (scan === undefined || scan.family !== this.#family) return;
    // A kernel without strict checking does not filter.
    if (this.#ifindex !== undefined && !scan.uses(this.#ifindex)) return;
    const key = scan.key();
    if (key !== this.#key) {
      this.flush();
      this.#key = key;
    }
    this.#payloads.push(payloadOf(memory, start, end));
  }

  /** The routes of a place are all there: a dump has ended, or goes on with another. */
  flush(): void {
    if (this.#key === undefined) return;
    this.#seen?.set(this.#key, true);
    this.#compare(this.#key, this.#payloads);
    this.#payloads = [];
    this.#key = undefined;
  }

  async finish(): Promise<void> {
    const seen = this.#seen;
    if (seen === undefined) return;
    const slice = new Slice();
    for (const [key, held] of this.#mirror.routes.entries(this.#family)) {
      if (slice.over) await slice.next();
      if (seen.has(key)) continue;
      if (this.#ifindex === undefined || usesAny(held, this.#ifindex)) this.#compare(key, []);
    }
  }

  #compare(key: string, payloads: Payload[]): void {
    if (payloads.length === 1 && this.#mirror.routes.isAll(key, payloads[0]!)) return;
    const [added, changed, removed] = this.#mirror.routes.compare(key, payloads, this.#ifindex);
    this.differences.added += added;
    this.differences.changed += changed;
    this.differences.removed += removed;
  }
}

const scan = new RouteScan();

function usesAny(held: Payload | readonly Payload[], ifindex: number): boolean {
  const list = typeof held === 'string' ? [held] : held;
  return list.some(route => scan.load(route) && scan.uses(ifindex));
}
