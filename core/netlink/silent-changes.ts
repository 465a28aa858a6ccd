import type { Doubts } from './doubts.ts';
import { bytesOfPayload, type Payload } from './mirror/memory.ts';
import { flagsOf, indexOf, type Mirror, nameOf } from './mirror/mirror.ts';
import { bytesOf, numberOf, textOf } from './text/fields.ts';
import {
  AF_INET,
  AF_INET6,
  IFF_LOWER_UP,
  IFF_RUNNING,
  IFF_UP,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWRULE,
} from './wire/constants.ts';
import { decodePayload } from './wire/message.ts';

/** What the kernel changes along with a change that it tells, and does not tell. */
export interface SilentChanges {
  link(old: Payload | undefined, next: Payload | undefined, ifindex: number): void;
  address(old: Payload | undefined, next: Payload | undefined): void;
}

/**
 * Raises the doubts that a told change brings with it:
 * - a link down or away, its carrier, its master: IPv4 routes are flushed, hops are marked dead or linkdown
 *   (fib_sync_down_dev, fib_sync_up; IPv6 alike with the sysctl skip_notify_on_dev_down);
 * - its MTU: metrics of IPv6 routes (rt6_mtu_change);
 * - a link that comes, goes or is renamed: rules that name it (`detached`);
 * - an IPv4 address that goes: routes that prefer it (fib_sync_down_addr), and with the last one of a link all IPv4
 *   routes of the link (fib_disable_ip).
 */
export function silentChanges(doubts: Doubts, mirror: Mirror): SilentChanges {
  const routes = (ifindex: number) => {
    for (const family of [AF_INET, AF_INET6]) doubts.routes(family, ifindex);
  };
  return {
    link(old, next, ifindex) {
      const oldName = old && nameOf(old);
      const nextName = next && nameOf(next);
      if (oldName !== nextName && namedByRule(mirror, oldName, nextName)) doubts.rules();
      if (old === undefined) return;
      if (next === undefined) {
        routes(ifindex);
        return;
      }
      const watched = IFF_UP | IFF_LOWER_UP | IFF_RUNNING;
      const numbers = (payload: Payload) => {
        const { attributes } = decodePayload(RTM_NEWLINK, bytesOfPayload(payload));
        return `${numberOf(attributes, 'master')} ${numberOf(attributes, 'mtu')}`;
      };
      if ((flagsOf(old) ^ flagsOf(next)) & watched || numbers(old) !== numbers(next)) routes(ifindex);
    },
    address(old, next) {
      if (next !== undefined || old === undefined || old.charCodeAt(0) !== AF_INET) return;
      const { attributes } = decodePayload(RTM_NEWADDR, bytesOfPayload(old));
      const local = bytesOf(attributes, 'local') ?? bytesOf(attributes, 'address');
      if (local) doubts.source(Buffer.from(local).toString('latin1'));
      if (!hasIpv4(mirror, indexOf(old))) doubts.routes(AF_INET, indexOf(old));
    },
  };
}

function hasIpv4(mirror: Mirror, ifindex: number): boolean {
  for (const { payload } of mirror.addresses.values()) {
    if (payload.charCodeAt(0) === AF_INET && indexOf(payload) === ifindex) return true;
  }
  return false;
}

function namedByRule(mirror: Mirror, ...links: (string | undefined)[]): boolean {
  for (const { payload } of mirror.rules.values()) {
    const { attributes } = decodePayload(RTM_NEWRULE, bytesOfPayload(payload));
    const [iif, oif] = [textOf(attributes, 'iifname'), textOf(attributes, 'oifname')];
    if (links.some(link => link !== undefined && (link === iif || link === oif))) return true;
  }
  return false;
}
