import { AF_INET, NLM_F_APPEND, NLM_F_EXCL, NLM_F_REPLACE } from '../wire/constants.ts';
import type { Payload } from './memory.ts';
import { Place } from './place.ts';
import { sameButHops, withoutHop } from './route-hops.ts';
import { meansRoute, sameRoute } from './route-same.ts';
import { RouteScan } from './route-scan.ts';

/** What a notification makes of the routes of a place that has some. */
export interface Outcome {
  /** Held from now on, in the kernel's order. */
  list: readonly Payload[];
  /** To be told: a new route without its first, a removed one without its second. */
  changes: readonly (readonly [old: Payload | undefined, next: Payload | undefined])[];
  /** Interface of routes of which the message leaves open what the kernel has now. */
  doubt?: number | undefined;
}

/** RTM_NEWROUTE with the flags of its `struct nlmsghdr`. */
export function added(list: readonly Payload[], payload: Payload, scan: RouteScan, flags: number): Outcome {
  const known = list.findIndex(route => sameRoute(route, payload));
  if (known >= 0) return { list: list.with(known, payload), changes: [] };
  return scan.family === AF_INET ? added4(list, payload, flags) : added6(list, payload, scan, flags);
}

/** RTM_DELROUTE. */
export function removed(list: readonly Payload[], payload: Payload, scan: RouteScan, place: Place): Outcome {
  const at = list.findIndex(route => meansRoute(route, payload));
  if (at >= 0) return { list: list.toSpliced(at, 1), changes: [[list[at], undefined]] };
  const open = { list, changes: [], doubt: scan.ifindex };
  if (scan.family === AF_INET || scan.multipath !== 0) return open;
  for (const [at, route] of list.entries()) {
    const left = withoutHop(route, payload);
    // Malformed hops could make it a route of another place.
    if (left === undefined || !other.load(left) || !Place.of(other).equals(place)) continue;
    return { list: list.with(at, left), changes: [[route, left]], doubt: other.ifindex };
  }
  return open;
}

/** fib_table_insert: NLM_F_EXCL says the place was empty, a replaced route is the first of its place. */
function added4(list: readonly Payload[], payload: Payload, flags: number): Outcome {
  if (flags & NLM_F_EXCL) {
    const gone = list.map(route => [route, undefined] as const);
    return { list: [payload], changes: [...gone, [undefined, payload]] };
  }
  if (flags & NLM_F_REPLACE) return { list: list.with(0, payload), changes: [[list[0], payload]] };
  const all = flags & NLM_F_APPEND ? [...list, payload] : [payload, ...list];
  return { list: all, changes: [[undefined, payload]] };
}

/**
 * fib6_add_rt2node: routes that go through a gateway grow together into one multipath route, others lie side by side. A
 * message with several hops is the whole of the route that has any of them.
 */
function added6(list: readonly Payload[], payload: Payload, scan: RouteScan, flags: number): Outcome {
  const isMultipath = scan.multipath !== 0;
  const isReplacement = (flags & NLM_F_REPLACE) !== 0;
  const hop = scan.hop();
  const at = list.findIndex(route => {
    other.load(route);
    if (isReplacement) return true;
    return isMultipath
      ? other.multipath !== 0 || other.gateway !== 0
      : other.multipath === 0 && other.hop() === hop;
  });
  const old = list[at];
  const isWhole = list.length < 2 || !(isMultipath || isReplacement);
  // The message speaks as the new hop would; a dump as the first one does: preference, source, metrics.
  const isSure = isWhole && (old === undefined || !isMultipath || sameButHops(old, payload));
  return {
    list: old === undefined ? [...list, payload] : list.with(at, payload),
    changes: [[old, payload]],
    doubt: isSure ? undefined : scan.ifindex,
  };
}

const other = new RouteScan();
