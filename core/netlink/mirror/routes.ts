import { AF_INET } from '../wire/constants.ts';
import type { Payload } from './memory.ts';
import { Place } from './place.ts';
import { none, Places } from './places.ts';
import { added, type Outcome, removed } from './route-rules.ts';
import { meansRoute, sameRoute } from './route-same.ts';
import { RouteScan } from './route-scan.ts';
import { Shards } from './shards.ts';

/** Told of each change: a new route without `old`, a removed one without `next`. The place is good until it returns. */
export type RouteChange = (
  old: Payload | undefined,
  next: Payload | undefined,
  place: Place,
  /** Index of the interface of what is told, where it is known already. */
  ifindex?: number,
) => void;

/** What a notification has done to a place while a dump is being compared. */
interface Touch {
  /** What it removed there. */
  readonly removed: Payload[];
  /** The dump has told of the place. */
  seen: boolean;
}

/**
 * The routes of all tables and both families. A place in a table (destination, metric…) holds one route, or several
 * in the kernel's order: the first is the one in use.
 */
export class Routes {
  // Room for what most routes have: table, destination, metric, gateway, interface, source; for IPv6 a gateway or a
  // source, and what the kernel adds of itself (rta_cacheinfo, preference).
  readonly #inet = new Places(60);
  readonly #inet6 = new Places(120);
  readonly #change: RouteChange;
  /** Asked for when a message leaves open what the kernel has now. */
  readonly #doubt: (family: number, ifindex: number) => void;
  /** When routes that expire were told, by the key of their place: their life time counts from then. */
  readonly told = new Map<string, number>();
  readonly #place = new Place();
  /** Of the comparison with a dump: its number, and the places that notifications touch meanwhile. */
  #round = 0;
  #touched: Shards<Touch> | undefined;
  /** Routes held. */
  size = 0;

  constructor(change: RouteChange, doubt: (family: number, ifindex: number) => void) {
    this.#change = change;
    this.#doubt = doubt;
  }

  /** RTM_NEWROUTE with the flags of its `struct nlmsghdr`. */
  add(scan: RouteScan, payload: Payload, flags: number): void {
    const place = Place.of(scan, this.#place);
    const places = this.#of(place);
    this.#touch(place);
    const record = places.find(place);
    if (record === none) {
      places.insert(place, scan);
      this.size++;
      this.#change(undefined, payload, place, scan.ifindex);
      return;
    }
    this.#follow(place, added(places.get(record), payload, scan, flags));
  }

  /** RTM_DELROUTE. */
  remove(scan: RouteScan, payload: Payload): void {
    const place = Place.of(scan, this.#place);
    const places = this.#of(place);
    this.#touch(place, payload);
    const record = places.find(place, scan);
    if (record === none) {
      this.#forget(place);
      return;
    }
    if (places.holds(record, scan)) {
      places.remove(record);
      this.size--;
      this.#forget(place);
      this.#change(payload, undefined, place, scan.ifindex);
      return;
    }
    this.#follow(place, removed(places.get(record), payload, scan, place));
  }

  /** Between this and `endComparison` notifications win over what a dump has. */
  beginComparison(): void {
    this.#round++;
    this.#touched = new Shards();
  }

  endComparison(): void {
    this.#touched = undefined;
  }

  /**
   * What a dump has of one place, compared with what is held there; of the routes held only those that use
   * `ifindex`, when given. Where notifications have changed something meanwhile they win, and what they leave open is
   * doubted. Returns the numbers of routes added, changed and removed.
   */
  compare(place: Place, dumped: readonly Payload[], ifindex?: number): [number, number, number] {
    const touch = this.#touchOf(place);
    if (touch !== undefined) {
      touch.seen = true;
      this.#confirm(place, dumped, touch.removed, ifindex);
      return [0, 0, 0];
    }
    const places = this.#of(place);
    const record = places.find(place);
    const list = places.get(record);
    if (record === none && dumped.length === 1) {
      places.see(places.set(none, place, dumped), this.#round);
      this.size++;
      this.#change(undefined, dumped[0], place);
      return [1, 0, 0];
    }
    if (list.length === 1 && dumped.length === 1 && list[0] === dumped[0]) {
      places.see(record, this.#round);
      return [0, 0, 0];
    }
    const concerned = list.filter(route => ifindex === undefined || uses(route, ifindex));
    const rest = list.filter(route => !concerned.includes(route));
    const gone = concerned.filter(route => !dumped.some(other => sameRoute(route, other)));
    const fresh = dumped.filter(route => !concerned.some(other => sameRoute(route, other)));
    const stored = this.#store(place, merged(list, concerned, dumped));
    if (stored !== none) places.see(stored, this.#round);
    // A dump of some of them does not say where among the others a new one stands.
    if (fresh.length > 0 && rest.length > 0) this.#doubt(place.family, 0);
    const changed = Math.min(gone.length, fresh.length);
    for (let i = 0; i < Math.max(gone.length, fresh.length); i++) this.#change(gone[i], fresh[i], place);
    return [fresh.length - changed, changed, gone.length - changed];
  }

  /**
   * Places that the dump has not told of since `beginComparison`, with a route out of `ifindex`, when given. Most places
   * are none of these: now and then undefined comes instead of one, so that the walk can rest.
   */
  *unseen(family: number, ifindex?: number): Generator<Place | undefined> {
    const places = this.#family(family);
    let walked = 0;
    for (const record of places) {
      const isSeen = places.round(record) === this.#round;
      if (!isSeen && (ifindex === undefined || places.uses(record, ifindex))) {
        const place = places.place(record);
        if (this.#touchOf(place)?.seen !== true) yield place;
      }
      if (++walked % 256 === 0) yield undefined;
    }
  }

  /** Places and what they hold. Changes while walking are allowed, as with a Map. */
  *entries(): Generator<[Place, readonly Payload[]]> {
    for (const places of [this.#inet, this.#inet6]) {
      for (const record of places) yield [places.place(record), places.get(record)];
    }
  }

  isEmpty(family: number): boolean {
    return this.#family(family).size === 0;
  }

  *[Symbol.iterator](): Generator<Payload> {
    for (const places of [this.#inet, this.#inet6]) {
      for (const record of places) yield* places.get(record);
    }
  }

  at(place: Place): readonly Payload[] {
    const places = this.#of(place);
    return places.get(places.find(place));
  }

  #follow(place: Place, { list, changes, doubt }: Outcome): void {
    this.#store(place, list);
    for (const [old, next] of changes) this.#change(old, next, place);
    if (doubt !== undefined) this.#doubt(place.family, doubt);
  }

  /**
   * Notifications win, but where several routes lie they do not tell of all: doubts a place where a dump has a route
   * that is neither held nor was removed since, or not one that no notification since is sure to have told.
   */
  #confirm(place: Place, dumped: readonly Payload[], removed: readonly Payload[], ifindex?: number): void {
    const isIn = (route: Payload, list: readonly Payload[]) => list.some(other => meansRoute(route, other));
    const held = this.at(place);
    if (held.length === 0) this.#forget(place);
    const concerned = held.filter(route => ifindex === undefined || uses(route, ifindex));
    const isSure = held.length < 2 && removed.length === 0;
    const isUntold = dumped.some(route => !isIn(route, concerned) && !isIn(route, removed));
    const isStale = !isSure && concerned.some(route => !isIn(route, dumped));
    if (isUntold || isStale) this.#doubt(place.family, ifindex ?? 0);
  }

  /** Nothing is held at this place. Told of a route there it may have been: by a removal, or by a dump of before. */
  #forget(place: Place): void {
    if (this.told.size > 0) this.told.delete(place.key);
  }

  #touch(place: Place, removed?: Payload): void {
    if (this.#touched === undefined) return;
    const { key } = place;
    const places = this.#of(place);
    const record = places.find(place);
    const seen = record !== none && places.round(record) === this.#round;
    const touch = this.#touched.get(key) ?? { removed: [], seen };
    if (removed !== undefined && !touch.removed.includes(removed)) touch.removed.push(removed);
    this.#touched.set(key, touch);
  }

  #touchOf(place: Place): Touch | undefined {
    if (this.#touched === undefined || this.#touched.isUnused) return undefined;
    return this.#touched.get(place.key);
  }

  #of(place: Place): Places {
    return this.#family(place.family);
  }

  #family(family: number): Places {
    return family === AF_INET ? this.#inet : this.#inet6;
  }

  /** Returns the record of the place, or `none` where nothing is left. */
  #store(place: Place, list: readonly Payload[]): number {
    const places = this.#of(place);
    const record = places.find(place);
    this.size += list.length - places.get(record).length;
    if (list.length === 0) this.#forget(place);
    return places.set(record, place, list);
  }
}

const other = new RouteScan();

/** The list with those that are concerned replaced by what was dumped, in its order; the others stay in their places. */
function merged(
  list: readonly Payload[],
  concerned: readonly Payload[],
  dumped: readonly Payload[],
): Payload[] {
  const left = [...dumped];
  const kept = list.flatMap(route => (concerned.includes(route) ? left.splice(0, 1) : [route]));
  return [...kept, ...left];
}

function uses(route: Payload, ifindex: number): boolean {
  return other.load(route) && other.uses(ifindex);
}
