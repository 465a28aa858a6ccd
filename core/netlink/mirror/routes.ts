import { AF_INET, AF_INET6, NLM_F_APPEND, NLM_F_EXCL, NLM_F_REPLACE } from '../wire/constants.ts';
import type { Payload } from './memory.ts';
import { sameButHops, withoutHop } from './route-hops.ts';
import { meansRoute, sameRoute } from './route-same.ts';
import { RouteScan } from './route-scan.ts';
import { Shards } from './shards.ts';

/** Told of each change: a new route without `old`, a removed one without `next`. */
export type RouteChange = (
  old: Payload | undefined,
  next: Payload | undefined,
  key: string,
  /** Index of the interface of what is told, where it is known already. */
  ifindex?: number,
) => void;

/**
 * The routes of all tables and both families. A place in a table (destination, metric…) holds one route, or several
 * in the kernel's order: the first is the one in use.
 */
export class Routes {
  readonly #inet = new Shards<Payload | Payload[]>();
  readonly #inet6 = new Shards<Payload | Payload[]>();
  readonly #change: RouteChange;
  /** Asked for when a message leaves open what the kernel has now. */
  readonly #doubt: (family: number, ifindex: number) => void;
  /** While a dump is being compared: places that notifications have changed, with what they removed there. */
  touched: Shards<Payload[]> | undefined;
  /** Routes held. */
  size = 0;

  constructor(change: RouteChange, doubt: (family: number, ifindex: number) => void) {
    this.#change = change;
    this.#doubt = doubt;
  }

  /** RTM_NEWROUTE with the flags of its `struct nlmsghdr`. */
  add(scan: RouteScan, payload: Payload, flags: number): void {
    const key = scan.key();
    this.#touch(key);
    const held = this.#of(key).get(key);
    if (held === undefined) {
      this.#of(key).set(key, payload);
      this.size++;
      this.#change(undefined, payload, key, scan.ifindex);
      return;
    }
    const list = typeof held === 'string' ? [held] : held;
    const known = list.findIndex(route => sameRoute(route, payload));
    if (known >= 0) this.#store(key, list.with(known, payload));
    else if (scan.family === AF_INET) this.#add4(key, list, payload, flags);
    else this.#add6(key, list, payload, flags, scan);
  }

  /** RTM_DELROUTE. */
  remove(scan: RouteScan, payload: Payload): void {
    const key = scan.key();
    this.#touch(key, payload);
    const held = this.#of(key).get(key);
    if (held === undefined) return;
    const { family, multipath, ifindex } = scan;
    if (held === payload) {
      this.#of(key).delete(key);
      this.size--;
      this.#change(held, undefined, key, ifindex);
      return;
    }
    const list = typeof held === 'string' ? [held] : held;
    const at = list.findIndex(route => meansRoute(route, payload));
    if (at >= 0) this.#drop(key, list, at);
    else if (family === AF_INET) this.#doubt(family, ifindex);
    else this.#remove6(key, list, payload, multipath !== 0, ifindex);
  }

  /**
   * What a dump has of one place, compared with what is held there; of the routes held only those that use
   * `ifindex`, when given. Where notifications have changed something meanwhile they win, and what they leave open is
   * doubted. Returns the numbers of routes added, changed and removed.
   */
  compare(key: string, dumped: readonly Payload[], ifindex?: number): [number, number, number] {
    const removed = this.touched?.get(key);
    if (removed !== undefined) {
      this.#confirm(key, dumped, removed, ifindex);
      return none;
    }
    const held = this.#of(key).get(key);
    if (held === undefined && dumped.length === 1) {
      this.#of(key).set(key, dumped[0]!);
      this.size++;
      this.#change(undefined, dumped[0], key);
      return oneAdded;
    }
    const list = held === undefined ? [] : typeof held === 'string' ? [held] : held;
    const concerned = list.filter(route => ifindex === undefined || uses(route, ifindex));
    const rest = list.filter(route => !concerned.includes(route));
    const gone = concerned.filter(route => !dumped.some(other => sameRoute(route, other)));
    const fresh = dumped.filter(route => !concerned.some(other => sameRoute(route, other)));
    this.#store(key, merged(list, concerned, dumped));
    // A dump of some of them does not say where among the others a new one stands.
    if (fresh.length > 0 && rest.length > 0) this.#doubt(key.charCodeAt(0), 0);
    const changed = Math.min(gone.length, fresh.length);
    for (let i = 0; i < Math.max(gone.length, fresh.length); i++) this.#change(gone[i], fresh[i], key);
    return [fresh.length - changed, changed, gone.length - changed];
  }

  /** Is this all that is held at this place, byte for byte? The quick answer for most of a dump. */
  isAll(key: string, payload: Payload): boolean {
    return this.#of(key).get(key) === payload;
  }

  /** Places and what they hold. Changes while walking are allowed, as with a Map. */
  *entries(family?: number): Generator<[string, Payload | Payload[]]> {
    if (family !== AF_INET6) yield* this.#inet.entries();
    if (family !== AF_INET) yield* this.#inet6.entries();
  }

  isEmpty(family: number): boolean {
    return (family === AF_INET ? this.#inet : this.#inet6).isUnused;
  }

  *[Symbol.iterator](): Generator<Payload> {
    for (const [, held] of this.entries()) {
      if (typeof held === 'string') yield held;
      else yield* held;
    }
  }

  at(key: string): readonly Payload[] {
    const held = this.#of(key).get(key);
    return held === undefined ? [] : typeof held === 'string' ? [held] : held;
  }

  /** fib_table_insert: NLM_F_EXCL says the place was empty, a replaced route is the first of its place. */
  #add4(key: string, list: Payload[], payload: Payload, flags: number): void {
    if (flags & NLM_F_EXCL) {
      this.#store(key, [payload]);
      for (const route of list) this.#change(route, undefined, key);
      this.#change(undefined, payload, key);
    } else if (flags & NLM_F_REPLACE) {
      this.#store(key, list.with(0, payload));
      this.#change(list[0], payload, key);
    } else {
      this.#store(key, flags & NLM_F_APPEND ? [...list, payload] : [payload, ...list]);
      this.#change(undefined, payload, key);
    }
  }

  /**
   * fib6_add_rt2node: routes that go through a gateway grow together into one multipath route, others lie side by
   * side. A message with several hops is the whole of the route that has any of them.
   */
  #add6(key: string, list: Payload[], payload: Payload, flags: number, scan: RouteScan): void {
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
      this.#store(key, [...list, payload]);
      this.#change(undefined, payload, key);
    } else {
      this.#store(key, list.with(replaced, payload));
      this.#change(list[replaced], payload, key);
      // The message speaks as the new hop would; a dump as the first one does: preference, source, metrics.
      if (isMultipath && !sameButHops(list[replaced]!, payload)) this.#doubt(family, ifindex);
    }
    if (list.length > 1 && (isMultipath || flags & NLM_F_REPLACE)) this.#doubt(family, ifindex);
  }

  #remove6(key: string, list: Payload[], payload: Payload, isMultipath: boolean, ifindex: number): void {
    for (const [at, route] of list.entries()) {
      const left = isMultipath ? undefined : withoutHop(route, payload);
      if (left === undefined) continue;
      this.#store(key, list.with(at, left));
      this.#change(route, left, key);
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
  #confirm(key: string, dumped: readonly Payload[], removed: readonly Payload[], ifindex?: number): void {
    const isIn = (route: Payload, list: readonly Payload[]) => list.some(other => meansRoute(route, other));
    const held = this.at(key);
    const concerned = held.filter(route => ifindex === undefined || uses(route, ifindex));
    const isSure = held.length < 2 && removed.length === 0;
    const isUntold = dumped.some(route => !isIn(route, concerned) && !isIn(route, removed));
    const isStale = !isSure && concerned.some(route => !isIn(route, dumped));
    if (isUntold || isStale) this.#doubt(key.charCodeAt(0), ifindex ?? 0);
  }

  #touch(key: string, removed?: Payload): void {
    if (this.touched === undefined) return;
    const all = this.touched.get(key) ?? [];
    if (removed !== undefined) all.push(removed);
    this.touched.set(key, all);
  }

  #drop(key: string, list: Payload[], at: number): void {
    this.#store(key, list.toSpliced(at, 1));
    this.#change(list[at], undefined, key);
  }

  /** A place begins with its family. */
  #of(key: string): Shards<Payload | Payload[]> {
    return key.charCodeAt(0) === AF_INET ? this.#inet : this.#inet6;
  }

  #store(key: string, list: Payload[]): void {
    const before = this.#of(key).get(key);
    this.size += list.length - (before === undefined ? 0 : typeof before === 'string' ? 1 : before.length);
    if (list.length === 0) this.#of(key).delete(key);
    else this.#of(key).set(key, list.length === 1 ? list[0]! : list);
  }
}

const other = new RouteScan();
const oneAdded: [number, number, number] = [1, 0, 0];
const none: [number, number, number] = [0, 0, 0];

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
