// From a change of the mirror to events. It is long because every family's order of events stands here, side by side.
import type { Bus } from '../bus/bus.ts';
import type { EventName } from '../bus/catalogue.ts';
import type { EventFields } from '../bus/event.ts';
import { DefaultRoutes } from './defaults.ts';
import { stableAddress } from './mirror/identity.ts';
import { differsOtherwise } from './mirror/link-difference.ts';
import type { Payload } from './mirror/memory.ts';
import { bytesOfPayload } from './mirror/memory.ts';
import { flagsOf, indexOf, type Mirror, nameOf } from './mirror/mirror.ts';
import type { Place } from './mirror/place.ts';
import { RouteScan } from './mirror/route-scan.ts';
import { addressFlags } from './text/address.ts';
import { familyName } from './text/families.ts';
import { names } from './text/names.ts';
import { routerOptions } from './text/router-option.ts';
import type { Views } from './views.ts';
import {
  AF_INET,
  IFA_F_DADFAILED,
  IFA_F_TENTATIVE,
  IFF_LOWER_UP,
  IFF_UP,
  RTM_NEWADDR,
  RTM_NEWNDUSEROPT,
} from './wire/constants.ts';
import { decodePayload } from './wire/message.ts';

/** A fact as the monitor tells it: what `Bus.publish` takes, or what a late subscriber is told again. */
export interface Fact {
  name: EventName;
  fields: EventFields;
}

/**
 * Publishes what changes. One message can be several events, in this order: `link.renamed`, `link.up` or
 * `link.down`, `link.carrier` or `link.no-carrier`, `link.changed`; `address.added`, `address.ready` or
 * `address.duplicate`, `address.changed`; a route's own event, then `route.default`. Data is worked out when somebody
 * looks.
 */
export class Monitor {
  readonly #bus: Bus;
  readonly #mirror: Mirror;
  readonly #views: Views;
  readonly #defaults: DefaultRoutes;
  /** Nothing is published before the first dump is whole. */
  live = false;
  /** While a resync publishes differences `route.default` waits for the end, so that it is told once. */
  #held = false;

  constructor(bus: Bus, mirror: Mirror, views: Views) {
    this.#bus = bus;
    this.#mirror = mirror;
    this.#views = views;
    this.#defaults = new DefaultRoutes(mirror.routes);
  }

  link(old: Payload | undefined, next: Payload | undefined): void {
    const told = next ?? old;
    if (!this.live || told === undefined) return;
    const views = this.#views;
    const tell = (name: EventName, data: () => object) =>
      this.#publish(name, indexOf(told), data, nameOf(told));
    if (old === undefined || next === undefined) {
      if (next !== undefined) tell('link.added', () => ({ new: views.link(next) }));
      else tell('link.removed', () => ({ old: views.linkAsTold(told) }));
      return;
    }
    const data = () => ({ old: views.linkAsTold(old), new: views.link(next, old) });
    const [before, after] = [flagsOf(old), flagsOf(next)];
    const changed = before ^ after;
    if (nameOf(old) !== nameOf(next)) tell('link.renamed', data);
    if (changed & IFF_UP) tell(after & IFF_UP ? 'link.up' : 'link.down', data);
    if (changed & IFF_LOWER_UP) tell(after & IFF_LOWER_UP ? 'link.carrier' : 'link.no-carrier', data);
    if (differsOtherwise(old, next, this.#mirror.linkFacts)) tell('link.changed', data);
  }

  address(old: Payload | undefined, next: Payload | undefined): void {
    const told = next ?? old;
    if (!this.live || told === undefined) return;
    const tell = (name: EventName, data: () => object) => this.#publish(name, indexOf(told), data);
    const views = this.#views;
    const data = () => ({
      ...(old !== undefined && { old: views.address(old) }),
      ...(next !== undefined && { new: views.address(next) }),
    });
    if (next === undefined) {
      // An address of autoconfiguration that turns out to be a duplicate goes with the message that says so.
      const known = this.#duplicate(told);
      if (known) tell('address.duplicate', () => ({ new: views.address(told) }));
      tell('address.removed', data);
      return;
    }
    const before = old === undefined ? undefined : flags(old);
    const after = flags(next);
    if (before === undefined) tell('address.added', data);
    const isReady = (value: number) => (value & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) === 0;
    const isDuplicate = (value: number) => (value & IFA_F_DADFAILED) !== 0;
    if (isReady(after) && (before === undefined || !isReady(before))) tell('address.ready', data);
    if (isDuplicate(after) && (before === undefined || !isDuplicate(before))) tell('address.duplicate', data);
    if (old !== undefined && settled(old) !== settled(next)) tell('address.changed', data);
  }

  route(old: Payload | undefined, next: Payload | undefined, place: Place, ifindex?: number): void {
    const told = next ?? old;
    if (told === undefined) return;
    if (this.live) {
      if (ifindex === undefined) scan.load(told);
      const name = next === undefined ? 'route.removed' : old === undefined ? 'route.added' : 'route.changed';
      const views = this.#views;
      this.#publish(name, ifindex ?? scan.ifindex, () => ({
        ...(old !== undefined && { old: views.route(old) }),
        ...(next !== undefined && { new: views.route(next) }),
      }));
    }
    if (place.isDefault) this.#default(place.key);
  }

  rule(old: Payload | undefined, next: Payload | undefined): void {
    const views = this.#views;
    if (!this.live) return;
    if (next !== undefined && old === undefined)
      this.#publish('rule.added', 0, () => ({ new: views.rule(next) }));
    if (next === undefined && old !== undefined)
      this.#publish('rule.removed', 0, () => ({ old: views.rule(old) }));
  }

  neighbour(old: Payload | undefined, next: Payload | undefined): void {
    const told = next ?? old;
    if (!this.live || told === undefined) return;
    const views = this.#views;
    const name = next === undefined ? 'removed' : old === undefined ? 'added' : 'changed';
    this.#publish(`neighbour.${name}`, indexOf(told), () => ({
      ...(old !== undefined && { old: views.neighbour(old) }),
      ...(next !== undefined && { new: views.neighbour(next) }),
    }));
  }

  routerOption(payload: Payload): void {
    if (!this.live) return;
    for (const option of routerOptions(decodePayload(RTM_NEWNDUSEROPT, bytesOfPayload(payload)))) {
      this.#publish('ra.option', option.ifindex, () => option);
    }
  }

  /** Every link, address and default route, as they stand, marked as replayed. */
  *replay(): Generator<Fact> {
    const fields = (ifindex: number, data: () => object): EventFields => ({
      ...this.#fields(ifindex, data),
      replayed: true,
    });
    const views = this.#views;
    for (const { payload } of this.#mirror.links.values()) {
      yield { name: 'link.added', fields: fields(indexOf(payload), () => ({ new: views.link(payload) })) };
    }
    for (const { payload } of this.#mirror.addresses.values()) {
      yield {
        name: 'address.added',
        fields: fields(indexOf(payload), () => ({ new: views.address(payload) })),
      };
    }
    for (const { family, table, payload } of this.#defaults.all()) {
      scan.load(payload);
      const data = () => ({
        family: familyName(family),
        table: names.table(table),
        new: views.route(payload),
      });
      yield { name: 'route.default', fields: fields(scan.ifindex, data) };
    }
  }

  /** Does work during which `route.default` is told once, at the end. */
  async holding<T>(work: () => Promise<T>): Promise<T> {
    this.#held = true;
    try {
      return await work();
    } finally {
      this.#held = false;
      for (const key of this.#defaults.places()) this.#default(key);
    }
  }

  #default(key: string): void {
    this.#defaults.note(key);
    if (this.#held) return;
    const change = this.#defaults.check(key);
    if (change === undefined || !this.live) return;
    const { family, table, old, next } = change;
    const views = this.#views;
    scan.load((next ?? old)!);
    this.#publish('route.default', scan.ifindex, () => ({
      family: familyName(family),
      table: names.table(table),
      ...(old !== undefined && { old: views.route(old) }),
      ...(next !== undefined && { new: views.route(next) }),
    }));
  }

  /** Whether a removed address is going because it is a duplicate, which nobody has been told yet. */
  #duplicate(last: Payload): boolean {
    return (
      (flags(last) & (IFA_F_DADFAILED | IFA_F_TENTATIVE)) === (IFA_F_DADFAILED | IFA_F_TENTATIVE) &&
      !isPermanent(last)
    );
  }

  #publish(name: EventName, ifindex: number, data: () => object, linkName?: string): void {
    this.#bus.publish(name, this.#fields(ifindex, data as () => never, linkName));
  }

  #fields<Data>(ifindex: number, data: Data, linkName?: string) {
    const isKnown = ifindex !== 0;
    return {
      source: 'netlink' as const,
      interface: isKnown ? (linkName ?? this.#mirror.names.known(ifindex)) : undefined,
      ifindex: isKnown ? ifindex : undefined,
      data,
    };
  }
}

const scan = new RouteScan();

/** What of an address counts besides duplicate address detection. */
function settled(payload: Payload): string {
  const [address] = JSON.parse(stableAddress(payload)) as [Record<string, unknown>];
  const { tentative: _, dadfailed: __, optimistic: ___, ...rest } = address;
  return JSON.stringify(rest);
}

function flags(payload: Payload): number {
  return addressFlags(decodePayload(RTM_NEWADDR, bytesOfPayload(payload)));
}

/** IFA_F_PERMANENT; IPv4 has no duplicate detection in the kernel. */
function isPermanent(payload: Payload): boolean {
  return payload.charCodeAt(0) === AF_INET || (flags(payload) & 0x80) !== 0;
}
