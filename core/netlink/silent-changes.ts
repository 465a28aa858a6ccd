import type { Doubts } from './doubts.ts';
import { linkKey } from './mirror/identity.ts';
import { LinkScan } from './mirror/link-scan.ts';
import { bytesOfPayload, type Payload } from './mirror/memory.ts';
import { flagsOf, indexOf, type Mirror, nameOf } from './mirror/mirror.ts';
import { forever } from './text/address.ts';
import { bytesOf } from './text/fields.ts';
import { AF_INET, AF_INET6, IFF_LOWER_UP, IFF_RUNNING, IFF_UP, RTM_NEWADDR } from './wire/constants.ts';
import { readU32 } from './wire/endian.ts';
import { decodePayload } from './wire/message.ts';

/** What the kernel changes along with a change that it tells, and does not tell. */
export interface SilentChanges {
  link(old: Payload | undefined, next: Payload | undefined, ifindex: number): void;
  address(old: Payload | undefined, next: Payload | undefined): void;
  rule(old: Payload | undefined, next: Payload | undefined): void;
}

/**
 * Raises the doubts that a told change brings with it:
 * - a link down or away, its carrier, its master: IPv4 routes are flushed, hops are marked dead or linkdown
 *   (fib_sync_down_dev, fib_sync_up; IPv6 alike with the sysctl skip_notify_on_dev_down);
 * - its MTU: metrics of IPv6 routes (rt6_mtu_change), and below 1280 the link has no IPv6 (addrconf_notify);
 * - the master of a link: limits of the master itself (netif_inherit_tso_max);
 * - a link that comes or goes, also into another namespace: what its peer and those that stand on it say of it
 *   (veth_newlink tells the peer first, alone);
 * - a link that comes, goes or is renamed: rules that name it (`detached`);
 * - a rule that comes or goes: rules that go to it (`unresolved`, fib_newrule);
 * - an address that goes: routes that prefer it (fib_sync_down_addr, rt6_remove_prefsrc), and with the last IPv4 one of
 *   a link all IPv4 routes of the link (fib_disable_ip), whose dead hops come back with the next (fib_inetaddr_event);
 * - an IPv6 address that begins or ceases to expire: the route of its prefix does so too (modify_prefix_route).
 *
 * What changes without any word is seen with the next message about the link: group, alias, alternative names and data of its kind while
 * the link is down (netdev_state_change), whether a tun is persistent.
 */
export function silentChanges(doubts: Doubts, mirror: Mirror): SilentChanges {
  const routes = (ifindex: number) => {
    for (const family of [AF_INET, AF_INET6]) doubts.routes(family, ifindex);
  };
  const standing = new Standing();
  /** Whether what a link stands on is here (and is `lower`, if given). Undefined for one that stands on nothing. */
  const isLowerHere = (ifindex: number, lower?: number) => {
    const held = mirror.links.get(linkKey(ifindex));
    const parts = held && partsOf(held.payload);
    if (parts?.lower === undefined) return undefined;
    return parts.isHere && (lower === undefined || parts.lower === lower);
  };
  /** IPv4 addresses by link. */
  const ipv4 = new Map<number, number>();
  /** Rules that go to another. */
  let jumps = 0;
  return {
    link(old, next, ifindex) {
      const oldName = old && nameOf(old);
      const nextName = next && nameOf(next);
      if (oldName !== nextName && namedByRule(mirror, oldName, nextName)) doubts.rules();
      const before = old === undefined ? undefined : partsOf(old);
      const after = next === undefined ? undefined : partsOf(next);
      standing.move(ifindex, before?.lower, after?.lower);
      if (old === undefined || next === undefined) {
        for (const other of standing.on(ifindex))
          if (isLowerHere(other) === (next === undefined)) doubts.link(other);
      }
      if (after?.isHere && before?.lower !== after.lower && isLowerHere(after.lower!, ifindex) === false) {
        doubts.link(after.lower!);
      }
      if (before?.master !== after?.master) {
        for (const master of [before?.master, after?.master]) if (master) doubts.link(master);
      }
      if (old === undefined || before === undefined) return;
      if (next === undefined || after === undefined) {
        routes(ifindex);
        return;
      }
      const watched = IFF_UP | IFF_LOWER_UP | IFF_RUNNING;
      const isOther = before.master !== after.master || before.mtu !== after.mtu;
      if ((flagsOf(old) ^ flagsOf(next)) & watched || isOther) routes(ifindex);
      if (before.mtu !== after.mtu) doubts.link(ifindex);
    },
    address(old, next) {
      const told = next ?? old;
      if (told === undefined) return;
      if (old !== undefined && next !== undefined) {
        if (isForever(old) !== isForever(next)) doubts.routes(told.charCodeAt(0), indexOf(told));
        return;
      }
      if (old !== undefined) {
        const { attributes } = decodePayload(RTM_NEWADDR, bytesOfPayload(old));
        const local = bytesOf(attributes, 'local') ?? bytesOf(attributes, 'address');
        if (local) doubts.source(Buffer.from(local).toString('latin1'));
      }
      if (told.charCodeAt(0) !== AF_INET) return;
      const ifindex = indexOf(told);
      const count = (ipv4.get(ifindex) ?? 0) + (next === undefined ? -1 : 1);
      if (count > 0) ipv4.set(ifindex, count);
      else ipv4.delete(ifindex);
      const isFirst = next !== undefined && count === 1;
      if (count === 0 || (isFirst && !mirror.routes.isEmpty(AF_INET))) doubts.routes(AF_INET, ifindex);
    },
    rule(old, next) {
      if (isJump(next)) jumps++;
      if (isJump(old)) jumps--;
      if (jumps > 0) doubts.rules();
    },
  };
}

/** What of a link others depend on. `lower`: the link that it stands on, or its peer; here or in another namespace. */
function partsOf(payload: Payload) {
  scan.load(payload);
  const lower = scan.number(IFLA_LINK);
  return {
    master: scan.number(IFLA_MASTER),
    mtu: scan.number(IFLA_MTU),
    lower,
    isHere: lower !== undefined && !scan.has(IFLA_LINK_NETNSID),
  };
}

const scan = new LinkScan();
/** linux/if_link.h */
const IFLA_MTU = 4;
const IFLA_LINK = 5;
const IFLA_MASTER = 10;
const IFLA_LINK_NETNSID = 37;

/** Which links stand on which, by index. */
class Standing {
  readonly #on = new Map<number, Set<number>>();

  move(link: number, from: number | undefined, to: number | undefined): void {
    if (from === to) return;
    if (from !== undefined) {
      const others = this.#on.get(from);
      others?.delete(link);
      if (others?.size === 0) this.#on.delete(from);
    }
    if (to !== undefined) this.#on.set(to, (this.#on.get(to) ?? new Set()).add(link));
  }

  on(lower: number): Iterable<number> {
    return this.#on.get(lower) ?? [];
  }
}

function isForever(address: Payload): boolean {
  const cache = bytesOf(decodePayload(RTM_NEWADDR, bytesOfPayload(address)).attributes, 'cacheinfo');
  // struct ifa_cacheinfo: ifa_prefered, ifa_valid.
  return cache === undefined || cache.length < 8 || readU32(cache, 4) === forever;
}

/** A name that a rule has by chance costs one more dump of rules. */
function namedByRule(mirror: Mirror, ...links: (string | undefined)[]): boolean {
  const written = links.flatMap(link => (link ? [`${Buffer.from(link).toString('latin1')}\0`] : []));
  for (const { payload } of mirror.rules.values()) {
    if (written.some(link => payload.includes(link))) return true;
  }
  return false;
}

/** FR_ACT_GOTO, in the last byte but four of `struct fib_rule_hdr`. */
function isJump(rule: Payload | undefined): boolean {
  return rule?.charCodeAt(7) === 2;
}
