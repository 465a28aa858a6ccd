import { LinkNames } from '../text/link-names.ts';
import * as c from '../wire/constants.ts';
import { addressKey, linkKey, neighbourKey, ruleKey, stableAddress, stableNeighbour } from './identity.ts';
import { differsOtherwise } from './link-difference.ts';
import { LinkFacts } from './link-facts.ts';
import { load, type Memory, type Payload, payloadOf } from './memory.ts';
import { type ObjectChange, Objects } from './objects.ts';
import { Place } from './place.ts';
import { RouteScan } from './route-scan.ts';
import { type RouteChange, Routes } from './routes.ts';

/** Told of what changed in the mirror, after it has changed. `link` comes before anything that names the link. */
export interface MirrorChanges {
  link: ObjectChange;
  address: ObjectChange;
  rule: ObjectChange;
  neighbour: ObjectChange;
  route: RouteChange;
  /** RTM_NEWNDUSEROPT: no state, only told. */
  routerOption(payload: Payload): void;
  /** A message that is not the whole truth: what it is about has to be asked for. */
  doubtRoutes(family: number, ifindex: number): void;
  doubtLink(ifindex: number): void;
  /** A nexthop object changed or went: routes that use it change without a message. */
  nextHop(): void;
}

/** What the kernel has, kept by its own messages. */
export class Mirror {
  readonly names = new LinkNames();
  readonly linkFacts = new LinkFacts();
  readonly links: Objects;
  readonly addresses: Objects;
  readonly rules: Objects;
  readonly neighbours: Objects;
  readonly routes: Routes;
  /** Messages of types that the mirror does not know. */
  unknown = 0;
  readonly #changes: MirrorChanges;
  readonly #scan = new RouteScan();

  constructor(changes: MirrorChanges) {
    this.#changes = changes;
    this.links = new Objects(
      (old, next) => this.#isSameLink(old, next),
      (old, next, key) => {
        this.#name(next);
        changes.link(old, next, key);
        if (next === undefined) this.names.remove(Number(key));
      },
    );
    this.addresses = new Objects((old, next) => stableAddress(old) === stableAddress(next), changes.address);
    this.rules = new Objects(() => true, changes.rule);
    this.neighbours = new Objects(
      (old, next) => stableNeighbour(old) === stableNeighbour(next),
      changes.neighbour,
    );
    this.routes = new Routes(changes.route, changes.doubtRoutes);
  }

  /** Takes in one notification: `at` is where its `struct nlmsghdr` begins, `end` where it ends. */
  notify(memory: Memory, at: number, end: number): void {
    const type = memory.halves[(at + 4) >> 1]!;
    const start = at + c.headerLength;
    if (type === c.RTM_NEWROUTE || type === c.RTM_DELROUTE) {
      if (!this.scanRoute(memory, start, end)) return;
      const payload = payloadOf(memory, start, end);
      if (type === c.RTM_DELROUTE) this.routes.remove(this.#scan, payload);
      else this.routes.add(this.#scan, payload, memory.halves[(at + 6) >> 1]!);
    } else if (end - start >= 8) {
      this.#object(type, payloadOf(memory, start, end));
    }
  }

  /** Scans an IPv4 or IPv6 route; the place of one that expires is noted. */
  scanRoute(memory: Memory, start: number, end: number): RouteScan | undefined {
    const scan = this.#scan;
    const isRoute = scan.scan(memory, start, end);
    if (!isRoute || (scan.family !== c.AF_INET && scan.family !== c.AF_INET6)) return undefined;
    // struct rta_cacheinfo: rta_expires is its third word.
    if (scan.cacheinfo !== 0 && memory.words[(scan.cacheinfo >> 2) + 3] !== 0) {
      this.routes.told.set(Place.of(scan).key, performance.now());
    }
    return scan;
  }

  /** Takes in a link by message or dump. Undefined for a message that is not the state of a link. */
  putLink(
    payload: Payload,
    how: 'put' | 'compare',
  ): { key: string; outcome: ReturnType<Objects['put']> } | undefined {
    const index = linkIndex(payload);
    if (index === undefined) return undefined;
    const key = linkKey(index);
    return { key, outcome: this.links[how](key, payload) };
  }

  /** Removes a link, and before it what was on it: the kernel does not always say so. Returns how many went. */
  removeLink(key: string, last?: Payload): number {
    if (this.links.get(key) === undefined) {
      this.links.remove(key);
      return 0;
    }
    let removed = 1;
    for (const held of [this.neighbours, this.addresses]) {
      for (const other of held.keys()) if (other.startsWith(`${key} `) && held.remove(other)) removed++;
    }
    this.links.remove(key, last);
    return removed;
  }

  #isSameLink(old: Payload, next: Payload): boolean {
    return (
      flagsOf(old) === flagsOf(next) &&
      nameOf(old) === nameOf(next) &&
      !differsOtherwise(old, next, this.linkFacts)
    );
  }

  #object(type: number, payload: Payload): void {
    switch (type) {
      case c.RTM_NEWLINK:
        if (payload.charCodeAt(0) === c.AF_BRIDGE || !this.putLink(payload, 'put')) {
          this.#changes.doubtLink(indexOf(payload));
        }
        return;
      case c.RTM_DELLINK:
        // AF_BRIDGE: a port has left its bridge; the link is still there.
        if (payload.charCodeAt(0) === c.AF_UNSPEC) this.removeLink(linkKey(indexOf(payload)));
        else this.#changes.doubtLink(indexOf(payload));
        return;
      case c.RTM_NEWADDR:
      case c.RTM_DELADDR:
        this.#keyed(this.addresses, addressKey(payload), payload, type === c.RTM_DELADDR);
        return;
      case c.RTM_NEWRULE:
      case c.RTM_DELRULE:
        this.#keyed(this.rules, ruleKey(payload), payload, type === c.RTM_DELRULE);
        return;
      case c.RTM_NEWNEIGH:
      case c.RTM_DELNEIGH:
        this.#keyed(this.neighbours, neighbourKey(payload), payload, type === c.RTM_DELNEIGH);
        return;
      case c.RTM_NEWNDUSEROPT:
        this.#changes.routerOption(payload);
        return;
      case c.RTM_NEWNEXTHOP:
      case c.RTM_DELNEXTHOP:
        this.#changes.nextHop();
        return;
      default:
        this.unknown++;
    }
  }

  #keyed(objects: Objects, key: string | undefined, payload: Payload, isRemoval: boolean): void {
    if (key === undefined) return;
    if (isRemoval) objects.remove(key, payload);
    else objects.put(key, payload);
  }

  #name(payload: Payload | undefined): void {
    if (payload === undefined) return;
    const name = nameOf(payload);
    if (name !== undefined) this.names.set(indexOf(payload), name, flagsOf(payload));
  }
}

/** `ifi_index` of `struct ifinfomsg`. */
export function indexOf(payload: Payload): number {
  return load(payload).words[1]! | 0;
}

/** `ifi_flags` of `struct ifinfomsg`. */
export function flagsOf(payload: Payload): number {
  return load(payload).words[2]!;
}

/** IFLA_IFNAME, where the message has it. */
export function nameOf(payload: Payload): string | undefined {
  const { bytes, halves } = load(payload);
  for (let at = 16; at + 4 <= payload.length; ) {
    const length = halves[at >> 1]!;
    if (length < 4 || at + length > payload.length) return undefined;
    if ((halves[(at >> 1) + 1]! & 0x3fff) === 3) return bytes.toString('utf8', at + 4, at + length - 1);
    at += c.align(length);
  }
  return undefined;
}

/**
 * The index of a message that tells the whole state of a link: not one of a bridge's port (AF_BRIDGE), nor one of
 * the wireless extensions, which has no name.
 */
function linkIndex(payload: Payload): number | undefined {
  if (payload.length < 16 || payload.charCodeAt(0) !== c.AF_UNSPEC) return undefined;
  return nameOf(payload) === undefined ? undefined : indexOf(payload);
}
