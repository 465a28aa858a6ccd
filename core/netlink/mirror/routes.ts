import { AF_INET, AF_INET6, NLM_F_APPEND, NLM_F_EXCL, NLM_F_REPLACE } from '../wire/constants.ts';
import type { Payload } from './memory.ts';
import { Place } from './place.ts';
import { none, Places } from './places.ts';
import { sameButHops, withoutHop } from './route-hops.ts';
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
    const list = places.get(record);
    const known = list.findIndex(route => sameRoute(route, payload));
    if (known >= 0) this.#store(place, list.with(known, payload));
    else if (scan.family === AF_INET) this.#add4(place, list, payload, flags);
    else this.#add6(place, list, payload, flags, scan);
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
    const { family, multipath, ifindex } = scan;
    if (places.holds(record, scan)) {
      places.remove(record);
      this.size--;
      this.#forget(place);
      this.#change(payload, undefined, place, ifindex);
      return;
    }
    const list = places.get(record);
    const at = list.findIndex(route => meansRoute(route, payload));
    if (at >= 0) this.#drop(place, list, at);
    else if (family === AF_INET) this.#doubt(family, ifindex);
    else this.#remove6(place, list, payload, multipath !== 0, ifindex);
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

  /** fib_table_insert: NLM_F_EXCL says the place was empty, a replaced route is the first of its place. */
  #add4(place: Place, list: readonly Payload[], payload: Payload, flags: number): void {
    if (flags & NLM_F_EXCL) {
      this.#store(place, [payload]);
      for (const route of list) this.#change(route, undefined, place);
      this.#change(undefined, payload, place);
    } else if (flags & NLM_F_REPLACE) {
      this.#store(place, list.with(0, payload));
      this.#change(list[0], payload, place);
    } else {
      this.#store(place, flags & NLM_F_APPEND ? [...list, payload] : [payload, ...list]);
      this.#change(undefined, payload, place);
    }
  }

  /**
   * fib6_add_rt2node: routes that go through a gateway grow together into one multipath route, others lie side by
   * side. A message with several hops is the whole of the route that has any of them.
   */
  #add6(place: Place, list: readonly Payload[], payload: Payload, flags: number, scan: RouteScan): void {
    const { family, ifindex } = scan;
    const isMultipath = scan.multipath !== 0;
    const hop = scan.hop();
    const replaced = list.findIndex(route => {
      other.load(route);
      if (flags & NLM_F_REPLACE) return true;
      return isMultipath
        ? other.multipath !== 0 || other.gateway !== 0
        : other.multipath === 0 && other.hop() === hop;
    });
    if (replaced < 0) {
      this.#store(place, [...list, payload]);
      this.#change(undefined, payload, place);
    } else {
      this.#store(place, list.with(replaced, payload));
      this.#change(list[replaced], payload, place);
      // The message speaks as the new hop would; a dump as the first one does: preference, source, metrics.
      if (isMultipath && !sameButHops(list[replaced]!, payload)) this.#doubt(family, ifindex);
    }
    if (list.length > 1 && (isMultipath || flags & NLM_F_REPLACE)) this.#doubt(family, ifindex);
  }

  #remove6(
    place: Place,
    list: readonly Payload[],
    payload: Payload,
    isMultipath: boolean,
    ifindex: number,
  ): void {
    for (const [at, route] of list.entries()) {
      const left = isMultipath ? undefined : withoutHop(route, payload);
      // Malformed hops could make it a route of another place.
      if (left === undefined || !other.load(left) || !Place.of(other).equals(place)) continue;
      this.#store(place, list.with(at, left));
      this.#change(route, left, place);
      other.load(left);
      this.#doubt(other.family, other.ifindex);
      return;
    }
    this.#doubt(AF_INET6, ifindex);
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
    const touch = this.#touched.get(key) ?? { removed: [], seen: this.#isSeen(place) };
    if (removed !== undefined) touch.removed.push(removed);
    this.#touched.set(key, touch);
  }

  #touchOf(place: Place): Touch | undefined {
    if (this.#touched === undefined || this.#touched.isUnused) return undefined;
    return this.#touched.get(place.key);
  }

  #isSeen(place: Place): boolean {
    const places = this.#of(place);
    const record = places.find(place);
    return record !== none && places.round(record) === this.#round;
  }

  #drop(place: Place, list: readonly Payload[], at: number): void {
    this.#store(place, list.toSpliced(at, 1));
    this.#change(list[at], undefined, place);
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
