import { addressFlags, addressObject, forever } from '../text/address.ts';
import { hex, ipText } from '../text/addresses.ts';
import { bytesOf, headerOf, numberOf } from '../text/fields.ts';
import { linkObject } from '../text/link.ts';
import { LinkNames } from '../text/link-names.ts';
import { AF_INET, AF_INET6, RTM_NEWADDR, RTM_NEWNEIGH, RTM_NEWRULE } from '../wire/constants.ts';
import { decodePayload, type Message } from '../wire/message.ts';
import { bytesOfPayload, type Payload } from './memory.ts';

/**
 * What makes two messages speak of the same object, and what of it counts when it differs. Undefined for objects
 * that the mirror does not hold (families other than IPv4 and IPv6, multicast and proxy neighbours).
 */
export function linkKey(ifindex: number): string {
  return String(ifindex);
}

/** inet_rtm_newaddr: interface, local address, prefix and peer. */
export function addressKey(payload: Payload): string | undefined {
  const message = decodePayload(RTM_NEWADDR, bytesOfPayload(payload));
  const family = headerOf(message, 'family');
  const address = bytesOf(message.attributes, 'address');
  const local = bytesOf(message.attributes, 'local') ?? address;
  if (local === undefined || (family !== AF_INET && family !== AF_INET6)) return undefined;
  const peer = family === AF_INET && address ? ipText(address) : '';
  return `${headerOf(message, 'index')} ${ipText(local)}/${headerOf(message, 'prefixlen')} ${peer}`;
}

/** All of a rule but its flags, which the kernel changes when an interface comes or goes. */
export function ruleKey(payload: Payload): string | undefined {
  const family = payload.charCodeAt(0);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const message = decodePayload(RTM_NEWRULE, bytesOfPayload(payload));
  const inverted = headerOf(message, 'flags') & 2;
  return `${inverted}${payload.slice(0, 8)}${payload.slice(12)}`;
}

export function neighbourKey(payload: Payload): string | undefined {
  const message = decodePayload(RTM_NEWNEIGH, bytesOfPayload(payload));
  const family = headerOf(message, 'family');
  const destination = bytesOf(message.attributes, 'dst');
  const [proxy, noArp] = [headerOf(message, 'flags') & 0x08, headerOf(message, 'state') === 0x40];
  if ((family !== AF_INET && family !== AF_INET6) || destination === undefined || proxy || noArp)
    return undefined;
  return `${headerOf(message, 'ifindex')} ${hex(destination)}`;
}

/** Without counters and timers, and with links by number: a rename of another link is no change. */
export function stableLinkObject(message: Message): Record<string, unknown> {
  const link = linkObject(message, noNames) as unknown as Record<string, unknown>;
  link.below = [numberOf(message.attributes, 'link'), numberOf(message.attributes, 'master')];
  const info = link.linkinfo as Record<string, Record<string, unknown> | undefined> | undefined;
  for (const name of volatile) {
    delete info?.info_data?.[name];
    delete info?.info_slave_data?.[name];
  }
  return link;
}

/** Life times only as far as they are forever or not. */
export function stableAddress(payload: Payload): string {
  const message = decodePayload(RTM_NEWADDR, bytesOfPayload(payload));
  const address = addressObject(message, noNames);
  address.valid_life_time = address.valid_life_time === forever ? forever : 0;
  address.preferred_life_time = address.preferred_life_time === forever ? forever : 0;
  return JSON.stringify([address, addressFlags(message)]);
}

/** Link-layer address, state and flags; not the ages. */
export function stableNeighbour(payload: Payload): string {
  const message: Message = decodePayload(RTM_NEWNEIGH, bytesOfPayload(payload));
  const hardware = bytesOf(message.attributes, 'lladdr');
  return `${headerOf(message, 'state')} ${headerOf(message, 'flags')} ${hardware && hex(hardware)}`;
}

const noNames = new LinkNames();
const volatile = [
  'hello_timer',
  'tcn_timer',
  'topology_change_timer',
  'gc_timer',
  'hold_timer',
  'message_age_timer',
  'forward_delay_timer',
  'fdb_n_learned',
  'mcast_n_groups',
  'usedbcqueuelen',
];
