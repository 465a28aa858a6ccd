import { type Memory, type Payload, payloadOf } from './mirror/memory.ts';
import type { Mirror } from './mirror/mirror.ts';
import { Place } from './mirror/place.ts';
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
  /** The place whose routes are coming; they come together. */
  readonly #place = new Place();
  readonly #next = new Place();
  #payloads: Payload[] = [];

  constructor(mirror: Mirror, family: number, ifindex: number | undefined) {
    this.#mirror = mirror;
    this.#family = family;
    this.#ifindex = ifindex;
    mirror.routes.beginComparison();
  }

  take(memory: Memory, start: number, end: number): void {
    const scan = this.#mirror.scanRoute(memory, start, end);
    if (scan === undefined || scan.family !== this.#family) return;
    // A kernel without strict checking does not filter.
    if (this.#ifindex !== undefined && !scan.uses(this.#ifindex)) return;
    if (!Place.of(scan, this.#next).equals(this.#place)) {
      this.flush();
      Place.of(scan, this.#place);
    }
    this.#payloads.push(payloadOf(memory, start, end));
  }

  /** The routes of a place are all there: a dump has ended, or goes on with another. */
  flush(): void {
    if (this.#payloads.length === 0) return;
    this.#compare(this.#place, this.#payloads);
    this.#payloads = [];
  }

  /** The dump was whole: what it has not told of is gone. */
  async finish(): Promise<void> {
    const slice = new Slice();
    for (const place of this.#mirror.routes.unseen(this.#family, this.#ifindex)) {
      if (place !== undefined) this.#compare(place, []);
      if (slice.over) await slice.next();
    }
  }

  end(): void {
    this.#mirror.routes.endComparison();
  }

  #compare(place: Place, payloads: readonly Payload[]): void {
    const [added, changed, removed] = this.#mirror.routes.compare(place, payloads, this.#ifindex);
    this.differences.added += added;
    this.differences.changed += changed;
    this.differences.removed += removed;
  }
}
