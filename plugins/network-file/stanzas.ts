import type { Stanza } from 'netconf/plugin';
import { stepOf } from '../../core/plugin/steps.ts';
import {
  type Address,
  addressText,
  contains,
  networkOf,
  prefixText,
  sameAddress,
} from './language/addresses.ts';
import type { Interface, InterfaceAddress, Route } from './language/model.ts';
import type { Place } from './language/source.ts';

type Pair = [name: string, value: string];

interface Draft extends Stanza {
  options: Pair[];
  /** Whose networks its routes' gateways are in; none where its addresses are not known beforehand. */
  addresses: readonly InterfaceAddress[];
}

/**
 * One interface of the network file in the words of interfaces(5): a stanza for each way to addresses, IPv4 first. What
 * interfaces(5) has no words for are the options `arp`, `allmulti`, `bandwidth`, and `ways`: routes that wait for addresses
 * of others.
 *
 * @param local the outer address of a tunnel
 */
export function stanzasOf(one: Interface, routes: readonly Route[], local?: Address): Stanza[] {
  const drafts = ([4, 6] as const).flatMap(family => {
    const own = draftsOf(one, family, local);
    const ways = routes.filter(({ destination }) => destination.family === family);
    for (const route of ways) addRoute(own, route);
    addDefaultRoute(own, one, family);
    return own;
  });
  if (drafts.length === 0) drafts.push({ ...manual(one.place), options: [], addresses: [] });
  const [first] = drafts;
  first!.options.unshift(...settingsOf(one));
  for (const { family, name, value } of one.options) {
    const to = family === undefined ? first : drafts.find(draft => draft.family === family);
    to?.options.push([name, value]);
  }
  return drafts.map(({ addresses: _, ...stanza }) => stanza);
}

/** A link that is up, and no more. */
export function manual(place: Place): Stanza {
  return { family: 'inet', method: 'manual', step: 'Manual', options: [], place: lineOf(place) };
}

/** FILE:LINE. */
export function lineOf({ source, start }: Place): string {
  return `${source.path}:${source.positionOf(start).line}`;
}

/** Of one family: a stanza for the addresses that have a broadcast address in common, one for what finds others. */
function draftsOf(one: Interface, number: 4 | 6, local: Address | undefined): Draft[] {
  const family = number === 4 ? 'inet' : 'inet6';
  const place = lineOf(one.place);
  const drafts = groupsOf(one.addresses.filter(({ address }) => address.family === number)).map(
    (addresses): Draft => {
      const isTunnel = number === 6 && one.tunnel !== undefined;
      const method = isTunnel ? 'v4tunnel' : 'static';
      return {
        family,
        method,
        step: stepOf(family, method),
        options: addressOptions(one, addresses, local),
        place,
        addresses,
      };
    },
  );
  const method = number === 4 ? one.inet : one.inet6;
  if (method === undefined || (method === 'manual' && drafts.length > 0)) return drafts;
  return [
    ...drafts,
    { family, ...kindOf(family, method, one), options: methodOptions(one, method), place, addresses: [] },
  ];
}

/** An address with another end stands alone. */
function groupsOf(addresses: readonly InterfaceAddress[]): InterfaceAddress[][] {
  const groups = new Map<string, InterfaceAddress[]>();
  for (const each of addresses) {
    const { broadcast, peer } = each;
    const key =
      peer !== undefined
        ? `peer ${addressText(peer)}`
        : broadcast === undefined
          ? ''
          : addressText(broadcast);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

function addressOptions(
  { name, link, tunnel }: Interface,
  addresses: readonly InterfaceAddress[],
  local: Address | undefined,
): Pair[] {
  const [{ broadcast, peer, address }] = addresses as [InterfaceAddress];
  return [
    ...addresses.map((each): Pair => ['address', `${addressText(each.address)}/${each.length}`]),
    ...(broadcast === undefined ? [] : [['broadcast', addressText(broadcast)] satisfies Pair]),
    ...(peer === undefined ? [] : [['pointopoint', addressText(peer)] satisfies Pair]),
    ...(name !== link && address.family === 4 ? [['label', name] satisfies Pair] : []),
    ...(tunnel === undefined || address.family === 4
      ? []
      : [['endpoint', addressText(tunnel)] satisfies Pair]),
    ...(local === undefined || address.family === 4 ? [] : [['local', addressText(local)] satisfies Pair]),
  ];
}

/** `dynamical`: who else makes the connection gives the link its addresses, or, with a provider, `pon` has it done. */
function kindOf(family: string, method: string, { provider }: Interface): { method: string; step: string } {
  if (method !== 'dynamical') return { method, step: stepOf(family, method) };
  return { method: 'ppp', step: provider === undefined || family === 'inet6' ? 'Dynamical' : 'PPP' };
}

function methodOptions(
  { name, link, provider, defaultRoute, settings: { metric } }: Interface,
  method: string,
): Pair[] {
  return [
    ...(name === link ? [] : [['label', name] satisfies Pair]),
    ...(provider === undefined ? [] : [['provider', provider] satisfies Pair]),
    ...(defaultRoute !== false || method !== 'dhcp' ? [] : [['defaultroute', 'no'] satisfies Pair]),
    ...(metric === undefined || method !== 'dhcp' ? [] : [['metric', String(metric)] satisfies Pair]),
  ];
}

/** To the stanza whose network the gateway is in; where no addresses are known beforehand, it waits for them. */
function addRoute(drafts: readonly Draft[], route: Route): void {
  const { destination, gateway, metric, table, source } = route;
  const words = [
    destination.length === 0 ? 'default' : prefixText(destination),
    ...(gateway === undefined ? [] : ['via', addressText(gateway)]),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
    ...(table === undefined ? [] : ['table', String(table)]),
    ...(source === undefined ? [] : ['src', addressText(source)]),
  ];
  const near =
    gateway === undefined
      ? undefined
      : drafts.find(({ addresses }) => addresses.some(each => reaches(each, gateway)));
  const to = near ?? drafts.find(({ addresses }) => addresses.length > 0) ?? drafts[0];
  to?.options.push([to.addresses.length > 0 ? 'routes' : 'ways', words.join(' ')]);
}

function reaches({ address, length, peer }: InterfaceAddress, gateway: Address): boolean {
  return peer === undefined ? contains(networkOf(address, length), gateway) : sameAddress(peer, gateway);
}

/** `setdefaultroute`: of a lease, the server says it. */
function addDefaultRoute(
  drafts: readonly Draft[],
  { defaultRoute, tunnel, settings: { metric } }: Interface,
  family: 4 | 6,
): void {
  const to = drafts.find(
    ({ addresses, step }) => addresses.length > 0 || step === 'PPP' || step === 'Dynamical',
  );
  if (defaultRoute === undefined || defaultRoute === false || to === undefined) return;
  const peer = to.addresses[0]?.peer;
  // A link with others on it has a router that advertises itself (RFC 4861).
  if (family === 6 && peer === undefined && tunnel === undefined && to.addresses.length > 0) return;
  const words = [
    'default',
    ...(peer === undefined ? [] : ['via', addressText(peer)]),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
  ];
  to.options.push([to.addresses.length > 0 ? 'routes' : 'ways', words.join(' ')]);
}

function settingsOf({ settings: { mtu, hwaddress, arp, allmulti, bandwidth } }: Interface): Pair[] {
  const onOff = (value: boolean) => (value ? 'on' : 'off');
  return [
    ...(hwaddress === undefined ? [] : [['hwaddress', hwaddress] satisfies Pair]),
    ...(mtu === undefined ? [] : [['mtu', String(mtu)] satisfies Pair]),
    ...(arp === undefined ? [] : [['arp', onOff(arp)] satisfies Pair]),
    ...(allmulti === undefined ? [] : [['allmulti', onOff(allmulti)] satisfies Pair]),
    ...(bandwidth === undefined ? [] : [['bandwidth', String(bandwidth)] satisfies Pair]),
  ];
}
