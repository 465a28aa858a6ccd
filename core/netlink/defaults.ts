import type { Payload } from './mirror/memory.ts';
import { Place } from './mirror/place.ts';
import { sameRoute } from './mirror/route-same.ts';
import { RouteScan } from './mirror/route-scan.ts';
import type { Routes } from './mirror/routes.ts';
import { RTN_UNICAST } from './wire/constants.ts';

/** A family and table whose default route is another one than before. */
export interface DefaultChange {
  family: number;
  table: number;
  old: Payload | undefined;
  next: Payload | undefined;
}

/** The default route of each family and table: of the unicast routes to anywhere the one with the lowest metric. */
export class DefaultRoutes {
  readonly #routes: Routes;
  /** Places of default routes by family and table. */
  readonly #places = new Map<string, Set<string>>();
  readonly #best = new Map<string, Payload>();

  constructor(routes: Routes) {
    this.#routes = routes;
  }

  /** A place of default routes has changed. */
  note(key: string): void {
    const group = groupOf(key);
    const places = this.#places.get(group) ?? new Set();
    if (this.#routes.at(Place.at(key)).length > 0) places.add(key);
    else places.delete(key);
    this.#places.set(group, places);
  }

  /** One place of each family and table that has or had a default route. */
  places(): string[] {
    return [...new Set([...this.#places.keys(), ...this.#best.keys()])];
  }

  /** What has changed about the default route of the family and table of this place since it was last asked. */
  check(key: string): DefaultChange | undefined {
    const group = groupOf(key);
    const old = this.#best.get(group);
    const next = this.#find(group);
    if (next === undefined) this.#best.delete(group);
    else this.#best.set(group, next);
    if (this.#places.get(group)?.size === 0) this.#places.delete(group);
    if (old === next || (old !== undefined && next !== undefined && sameRoute(old, next))) return undefined;
    return { ...numbers(group), old, next };
  }

  *all(): Generator<{ family: number; table: number; payload: Payload }> {
    for (const [group, payload] of this.#best) yield { ...numbers(group), payload };
  }

  #find(group: string): Payload | undefined {
    let best: Payload | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const key of this.#places.get(group) ?? []) {
      for (const payload of this.#routes.at(Place.at(key))) {
        if (!scan.load(payload) || scan.type !== RTN_UNICAST || scan.priority >= lowest) continue;
        best = payload;
        lowest = scan.priority;
      }
    }
    return best;
  }
}

const scan = new RouteScan();

/** The first eight bytes of a place: family, lengths of the prefixes, TOS, table. Of these, family and table. */
function groupOf(key: string): string {
  return `${key[0]}\0\0\0${key.slice(4, 8)}`;
}

function numbers(group: string): { family: number; table: number } {
  const bytes = Buffer.from(group, 'latin1');
  return {
    family: bytes[0]!,
    table: new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 8))[1]!,
  };
}
