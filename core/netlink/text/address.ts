import type { Address } from '../../bus/objects.ts';
import { AF_INET6 } from '../wire/constants.ts';
import { readU32 } from '../wire/endian.ts';
import type { Message } from '../wire/message.ts';
import { ipText } from './addresses.ts';
import { familyName } from './families.ts';
import { bytesOf, flagNames, headerOf, numberOf, present, textOf, unknownOf } from './fields.ts';
import type { LinkNames } from './link-names.ts';
import { names } from './names.ts';

/** INFINITY_LIFE_TIME: as good as forever. */
export const forever = 0xffff_ffff;

/**
 * RTM_NEWADDR as an entry of `addr_info` of `ip -j address`, with its interface. `age` is the time in seconds since
 * the message came: life times count down from it.
 */
export function addressObject(message: Message, links: LinkNames, age = 0): Address {
  const { attributes } = message;
  const family = headerOf(message, 'family');
  const address = bytesOf(attributes, 'address');
  const local = bytesOf(attributes, 'local') ?? address;
  const peer = local && address && Buffer.compare(local, address) !== 0 ? address : undefined;
  const ip = (name: string) => {
    const bytes = bytesOf(attributes, name);
    return bytes && ipText(bytes);
  };
  const flags = addressFlags(message);
  const protocol = numberOf(attributes, 'proto');
  const cache = bytesOf(attributes, 'cacheinfo');
  const lifeTime = (at: number) =>
    cache && cache.length >= 8 ? remaining(readU32(cache, at), age) : forever;
  const ifindex = headerOf(message, 'index');
  return present<Address>({
    ifindex,
    ifname: links.of(ifindex),
    family: familyName(family),
    local: local ? ipText(local) : '',
    address: peer && ipText(peer),
    prefixlen: headerOf(message, 'prefixlen'),
    metric: numberOf(attributes, 'rt_priority'),
    broadcast: ip('broadcast'),
    anycast: ip('anycast'),
    multicast: ip('multicast'),
    scope: names.scope(headerOf(message, 'scope')),
    ...Object.fromEntries(
      flagNames(flags, addressFlagNames).map(name => [
        name === 'secondary' && family === AF_INET6 ? 'temporary' : name,
        true,
      ]),
    ),
    dynamic: flags & permanent ? undefined : true,
    protocol:
      protocol === undefined
        ? undefined
        : names.addressProtocol(protocol, value => `0x${value.toString(16)}`),
    label: textOf(attributes, 'label'),
    valid_life_time: lifeTime(4),
    preferred_life_time: lifeTime(0),
    ...unknownOf(attributes),
  });
}

/** IFA_FLAGS holds all bits, the header the lower eight. */
export function addressFlags(message: Message): number {
  return numberOf(message.attributes, 'flags') ?? headerOf(message, 'flags');
}

function remaining(seconds: number, age: number): number {
  return seconds === forever ? forever : Math.max(0, seconds - Math.floor(age));
}

/** IFA_F_PERMANENT */
const permanent = 0x80;

/** IFA_F_… of linux/if_addr.h. */
const addressFlagNames: readonly (readonly [number, string])[] = [
  [0x01, 'secondary'],
  [0x02, 'nodad'],
  [0x04, 'optimistic'],
  [0x08, 'dadfailed'],
  [0x10, 'home'],
  [0x20, 'deprecated'],
  [0x40, 'tentative'],
  [0x100, 'mngtmpaddr'],
  [0x200, 'noprefixroute'],
  [0x400, 'autojoin'],
  [0x800, 'stable-privacy'],
];
