import type { Address, AddressedLink, Link, Neighbour, Route, Rule } from '../bus/objects.ts';
import type { Mirror } from './mirror/mirror.ts';
import type { Held } from './mirror/objects.ts';
import { linkOfAddress } from './text/link.ts';
import type { Views } from './views.ts';

export interface NetlinkCounters {
  /** Notifications received. */
  messages: number;
  overruns: number;
  resyncs: number;
  dumps: number;
  truncated: number;
  /** Notifications of a type that netconf does not know. */
  unknown: number;
  /** Effective size in bytes, as the kernel accounts it. */
  receiveBuffer: number;
  links: number;
  addresses: number;
  routes: number;
  rules: number;
  neighbours: number;
}

/** What the mirror holds, in the shapes of `ip -j`, decoded one by one as they are taken. */
export class Status {
  readonly #mirror: Mirror;
  readonly #views: Views;
  readonly #count: () => NetlinkCounters;

  constructor(mirror: Mirror, views: Views, count: () => NetlinkCounters) {
    this.#mirror = mirror;
    this.#views = views;
    this.#count = count;
  }

  get counters(): NetlinkCounters {
    return this.#count();
  }

  /** The index of the link that has this name now. */
  indexOf(name: string): number | undefined {
    return this.#mirror.names.indexOf(name);
  }

  /** `ip -d -j link`, by index. */
  *links(): Generator<Link> {
    const held = [...this.#mirror.links.keys()].sort((a, b) => Number(a) - Number(b));
    for (const key of held) {
      const link = this.#mirror.links.get(key);
      if (link) yield this.#views.link(link.payload);
    }
  }

  /** `ip -j address`: IPv4 before IPv6, otherwise in the order they came. */
  *addresses(): Generator<AddressedLink> {
    const byLink = new Map<number, Address[]>();
    for (const held of this.#mirror.addresses.values()) {
      const address = this.#views.address(held.payload, age(held));
      const list = byLink.get(address.ifindex);
      if (list) list.push(address);
      else byLink.set(address.ifindex, [address]);
    }
    for (const link of this.links()) {
      const addresses = byLink.get(link.ifindex) ?? [];
      const [ipv4, ipv6] = [addresses.filter(isIpv4), addresses.filter(address => !isIpv4(address))];
      const info = [...ipv4, ...ipv6].map(({ ifindex: _, ifname: __, ...rest }) => rest);
      yield { ...linkOfAddress(link), addr_info: info };
    }
  }

  /** `ip -j route show table all`, IPv4 and IPv6. */
  *routes(): Generator<Route> {
    const { routes } = this.#mirror;
    for (const [place, held] of routes.entries()) {
      const told = routes.told.size === 0 ? undefined : routes.told.get(place.key);
      const seconds = told === undefined ? 0 : (performance.now() - told) / 1000;
      for (const payload of held) yield this.#views.route(payload, seconds);
    }
  }

  /** `ip -j rule` and `ip -6 -j rule`, by priority. */
  *rules(): Generator<Rule> {
    const rules = Array.from(this.#mirror.rules.values(), ({ payload }) => this.#views.rule(payload));
    yield* rules.sort((a, b) => a.family.length - b.family.length || a.priority - b.priority);
  }

  /** `ip -j neighbour`; empty unless neighbours are mirrored. */
  *neighbours(): Generator<Neighbour> {
    for (const { payload } of this.#mirror.neighbours.values()) yield this.#views.neighbour(payload);
  }
}

function isIpv4(address: Address): boolean {
  return address.family === 'inet';
}

/** Seconds since the kernel told of it. */
function age({ time }: Held): number {
  return (performance.now() - time) / 1000;
}
